"""The simulated LinkedIn of `lac demo` and `lac simulator`, and the settings that point the pipeline at it."""

from __future__ import annotations

from lac_pipeline.simulator.world.world import World


def demo_world(seed: int = 7) -> World:
    """Three ad accounts with years of history, the same at every start."""
    return World.demo(seed=seed)


def connection_settings(world: World, url: str) -> dict[str, str]:
    """The settings that make the pipeline talk to the simulator as the one member it knows."""
    return {
        "LINKEDIN_CLIENT_ID": world.client_id,
        "LINKEDIN_CLIENT_SECRET": world.client_secret,
        "LINKEDIN_ACCESS_TOKEN": world.token,
        "LINKEDIN_REFRESH_TOKEN": world.refresh_token,
        "LINKEDIN_API_URL": url,
        "LINKEDIN_OAUTH_URL": url,
    }
