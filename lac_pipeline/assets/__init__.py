"""The assets: each says what it is, what it asks LinkedIn for, and how its records are validated; nothing else."""
