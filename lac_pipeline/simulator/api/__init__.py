"""LinkedIn's HTTP API over a world, as strict as LinkedIn's own."""
