"""Orders of WooCommerce: what they come to, whatever the settings of the shop are."""

import json
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.order.commands import Address, LineDiscount, ShippingLine
from app.intake.shop import Shop
from app.intake.woocommerce import place_order
from tests.intake.shops import SHOP, Json, placed, refused, woo_charge, woo_line, woo_order


def included(**changes: Any) -> Json:
    """Return an order of a mug at 10.00 with 21 % inside: 8.264463 and 1.735537."""
    line = woo_line(
        subtotal="8.26",
        subtotal_tax="1.74",
        total="8.26",
        total_tax="1.74",
        taxes=[{"id": 1, "total": "1.735537"}],
    )
    sums = {
        "total": "10.00",
        "total_tax": "1.74",
        "cart_tax": "1.74",
        "tax_lines": [{"rate_id": 1, "rate_percent": 21}],
    }
    return woo_order(prices_include_tax=True, **{"line_items": [line], **sums, **changes})


def test_an_order_has_the_same_ids_whenever_it_comes() -> None:
    body = json.dumps(woo_order()).encode()
    assert place_order(body, SHOP) == place_order(body, SHOP)
    assert place_order(body, SHOP).order_id == "woocommerce-shop.example-727"
    assert place_order(body, SHOP).command_id == "woocommerce-shop.example-727-place"
    assert place_order(body, SHOP).order_id != place_order(body, Shop(name="other.example")).order_id


def test_the_order_carries_who_when_and_where() -> None:
    place = {
        "first_name": "Jo\u00e3o", "last_name": "Silva", "company": "", "address_1": "Av. Brasil, 432", "address_2": "",
        "city": "Rio de Janeiro", "state": "RJ", "postcode": "12345-000", "country": "BR",
    }  # fmt: skip
    order = placed(woo_order(customer_id=26, shipping=place, billing={"first_name": "", "last_name": ""}))
    assert order.customer_id == "woocommerce-shop.example-26"
    assert order.placed_at == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert (order.zone, order.origin) == ("Europe/Berlin", "woocommerce-shop.example")
    assert order.shipping_address == Address(
        name="Jo\u00e3o Silva",
        lines=("Av. Brasil, 432",),
        city="Rio de Janeiro",
        region="RJ",
        postal_code="12345-000",
        country="BR",
    )
    assert order.billing_address is None
    assert placed(woo_order()).customer_id is None  # a guest


def test_the_customer_sees_prices_with_the_tax_where_the_shop_has_them_so() -> None:
    order = placed(included())
    assert order.prices_include_tax
    assert (order.lines[0].unit_price, order.lines[0].tax, order.lines[0].tax_rate_bp) == (1000, 174, 2100)
    assert (order.totals.goods, order.totals.tax, order.totals.total) == (1000, 174, 1000)


def test_a_cent_that_two_roundings_made_is_not_paid() -> None:
    # 1.35 with 20 % inside are 1.125 + 0.225, and are told as 1.13 + 0.23.
    line = woo_line(
        subtotal="1.13",
        subtotal_tax="0.23",
        total="1.13",
        total_tax="0.23",
        taxes=[{"id": 1, "total": "0.225"}],
    )
    rates = [{"rate_id": 1, "rate_percent": 20}]
    order = placed(
        included(line_items=[line], tax_lines=rates, total="1.35", total_tax="0.23", cart_tax="0.23")
    )
    assert (order.totals.goods, order.totals.total, order.totals.tax) == (135, 135, 23)


def test_a_total_that_is_further_off_is_refused() -> None:
    assert refused(included(total="10.02")) == ("totals-differ", "/total")
    assert (
        refused(included(total="10.00", shipping_lines=[woo_charge("20.00")], shipping_total="20.00"))[1]
        == "/total"
    )
    assert refused(woo_order(total="100.01")) == ("totals-differ", "/total")


@pytest.mark.parametrize(
    ("taxes", "rates", "basis_points"),
    [
        ([{"id": 1, "total": "7.50"}], [{"rate_id": 1, "rate_percent": 7.5}], 750),
        (
            [{"id": 1, "total": "7.50"}],
            [{"rate_id": 1}],
            750,
        ),  # told by older versions: the tax, more exactly
        ([{"id": 1, "total": "5.00"}, {"id": 2, "total": "2.50"}, {"id": 3, "total": ""}], [], 750),
        ([{"id": 1, "total": "7.50"}], [{"rate_id": 1, "rate_percent": 7.5, "compound": True}], 750),
    ],
)
def test_the_rate_of_a_line_is_told_or_follows_from_its_taxes(
    taxes: list[Json], rates: list[Json], basis_points: int
) -> None:
    line = woo_line(total_tax="7.50", subtotal_tax="7.50", taxes=taxes)
    order = placed(
        woo_order(line_items=[line], tax_lines=rates, total="107.50", total_tax="7.50", cart_tax="7.50")
    )
    assert order.lines[0].tax_rate_bp == basis_points


def test_without_a_rate_it_is_the_roundest_that_gives_the_tax() -> None:
    order = placed(included(tax_lines=[]))
    assert order.lines[0].tax_rate_bp == 2100


def test_the_coupons_of_an_order_are_told_with_what_they_took_off() -> None:
    lines = [woo_line(total="90.00"), woo_line(id=2, subtotal="10.00", total="10.00")]
    told = woo_order(line_items=lines, discount_total="10.00")
    by_coupon = placed({**told, "coupon_lines": [{"code": "spring"}, {"code": "vip"}]})
    assert by_coupon.lines[0].line_discounts == (
        LineDiscount(id="coupon", reason="spring, vip", amount=1000),
    )
    assert by_coupon.lines[1].line_discounts == ()
    assert placed(told).lines[0].line_discounts == (LineDiscount(id="discount", amount=1000),)
    assert refused({**told, "discount_total": "9.99"}) == ("totals-differ", "/discount_total")


def test_discounts_on_prices_with_the_tax_are_with_the_tax() -> None:
    line = woo_line(subtotal="8.26", subtotal_tax="1.74", total="7.44", total_tax="1.56")
    told = {"total_tax": "1.56", "cart_tax": "1.56", "discount_total": "0.83", "discount_tax": "0.17"}
    order = placed(included(line_items=[line], total="9.00", **told))
    assert (order.totals.goods, order.totals.discounts, order.totals.total) == (1000, 100, 900)
    assert refused(included(line_items=[line], total="9.00", **{**told, "discount_total": "0.86"})) == (
        "totals-differ",
        "/discount_total",
    )


def test_a_price_that_a_person_raised_is_the_price() -> None:
    told = {"line_items": [woo_line(subtotal="90.00"), woo_line(id=2, subtotal="30.00", total="20.00")]}
    order = placed(woo_order(**told, total="120.00"))
    assert [line.line_total for line in order.lines] == [10000, 2000]
    assert [line.unit_price for line in order.lines] == [10000, 3000]


def test_shipping_and_fees_are_charges() -> None:
    told = woo_order(
        shipping_lines=[woo_charge("5.00", "0.95", method_title="Flat rate")],
        fee_lines=[woo_charge("2.00", "0.38", id=4, name="Gift &amp; wrap")],
        shipping_total="5.00",
        shipping_tax="0.95",
        cart_tax="0.38",
        total_tax="1.33",
        total="108.33",
    )
    order = placed(told)
    assert order.shipping == (
        ShippingLine(line_id="shipping-9", name="Flat rate", amount=500, tax_rate_bp=1900, tax=95, total=595),
        ShippingLine(line_id="fee-4", name="Gift & wrap", amount=200, tax_rate_bp=1900, tax=38, total=238),
    )
    assert refused({**told, "shipping_total": "5.01"}) == ("totals-differ", "/shipping_total")
    assert refused({**told, "total_tax": "1.34"}) == ("totals-differ", "/total_tax")
    assert refused({**told, "shipping_tax": "0.90", "total_tax": "1.28"}) == (
        "totals-differ",
        "/shipping_tax",
    )


def test_a_fee_below_zero_is_a_discount_of_every_line() -> None:
    lines = [
        woo_line(total_tax="19.00", subtotal_tax="19.00"),
        woo_line(id=2, subtotal="50.00", total="50.00", total_tax="9.50", subtotal_tax="9.50"),
    ]
    order = placed(
        woo_order(
            line_items=lines,
            fee_lines=[woo_charge("-15.00", "-2.85", name="Loyal")],
            total="160.65",
            total_tax="25.65",
            cart_tax="25.65",
        )
    )
    assert [line.order_discount_share for line in order.lines] == [1000, 500]
    assert [line.tax for line in order.lines] == [1710, 855]
    assert order.totals.total == 16065
    too_much = woo_order(fee_lines=[woo_charge("-100.01")], total="0.00")
    assert refused(too_much) == ("amount-out-of-range", "/line_items")


def test_a_unit_price_has_as_many_digits_as_its_line_needs() -> None:
    line = woo_line(quantity=3, subtotal="10.00", total="10.00")
    order = placed(woo_order(line_items=[line], total="10.00"))
    assert (order.lines[0].unit_price, order.lines[0].unit_price_precision) == (3333, 1)
    many = woo_line(quantity=7_000_001, subtotal="10.00", total="10.00")
    assert refused(woo_order(line_items=[many], total="10.00")) == (
        "amount-too-fine",
        "/line_items/0/subtotal",
    )


def test_goods_without_a_sku_are_named_by_what_they_are() -> None:
    lines = [
        woo_line(sku="", product_id=22, variation_id=23, name="Idea &ndash; Black"),
        woo_line(id=2, sku="", product_id=93, subtotal="0.00", total="0.00"),
        woo_line(id=3, sku=None, subtotal="0.00", total="0.00"),
    ]
    order = placed(woo_order(line_items=lines))
    assert [line.sku for line in order.lines] == [
        "woocommerce-variation-23",
        "woocommerce-product-93",
        "woocommerce-line-3",
    ]
    assert order.lines[0].name == "Idea \u2013 Black"


@pytest.mark.parametrize("currency", ["JPY", "CLP"])
def test_a_currency_without_cents_has_none(currency: str) -> None:
    assert placed(woo_order(currency=currency)).totals.total == 100
    assert refused(woo_order(currency=currency, total="100.50")) == ("amount-too-fine", "/total")


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"status": "completed"}, "order-fulfilled"),
        ({"status": "cancelled"}, "order-cancelled"),
        ({"status": "failed"}, "order-cancelled"),
        ({"status": "trash"}, "order-cancelled"),
        ({"status": "refunded"}, "order-refunded"),
        ({"refunds": [{"id": 726, "total": "-10.00"}]}, "order-refunded"),
        ({"status": "checkout-draft"}, "order-not-placed"),
        ({"status": "auto-draft"}, "order-not-placed"),
        ({"status": "wc-at-the-tailor"}, "status-unknown"),
        ({"line_items": []}, "order-empty"),
        ({"currency": "BTC"}, "currency-unknown"),
        ({"date_created_gmt": None}, "unreadable"),
        ({"line_items": [woo_line(total=100.0)]}, "unreadable"),
        ({"line_items": [woo_line(quantity=1.5)]}, "unreadable"),
        ({"line_items": [woo_line(taxes=[{"id": 1, "total": "NaN"}])]}, "unreadable"),
        ({"line_items": [woo_line(total="-100.00")]}, "amount-out-of-range"),
    ],
)
def test_what_is_not_to_be_delivered_as_it_stands_is_no_order(state: Json, code: str) -> None:
    assert refused(woo_order(**state))[0] == code


@pytest.mark.parametrize("status", ["pending", "on-hold", "processing"])
def test_an_order_may_be_paid_or_not(status: str) -> None:
    assert placed(woo_order(status=status)).totals.total == 10000


def test_a_webhook_says_hello_when_it_is_set_up() -> None:
    assert refused(b"webhook_id=12", place_order)[0] == "webhook-ping"


@pytest.mark.parametrize("body", [b"{}", b'{"create": []}', b'{"create": [1]}', b'{"create": 1}'])
def test_a_batch_of_nothing_is_no_order(body: bytes) -> None:
    assert refused(body, place_order)[0] == "not-an-order"


def cents(amount: Decimal) -> str:
    return str(amount.quantize(Decimal("0.01"), ROUND_HALF_UP))


@given(
    prices=st.lists(st.tuples(st.integers(1, 200_000), st.integers(1, 9)), min_size=1, max_size=6),
    percent=st.sampled_from([5, 7, 19, 20, 21, 25]),
    once=st.booleans(),
)
@settings(max_examples=300, deadline=None)
def test_a_shop_that_has_the_tax_inside_its_prices_is_understood_to_the_cent(
    prices: list[tuple[int, int]], percent: int, *, once: bool
) -> None:
    """The shop computes with six digits and tells two. `once`: it rounds the tax once for the order."""
    lines, exact, rounded = [], Decimal(0), Decimal(0)
    for number, (price, quantity) in enumerate(prices, 1):
        gross = Decimal(price * quantity) / 100
        tax = (gross * percent / (100 + percent)).quantize(Decimal("0.000001"), ROUND_HALF_UP)
        net = gross - tax
        exact += tax
        rounded += Decimal(cents(tax))
        told = {
            "total": cents(net),
            "total_tax": cents(tax),
            "subtotal": cents(net),
            "subtotal_tax": cents(tax),
        }
        lines.append(woo_line(id=number, quantity=quantity, taxes=[{"id": 1, "total": str(tax)}], **told))
    total = Decimal(sum(price * quantity for price, quantity in prices)) / 100
    total_tax = cents(exact if once else rounded)
    order = placed(
        woo_order(
            prices_include_tax=True,
            line_items=lines,
            tax_lines=[{"rate_id": 1, "rate_percent": percent}],
            total=cents(total),
            total_tax=total_tax,
            cart_tax=total_tax,
        )
    )
    assert order.totals.total == total * 100
    assert order.totals.tax == Decimal(total_tax) * 100
