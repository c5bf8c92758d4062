"""A table that is a topic forgets what the topic forgot, and nothing else."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from app.lane import sweeper
from app.lane.declare import Keep, Topic, TopicTable
from app.lane.store import Stores, row_key
from app.lane.sweeper import sweep_once

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

NOTES = Topic("notes", Keep.A_WHILE, timedelta(days=7))
TABLE: TopicTable[bytes] = TopicTable(
    "notes", NOTES, row=lambda key, value: (key, value), decode=bytes, written=bytes.decode
)
NOW = datetime(2026, 1, 8, tzinfo=UTC)
OLD, YOUNG, NEIGHBOUR = b"2025-12-31T23:59:59.999Z", b"2026-01-01T00:00:00.000Z", row_key("notesx", b"a")


def test_rows_older_than_the_retention_go_slice_by_slice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sweeper, "_ROWS", 4)
    stores = Stores(tmp_path, 16 << 20)
    store = stores.open(0)
    rows = [(row_key("notes", b"%02d" % number), OLD if number % 2 else YOUNG) for number in range(10)]
    store.apply([*rows, (NEIGHBOUR, OLD)], [("notes", 10)])
    assert list(sweep_once(store, TABLE, row_key("notes", b""), NOW)) == [2, 2, 1]
    assert [key for key, _ in store.scan(b"notes\0", b"notes\1", 99)] == [
        key for key, row in rows if row == YOUNG
    ]
    assert store.get(NEIGHBOUR) == OLD
    assert store.next_offset("notes") == 10
    stores.close()
