"""What a command works with: the ad accounts, an open session for syncs, a running Dagster, known problems."""
