"""`lac`: the commands. They print what `commands` computes, which is imported when a command runs."""

from __future__ import annotations

from lac_pipeline.cli.app import main

__all__ = ["main"]
