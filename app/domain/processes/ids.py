"""Ids of what a process sends: pure functions of what it is for, so that a repeated reaction sends the same.

Ids of others are part of them, and can be as long as an id may be: what would become too long is a digest.
"""

import hashlib
from typing import Final

import msgspec

from app.domain.bounds import ID_LENGTH

_ATTEMPT_LENGTH: Final = 12  # "/" and as many digits as nobody will ever see


def joined(*parts: str) -> str:
    """Return one id made of several, with room for an attempt."""
    whole = "/".join(parts)
    if len(whole) <= ID_LENGTH - _ATTEMPT_LENGTH:
        return whole
    return hashlib.sha256(msgspec.json.encode(parts)).hexdigest()


def attempt_of(stem: str, attempt: int) -> str:
    """Return the id of a command: process and step are its stem."""
    return f"{stem}/{attempt}"


def stem_of(command_id: str) -> str:
    """Return what an id has before its attempt."""
    return command_id.rpartition("/")[0]
