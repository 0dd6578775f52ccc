"""The world that the simulator shows: what is in it, how its numbers come about, and their truth."""
