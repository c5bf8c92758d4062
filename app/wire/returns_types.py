"""The names of messages about returns and carts on the wire, and where they come from."""

from typing import Final

from app.domain.cart import commands as cart_commands
from app.domain.cart import events as cart_events
from app.domain.returns import commands, events

RETURNS_SOURCE: Final = "/returns"
RETURN_COMMANDS: Final[dict[type, str]] = {
    commands.RequestReturn: "request-return.v1",
    commands.ApproveReturn: "approve-return.v1",
    commands.RejectReturn: "reject-return.v1",
    commands.ReceiveReturn: "receive-return.v1",
    commands.InspectReceipt: "inspect-receipt.v1",
    commands.CloseReturn: "close-return.v1",
}
RETURN_EVENTS: Final[dict[type, str]] = {
    events.ReturnRequested: "return-requested.v1",
    events.ReturnApproved: "return-approved.v1",
    events.ReturnRejected: "return-rejected.v1",
    events.ReturnReceived: "return-received.v1",
    events.ReceiptInspected: "receipt-inspected.v1",
    events.ReturnClosed: "return-closed.v1",
}

CARTS_SOURCE: Final = "/carts"
CART_COMMANDS: Final[dict[type, str]] = {
    cart_commands.ClaimCart: "claim-cart.v1",
    cart_commands.ReleaseCart: "release-cart.v1",
}
CART_EVENTS: Final[dict[type, str]] = {
    cart_events.CartClaimed: "cart-claimed.v1",
    cart_events.CartReleased: "cart-released.v1",
}
