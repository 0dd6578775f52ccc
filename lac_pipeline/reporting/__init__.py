"""What is made of the tables for people and agents: snapshot, report, plots."""
