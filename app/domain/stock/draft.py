"""The entries of an item while one event changes them. It lives as long as the call of `evolve` that made it."""

from collections.abc import Mapping

from app.domain.stock.state import Entries, Entry, Reservation


class Draft:
    """Changes over what is stored."""

    __slots__ = ("changed", "stored")

    def __init__(self, stored: Entries, changed: Mapping[str, Entry | None]) -> None:
        self.stored = stored
        self.changed = dict(changed)

    def get(self, name: str) -> Entry | None:
        if name in self.changed:
            return self.changed[name]
        return self.stored.get(name)

    def reservation(self, name: str) -> Reservation:
        """Return an open reservation, which must be there: an event or the queue names it."""
        entry = self.get(name)
        assert isinstance(entry, Reservation), name  # noqa: S101 - else rows and events differ: a bug
        return entry

    def put(self, name: str, entry: Entry) -> None:
        self.changed[name] = entry

    def delete(self, name: str) -> None:
        self.changed[name] = None
