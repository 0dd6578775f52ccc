"""The simulated LinkedIn of `lac demo` and `lac simulator`, and the settings that point the pipeline at it."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass

from lac_pipeline.simulator.api.http_server import listen, serve
from lac_pipeline.simulator.api.versions import version_to_request
from lac_pipeline.simulator.world.identity import POSTS_SCOPE, READ_SCOPES
from lac_pipeline.simulator.world.world import World

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Simulated:
    """A simulated LinkedIn that listens, and does not respond yet.

    Attributes:
        settings: what points the pipeline at it.
    """

    settings: Mapping[str, str]
    world: World
    socket: socket.socket

    def serve(self) -> None:
        """Serve until a signal ends it."""
        serve(self.world, on=self.socket)


def listening(port: int, seed: int) -> Simulated:
    """Listen on a port of this machine, for a world that the seed makes.

    Raises:
        LacError: the port is taken.
    """
    listener, world = listen(HOST, port), demo_world(seed)
    return Simulated(connection_settings(world, f"http://{HOST}:{port}"), world, listener)


def demo_world(seed: int = 7) -> World:
    """Three ad accounts with years of history, the same at every start, and a token that may read posts too.

    Most ads are posts: without them a creative has no text, and a third of them no name.
    """
    world = World.demo(seed=seed)
    world.token, world.refresh_token = world.authorize((*READ_SCOPES, POSTS_SCOPE))
    return world


def connection_settings(world: World, url: str) -> dict[str, str]:
    """The settings that make the pipeline talk to the simulator as the one member it knows."""
    return {
        "LINKEDIN_CLIENT_ID": world.client_id,
        "LINKEDIN_CLIENT_SECRET": world.client_secret,
        "LINKEDIN_API_VERSION": version_to_request(world.now().date()),
        "LINKEDIN_ACCESS_TOKEN": world.token,
        "LINKEDIN_REFRESH_TOKEN": world.refresh_token,
        "LINKEDIN_API_URL": url,
        "LINKEDIN_OAUTH_URL": url,
    }
