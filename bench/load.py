"""A deterministic stream of commands: 82 % place, 16.5 % cancel, 0.5 % to be refused, 1 % repeats."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADERS = (("content-type", b"application/cloudevents+json"),)
_CANCEL, _REPEAT, _WRONG = 165, 10, 5  # of every thousand
_GAP = 500  # orders placed between an order and its cancellation

Made = tuple[bytes, bytes, tuple[tuple[str, bytes], ...]]


def stream(count: int, seed: int = 7) -> Iterator[Made]:
    """Yield `count` commands as key, value, headers."""
    rng = random.Random(seed)
    placed, cancelled = 0, 0
    recent: list[Made] = []
    for number in range(count):
        kind = rng.randrange(1000)
        if kind < _REPEAT and recent:
            yield rng.choice(recent)
            continue
        if kind < _REPEAT + _WRONG:
            made = _made(rng, f"unknown-{number}", "cancel-order.v1", {"reason": "test"})
        elif kind < _REPEAT + _WRONG + _CANCEL and placed - cancelled > _GAP:
            made = _made(rng, f"o-{cancelled:08d}", "cancel-order.v1", {"reason": "changed my mind"})
            cancelled += 1
        else:
            made = _made(rng, f"o-{placed:08d}", "place-order.v1", _order(rng, placed))
            placed += 1
        recent = [*recent[-63:], made]
        yield made


def receipts(items: int, quantity: int = 1_000_000) -> Iterator[Made]:
    """Yield the commands that fill a warehouse."""
    rng = random.Random(1)
    for number in range(items):
        data = {"receipt_id": "r-1", "quantity": quantity, "at": "2026-01-01T00:00:00Z"}
        yield _made(rng, f"SKU-{number:05d}@north", "receive-stock.v1", data)


def reservations(count: int) -> Iterator[Made]:
    """Yield `count` reservations of one item, by as many orders."""
    rng = random.Random(2)
    for number in range(count):
        data = {
            "order_id": f"o-{number:08d}", "line_id": "1", "quantity": 1, "placed_at": "2026-01-01T00:00:00Z"
        }  # fmt: skip
        yield _made(rng, "SKU-00000@north", "reserve-stock.v1", data)


def checkouts(count: int) -> Iterator[Made]:
    """Yield `count` orders, each of another item or two, that are to be reserved, authorised and confirmed."""
    rng = random.Random(3)
    for number in range(count):
        data = _order(rng, number) | {"checkout": {"warehouse": "north"}}
        yield _made(rng, f"o-{number:08d}", "place-order.v1", data)


def _made(rng: random.Random, order: str, kind: str, data: dict[str, object]) -> Made:
    command = {
        "specversion": "1.0",
        "id": f"{rng.getrandbits(128):032x}",
        "source": "/bench",
        "type": kind,
        "subject": order,
        "time": "2026-01-01T00:00:00.000Z",
        "data": data,
    }
    return order.encode(), msgspec.json.encode(command), HEADERS


def _order(rng: random.Random, number: int) -> dict[str, object]:
    lines: list[dict[str, Any]] = []
    for line in range(1 + (rng.randrange(8) == 0)):
        quantity, price = rng.randrange(1, 6), rng.randrange(100, 20_000)
        lines.append(
            {
                "line_id": str(line + 1),
                "sku": f"SKU-{rng.randrange(10_000):05d}",
                "quantity": quantity,
                "unit_price": price,
                "line_total": quantity * price,
            }
        )
    total = sum(line["line_total"] for line in lines)
    return {
        "customer_id": f"c-{number % 50_000:06d}",
        "placed_at": "2026-01-01T00:00:00+00:00",
        "currency": "EUR",
        "lines": lines,
        "totals": {"goods": total, "total": total},
    }
