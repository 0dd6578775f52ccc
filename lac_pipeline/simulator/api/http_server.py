"""Run the simulator: in a thread beside a test, or as a process of its own."""

from __future__ import annotations

import logging
import signal
import socket
import threading
import time
from types import FrameType, TracebackType

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from lac_pipeline.errors import LacError
from lac_pipeline.simulator.api.http_app import create_app
from lac_pipeline.simulator.world.world import World

_BACKLOG = 512
_START_TIMEOUT_SECONDS = 10.0


def _config(app: ASGIApp, *, host: str, port: int) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="off",
        ws="none",
        interface="asgi3",
        timeout_graceful_shutdown=1,
        backlog=_BACKLOG,
    )


class SimulatorServer:
    """A simulator on 127.0.0.1, for as long as the `with` block lasts.

    Args:
        world: the world to serve; the demo's when none is given.
        port: 0 takes a free one.
    """

    def __init__(self, world: World | None = None, *, port: int = 0) -> None:
        self.world = world or World.demo()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        self._server = uvicorn.Server(_config(self._respond, host="127.0.0.1", port=self.port))
        self._thread = threading.Thread(target=self._run, name="linkedin-simulator", daemon=True)

    @property
    def world(self) -> World:
        """The world that is served; setting another one takes effect with the next request."""
        return self._world

    @world.setter
    def world(self, world: World) -> None:
        self._world = world
        self._app = create_app(world)

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app(scope, receive, send)

    @property
    def url(self) -> str:
        """Serves as `LINKEDIN_API_URL` and as `LINKEDIN_OAUTH_URL`."""
        return f"http://127.0.0.1:{self.port}"

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])

    def __enter__(self) -> SimulatorServer:
        # A dropped connection is an order of the test, not an error to print.
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        self._thread.start()
        deadline = time.monotonic() + _START_TIMEOUT_SECONDS
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError("the simulator did not start")
            time.sleep(0.005)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=_START_TIMEOUT_SECONDS)
        self._socket.close()


def listen(host: str, port: int) -> socket.socket:
    """Take the port before the URL is published.

    Raises:
        LacError: another program has it.
    """
    taken = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError as error:
        taken.close()
        raise LacError(
            f"port {port} of {host} cannot be listened on",
            detail=str(error),
            meaning="another program, perhaps another simulator, has it",
            fix=f"choose another: `lac simulator --port {port + 1}`",
        ) from error
    return taken


def serve(world: World, *, on: socket.socket) -> None:
    """Serve a world until SIGINT or SIGTERM; returns when the server has shut down. Call it from the main thread."""
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
    host, port = on.getsockname()
    server = uvicorn.Server(_config(create_app(world), host=host, port=port))
    before = {number: signal.signal(number, _ignore) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        server.run(sockets=[on])
    finally:
        on.close()
        for number, handler in before.items():
            signal.signal(number, handler)


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Take the signal that uvicorn raises once more after it has shut down."""
