"""The LinkedIn Marketing API client: reads accounts, campaign structure, analytics and names, and never writes."""
