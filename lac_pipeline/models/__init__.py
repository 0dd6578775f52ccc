"""What LinkedIn sends, checked: API models, and validators that turn LinkedIn's records into rows of the tables."""
