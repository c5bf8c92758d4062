"""Orders of WooCommerce: the body of a webhook order.created (or of the REST API's answer) becomes a command."""

import re
from datetime import UTC
from typing import Final

from app.domain.order.commands import Address, PlaceOrder, Totals
from app.intake import decimals, texts
from app.intake.fitting import fit
from app.intake.opening import Document, holds_one, opened, read
from app.intake.refusing import Reason, Unfit, same
from app.intake.shop import Placement, Shop, placement
from app.intake.signing import signed
from app.intake.woocommerce_parts import line_of, parts_of
from app.intake.woocommerce_payload import Order, Place, State

__all__ = ["SHOP_HEADER", "SIGNATURE_HEADER", "TOPIC", "TOPIC_HEADER", "greets", "place_order", "signed"]

SIGNATURE_HEADER: Final = "X-WC-Webhook-Signature"
TOPIC_HEADER: Final = "X-WC-Webhook-Topic"
SHOP_HEADER: Final = "X-WC-Webhook-Source"
TOPIC: Final = "order.created"
_GREETING: Final = re.compile(rb"webhook_id=\d{1,20}")
_MARKS: Final = ("id", "status", "order_key", "line_items")
_BATCH: Final = {"create", "update", "delete"}
_OPEN: Final = {"pending", "on-hold", "processing"}
_ENDED: Final = {
    "completed": Reason.ORDER_FULFILLED,
    "cancelled": Reason.ORDER_CANCELLED,
    "failed": Reason.ORDER_CANCELLED,
    "trash": Reason.ORDER_CANCELLED,
    "refunded": Reason.ORDER_REFUNDED,
    "draft": Reason.ORDER_NOT_PLACED,
    "auto-draft": Reason.ORDER_NOT_PLACED,
    "checkout-draft": Reason.ORDER_NOT_PLACED,
}


def greets(body: bytes) -> bool:
    """True for what is sent, unsigned, when a webhook is set up. It wants a 200."""
    return _GREETING.fullmatch(body) is not None


def place_order(body: bytes, shop: Shop) -> Placement:
    """Return the command that places the order in a body. Raises `Unfit`."""
    if greets(body):
        raise Unfit(Reason.WEBHOOK_PING, "says that the webhook is set up")
    document = opened(body, _MARKS)
    _check_one(document)
    _check_state(read(document, State), shop)
    told = read(document, Order)
    return placement(shop, "woocommerce", told.id, _order(told, shop))


def _check_one(document: Document) -> None:
    if document.keys() <= _BATCH and any(holds_one(part, _MARKS) for part in document.values()):
        raise Unfit(Reason.NOT_ONE_ORDER, "is a batch; a webhook tells of one order")
    if missing := [mark for mark in _MARKS if mark not in document]:
        raise Unfit(Reason.NOT_AN_ORDER, f"has no {missing[0]}")


def _check_state(state: State, shop: Shop) -> None:
    if state.refunds:
        raise Unfit(Reason.ORDER_REFUNDED, "not all of it is owed any more", "/refunds")
    if state.status in _OPEN or (state.status == "completed" and shop.fulfilled):
        return
    reason = _ENDED.get(state.status, Reason.STATUS_UNKNOWN)
    raise Unfit(reason, f"is {state.status}", "/status")


def _order(told: Order, shop: Shop) -> PlaceOrder:
    exponent = decimals.exponent_of(told.currency, "/currency")
    parts = parts_of(told, exponent)
    order = PlaceOrder(
        customer_id=shop.id_of("woocommerce", told.customer_id) if told.customer_id else None,
        placed_at=told.date_created_gmt.replace(tzinfo=UTC),
        zone=shop.zone,
        currency=told.currency,
        exponent=exponent,
        prices_include_tax=told.prices_include_tax,
        billing_address=_address(told.billing),
        shipping_address=_address(told.shipping),
        origin=shop.origin("woocommerce"),
        lines=tuple(line_of(goods, told) for goods in parts.goods),
        shipping=parts.charges(),
        totals=Totals(goods=0, total=0),  # `fit` computes them
    )
    made = fit(order, parts.taxes())
    same("/total", decimals.whole(told.total, exponent, "/total"), made.totals.total)
    return made


def _address(place: Place | None) -> Address | None:
    if place is None:
        return None
    return texts.address(
        name=f"{place.first_name or ''} {place.last_name or ''}",
        lines=(place.company, place.address_1, place.address_2),
        city=place.city,
        region=place.state,
        postal_code=place.postcode,
        country=place.country,
    )
