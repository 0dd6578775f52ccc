"""Every table and view, with comments."""
