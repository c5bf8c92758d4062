"""What can be asked of an order. A command carries facts (prices, names, times), never a thing to look up.

Amounts are integers of minor units of `currency`: 12.50 EUR with exponent 2 is 1250.
The order of fields is the order on the wire.
"""

from app.domain.order.commands.amending import (
    ConfirmAmendment,
    Difference,
    LineQuantity,
    ProposeAmendment,
    RejectAmendment,
)
from app.domain.order.commands.cancelling import (
    CancelLines,
    CancelOrder,
    ExpireOrder,
    UnitsToCancel,
)
from app.domain.order.commands.checkout import Checkout
from app.domain.order.commands.fulfilling import (
    ConfirmDelivery,
    RecordReservation,
    ReleaseReservation,
    ShipOrder,
    Units,
    UpdateTracking,
)
from app.domain.order.commands.placing import (
    Address,
    Line,
    LineDiscount,
    PlaceOrder,
    ShippingLine,
    TaxMode,
    Totals,
)
from app.domain.order.commands.returning import (
    AdviseReturn,
    RecordReturnReceipt,
    UnitsBack,
    WithdrawReturn,
)
from app.domain.order.commands.standing import (
    AddNote,
    ChangeShippingAddress,
    CloseOrder,
    ConfirmOrder,
    HoldOrder,
    ReleaseOrder,
)
from app.domain.payment.commands import PaymentCommand

__all__ = [
    "AddNote",
    "Address",
    "AdviseReturn",
    "CancelLines",
    "CancelOrder",
    "ChangeShippingAddress",
    "Checkout",
    "CloseOrder",
    "ConfirmAmendment",
    "ConfirmDelivery",
    "ConfirmOrder",
    "Difference",
    "ExpireOrder",
    "HoldOrder",
    "Line",
    "LineDiscount",
    "LineQuantity",
    "OrderCommand",
    "OwnCommand",
    "PlaceOrder",
    "ProposeAmendment",
    "RecordReservation",
    "RecordReturnReceipt",
    "RejectAmendment",
    "ReleaseOrder",
    "ReleaseReservation",
    "ShipOrder",
    "ShippingLine",
    "TaxMode",
    "Totals",
    "Units",
    "UnitsBack",
    "UnitsToCancel",
    "UpdateTracking",
    "WithdrawReturn",
]

OwnCommand = (
    PlaceOrder
    | CancelLines
    | CancelOrder
    | ConfirmOrder
    | ExpireOrder
    | ChangeShippingAddress
    | ProposeAmendment
    | ConfirmAmendment
    | RejectAmendment
    | HoldOrder
    | ReleaseOrder
    | RecordReservation
    | ReleaseReservation
    | ShipOrder
    | UpdateTracking
    | ConfirmDelivery
    | AdviseReturn
    | WithdrawReturn
    | RecordReturnReceipt
    | AddNote
    | CloseOrder
)
OrderCommand = OwnCommand | PaymentCommand  # one stream: the ledger is a part of the order
