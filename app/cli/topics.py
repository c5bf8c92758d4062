"""`python -m app topics`: what each topic is, and what it should be."""

from __future__ import annotations

import click


@click.group()
def topics() -> None:
    """List, create or check the topics of this application."""
