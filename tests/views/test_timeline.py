"""The timeline: entries of one order in the order in which they were heard."""

from datetime import UTC, datetime, timedelta

from app.views.timeline import Entry, decode_row, encode_row, key, prefix

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_entries_stand_in_the_order_in_which_they_were_heard() -> None:
    keys = [key("o-1", NOON, 0), key("o-1", NOON, 1), key("o-1", NOON + timedelta(milliseconds=1), 2)]
    assert keys == sorted(keys)
    assert all(each.startswith(prefix("o-1")) for each in keys)
    assert not key("o-10", NOON, 0).startswith(prefix("o-1"))


def test_an_entry_is_read_as_it_was_written() -> None:
    entry = Entry(
        kind="outcome", id="c/outcome", type="reserve-stock.v1", subject="socks@north", time=NOON,
        causation_id="c", correlation_id="cmd-1", code="out-of-stock",
    )  # fmt: skip
    assert decode_row(encode_row(entry)) == entry
