"""The rows that the books make, table by table, and how they compare with those of the changelogs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from app.cli.audit.findings import YOUNG
from app.domain.stock import names
from app.lane.ticks import due_key
from app.views import customer_orders, returns, totals, worklists
from app.views import stock as stock_views
from app.views.counted import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from app.cli.audit.findings import Findings
    from app.cli.audit.orders import OrderBook
    from app.cli.audit.returns import CartBook, ReturnBook
    from app.cli.audit.stock import StockBook
    from app.lane.declare import AnyTable
    from app.views.counted import Counted
    from app.wire.process_rows import Kept


class Row(NamedTuple):
    """A row of a changelog, and when it was written, in milliseconds."""

    value: bytes
    at: int


class Wanted(NamedTuple):
    """A row that the events make; they were last added to at `at`."""

    row: Any
    at: int


Rows = dict[bytes, Row]


def compare(
    table: AnyTable, rows: Rows, wanted: Iterable[tuple[bytes, Wanted]], young: int, findings: Findings
) -> None:
    """Compare the rows of a table (emptied by it) with what they should be. What is young is in flight."""
    kind = f"rows of {table.name}"
    for key, (row, at) in wanted:
        found = rows.pop(key, None)
        findings.checked[kind] += 1
        flight = YOUNG if max(at, found.at if found else 0) > young else ""
        if found is None:
            findings.differ(kind, _name(key), "is missing", flight)
        elif (is_ := table.decode(found.value)) != row:
            findings.differ(kind, _name(key), _difference(is_, row), flight)
    for key, found in rows.items():
        flight = YOUNG if found.at > young else ""
        findings.differ(kind, _name(key), "is there, and no event makes it", flight)


def _name(key: bytes) -> str:
    return key.decode(errors="backslashreplace").replace("\0", " ")


def _difference(found: Any, wanted: Any) -> str:
    names_ = getattr(type(wanted), "__struct_fields__", ())
    for name in names_:
        is_, due = getattr(found, name), getattr(wanted, name)
        if is_ != due:
            return f"{name} is {is_!r}, and should be {due!r}"
    return f"is {found!r}, and should be {wanted!r}"


def items(book: StockBook, ours: Callable[[str], bool]) -> Iterator[tuple[bytes, Wanted]]:
    for name, item in book.items.items():
        if ours(name):
            yield name.encode(), Wanted(item.row, item.at)


def entries(book: StockBook, ours: Callable[[str], bool]) -> Iterator[tuple[bytes, Wanted]]:
    for item_id, item in book.items.items():
        if ours(item_id):
            for name, entry in item.entries.items():
                yield names.key(item_id, name), Wanted(entry, item.at)


def availability(book: StockBook) -> Iterator[tuple[bytes, Wanted]]:
    for item in book.items.values():
        if item.row is not None:
            row = stock_views.availability(item.row)
            yield stock_views.availability_key(row), Wanted(row, item.at)


def reservations(book: StockBook) -> Iterator[tuple[bytes, Wanted]]:
    for item_id, item in book.items.items():
        for entry in item.entries.values():
            row = stock_views.open_reservation(item_id, entry)
            if row is not None:
                yield stock_views.reservation_key(row.order_id, item_id, row.line_id), Wanted(row, item.at)


def returned(book: ReturnBook, ours: Callable[[str], bool]) -> Iterator[tuple[bytes, Wanted]]:
    for name, row in book.returns.items():
        if ours(name):
            yield name.encode(), Wanted(row, book.at[name])


def heard_returns(book: ReturnBook, ours: Callable[[str], bool]) -> Iterator[tuple[bytes, Wanted]]:
    for order_id, of_order in book.of_order.items():
        if ours(order_id):
            for name in of_order:
                yield f"{order_id}\0{name}".encode(), Wanted(book.returns[name], book.at[name])


def return_work(book: ReturnBook, ours: Callable[[str], bool]) -> Iterator[tuple[bytes, Wanted]]:
    for name, row in book.returns.items():
        if ours(name):
            for work in returns.work(row):
                yield returns.key(work), Wanted(work, book.at[name])


def carts(book: CartBook, ours: Callable[[str], bool]) -> Iterator[tuple[bytes, Wanted]]:
    for name, row in book.carts.items():
        if ours(name):
            yield name.encode(), Wanted(row, book.at[name])


def orders(book: OrderBook) -> Iterator[tuple[bytes, Wanted]]:
    for name, account in book.accounts.items():
        yield name.encode(), Wanted(account.order, account.at)


def of_customers(book: OrderBook) -> Iterator[tuple[bytes, Wanted]]:
    for account in book.accounts.values():
        customer = account.order.facts.customer_id
        if customer is not None:
            row = customer_orders.row_of(account.order, customer)
            yield customer_orders.row_key(row), Wanted(row, account.at)


def counts(book: OrderBook, known: Mapping[bytes, Counted]) -> Iterator[tuple[bytes, Wanted]]:
    """An order stays on the day on which it was counted first: that is taken from its row."""
    for name, account in book.accounts.items():
        key = name.encode()
        yield key, Wanted(counted(account.order, known.get(key)), account.at)


def lists(book: OrderBook, known: Mapping[bytes, Counted]) -> Iterator[tuple[bytes, Wanted]]:
    for _, (count, at) in counts(book, known):
        for row in worklists.rows(count.work):
            yield worklists.key(row), Wanted(row, at)


def days(book: OrderBook, known: Mapping[bytes, Counted]) -> Iterator[tuple[bytes, Wanted]]:
    """Add up the orders of each day."""
    found = [(count.totals, at) for _, (count, at) in counts(book, known)]
    last: dict[bytes, int] = {}
    for row, at in found:
        key = totals.key(row)
        last[key] = max(at, last.get(key, 0))
    for row in totals.together([row for row, _ in found]):
        key = totals.key(row)
        yield key, Wanted(row, last[key])


def timers(kept: Mapping[bytes, tuple[Kept, int]]) -> Iterator[tuple[bytes, Wanted]]:
    for key, (row, at) in kept.items():
        if row.timer is not None:
            yield due_key(int(row.timer.timestamp() * 1000), key), Wanted(b"-", at)


def waiting(kept: Mapping[bytes, tuple[Kept, int]]) -> Iterator[tuple[bytes, Wanted]]:
    for key, (row, at) in kept.items():
        if row.waiting is not None:
            yield due_key(int(row.waiting.timestamp() * 1000), key), Wanted(b"-", at)
