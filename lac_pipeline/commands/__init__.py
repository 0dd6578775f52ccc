"""What the `lac` commands compute; `cli` prints it."""
