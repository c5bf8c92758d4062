"""Where a list begins is read as it was written, whatever bytes its keys have."""

from app.views.heads import Head, decode_row, encode_row


def test_a_head_is_read_as_it_was_written() -> None:
    head = Head(first=b"placed\0\x80\x00\xff", at_ms=1_772_000_000_000)
    assert decode_row(encode_row(head)) == head
