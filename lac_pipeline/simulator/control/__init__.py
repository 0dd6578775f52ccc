"""Routes by which a test moves the clock, injects faults and edits the world."""
