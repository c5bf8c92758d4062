"""The vendors' own examples: of each, by name, what becomes of it. All 39 where they are, else those that we ship."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

import pytest

from app.domain.order.amounts import verify
from app.intake import shopify, woocommerce
from app.intake.refusing import Unfit
from app.intake.shop import Placement, Shop
from tests.replay.data import folder

EXAMPLES = folder("order-payloads")
SHOP = Shop(name="shop.example")
READ: dict[str, Callable[[bytes, Shop], Placement]] = {
    "shopify": shopify.place_order,
    "woocommerce": woocommerce.place_order,
}


class No(NamedTuple):
    """Refused, with this code, because of this field."""

    code: str
    where: str = ""


NOT_AN_ORDER = No("not-an-order")
SEVERAL = No("not-one-order")
UNPLACED = No("order-not-placed")
COMPLETED = No("order-fulfilled", "/status")
YES = None

BECOMES: dict[str, No | None] = {
    "shopify/checkouts": UNPLACED,
    "shopify/draft_order_completed": UNPLACED,
    "shopify/fulfillment": NOT_AN_ORDER,
    "shopify/fulfillment_event": NOT_AN_ORDER,
    # Three lines of 199.00, and a sum of 398.00 beside them.
    "shopify/order": No("totals-differ", "/total_line_items_price"),
    "shopify/orders": SEVERAL,
    "shopify/refund": NOT_AN_ORDER,
    "shopify/refund_calculate": NOT_AN_ORDER,
    "shopify/transaction": NOT_AN_ORDER,
    "shopify/transactions": NOT_AN_ORDER,
    **{
        f"stripe/{name}": NOT_AN_ORDER
        for name in (
            "balance_transaction", "charge", "checkout_session", "climate_order", "dispute", "event",
            "payment_intent", "payout", "refund",
        )
    },
    **{
        f"woocommerce/order-{page}": NOT_AN_ORDER
        for page in (
            "notes__create_an_order_note", "notes__delete_an_order_note", "notes__list_all_order_notes",
            "notes__retrieve_an_order_note", "refunds__create_a_refund", "refunds__delete_a_refund",
            "refunds__list_all_refunds", "refunds__retrieve_a_refund",
        )
    },
    "woocommerce/orders__batch_update_orders": SEVERAL,
    "woocommerce/orders__create_an_order": YES,
    "woocommerce/orders__delete_an_order": COMPLETED,
    "woocommerce/orders__list_all_orders": SEVERAL,
    "woocommerce/orders__retrieve_an_order": YES,
    "woocommerce/orders__update_an_order": COMPLETED,
    **{
        f"woocommerce/webhooks__{name}": NOT_AN_ORDER
        for name in (
            "batch_update_webhooks", "create_a_webhook", "delete_a_webhook", "list_all_webhooks",
            "retrieve_a_webhook", "update_a_webhook",
        )
    },
}  # fmt: skip

# The orders that lie in lists, taken out: a webhook would bring them so.
INSIDE: dict[str, tuple[tuple[str | int, ...], No | None]] = {
    "shopify/orders, 1001": (("orders", 0), No("order-refunded", "/financial_status")),
    "woocommerce/orders__list_all_orders, 727": ((0,), YES),
    "woocommerce/orders__list_all_orders, 723": ((1,), No("order-refunded", "/refunds")),
    "woocommerce/orders__batch_update_orders, 728": (("create", 0), YES),
    "woocommerce/orders__batch_update_orders, 729": (("create", 1), YES),
    "woocommerce/orders__batch_update_orders, 727": (("update", 0), COMPLETED),
    "woocommerce/orders__batch_update_orders, 723": (("delete", 0), No("order-refunded", "/refunds")),
}


def bytes_of(name: str) -> bytes:
    path = EXAMPLES / f"{name.split(', ', maxsplit=1)[0]}.json"
    if not path.exists():
        pytest.skip(f"{path.name} is not shipped")
    if name not in INSIDE:
        return path.read_bytes()
    part: Any = json.loads(path.read_bytes())
    for step in INSIDE[name][0]:
        part = part[step]
    return json.dumps(part).encode()


def cents(text: str) -> int:
    exact = Decimal(text) * 100
    assert exact == exact.to_integral_value()
    return int(exact)


def becomes(name: str, read: Callable[[bytes, Shop], Placement], shop: Shop = SHOP) -> Placement | No:
    try:
        return read(bytes_of(name), shop)
    except Unfit as unfit:
        return No(unfit.code, unfit.where)


def check_woocommerce(placed: Placement, body: bytes) -> None:
    """Compare every amount of a command with what the document says, read again in another way."""
    told, order = json.loads(body), placed.order
    assert placed.order_id == f"woocommerce-shop.example-{told['number']}"
    assert placed.command_id == f"{placed.order_id}-place"
    verify(order)
    lines = told["line_items"]
    assert order.totals.goods == sum(cents(line["subtotal"]) for line in lines)
    assert order.totals.discounts == cents(told["discount_total"])
    assert order.totals.shipping == cents(told["shipping_total"])
    assert order.totals.tax == cents(told["total_tax"])
    assert order.totals.total == cents(told["total"])
    assert [line.line_id for line in order.lines] == [str(line["id"]) for line in lines]
    for line, of_shop in zip(order.lines, lines, strict=True):
        assert line.quantity == of_shop["quantity"]
        assert line.unit_price * line.quantity == cents(of_shop["subtotal"])
        assert line.line_total - line.tax == cents(of_shop["total"])
        assert abs(
            Decimal(line.tax) / 100 - sum(Decimal(tax["total"]) for tax in of_shop["taxes"])
        ) <= Decimal("0.005")


@pytest.mark.parametrize("name", BECOMES)
def test_each_example_is_placed_or_refused_for_its_reason(name: str) -> None:
    for vendor in READ if name.startswith("stripe") else [name.split("/", maxsplit=1)[0]]:
        found = becomes(name, READ[vendor])
        if isinstance(found, Placement):
            assert BECOMES[name] is YES
            check_woocommerce(found, bytes_of(name))
        else:
            assert found == BECOMES[name]


@pytest.mark.parametrize("name", INSIDE)
def test_each_order_of_a_list_is_placed_or_refused_for_its_reason(name: str) -> None:
    found = becomes(name, READ[name.split("/", maxsplit=1)[0]])
    if isinstance(found, Placement):
        assert INSIDE[name][1] is YES
        check_woocommerce(found, bytes_of(name))
    else:
        assert found == INSIDE[name][1]


@pytest.mark.parametrize("name", [name for name, what in BECOMES.items() if what == COMPLETED])
def test_a_shop_whose_goods_left_already_may_still_send_its_orders(name: str) -> None:
    found = becomes(name, woocommerce.place_order, Shop(name="shop.example", fulfilled=True))
    assert isinstance(found, Placement)
    check_woocommerce(found, bytes_of(name))


def test_a_cent_that_is_rounded_once_for_the_order_lies_on_one_line() -> None:
    found = becomes("woocommerce/orders__batch_update_orders, 728", woocommerce.place_order)
    assert isinstance(found, Placement)  # 1.125 + 0.225 + 0.90 are told as 1.13 + 0.23 + 0.90, and as 2.25
    assert [line.tax for line in found.order.lines] == [112, 23, 90]
    assert [line.tax_rate_bp for line in found.order.lines] == [749, 750, 750]


def test_every_example_is_spoken_of() -> None:
    there = {f"{path.parent.name}/{path.stem}" for path in EXAMPLES.glob("*/*.json")}
    assert there <= set(BECOMES)
    assert len(BECOMES) == 39
