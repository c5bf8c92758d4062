"""What must be true of a shop when nothing is under way. Each check returns what is wrong, by order."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from app.domain.order.owed import owed
from app.domain.payment.balance import balance
from app.domain.processes.steps import Step
from app.domain.processes.waiting import Stage, waits
from app.domain.stock.events import StockReceived, StockRestocked, StockShipped
from app.domain.stock.state import Reservation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.domain.processes.world import World


def faults(world: World) -> list[str]:
    """Return everything that is wrong."""
    return [*_stock(world), *_money(world), *_processes(world), *_told(world)]


def reservations(world: World) -> dict[tuple[str, str], Reservation]:
    """Return the open reservations by order and line."""
    return {
        (each.order_id, each.line_id): each
        for item in world.stocks.values()
        for each in item.stored.values()  # type: ignore[attr-defined] # a dict here
        if isinstance(each, Reservation)
    }


def _stock(world: World) -> Iterator[str]:
    for (order_id, line_id), each in reservations(world).items():
        if order_id in world.orders and world.orders[order_id].ended:
            yield f"{order_id}/{line_id}: {each.reserved} units held for an order that has ended"
    moves = 0
    for event in world.told:
        if isinstance(event, StockReceived | StockRestocked):
            moves += event.quantity
        elif isinstance(event, StockShipped):
            moves -= event.quantity
    on_hand = sum([item.item.on_hand for item in world.stocks.values() if item.item is not None])
    if moves != on_hand:
        yield f"{on_hand} units on hand; {moves} came and did not go"
    held: Counter[str] = Counter()
    for item_id, item in world.stocks.items():
        assert isinstance(item.stored, dict)
        held[item_id] += sum(
            [each.reserved for each in item.stored.values() if isinstance(each, Reservation)]
        )
        if item.item is not None and (held[item_id] != item.item.reserved or item.item.available < 0):
            yield f"{item_id}: {held[item_id]} held by reservations, {item.item.reserved} in all"


def _money(world: World) -> Iterator[str]:
    for order_id, order in world.orders.items():
        now = balance(owed(order), order.payments)
        if order.ended and now.open:
            yield f"{order_id}: {now.open} still authorised"
        if now.refunded > now.captured or (order.ended and now.kept):
            yield f"{order_id}: {now.captured} captured, {now.refunded} refunded, {now.kept} kept"
        if now.due:
            yield f"{order_id}: {now.due} due"


def _processes(world: World) -> Iterator[str]:
    for order_id, process in world.processes.items():
        order = world.orders[order_id]
        if process.version != order.version:
            yield f"{order_id}: at version {order.version}, heard {process.version}"
        if process.ended and waits(process):
            yield f"{order_id}: has ended and waits for {waits(process)}"
        for each in waits(process):
            if not each.code and each.what != Stage.ON_HOLD:
                yield f"{order_id}: waits for {each.what}, and nobody said no"


def _told(world: World) -> Iterator[str]:
    """The orders know what the stock holds for them."""
    held = reservations(world)
    for order_id, order in world.orders.items():
        if order_id not in world.processes:
            continue
        tasks = world.processes[order_id].tasks
        uncommitted = {(task.step, task.ids[-1]) for task in tasks if task.step is Step.COMMIT_STOCK}
        for line, units in zip(order.facts.lines, order.all_units, strict=True):
            if (Step.COMMIT_STOCK, line.line_id) in uncommitted:
                continue  # somebody shipped what the stock did not have; that is seen (`_processes`)
            each = held.get((order_id, line.line_id))
            in_stock = each.reserved if each is not None else 0
            waiting = each.backordered if each is not None else 0
            if (max(0, units.reserved - units.shipped), units.backordered) != (in_stock, waiting):
                yield f"{order_id}/{line.line_id}: the stock holds {in_stock} and {waiting}, the order knows {units}"
