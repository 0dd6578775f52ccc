"""Ports of this machine for servers that tests start."""

from __future__ import annotations

from lac_pipeline.commands.stack.processes import port_of, reserved_port


def free_port(requested: int) -> int:
    """The requested port of 127.0.0.1, or the next that is free now."""
    with reserved_port(requested) as reservation:
        return port_of(reservation)
