"""Whole lives of orders: stock, money, parcels and returns, as persons and an outside provider would move them.

A life is a story, drawn when its order is placed: commands, and what must have been heard before each is worth sending.
It is told as far as it comes: what does not happen (the order was undone) ends it. Where nobody tells what happened,
a story waits for a while and goes on without.
"""

from __future__ import annotations

from collections import Counter, deque
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

ORDER, STOCK, RETURN = "order-commands", "stock-commands", "return-commands"
LIFE = "life-"  # what the ids of these orders begin with
WAREHOUSE = "north"
SKUS = 24
PATIENCE = 5000  # messages for which a story waits
OUTSIDE = "outside"  # a provider that says nothing by itself
PAYMENT = "checkout-1"  # what the checkout calls its first payment
UNDONE = {"order-cancelled.v1", "order-expired.v1"}
STILL = {"payment-void-requested.v1"}  # what comes of an order that is undone

# Percent of all lives.
FATES = {
    "shipped": 26,
    "returned": 22,
    "cancelled": 14,
    "lines cancelled": 8,
    "amended": 8,
    "held": 6,
    "no funds": 6,
    "not paid in time": 5,
    "paid outside": 5,
}


class Asked(NamedTuple):
    """A command that is to be sent. `needs`: an event of the order that must have been heard so many `times` before."""

    topic: str
    type: str
    subject: str
    data: dict[str, Any]
    needs: str = ""
    times: int = 1


class Life:
    """One order from its placing to its end. `heard` are the types of the events that somebody told of it."""

    def __init__(self, number: int, generation: int, chance: random.Random, now: Callable[[], str]) -> None:
        self.order, self.number, self.generation = f"{LIFE}{number}-{generation}", number, generation
        self._chance, self._now = chance, now
        self.fate = chance.choices(list(FATES), list(FATES.values()))[0]
        self.lines = [self._line(place) for place in range(chance.randint(1, 3))]
        self._waits = chance.random() < 0.4
        self.takes = self.fate != "paid outside" and chance.random() < 0.6
        self.heard: Counter[str] = Counter()
        self._story = deque(self._tell())
        self._since = 0

    def next(self, count: int) -> Asked | None:
        """Return the next command, if it is time for it. `count` is the number of the message."""
        if not self._story or not self._may_go_on(self._story[0]):
            return None
        self._since = count
        return self._story.popleft()

    def is_over(self, count: int) -> bool:
        """Whether nothing more comes of it."""
        if not self._story:
            return True
        asked = self._story[0]
        if self._may_go_on(asked):
            return False
        return (
            not UNDONE.isdisjoint(self.heard) and asked.needs not in STILL
        ) or count - self._since > PATIENCE

    def _may_go_on(self, asked: Asked) -> bool:
        return not asked.needs or self.heard[asked.needs] >= asked.times

    def _tell(self) -> list[Asked]:
        """Draw the whole story."""
        start = self._ask("place-order.v1", self._placing())
        stories: dict[str, Callable[[], list[Asked]]] = {
            "shipped": self._shipped,
            "returned": lambda: self._returned(self._shipped()),
            "cancelled": self._cancelled,
            "lines cancelled": lambda: [*self._fewer(), *self._shipped(less=1)],
            "amended": self._amended,
            "held": self._held,
            "no funds": list,
            "not paid in time": self._late,
            "paid outside": self._outside,
        }
        return [start, *stories[self.fate]()]

    def _placing(self) -> dict[str, Any]:
        chance = self._chance
        checkout: dict[str, Any] = {"warehouse": WAREHOUSE, "backorder": self._waits}
        if self.takes:
            checkout["capture"] = "at-confirmation"
        if self.fate == "no funds":
            checkout["method"] = "no-funds"
        if self.fate in ("not paid in time", "paid outside"):
            checkout["provider"] = OUTSIDE
        if self.fate == "not paid in time":
            checkout["pay_within_s"] = chance.randint(1, 3)
        goods = sum(line["line_total"] for line in self.lines)
        facts = {
            "customer_id": f"customer-{self.number % 40}",
            "placed_at": self._now(),
            "currency": "EUR",
            "lines": self.lines,
            "totals": {"goods": goods, "discounts": 0, "shipping": 0, "tax": 0, "total": goods},
            "checkout": checkout,
        }
        if chance.random() < 0.5:
            facts["cart_id"] = f"cart-{self.number}-{self.generation // 2}"  # two orders may have one
        return facts

    def _line(self, place: int) -> dict[str, Any]:
        quantity, price = self._chance.randint(1, 4), self._chance.randint(1, 9_999)
        return {
            "line_id": f"line-{place}",
            "sku": f"sku-{self._chance.randrange(SKUS)}",
            "quantity": quantity,
            "unit_price": price,
            "line_total": quantity * price,
        }

    def _shipped(self, less: int = 0) -> list[Asked]:
        """All units leave, in one parcel or two, and arrive; `less` of the first line do not."""
        left = {line["line_id"]: line["quantity"] for line in self.lines}
        left["line-0"] -= less
        first = {line: self._chance.randint(0, units) for line, units in left.items()}
        parcels = [first, {line: left[line] - units for line, units in first.items()}]
        story = []
        for number, parcel in enumerate(parcels):
            name = f"{self.order}-parcel-{number}"
            units = [{"line_id": line, "quantity": units} for line, units in parcel.items() if units]
            if not units:
                continue
            at = self._now()
            ship = {"shipment_id": name, "lines": units, "at": at}
            if not self._waits and self._chance.random() < 0.2:
                ship["reason"] = "it is urgent"
            story.append(self._ask("ship-order.v1", ship, needs="order-confirmed.v1"))
            arrive = {"shipment_id": name, "at": at}
            story.append(self._ask("confirm-delivery.v1", arrive, needs="order-shipped.v1"))
        if not self.takes and self.fate != "paid outside":
            total = sum(left[line["line_id"]] * line["unit_price"] for line in self.lines)
            if total:
                capture = {"capture_id": f"{self.order}-capture", "payment_id": PAYMENT, "amount": total}
                story.append(
                    self._ask("capture-payment.v1", {**capture, "at": self._now()}, needs="order-shipped.v1")
                )
        return story

    def _returned(self, shipped: list[Asked]) -> list[Asked]:
        """Some units of each line come back, in one parcel or two; some of them are damaged."""
        name, at = f"{self.order}-return", self._now()
        back = {line["line_id"]: self._chance.randint(0, line["quantity"]) for line in self.lines}
        lines = [line for line in self.lines if back[line["line_id"]]]
        if not lines:
            return shipped
        parcels = sum(asked.type == "ship-order.v1" for asked in shipped)
        asked = [
            {
                "line_id": line["line_id"],
                "sku": line["sku"],
                "quantity": back[line["line_id"]],
                "ordered": line["quantity"],
                "line_total": line["line_total"],
            }
            for line in lines
        ]
        request = {"order_id": self.order, "requested_at": at, "currency": "EUR", "lines": asked}
        came = self._of_return(name, "request-return.v1", request, needs="delivery-confirmed.v1")
        story = [*shipped, came._replace(times=parcels)]
        if self._chance.random() < 0.1:
            return [*story, self._of_return(name, "reject-return.v1", {"reason": "worn", "at": at})]
        fee = self._chance.choice((0, 0, 500))
        story.append(self._of_return(name, "approve-return.v1", {"fee": fee, "at": at}))
        for number, line in enumerate(lines):
            units = back[line["line_id"]] - (self._chance.random() < 0.2)
            if not units:
                continue
            damaged = self._chance.randint(0, units)
            receipt, place = f"receipt-{number}", {"line_id": line["line_id"]}
            here = {**place, "sellable": units - damaged, "damaged": damaged}
            placed = {**place, "restocked": units - damaged, "written_off": damaged}
            story.append(
                self._of_return(
                    name,
                    "receive-return.v1",
                    {"receipt_id": receipt, "lines": [here], "at": at},
                    needs="return-advised.v1",
                )
            )
            story.append(
                self._of_return(
                    name, "inspect-receipt.v1", {"receipt_id": receipt, "lines": [placed], "at": at}
                )
            )
        story.append(self._of_return(name, "close-return.v1", {"at": at}))
        return story

    def _cancelled(self) -> list[Asked]:
        needs = self._chance.choice(("", "", "order-placed.v1", "order-confirmed.v1"))
        return [self._ask("cancel-order.v1", {"reason": "changed-mind"}, needs=needs)]

    def _fewer(self) -> list[Asked]:
        needs = self._chance.choice(("", "order-confirmed.v1"))
        lines = [{"line_id": "line-0", "quantity": 1}]
        return [self._ask("cancel-lines.v1", {"lines": lines, "reason": "one is enough"}, needs=needs)]

    def _amended(self) -> list[Asked]:
        """A line more, or one unit of the first line less; confirmed or rejected, and then shipped."""
        name, less = f"{self.order}-amendment", self._chance.random() < 0.5
        change: dict[str, Any] = {"amendment_id": name, "difference": -self.lines[0]["unit_price"]}
        if less:
            change["quantities"] = [{"line_id": "line-0", "quantity": self.lines[0]["quantity"] - 1}]
        else:
            added = self._line(9)
            change |= {"lines": [added], "difference": added["line_total"]}
        story = [self._ask("propose-amendment.v1", change, needs="order-confirmed.v1")]
        if self._chance.random() < 0.25:
            no = {"amendment_id": name, "reason": "too dear"}
            return [
                *story,
                self._ask("reject-amendment.v1", no, needs="amendment-proposed.v1"),
                *self._shipped(),
            ]
        yes = self._ask("confirm-amendment.v1", {"amendment_id": name}, needs="amendment-proposed.v1")
        tries = [yes] if less else [yes, yes, yes]  # it may take a moment until it is covered
        return [*story, *tries, *self._shipped(less=int(less))]

    def _held(self) -> list[Asked]:
        hold = {"code": "fraud-check", "at": self._now()}
        return [
            self._ask("hold-order.v1", hold),
            self._ask("release-order.v1", hold, needs="order-held.v1"),
            *self._shipped(),
        ]

    def _late(self) -> list[Asked]:
        """The provider answers when the order has expired: with a no, or with money that must go back."""
        if self._chance.random() < 0.5:
            no = {"payment_id": PAYMENT, "code": "insufficient-funds"}
            return [self._ask("record-payment-declined.v1", no, needs="order-expired.v1")]
        return [
            self._ask("record-payment-authorized.v1", self._authorized(), needs="order-expired.v1"),
            self._ask("record-payment-voided.v1", self._voided(), needs="payment-void-requested.v1"),
        ]

    def _outside(self) -> list[Asked]:
        """The provider's answer comes by itself, and perhaps twice; the order is shipped, or undone."""
        yes = self._ask(
            "record-payment-authorized.v1", self._authorized(), needs="payment-authorization-requested.v1"
        )
        story = [yes] * self._chance.randint(1, 2)
        if self._chance.random() < 0.5:
            return [*story, *self._shipped()]
        return [
            *story,
            *self._cancelled(),
            self._ask("record-payment-voided.v1", self._voided(), needs="payment-void-requested.v1"),
        ]

    def _authorized(self) -> dict[str, Any]:
        total = sum(line["line_total"] for line in self.lines)
        return {"payment_id": PAYMENT, "amount": total, "provider": OUTSIDE, "reference": f"pi-{self.order}"}

    def _voided(self) -> dict[str, Any]:
        return {"payment_id": PAYMENT, "provider": OUTSIDE}

    def _ask(self, kind: str, data: dict[str, Any], needs: str = "") -> Asked:
        return Asked(ORDER, kind, self.order, data, needs)

    def _of_return(self, name: str, kind: str, data: dict[str, Any], needs: str = "") -> Asked:
        return Asked(RETURN, kind, name, data, needs)


def delivery(number: int, chance: random.Random, now: str) -> Asked:
    """Return what comes to the warehouse, or goes from it: mostly goods."""
    item = f"sku-{chance.randrange(SKUS)}@{WAREHOUSE}"
    if chance.random() < 0.9:
        came = {"receipt_id": f"came-{number}", "quantity": chance.randint(1, 40), "at": now}
        return Asked(STOCK, "receive-stock.v1", item, came)
    if chance.random() < 0.5:
        counted = {"adjustment_id": f"count-{number}", "change": chance.choice((-1, 1)), "at": now}
        return Asked(STOCK, "adjust-stock.v1", item, {**counted, "reason": "counted"})
    broken = {"write_off_id": f"broken-{number}", "quantity": 1, "reason": "broken", "at": now}
    return Asked(STOCK, "write-off-stock.v1", item, broken)
