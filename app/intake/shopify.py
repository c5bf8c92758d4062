"""Orders of Shopify: the body of a webhook orders/create (or of the Admin API's answer) becomes a command.

Where the customer saw another currency than the shop keeps its books in, the order is in the customer's: that is what
was promised, and what adds up.
"""

from typing import Final

from msgspec.structs import replace

from app.domain.order.commands import Address, PlaceOrder, ShippingLine, Totals
from app.intake import decimals, texts
from app.intake.fitting import fit
from app.intake.opening import Document, opened, read
from app.intake.refusing import Reason, Unfit, same
from app.intake.shop import Placement, Shop, placement
from app.intake.shopify_parts import Coins, charges_of, lines_of, taxes_of
from app.intake.shopify_payload import Order, Place, State
from app.intake.signing import signed

__all__ = ["SHOP_HEADER", "SIGNATURE_HEADER", "TOPIC", "TOPIC_HEADER", "place_order", "signed"]

SIGNATURE_HEADER: Final = "X-Shopify-Hmac-Sha256"
TOPIC_HEADER: Final = "X-Shopify-Topic"
SHOP_HEADER: Final = "X-Shopify-Shop-Domain"
TOPIC: Final = "orders/create"
_MARKS: Final = ("id", "order_number", "total_price", "financial_status")
_UNPLACED: Final = {"checkout", "checkouts", "draft_order", "draft_orders", "abandoned_checkout_url"}


def place_order(body: bytes, shop: Shop) -> Placement:
    """Return the command that places the order in a body. Raises `Unfit`."""
    document = _document(body)
    _check_state(read(document, State), shop)
    told = read(document, Order)
    return placement(shop, "shopify", told.id, _order(told, shop))


def _document(body: bytes) -> Document:
    document = opened(body, _MARKS)
    if _UNPLACED & document.keys():
        raise Unfit(Reason.ORDER_NOT_PLACED, "is a checkout or a draft; its order comes by itself")
    if "orders" in document:
        raise Unfit(Reason.NOT_ONE_ORDER, "holds a list of orders; a webhook tells of one")
    if "order" in document:
        document = opened(document["order"], _MARKS)
    if missing := [mark for mark in _MARKS if mark not in document]:
        raise Unfit(Reason.NOT_AN_ORDER, f"has no {missing[0]}")
    return document


def _check_state(state: State, shop: Shop) -> None:
    money, goods = state.financial_status, state.fulfillment_status
    if state.test and not shop.tests:
        raise Unfit(Reason.TEST_ORDER, "is a test", "/test")
    if state.cancelled_at or money == "voided":
        raise Unfit(Reason.ORDER_CANCELLED, "was cancelled, or its payment voided", "/cancelled_at")
    if state.refunds or money in ("refunded", "partially_refunded") or goods == "restocked":
        raise Unfit(Reason.ORDER_REFUNDED, "not all of it is owed any more", "/financial_status")
    if goods in ("fulfilled", "partial") and not shop.fulfilled:
        raise Unfit(Reason.ORDER_FULFILLED, "goods have left", "/fulfillment_status")


def _order(told: Order, shop: Shop) -> PlaceOrder:
    presented = told.presentment_currency not in (None, told.currency)
    currency = told.presentment_currency or told.currency
    exponent = decimals.exponent_of(currency, "/presentment_currency" if presented else "/currency")
    coins = Coins(exponent, presented=presented)
    lines, charges = lines_of(told, coins), charges_of(told, coins)
    customer = told.customer.id if told.customer else None
    order = PlaceOrder(
        customer_id=None if customer is None else shop.id_of("shopify", customer),
        placed_at=told.processed_at or told.created_at,
        zone=shop.zone,
        currency=currency,
        exponent=exponent,
        prices_include_tax=told.taxes_included,
        billing_address=_address(told.billing_address),
        shipping_address=_address(told.shipping_address),
        origin=shop.origin("shopify"),
        lines=tuple(line.what for line in lines),
        shipping=tuple(charge.what for charge in charges),
        totals=Totals(goods=0, total=0),  # `fit` computes them
    )
    return _checked(fit(order, taxes_of(told, coins, lines, charges)), told, coins)


def _checked(order: PlaceOrder, told: Order, coins: Coins) -> PlaceOrder:
    """Return the order, when its sums are those that the shop states. Of the tax it is so already."""
    totals = order.totals
    goods = coins.amount(
        told.total_line_items_price, told.total_line_items_price_set, "/total_line_items_price"
    )
    same("/total_line_items_price", goods, totals.goods)
    discounts = coins.amount(told.total_discounts, told.total_discounts_set, "/total_discounts")
    if discounts != totals.discounts:  # then it counts those of shipping, too
        of_shipping = sum(charge.discount for charge in order.shipping)
        same("/total_discounts", discounts, totals.discounts + of_shipping)
    total = coins.amount(told.total_price, told.total_price_set, "/total_price")
    tip = decimals.whole(told.total_tip_received, coins.exponent, "/total_tip_received")
    if tip and total - totals.total == tip:
        order = _with_tip(order, tip)
    same("/total_price", total, order.totals.total)
    return order


def _with_tip(order: PlaceOrder, tip: int) -> PlaceOrder:
    """Return the order with a charge for the tip, which bears no tax."""
    totals = order.totals
    return replace(
        order,
        shipping=(*order.shipping, ShippingLine(line_id="tip", name="Tip", amount=tip, total=tip)),
        totals=replace(totals, shipping=totals.shipping + tip, total=totals.total + tip),
    )


def _address(place: Place | None) -> Address | None:
    if place is None:
        return None
    return texts.address(
        name=place.name,
        lines=(place.company, place.address1, place.address2),
        city=place.city,
        region=place.province_code or place.province,
        postal_code=place.zip,
        country=place.country_code or place.country,
    )
