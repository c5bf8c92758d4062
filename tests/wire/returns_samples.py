"""One command and event of every type about returns and carts, with every field that it can have."""

from datetime import UTC, datetime
from typing import Final

from msgspec.structs import asdict

from app.domain.cart import commands as cart_commands
from app.domain.cart import events as cart_events
from app.domain.returns import commands, events

NOON: Final = datetime(2026, 3, 1, 12, 0, 0, 250_000, tzinfo=UTC)
REQUEST: Final = commands.RequestReturn(
    order_id="o-1",
    requested_at=NOON,
    currency="KWD",
    exponent=3,
    lines=(
        commands.LineToReturn(
            line_id="1",
            sku="🧦-42",
            quantity=2,
            ordered=3,
            line_total=5700,
            before=1,
            reason='too "warm"',
        ),
    ),
    shipping_left=750,
    reason="a gift",
)

RETURN_COMMANDS: Final[tuple[commands.ReturnCommand, ...]] = (
    REQUEST,
    commands.ApproveReturn(fee=300, shipping=750, at=NOON),
    commands.RejectReturn(reason="worn", at=NOON),
    commands.ReceiveReturn(
        receipt_id="b-1",
        warehouse="vienna",
        lines=(commands.UnitsToReceive(line_id="1", sellable=1, damaged=1),),
        at=NOON,
    ),
    commands.InspectReceipt(
        receipt_id="b-1", lines=(commands.UnitsToPlace(line_id="1", restocked=1, written_off=1),), at=NOON
    ),
    commands.CloseReturn(reason="30 days are over", at=NOON),
)
RETURN_EVENTS: Final[tuple[events.ReturnEvent, ...]] = (
    events.ReturnRequested(**asdict(REQUEST)),
    events.ReturnApproved(order_id="o-1", fee=300, shipping=750, at=NOON),
    events.ReturnRejected(order_id="o-1", reason="worn", at=NOON),
    events.ReturnReceived(
        order_id="o-1",
        receipt_id="b-1",
        warehouse="vienna",
        lines=(events.UnitsReceived(line_id="1", sellable=1, damaged=1, amount=3800),),
        shipping=750,
        fee=300,
        refund=4250,
        at=NOON,
    ),
    events.ReceiptInspected(
        order_id="o-1",
        receipt_id="b-1",
        warehouse="vienna",
        lines=(events.UnitsPlaced(line_id="1", sku="🧦-42", restocked=1, written_off=1),),
        at=NOON,
    ),
    events.ReturnClosed(
        order_id="o-1",
        missing=(events.UnitsMissing(line_id="1", quantity=1),),
        reason="30 days are over",
        at=NOON,
    ),
)
CART_COMMANDS: Final[tuple[cart_commands.CartCommand, ...]] = (
    cart_commands.ClaimCart(order_id="o-1"),
    cart_commands.ReleaseCart(order_id="o-1", reason="totals-differ"),
)
CART_EVENTS: Final[tuple[cart_events.CartEvent, ...]] = (
    cart_events.CartClaimed(order_id="o-1"),
    cart_events.CartReleased(order_id="o-1", reason="totals-differ"),
)
