"""`replay`: a data set as commands."""

from app.cli.replay.command import main

__all__ = ["main"]
