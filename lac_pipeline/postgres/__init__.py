"""PostgreSQL itself; nothing here knows of LinkedIn."""
