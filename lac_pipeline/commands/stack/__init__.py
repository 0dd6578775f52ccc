"""What runs below a command: databases, child processes, the lock of a home, the project's files."""
