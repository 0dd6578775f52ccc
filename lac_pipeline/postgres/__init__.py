"""PostgreSQL itself; nothing here depends on LinkedIn."""
