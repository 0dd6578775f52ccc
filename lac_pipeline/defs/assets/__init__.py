"""The assets: what is fetched, and what is made of the tables."""
