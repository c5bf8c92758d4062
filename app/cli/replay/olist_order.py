"""The life of one order of Olist: what its timestamps say, each at its time."""

from __future__ import annotations

from datetime import datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Final, NamedTuple
from zoneinfo import ZoneInfo

from app.cli.replay.exact import minor_units
from app.cli.replay.source import Draft
from app.domain.order.amounts import priced
from app.domain.order.commands import (
    CancelOrder,
    ConfirmDelivery,
    ConfirmOrder,
    Line,
    PlaceOrder,
    ShipOrder,
    ShippingLine,
    Totals,
    Units,
)
from app.domain.payment.commands import RecordPaymentAuthorized, RecordPaymentCaptured
from app.domain.refused import Code

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from app.cli.replay.merge import Step

SAO_PAULO: Final = ZoneInfo("America/Sao_Paulo")
PROVIDER: Final = "house"  # it answers inside the system when money is to go back
PARCEL: Final = "parcel"
DAY: Final = len("2017-05-11")  # it is promised for a day
NO_STOCK: Final = "the seller's own goods, of which no stock is kept"
GIVEN_UP: Final = ("canceled", "unavailable")


class Happens(IntEnum):
    """What the timestamps mean; what has the same time happens in this order."""

    PURCHASE = 0
    APPROVAL = 1
    CARRIER = 2
    CUSTOMER = 3
    GIVEN_UP = 4


class History(NamedTuple):
    """The rows of one order."""

    number: str
    person: str
    state: str
    times: list[str]  # purchase, approval, carrier, customer, and the day for which it was promised
    items: list[list[str]]
    payments: list[list[str]]

    @property
    def begins(self) -> str:
        return min(time for time in self.times[:4] if time)

    @property
    def steps(self) -> list[tuple[str, Happens]]:
        """What happened, by time."""
        steps = [(time, Happens(number)) for number, time in enumerate(self.times[:4]) if time]
        if self.state in GIVEN_UP:
            steps.append((max(steps)[0], Happens.GIVEN_UP))
        return sorted(steps)


def lived(history: History, names: Mapping[str, str]) -> Iterator[Step]:
    """Yield the life of an order, with the commands of each moment."""
    order = _Order(history, names)
    for time, happens in history.steps:
        yield time, order.happened(happens, _time(time))


class _Order:
    """An order as far as it has come."""

    def __init__(self, history: History, names: Mapping[str, str]) -> None:
        self._history = history
        self._order_id = f"olist-{history.number}"
        self._placing = _placing(history, names)
        self._paid = sum([minor_units(row[4]) for row in history.payments])
        self._done: set[Happens] = set()
        self._too_early: list[Happens] = []

    def happened(self, happens: Happens, now: datetime) -> list[Draft]:
        """Return the commands. What was too early before is sent again behind that which it needed."""
        needed = self._missing(happens)
        drafts = self._drafts(happens, now)
        if happens is Happens.CARRIER and Happens.APPROVAL not in self._done and self._history.times[1]:
            drafts[-1] = drafts[-1]._replace(notable=("handed over before the approval",))
        if needed:
            if needed is not Code.ORDER_SHIPPED:
                self._too_early.append(happens)
            return [draft._replace(refusal=needed, leaves="", back=0) for draft in drafts]
        self._done.add(happens)
        waiting, self._too_early = self._too_early, []
        for each in waiting:
            again = self.happened(each, now)
            drafts += [
                draft._replace(command_id=f"{draft.command_id}-again-{happens.name.lower()}", notable=())
                for draft in again
            ]
        return drafts

    def _missing(self, happens: Happens) -> Code | None:
        """Return why it cannot be yet, or any more."""
        if happens is Happens.PURCHASE:
            return None
        if Happens.PURCHASE not in self._done:
            return Code.ORDER_UNKNOWN
        shipped = Happens.CARRIER in self._done
        if happens is Happens.CUSTOMER and not shipped:
            return Code.SHIPMENT_UNKNOWN
        return Code.ORDER_SHIPPED if happens is Happens.GIVEN_UP and shipped else None

    def _drafts(self, happens: Happens, now: datetime) -> list[Draft]:
        match happens:
            case Happens.PURCHASE:
                return [self._place(now)]
            case Happens.APPROVAL:
                return self._approve(now)
            case Happens.CARRIER:
                return [self._ship(now)]
            case Happens.CUSTOMER:
                return [self._deliver(now)]
            case Happens.GIVEN_UP:
                return [self._give_up(now)]

    def _place(self, now: datetime) -> Draft:
        units, total = len(self._placing.lines), self._placing.totals.total
        parts = ("orders paid in parts",) if len(self._history.payments) > 1 else ()
        return Draft(
            f"{self._order_id}-place", self._order_id, now, self._placing, self._order_id,
            lines=units, units=units, amount=total, leaves="placed", notable=parts,
        )  # fmt: skip

    def _approve(self, now: datetime) -> list[Draft]:
        drafts = []
        for _, number, method, _, value in sorted(self._history.payments, key=lambda row: int(row[1])):
            payment_id, amount = f"payment-{number}", minor_units(value)
            authorized = RecordPaymentAuthorized(
                payment_id=payment_id, amount=amount, provider=PROVIDER, method=method
            )
            captured = RecordPaymentCaptured(
                payment_id=payment_id, capture_id=f"capture-{number}", amount=amount, provider=PROVIDER
            )
            drafts += [
                Draft(f"{self._order_id}-authorized-{number}", self._order_id, now, authorized),
                Draft(f"{self._order_id}-captured-{number}", self._order_id, now, captured, amount=amount),
            ]
        if drafts:  # what is beyond the total goes back with the last
            drafts[-1] = drafts[-1]._replace(back=max(0, self._paid - self._placing.totals.total))
        confirm = ConfirmOrder(at=now)
        further = self._done & {Happens.CARRIER, Happens.CUSTOMER}
        drafts.append(
            Draft(
                f"{self._order_id}-confirm", self._order_id, now, confirm, self._order_id,
                leaves="" if further else "confirmed",
            )
        )  # fmt: skip
        return drafts

    def _ship(self, now: datetime) -> Draft:
        command = ShipOrder(
            shipment_id=PARCEL,
            lines=tuple([Units(line_id=line.line_id, quantity=1) for line in self._placing.lines]),
            reason=NO_STOCK,
            at=_time(self._history.times[2]),
        )
        units = len(command.lines)
        return Draft(
            f"{self._order_id}-ship", self._order_id, now, command, self._order_id,
            units=units, leaves="shipped",
        )  # fmt: skip

    def _deliver(self, now: datetime) -> Draft:
        _, _, _, arrived, promised = self._history.times
        command = ConfirmDelivery(shipment_id=PARCEL, at=_time(arrived))
        late = ("delivered later than promised",) if promised and arrived[:DAY] > promised[:DAY] else ()
        return Draft(
            f"{self._order_id}-deliver", self._order_id, now, command, self._order_id,
            leaves="delivered", notable=late,
        )  # fmt: skip

    def _give_up(self, now: datetime) -> Draft:
        total, units = self._placing.totals.total, len(self._placing.lines)
        back = min(self._paid, total) if Happens.APPROVAL in self._done else 0
        return Draft(
            f"{self._order_id}-cancel", self._order_id, now, CancelOrder(reason=self._history.state),
            self._order_id, units=units, amount=total, back=back, leaves="cancelled",
        )  # fmt: skip


def _placing(history: History, names: Mapping[str, str]) -> PlaceOrder:
    lines, charges = [], []
    for _, number, product, _, _, price, freight in history.items:
        lines.append(
            Line(
                line_id=number,
                sku=product,
                name=names.get(product, ""),
                quantity=1,
                unit_price=minor_units(price),
                line_total=0,  # `priced` computes it
            )
        )
        charges.append(ShippingLine(line_id=number, amount=minor_units(freight), total=0))
    return priced(
        PlaceOrder(
            customer_id=history.person,
            placed_at=_time(history.times[0]),
            zone=SAO_PAULO.key,
            currency="BRL",
            lines=tuple(lines),
            shipping=tuple(charges),
            totals=Totals(goods=0, total=0),
        )
    )


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SAO_PAULO)
