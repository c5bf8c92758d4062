"""The rows of a partition: written with their offsets or not at all, in bounds, within one budget of memory."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from app.lane.store import (
    STALE_AFTER,
    Store,
    Stores,
    is_offset,
    open_read_only,
    position_key,
    position_of,
    row_key,
)

if TYPE_CHECKING:
    from pathlib import Path

BUDGET = 16 << 20
LOG = "depot-weights-changelog"


@pytest.fixture
def store(stores: Stores) -> Store:
    return stores.open(3)


def test_rows_and_offsets_are_there_after_one_write(store: Store) -> None:
    assert store.next_offset(LOG) == 0
    store.apply([(b"t\0a", b"1"), (b"t\0b", b"2")], [(LOG, 7), ("other", 9)])
    assert (store.get(b"t\0a"), store.get(b"t\0b"), store.get(b"t\0c")) == (b"1", b"2", None)
    assert (store.next_offset(LOG), store.next_offset("other"), store.next_offset("third")) == (7, 9, 0)


def test_none_deletes_and_the_last_change_of_a_key_stands(store: Store) -> None:
    store.apply([(b"t\0a", b"1"), (b"t\0b", b"1")], [])
    store.apply([(b"t\0a", None), (b"t\0b", None), (b"t\0b", b"2")], [])
    assert (store.get(b"t\0a"), store.get(b"t\0b")) == (None, b"2")


def test_a_write_that_fails_changes_nothing_at_all(store: Store) -> None:
    store.apply([(b"t\0a", b"1")], [(LOG, 1)])
    changes = [(b"t\0a", b"2"), (b"t\0b", 2)]
    with pytest.raises(Exception):  # noqa: B017, PT011 - rocksdict says only `Exception`
        store.apply(changes, [(LOG, 2)])  # type: ignore[arg-type]
    assert (store.get(b"t\0a"), store.get(b"t\0b"), store.next_offset(LOG)) == (b"1", None, 1)


def test_a_scan_is_bounded_below_above_and_in_number(store: Store) -> None:
    store.apply([(b"t\0%d" % number, b"%d" % number) for number in range(8)], [(LOG, 1)])
    store.apply([(b"s\0z", b""), (b"u\0a", b"")], [])
    assert store.scan(b"t\0" + b"3", b"t\0" + b"6", 100) == [
        (b"t\x003", b"3"),
        (b"t\x004", b"4"),
        (b"t\x005", b"5"),
    ]
    assert [key for key, _ in store.scan(b"t\0", b"t\1", 2)] == [b"t\x000", b"t\x001"]
    assert len(store.scan(b"t\0", b"t\1", 100)) == 8, "neither the tables beside it nor the offsets"
    assert store.scan(b"t\x006", b"t\x006", 100) == []


def test_offsets_stand_before_every_table() -> None:
    assert row_key("a", b"") > b"\0next\0zzz"
    assert is_offset(b"\0next\0" + LOG.encode())
    assert is_offset(position_key("parcels"))
    assert position_of(position_key("parcels")) == "parcels"
    assert position_of(row_key("position", b"parcels")) is None
    assert not is_offset(row_key("next", b"x"))


def test_a_closed_database_goes_on_where_it_was(tmp_path: Path) -> None:
    first = Stores(tmp_path, BUDGET)
    first.open(3).apply([(b"t\0a", b"1")], [(LOG, 7)])
    first.close()
    second = Stores(tmp_path, BUDGET)
    assert (second.open(3).get(b"t\0a"), second.open(3).next_offset(LOG)) == (b"1", 7)
    second.close()
    database = open_read_only(tmp_path / "partition-3")
    assert {key: value for key, value in database.items() if not is_offset(key)} == {b"t\0a": b"1"}  # type: ignore[arg-type]
    database.close()


CRASH = """
import os, sys
from pathlib import Path
from app.lane.store import Stores
store = Stores(Path(sys.argv[1]), 16 << 20).open(3)
for number in range(200):
    store.apply([(b"t\\0%d" % number, b"x" * 1000)], [("log", number + 1)])
    if number == 120:
        store.flush()
os._exit(9)
"""


def test_after_a_crash_rows_and_offset_agree(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CRASH, tmp_path], env=os.environ | {"PYTHONPATH": "."}, check=False
    )
    assert done.returncode == 9
    stores = Stores(tmp_path, BUDGET)
    store = stores.open(3)
    reached = store.next_offset("log")
    rows = store.scan(b"t\0", b"t\1", 1000)
    assert len(rows) == reached
    assert 121 <= reached <= 200
    stores.close()


def fill(store: Store, megabytes: int) -> None:
    for number in range(megabytes):
        rows = [(b"t\0%d-%d" % (number, row), os.urandom(1024)) for row in range(1024)]
        store.apply(rows, [(LOG, number)])
    store.flush()


def read_all(store: Store) -> None:
    assert len(store.scan(b"t\0", b"t\1", 1 << 30)) > 0


def test_a_reopened_database_uses_the_shared_cache(tmp_path: Path) -> None:
    first = Stores(tmp_path, BUDGET)
    fill(first.open(3), 4)
    first.close()
    second = Stores(tmp_path, BUDGET)
    before = second.cache_usage
    read_all(second.open(3))
    used = second.cache_usage - before
    second.close()
    assert used > 3 << 20, f"only {used} bytes: the database went back to a cache of its own"


def test_many_databases_stay_within_one_budget(stores: Stores) -> None:
    for partition in range(6):
        fill(stores.open(partition), 5)
        read_all(stores.open(partition))
    assert BUDGET // 2 < stores.cache_usage <= BUDGET * 1.1, "30 MB of rows, read and written"


def test_a_database_stays_the_same_object_until_it_is_closed(stores: Stores) -> None:
    store = stores.open(1)
    assert stores.open(1) is store
    assert stores.get(1) is store
    assert stores.get(2) is None


def test_databases_of_partitions_that_are_gone_are_closed(stores: Stores, tmp_path: Path) -> None:
    stores.open(1).apply([(b"t\0a", b"1")], [])
    stores.open(2)
    stores.keep_only({2})
    assert stores.get(1) is None
    assert stores.get(2) is not None
    other = Stores(tmp_path, BUDGET)
    other.open(1)  # its lock is free
    other.close()


def test_a_forgotten_database_begins_anew(stores: Stores) -> None:
    stores.open(1).apply([(b"t\0a", b"1")], [(LOG, 5)])
    stores.forget(1)
    assert stores.open(1).get(b"t\0a") is None
    assert stores.open(1).next_offset(LOG) == 0
    stores.forget(9)  # never there


def test_a_database_that_is_too_old_is_built_anew_and_a_younger_one_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its changelog may have forgotten by now what was deleted since."""
    now = time.time()
    for age, kept in ((STALE_AFTER - 60, b"1"), (STALE_AFTER + 60, None)):
        monkeypatch.setattr(time, "time", lambda age=age: now - age)
        before = Stores(tmp_path / str(age), BUDGET)
        before.open(3).apply([(b"t\0a", b"1")], [(LOG, 7)])
        before.close()
        monkeypatch.setattr(time, "time", lambda: now)
        after = Stores(tmp_path / str(age), BUDGET)
        assert after.open(3).get(b"t\0a") == kept
        assert after.open(3).next_offset(LOG) == (7 if kept else 0)
        after.close()
