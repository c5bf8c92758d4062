"""The names under which others know our requests: pure functions of our ids.

A provider that sees a key again does nothing again. So the key of a refund is the same before and after a crash, a
rebalance or a redrive, and differs for any two movements, however alike (never of transaction and amount).
"""

import hashlib

import msgspec

from app.domain.payment.commands import ProviderFact


def provider_key(movement: str, *ids: str) -> str:
    """Return the idempotency key of a movement. Ids may hold anything; a key is ASCII and short for a header."""
    return f"{movement}-{_digest(msgspec.json.encode(ids))}"


def command_id(key: str, fact: ProviderFact) -> str:
    """Return the id of the command that tells a fact: the same fact about the same request has the same id."""
    told = msgspec.json.encode((type(fact).__name__, fact))
    return f"{key}/{_digest(told)[:16]}"


def _digest(text: bytes) -> str:
    return hashlib.sha256(text).hexdigest()
