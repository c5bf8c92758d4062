"""What the web needs of the engine. The engine's own classes and the stub of the tests both fit it.

Invariant that the web relies on: a `Reader` answers from committed rows, and there is none while this worker
is not the active, recovered owner of the partition.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from faust.types.web import Web

    from app.lane.declare import AnyTable


class Reader(Protocol):
    """The committed rows of one table in one partition."""

    def get(self, key: bytes, /) -> bytes | None:
        """Return the row of a key."""

    def scan(self, from_key: bytes, until: bytes, limit: int, /) -> list[tuple[bytes, bytes]]:
        """Return at most `limit` rows with `from_key <= key < until`, in the order of their keys."""


class Lanes(Protocol):
    """Who owns which partition, and how well each of ours gets on."""

    @property
    def partitions(self) -> int:
        """Return how many there are."""

    def keeps(self, table: AnyTable, /) -> bool:
        """Return whether an agent that runs here has this table."""

    def reader(self, table: AnyTable, partition: int, /) -> Reader | None:
        """Return the rows, or None when this worker may not answer for them (now)."""

    def owner_url(self, partition: int, /) -> str | None:
        """Return the web URL of the active owner (ours too), None while it is unknown."""

    def partition_of(self, key: bytes, /) -> int:
        """Return the partition of a key, as Java's producer computes it."""

    def status(self) -> dict[str, Any]:
        """Return what /readyz shows; `ready` is a bool."""

    def stuck(self, seconds: float, /) -> Sequence[int]:
        """Return the partitions that have had work and no commit for so long."""


class WebApp(Protocol):
    """A Faust app with lanes."""

    @property
    def lanes(self) -> Lanes:
        """Return the engine's side of it."""

    @property
    def conf(self) -> Any:
        """Return Faust's settings."""

    @property
    def web(self) -> Web:
        """Return Faust's web server."""

    @property
    def page(self) -> Callable[..., Callable[[Any], Any]]:
        """Return Faust's decorator of web views."""
