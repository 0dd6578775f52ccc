"""PostgreSQL as a warehouse: its schema, loads into it, and queries."""
