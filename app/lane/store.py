"""The rows of one partition number, of all tables: one RocksDB database, which holds only what Kafka committed.

A row's key is prefixed with its table's name. Beside the rows stands, for each changelog, the offset of the next
record to read; rows and offset are written by the same batch, so that they can never disagree. The positions of the
sources are rows, too. RocksDB's own write-ahead log is off: after a crash the changelog replays from the offset that
the database holds.
"""

from __future__ import annotations

import logging
import shutil
import time
from typing import TYPE_CHECKING

from rocksdict import (
    AccessType,
    BlockBasedOptions,
    Cache,
    DBCompressionType,
    Options,
    Rdict,
    ReadOptions,
    WriteBatch,
    WriteBufferManager,
    WriteOptions,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

log = logging.getLogger(__name__)

_OFFSET = b"\0next\0"  # + changelog topic: sorts before every table, whose names begin with a letter
_POSITION = b"\0position\0"  # + source topic: where its lane goes on, as the changelog of the rows says
_AT = b"\0at"  # when the last of its writes was, in seconds since 1970
# A deletion stays in a changelog for two days (plan.py): a database that is behind by more may miss one.
STALE_AFTER = 40 * 3600.0  # seconds
_WRITE_BUFFER, _BLOCK = 16 << 20, 8 << 10

Change = tuple[bytes, bytes | None]


def row_key(table: str, key: bytes) -> bytes:
    return table.encode() + b"\0" + key


class Store:
    """One open database. All calls are synchronous and take microseconds."""

    def __init__(self, path: Path, database: Rdict) -> None:
        self.path = path
        self.get = database.get  # (prefixed key) -> bytes | None; bound once: it is the hottest call
        self._database = database

    def next_offset(self, changelog: str) -> int:
        """Return the offset of the next record of the changelog that is not in the rows yet."""
        stored = self._database.get(_OFFSET + changelog.encode())
        return int(stored) if stored is not None else 0

    def position(self, source: str) -> int | None:
        """Return the next position of a source topic, None for one that nobody has moved yet."""
        stored = self._database.get(position_key(source))
        return None if stored is None else int(stored)

    def apply(self, changes: Iterable[Change], next_offsets: Iterable[tuple[str, int]]) -> None:
        """Write rows (None deletes) and the offsets that they bring the database to, together."""
        batch = WriteBatch(raw_mode=True)
        put = batch.put
        for key, value in changes:
            if value is None:
                batch.delete(key)
            else:
                put(key, value)
        for changelog, offset in next_offsets:
            put(_OFFSET + changelog.encode(), b"%d" % offset)
        put(_AT, b"%d" % time.time())
        self._database.write(batch)

    @property
    def age(self) -> float:
        """Seconds since its last write; 0 for an empty database."""
        stored = self._database.get(_AT)
        return 0.0 if stored is None else time.time() - int(stored)

    def scan(self, start: bytes, until: bytes, limit: int) -> list[tuple[bytes, bytes]]:
        """Return at most `limit` rows with start <= key < until, in the order of their keys."""
        bounds = ReadOptions()
        bounds.set_iterate_upper_bound(until)
        found: list[tuple[bytes, bytes]] = []
        for item in self._database.items(from_key=start, read_opt=bounds):
            found.append(item)  # type: ignore[arg-type] # raw mode: bytes and bytes
            if len(found) >= limit:
                break
        return found

    def flush(self) -> None:
        """Put everything on the disk, which makes the next start short."""
        self._database.flush()

    def close(self) -> None:
        self._database.close()


class Stores:
    """The databases of a worker. They share one block cache and one budget of write buffers."""

    def __init__(self, folder: Path, memory_bytes: int) -> None:
        self.folder = folder
        self._cache = Cache.new_hyper_clock_cache(memory_bytes, _BLOCK)
        self._buffers = WriteBufferManager.new_write_buffer_manager_with_cache(
            memory_bytes // 2, allow_stall=False, cache=self._cache
        )
        self._open: dict[int, Store] = {}

    def open(self, partition: int) -> Store:
        """Open (or create) the database of a partition number; the same object as long as it stays open.

        One that nobody has written to for too long is built anew: the changelog may have forgotten what was deleted.
        """
        store = self._open.get(partition)
        if store is None:
            store = self._opened(partition)
            if store.age > STALE_AFTER:
                log.warning("partition %s: %.0f h old, built anew", partition, store.age / 3600)
                self.forget(partition)
                store = self._opened(partition)
        return store

    def _opened(self, partition: int) -> Store:
        path = self.folder / f"partition-{partition}"
        path.parent.mkdir(parents=True, exist_ok=True)
        options = self._options()
        # `column_families` too: an existing database ignores table options given in `options` alone
        database = Rdict(str(path), options, column_families={"default": options})
        without_log = WriteOptions()
        without_log.disable_wal = True  # type: ignore[method-assign, assignment] # a property, mistyped
        database.set_write_options(without_log)
        store = self._open[partition] = Store(path, database)
        return store

    def get(self, partition: int) -> Store | None:
        return self._open.get(partition)

    def keep_only(self, partitions: set[int]) -> None:
        """Close the databases of partitions that this worker neither owns nor stands by for."""
        for partition in self._open.keys() - partitions:
            self._open.pop(partition).close()

    def close(self) -> None:
        for store in self._open.values():
            store.flush()
        self.keep_only(set())

    def forget(self, partition: int) -> None:
        """Delete a database; recovery builds it anew from the changelogs."""
        store = self._open.pop(partition, None)
        if store is not None:
            store.close()
        shutil.rmtree(self.folder / f"partition-{partition}", ignore_errors=True)

    @property
    def cache_usage(self) -> int:
        """Bytes in the shared cache, write buffers included."""
        return self._cache.get_usage()

    def _options(self) -> Options:
        table = BlockBasedOptions()
        table.set_block_cache(self._cache)
        table.set_bloom_filter(10, block_based=False)
        table.set_cache_index_and_filter_blocks(True)
        table.set_pin_l0_filter_and_index_blocks_in_cache(True)
        table.set_block_size(_BLOCK)
        table.set_format_version(5)
        options = Options(raw_mode=True)
        options.create_if_missing(True)  # noqa: FBT003 - rocksdict takes it by position only
        options.set_block_based_table_factory(table)
        options.set_write_buffer_manager(self._buffers)
        options.set_write_buffer_size(_WRITE_BUFFER)
        # a bloom filter for rows not yet on disk: most look-ups are of ids never seen, 2 us in place of 7
        options.set_memtable_whole_key_filtering(True)
        options.set_memtable_prefix_bloom_ratio(0.1)
        options.set_max_write_buffer_number(2)
        # what is rewritten soon is not worth compressing
        none, lz4 = DBCompressionType.none(), DBCompressionType.lz4()
        options.set_compression_per_level([none, none, lz4, lz4, lz4, lz4, lz4])
        options.set_max_background_jobs(2)
        options.set_keep_log_file_num(2)
        return options


def open_read_only(path: Path) -> Rdict:
    """Open the database of a stopped worker, for inspection: raw keys and values, offsets included."""
    return Rdict(str(path), Options(raw_mode=True), access_type=AccessType.read_only())


def position_key(source: str) -> bytes:
    """Return the key under which the position of a source topic lies, in the changelog and in the database."""
    return _POSITION + source.encode()


def position_of(key: bytes) -> str | None:
    """Return the source topic whose position this is the key of; None for any other key."""
    return key.removeprefix(_POSITION).decode() if key.startswith(_POSITION) else None


def is_offset(key: bytes) -> bool:
    """Return whether this is no row: the offset of a changelog, a source's position, or when it was last written."""
    return key.startswith((_OFFSET, _POSITION)) or key == _AT
