"""Whatever orders go through, and however messages come: in the end nothing is held, owed or forgotten."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app.domain.order import commands as order
from app.domain.order.commands.checkout import Checkout
from app.domain.order.owed import owed
from app.domain.payment import commands as payment
from app.domain.payment.movements import open_of, room_of
from app.domain.returns import commands as returns
from app.domain.stock.commands import ReceiveStock
from app.effects.calls import Authorize, Capture, Refund, Void
from app.effects.house import NO_FUNDS, answer
from app.effects.provider import failed
from tests.domain.processes.audit import faults
from tests.domain.processes.world import World
from tests.domain.scenario import line, shipping
from tests.domain.scenario import order as priced

if TYPE_CHECKING:
    from app.effects.calls import Call
    from app.effects.provider import Facts

SKUS = ("1", "2", "3")
WAREHOUSE = "vienna"


def unreliable(world: World) -> Any:
    """Return a provider that fails now and then, as often as nobody knows before."""
    chance = world.chance

    def say(call: Call) -> Facts:
        match call:
            case Authorize() if chance.random() < 0.1:
                return (failed(call, "no"),)
            case Authorize() if chance.random() < 0.2:
                return answer(replace(call, expires_at=world.now + timedelta(hours=1)))
            case Capture() | Void() | Refund() if chance.random() < 0.2:
                return (failed(call, "try again"),)
            case _:
                return answer(call)

    return say


class Shop:
    """People who do things at random."""

    def __init__(self, seed: int) -> None:
        chance = self.chance = Random(seed)  # noqa: S311 - a story, not a secret
        self.world = World(chance=chance, lose=0.1, repeat=0.15)
        self.world.provider = unreliable(self.world)
        self.placed = self.numbered = 0
        for sku in SKUS:
            self.receive(sku)

    def number(self) -> str:
        self.numbered += 1
        return str(self.numbered)

    def receive(self, sku: str) -> None:
        units = self.chance.randint(1, 6)
        command = ReceiveStock(receipt_id=self.number(), quantity=units, at=self.world.now)
        self.world.ask("stock", f"sku-{sku}@{WAREHOUSE}", command)

    def place(self) -> None:
        chance, world = self.chance, self.world
        self.placed += 1
        order_id = f"o-{self.placed}"
        checkout = Checkout(
            warehouse=WAREHOUSE,
            backorder=chance.random() < 0.3,
            method=NO_FUNDS if chance.random() < 0.05 else "card",
            capture=chance.choice(["manual", "at-confirmation"]),
            pay_within_s=chance.choice([None, 60, 3600]),
        )
        lines = [
            line(sku, chance.randint(1, 3), unit_price=chance.randint(0, 2000))
            for sku in chance.sample(SKUS, chance.randint(1, len(SKUS)))
        ]
        cart_id = chance.choice([None, f"c-{chance.randint(1, self.placed)}"])
        facts = priced(
            *lines, shipping=(shipping(chance.randint(0, 500)),), cart_id=cart_id, checkout=checkout
        )
        world.ask("order", order_id, replace(facts, placed_at=world.now))

    def act(self) -> None:
        """Do something to some order."""
        chance, world = self.chance, self.world
        order_id = f"o-{chance.randint(1, self.placed)}"
        what: Any = chance.choice([self.cancel, self.lines, self.hold, self.ship, self.money, self.back])
        what(order_id, world.orders[order_id])

    def cancel(self, order_id: str, _order: Any) -> None:
        self.world.ask("order", order_id, order.CancelOrder(reason="thought better of it"))

    def lines(self, order_id: str, known: Any) -> None:
        some = order.UnitsToCancel(line_id=known.facts.lines[0].line_id, quantity=1)
        self.world.ask("order", order_id, order.CancelLines(lines=(some,)))

    def hold(self, order_id: str, known: Any) -> None:
        kind: Any = order.ReleaseOrder if known.holds else order.HoldOrder
        self.world.ask("order", order_id, kind(code="fraud", at=self.world.now))
        if self.chance.random() < 0.3:
            self.world.ask("order", order_id, order.ConfirmOrder(at=self.world.now))

    def ship(self, order_id: str, known: Any) -> None:
        first = known.facts.lines[0]
        left = first.quantity - known.all_cancelled[0] - known.all_units[0].shipped
        if left > 0:
            units = order.Units(line_id=first.line_id, quantity=self.chance.randint(1, left))
            reason = self.chance.choice(["", "", "urgent"])
            shipped = order.ShipOrder(
                shipment_id=f"s-{self.number()}", lines=(units,), reason=reason, at=self.world.now
            )
            self.world.ask("order", order_id, shipped)

    def money(self, order_id: str, known: Any) -> None:
        for each in known.payments.payments:
            if open_of(each):
                taken = payment.CapturePayment(
                    capture_id=f"by-hand-{self.number()}",
                    payment_id=each.payment_id,
                    amount=open_of(each),
                    at=self.world.now,
                )
                self.world.ask("order", order_id, taken)
            for capture in each.captures:
                amount = min(100, room_of(each, capture))
                if amount and self.chance.random() < 0.5:
                    back = payment.RefundPayment(
                        refund_id=f"by-hand-{self.number()}", capture_id=capture.capture_id, amount=amount
                    )
                    self.world.ask("order", order_id, back)

    def back(self, order_id: str, known: Any) -> None:
        """Send everything back that left with the first line."""
        first, units, world = known.facts.lines[0], known.all_units[0], self.world
        out = units.shipped - units.advised
        if out <= 0:
            return
        return_id, at = f"r-{self.number()}", world.now
        units_back = returns.LineToReturn(
            line_id=first.line_id,
            sku=first.sku,
            quantity=out,
            ordered=first.quantity,
            line_total=first.line_total,
            before=known.all_cancelled[0] + units.advised,
        )
        some = self.chance.randint(1, out)
        came = returns.UnitsToReceive(line_id=first.line_id, sellable=some)
        placed = returns.UnitsToPlace(line_id=first.line_id, restocked=some - 1, written_off=1)
        asked: tuple[Any, ...] = (
            returns.RequestReturn(order_id=order_id, requested_at=at, currency="EUR", lines=(units_back,)),
            returns.ApproveReturn(at=at, fee=self.chance.randint(0, 50)),
            returns.ReceiveReturn(receipt_id="1", lines=(came,), at=at),
            returns.InspectReceipt(receipt_id="1", lines=(placed,), at=at),
            returns.CloseReturn(at=at),
        )
        for command in asked:
            assert world.ask("return", return_id, command) is None

    def live(self, steps: int) -> None:
        """Do things, and deliver messages, and let time pass, in any order."""
        self.place()
        for _ in range(steps):
            luck = self.chance.random()
            if luck < 0.04:
                self.place()
            elif luck < 0.12:
                self.act()
            elif luck < 0.15:
                self.receive(self.chance.choice(SKUS))
            elif luck < 0.18:
                self.world.pass_time(timedelta(seconds=self.chance.choice([1, 30, 600])))
            else:
                self.world.step()


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32))
def test_however_orders_live_and_messages_come_everything_ends_in_order(seed: int) -> None:
    shop = Shop(seed)
    world = shop.world
    world.late = 0.3
    shop.live(400)
    world.lose = 0.0
    world.settle()
    assert not faults(world)
    for order_id in world.orders:
        shop.cancel(order_id, None)
    world.settle()
    assert not faults(world)
    assert all(owed(each).ended or each.shipments or each.closed for each in world.orders.values())
