"""Every read, by reader."""
