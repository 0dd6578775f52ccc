"""`lac`: the commands. They print; what they do is in `operations`, imported when a command runs."""

from __future__ import annotations

from lac_pipeline.cli.app import main

__all__ = ["main"]
