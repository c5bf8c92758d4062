"""The published contract, as pydantic models."""

from typing import TypedDict


class Fault(TypedDict):
    """One thing to change, and where: a JSON pointer into the document."""

    pointer: str
    detail: str


def explain(value: bytes) -> list[Fault]:
    """Return every fault of a command's document, or an empty list when it is valid."""
    raise NotImplementedError
