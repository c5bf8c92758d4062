"""One message of every type, with every field that it can have. Their bytes are in golden/."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Final

from msgspec import Struct

from app.domain.order.amounts import priced
from app.domain.order.commands import (
    Address,
    CancelLines,
    CancelOrder,
    Line,
    LineDiscount,
    PlaceOrder,
    ShippingLine,
    Totals,
    UnitsToCancel,
)
from app.domain.order.decider import decide
from app.domain.order.events import OrderEvent
from app.domain.order.evolver import evolve
from app.domain.refused import Code, Refused
from app.lane.declare import Record
from app.wire.contract import Contract
from app.wire.contracts import CARTS, ORDERS, RETURNS, STOCK
from app.wire.orders import Command, decode_order_command, encode_order_command, encode_order_event
from app.wire.outcomes import accepted, refused
from app.wire.types import COMMAND_HEADERS, COMMANDS, EVENTS
from tests.wire import order_samples, payment_samples, returns_samples, stock_samples

GOLDEN: Final = Path(__file__).parent / "golden"

ORDER_ID: Final = "o-1"
NOW: Final = "2026-03-01T12:00:00.250Z"

PLACE: Final = priced(
    PlaceOrder(
        cart_id="cart-9",
        customer_id="c-1",
        placed_at=datetime(2026, 3, 1, 12, 59, 59, 500_000, tzinfo=timezone(timedelta(hours=1))),
        zone="Europe/Berlin",
        currency="EUR",
        exponent=3,
        prices_include_tax=True,
        tax_mode="unit",
        rounding="half_up",
        billing_address=Address(name="Zoë Müller", lines=("Gasse 1", "3. Stock"), city="Wien", country="AT"),
        shipping_address=Address(region="Tirol", postal_code="6020"),
        origin="reissue",
        replaces="o-0",
        lines=(
            Line(
                line_id="1",
                sku="🧦-42",
                name='Socks "warm"',
                tax_category="clothes",
                quantity=3,
                unit_price=19_995,
                unit_price_precision=1,
                list_price=2500,
                line_discounts=(LineDiscount(id="d-1", reason="winter", amount=99),),
                order_discount_share=101,
                tax_rate_bp=2000,
                line_total=0,
            ),
            Line(line_id="2", sku="sku-é", quantity=1, unit_price=500, line_total=0),
        ),
        shipping=(
            ShippingLine(line_id="s", name="by bike", amount=750, discount=50, tax_rate_bp=1000, total=0),
        ),
        totals=Totals(goods=0, total=0),
    )
)
CANCEL_LINES: Final = CancelLines(lines=(UnitsToCancel(line_id="1", quantity=2),), reason="too warm")
CANCEL: Final = CancelOrder(reason="changed my mind")
ASKED: Final = (PLACE, CANCEL_LINES, CANCEL)


def record(value: bytes | None, key: bytes | None = ORDER_ID.encode()) -> Record:
    """Return a record of the command topic in structured mode."""
    return Record("order-commands", 0, 0, 0, key, value, COMMAND_HEADERS)


def command_bytes(data: PlaceOrder | CancelLines | CancelOrder) -> bytes:
    """Return the sample command with this data."""
    return encode_order_command(
        id=f"cmd-{COMMANDS[type(data)]}",
        subject=ORDER_ID,
        data=data,
        time=datetime(2026, 3, 1, 12, tzinfo=UTC),
        expected_version=ASKED.index(data),
        correlation_id="checkout-7",
        causation_id="click-3",
        traceparent="00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    )


def events() -> list[tuple[Command, OrderEvent]]:
    """Return each command with the event that it causes."""
    order, found = None, []
    for data in ASKED:
        command = decode_order_command(record(command_bytes(data)))
        (event,) = decide(order, command.data)
        order = evolve(order, event, ORDER_ID)
        found.append((command, event))
    return found


def messages() -> dict[str, bytes]:
    """Return the bytes of every type, by its name on the wire."""
    made = {COMMANDS[type(data)]: command_bytes(data) for data in ASKED}
    for version, (command, event) in enumerate(events(), 1):
        made[EVENTS[type(event)]] = encode_order_event(event, ORDER_ID, version, command, NOW)
    command = events()[0][0]
    made["command-accepted.v1"] = accepted(command, ORDER_ID, 1, NOW, (1,))
    made["command-refused.v1"] = refused(command, 4, Refused(Code.ORDER_EXISTS, 'placed "already"'), NOW)
    for contract, subject, commands, facts in FURTHER:
        for data in commands:
            value = further_command(contract, subject, data)
            made[contract.commands[type(data)]] = value
            command = contract.decode_command(record(value, subject.encode()))
        for fact in facts:
            made[contract.events[type(fact)]] = contract.encode_event(fact, subject, 7, command, NOW)
    return made


# contract, subject, commands, events
FURTHER: Final[tuple[tuple[Contract, str, Sequence[Struct], Sequence[Struct]], ...]] = (
    (ORDERS, ORDER_ID, order_samples.COMMANDS, order_samples.EVENTS),
    (ORDERS, ORDER_ID, payment_samples.PAYMENT_COMMANDS, payment_samples.PAYMENT_EVENTS),
    (STOCK, "socks-42@north", stock_samples.STOCK_COMMANDS, stock_samples.STOCK_EVENTS),
    (RETURNS, "rt-1", returns_samples.RETURN_COMMANDS, returns_samples.RETURN_EVENTS),
    (CARTS, "cart-9", returns_samples.CART_COMMANDS, returns_samples.CART_EVENTS),
)


def further_command(contract: Contract, subject: str, data: Struct) -> bytes:
    """Return the sample command of a contract with this data."""
    return contract.encode_command(
        id=f"cmd-{contract.commands[type(data)]}",
        subject=subject,
        data=data,
        source="/processes",
        correlation_id="checkout-7",
        causation_id="o-1@1",
    )
