"""The audit: all events into the books, the books among themselves, the books beside the rows. Reads, and never writes.

Stock, returns and carts are read as a whole; orders one partition after the other, so that what is kept at a time is
the orders of a partition.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

import msgspec

from app.cli.audit import resting, rows
from app.cli.audit.findings import YOUNG, Findings
from app.cli.audit.orders import OrderBook
from app.cli.audit.resting import Others
from app.cli.audit.returns import CartBook, ReturnBook
from app.cli.audit.rows import Rows, Wanted, compare
from app.cli.audit.stock import StockBook
from app.domain.processes.steps import BOUND
from app.lane.partition import partition_of
from app.topics import CART_EVENTS, ORDER_EVENTS, RETURN_EVENTS, STOCK_EVENTS
from app.wire.contracts import CARTS, ORDERS, RETURNS, STOCK
from tables.carts import CARTS_TABLE
from tables.customer_orders import CUSTOMER_ORDERS
from tables.orders import ORDERS as ORDER_ROWS
from tables.processes import PROCESS_RETURNS, PROCESS_TIMERS, PROCESSES, WAITING_PROCESSES
from tables.returns import RETURN_WORK, RETURNS_TABLE
from tables.stock import AVAILABILITY, RESERVATIONS, STOCK_ENTRIES, STOCK_ITEMS
from tables.totals import DAILY_TOTALS
from tables.worklists import COUNTED_ORDERS, ORDER_LISTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from app.lane.declare import AnyTable, Record, Topic
    from app.views.counted import Counted
    from app.wire.contract import Contract
    from app.wire.events import Envelope
    from app.wire.process_rows import Kept

EVENTS: Final = tuple(topic.name for topic in (STOCK_EVENTS, RETURN_EVENTS, CART_EVENTS, ORDER_EVENTS))
ITEM_TABLES: Final[tuple[AnyTable, ...]] = (STOCK_ITEMS, STOCK_ENTRIES)
RETURN_TABLES: Final[tuple[AnyTable, ...]] = (RETURNS_TABLE, RETURN_WORK, PROCESS_RETURNS, CARTS_TABLE)
ORDER_TABLES: Final[tuple[AnyTable, ...]] = (
    ORDER_ROWS, COUNTED_ORDERS, ORDER_LISTS, DAILY_TOTALS, PROCESSES, PROCESS_TIMERS, WAITING_PROCESSES,
)  # fmt: skip
INDEXES: Final[tuple[AnyTable, ...]] = (AVAILABILITY, RESERVATIONS, CUSTOMER_ORDERS)
TABLES: Final = (*ITEM_TABLES, *RETURN_TABLES, *ORDER_TABLES, *INDEXES)
# What changed so shortly before is not judged: rows and processes follow, and have that long to do so.
GRACE_MS: Final = int(BOUND.total_seconds() * 1000)


class Source(Protocol):
    """Where it all lies: the events up to one moment, and the rows of any later one."""

    partitions: int

    async def events(self, topic: str, partition: int, take: Callable[[Record], None]) -> None:
        """Hand all records of a partition to `take`, in order."""

    async def rows(self, tables: Sequence[AnyTable], partition: int) -> dict[AnyTable, Rows]:
        """Return the rows of some tables that lie on a partition."""


@dataclass
class Result:
    """What an audit says."""

    findings: Findings = field(default_factory=Findings)
    counts: Counter[str] = field(default_factory=Counter)
    sums: Counter[str] = field(default_factory=Counter)

    @property
    def clean(self) -> bool:
        return not self.findings.differences


class Stream(NamedTuple):
    """A topic of events, and the book that takes them."""

    topic: Topic
    contract: Contract
    take: Callable[[Envelope[Any], int, Findings], None]


class Audit:
    """One audit. `now_ms`: when it began; with `quiet`, nothing is excused because it is young."""

    def __init__(self, source: Source, now_ms: int, *, quiet: bool = False) -> None:
        self._source = source
        self._young = now_ms + GRACE_MS if quiet else now_ms - GRACE_MS
        self._stock, self._returns, self._carts = StockBook(), ReturnBook(), CartBook()
        self.result = Result()

    async def run(self, told: Callable[[str], None] = lambda _line: None) -> Result:
        """Do all of it. `told` hears how far it is."""
        for stream in (
            Stream(STOCK_EVENTS, STOCK, self._stock.take),
            Stream(RETURN_EVENTS, RETURNS, self._returns.take),
            Stream(CART_EVENTS, CARTS, self._carts.take),
        ):
            told(stream.topic.name)
            for partition in range(self._source.partitions):
                await self._read(stream, partition)
        self._stock.judge(self.result.findings)
        self._returns.judge(self.result.findings)
        told("rows of stock, returns and carts")
        lists = await self._rows_of_others()
        await self._orders(lists, told)
        self._count()
        return self.result

    async def _read(self, stream: Stream, partition: int) -> None:
        versions: dict[str, int] = {}
        findings, counts = self.result.findings, self.result.counts

        def take(record: Record) -> None:
            if record.value is None or (record.key or b"").startswith(b"\0"):
                return
            try:
                event = stream.contract.decode_event(record.value)
            except (msgspec.DecodeError, UnicodeDecodeError) as wrong:
                where = f"{record.topic}-{record.partition}@{record.offset}"
                findings.differ("unreadable", where, str(wrong))
                return
            counts[stream.topic.name] += 1
            wanted = versions.get(event.subject, 0) + 1
            findings.expect("version", event.id, event.version, wanted)
            versions[event.subject] = event.version
            home = partition_of(event.subject.encode(), self._source.partitions)
            findings.expect("partition", event.id, partition, home)
            try:
                stream.take(event, record.timestamp, findings)
            except Exception as error:  # noqa: BLE001 - events that do not fit together are what is looked for
                findings.differ("cannot-happen", event.id, f"{event.type}: {error!r}")

        await self._source.events(stream.topic.name, partition, take)

    async def _rows_of_others(self) -> Rows:
        """Compare the rows of stock, returns and carts. Return the lists of customers, to be compared later."""
        indexes: dict[AnyTable, Rows] = {table: {} for table in INDEXES}
        for partition in range(self._source.partitions):
            ours = self._at_home(partition)
            found = await self._source.rows((*ITEM_TABLES, *RETURN_TABLES, *INDEXES), partition)
            self._rows(STOCK_ITEMS, found[STOCK_ITEMS], rows.items(self._stock, ours))
            self._rows(STOCK_ENTRIES, found[STOCK_ENTRIES], rows.entries(self._stock, ours))
            self._rows(RETURNS_TABLE, found[RETURNS_TABLE], rows.returned(self._returns, ours))
            self._rows(RETURN_WORK, found[RETURN_WORK], rows.return_work(self._returns, ours))
            self._rows(PROCESS_RETURNS, found[PROCESS_RETURNS], rows.heard_returns(self._returns, ours))
            self._rows(CARTS_TABLE, found[CARTS_TABLE], rows.carts(self._carts, ours))
            for table, whole in indexes.items():
                whole.update(found[table])
        self._rows(AVAILABILITY, indexes[AVAILABILITY], rows.availability(self._stock))
        self._rows(RESERVATIONS, indexes[RESERVATIONS], rows.reservations(self._stock))
        return indexes[CUSTOMER_ORDERS]

    async def _orders(self, lists: Rows, told: Callable[[str], None]) -> None:
        known: set[str] = set()
        for partition in range(self._source.partitions):
            told(f"{ORDER_EVENTS.name} {partition + 1}/{self._source.partitions}")
            book = OrderBook()
            await self._read(Stream(ORDER_EVENTS, ORDERS, book.take), partition)
            book.judge(self.result.findings)
            self._rows_of_orders(book, await self._source.rows(ORDER_TABLES, partition))
            mine = {key: lists.pop(key) for key, _ in rows.of_customers(book) if key in lists}
            self._rows(CUSTOMER_ORDERS, mine, rows.of_customers(book))
            known |= book.accounts.keys()
            self.result.counts["orders"] += len(book.accounts)
            self.result.sums += book.sums()
        self._rows(CUSTOMER_ORDERS, lists, ())
        for order_id, lines in self._stock.lines.items():
            if order_id not in known and any(line.held or line.waiting for line in lines.values()):
                young = max(line.at for line in lines.values()) > self._young
                flight = YOUNG if young else ""
                self.result.findings.differ("held-for-nobody", order_id, "no such order", flight)

    def _rows_of_orders(self, book: OrderBook, found: dict[AnyTable, Rows]) -> None:
        known: dict[bytes, Counted] = {
            key: COUNTED_ORDERS.decode(row.value) for key, row in found[COUNTED_ORDERS].items()
        }
        kept: dict[bytes, tuple[Kept, int]] = {
            key: (PROCESSES.decode(row.value), row.at) for key, row in found[PROCESSES].items()
        }
        self._rows(ORDER_ROWS, found[ORDER_ROWS], rows.orders(book))
        self._rows(COUNTED_ORDERS, found[COUNTED_ORDERS], rows.counts(book, known))
        self._rows(ORDER_LISTS, found[ORDER_LISTS], rows.lists(book, known))
        self._rows(DAILY_TOTALS, found[DAILY_TOTALS], rows.days(book, known))
        self._rows(PROCESS_TIMERS, found[PROCESS_TIMERS], rows.timers(kept))
        self._rows(WAITING_PROCESSES, found[WAITING_PROCESSES], rows.waiting(kept))
        others = Others(self._stock, self._returns, self._carts, self._young)
        for name, account in book.accounts.items():
            process = kept.get(name.encode())
            resting.judge(account, process and process[0].process, others, self.result.findings)

    def _rows(self, table: AnyTable, found: Rows, wanted: Iterable[tuple[bytes, Wanted]]) -> None:
        compare(table, found, wanted, self._young, self.result.findings)

    def _at_home(self, partition: int) -> Callable[[str], bool]:
        partitions = self._source.partitions
        return lambda name: partition_of(name.encode(), partitions) == partition

    def _count(self) -> None:
        items = [item.row for item in self._stock.items.values() if item.row is not None]
        counts = self.result.counts
        counts["items"] = len(items)
        counts["returns"] = len(self._returns.returns)
        counts["carts"] = len(self._carts.carts)
        counts["in flight"] = len(self.result.findings.flying)
        counts["checks"] = self.result.findings.checked.total()
        self.result.sums["units on hand"] = sum([item.on_hand for item in items])
        self.result.sums["units reserved"] = sum([item.reserved for item in items])
        self.result.sums["units backordered"] = sum([item.backordered for item in items])
        self.result.sums["open reservations"] = sum([item.open for item in items])
