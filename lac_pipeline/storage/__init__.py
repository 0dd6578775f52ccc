"""PostgreSQL and the raw archive: everything that is kept, and the only place that speaks SQL."""
