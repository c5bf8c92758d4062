"""The entries of an item while one event changes them. It lives as long as the call of `evolve` that made it."""

from app.domain.stock.state import Entry, Reservation, Stock


class Draft:
    """Changes over what is stored."""

    __slots__ = ("changed", "stored", "was")

    def __init__(self, stock: Stock) -> None:
        self.stored = stock.stored
        self.changed = dict(stock.changed)
        self.was = dict(stock.was)

    def get(self, name: str) -> Entry | None:
        if name in self.changed:
            return self.changed[name]
        return self.stored.get(name)

    def reservation(self, name: str) -> Reservation:
        """Return an open reservation, which must be there: an event or the queue names it."""
        if name in self.changed:
            entry = self.changed[name]
        elif name in self.was:
            entry = self.was[name]
        else:
            entry = self.was[name] = self.stored.get(name)
        assert isinstance(entry, Reservation), name  # noqa: S101 - else rows and events differ: a bug
        return entry

    def put(self, name: str, entry: Entry) -> None:
        if type(entry) is Reservation and name not in self.was:
            self.was[name] = self.stored.get(name)
        self.changed[name] = entry

    def delete(self, name: str) -> None:
        self.changed[name] = None
