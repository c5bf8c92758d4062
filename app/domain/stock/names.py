"""What the entries of an item are called. No id holds a NUL, so that no two names are the same.

A table's key is the item's id, NUL, the name: all open reservations of an item lie together, by order and line.
"""

from typing import Final

OPEN: Final = "open\0"


def reservation(order_id: str, line_id: str) -> str:
    """The name of a reservation while it is open."""
    return f"open\0{order_id}\0{line_id}"


def memory_of(order_id: str, line_id: str) -> str:
    """The name of what is remembered of a reservation that is not open (any more, or yet)."""
    return f"past\0{order_id}\0{line_id}"


def receipt(receipt_id: str) -> str:
    return f"receipt\0{receipt_id}"


def adjustment(adjustment_id: str) -> str:
    return f"adjustment\0{adjustment_id}"


def restock(return_id: str, receipt_id: str, line_id: str) -> str:
    return f"restock\0{return_id}\0{receipt_id}\0{line_id}"


def write_off(write_off_id: str) -> str:
    return f"write-off\0{write_off_id}"


def remembered(number: int) -> str:
    """The name of the entry that says what has this number in the memory."""
    return f"remembered\0{number}"


def key(item_id: str, name: str) -> bytes:
    """Return the key of an entry's row."""
    return f"{item_id}\0{name}".encode()


def open_prefix(item_id: str) -> bytes:
    """Return what the keys of an item's open reservations begin with."""
    return key(item_id, OPEN)
