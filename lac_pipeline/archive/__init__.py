"""Raw responses, as LinkedIn sent them, and the transport that replays them."""
