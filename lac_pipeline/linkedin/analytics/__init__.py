"""Reading adAnalytics completely: plan, read, merge."""
