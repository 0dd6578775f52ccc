"""A PostgreSQL server that comes with the package."""
