"""What a shop asks of the checkout when it places an order."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from app.domain.bounds import Id, Text

PAY_WITHIN_LIMIT_S: Final = 366 * 24 * 60 * 60

Capturing = Literal["manual", "at-confirmation"]


class Checkout(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Reserve each line in `warehouse`, have the total authorised by `provider`, then confirm.

    With `backorder`, lines may wait for units. An order that is not confirmed `pay_within_s` seconds after it was
    placed expires. `capture`: whether the money is taken at the confirmation, or later by hand.
    """

    warehouse: Id
    backorder: bool = False
    provider: Id = "house"
    method: Text = ""
    capture: Capturing = "manual"
    pay_within_s: Annotated[int, Meta(ge=1, le=PAY_WITHIN_LIMIT_S)] | None = None

    def item_id(self, sku: str) -> str:
        """Return the stock item that a line of this SKU is reserved of."""
        return f"{sku}@{self.warehouse}"
