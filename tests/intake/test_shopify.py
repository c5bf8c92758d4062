"""Orders of Shopify: what they come to, whatever way the shop has of saying it."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from app.domain.order.commands import Address, LineDiscount, ShippingLine
from app.intake.shop import Shop
from app.intake.shopify import place_order
from tests.intake.shops import SHOP, Json, placed, refused, shopify_line, shopify_order, tax


def both(amount: str, presented: str) -> Json:
    return {
        "shop_money": {"amount": amount, "currency_code": "USD"},
        "presentment_money": {"amount": presented, "currency_code": "JPY"},
    }


def test_an_order_has_the_same_ids_whenever_and_however_it_comes() -> None:
    first = place_order(json.dumps(shopify_order()).encode(), SHOP)
    again = place_order(json.dumps({"order": shopify_order()}).encode(), SHOP)
    assert first == again
    assert first.order_id == "shopify-shop.example-450789469"
    assert first.command_id == "shopify-shop.example-450789469-place"


def test_orders_of_two_shops_are_two_orders() -> None:
    body = json.dumps(shopify_order()).encode()
    assert place_order(body, SHOP).order_id != place_order(body, Shop(name="other.example")).order_id


def test_the_order_carries_who_when_and_where() -> None:
    place = {
        "name": "Bob Norman", "company": None, "address1": "Chestnut Street 92", "address2": "", "city": "Louisville",
        "province": "Kentucky", "province_code": "KY", "zip": "40202", "country": "United States", "country_code": "US",
    }  # fmt: skip
    order = placed(shopify_order(customer={"id": 7}, shipping_address=place, billing_address={"name": ""}))
    assert order.customer_id == "shopify-shop.example-7"
    assert order.placed_at == datetime(2026, 3, 1, 9, tzinfo=UTC)
    assert order.zone == "Europe/Berlin"
    assert order.origin == "shopify-shop.example"
    assert order.shipping_address == Address(
        name="Bob Norman",
        lines=("Chestnut Street 92",),
        city="Louisville",
        region="KY",
        postal_code="40202",
        country="US",
    )
    assert order.billing_address is None


def test_a_guest_has_no_customer() -> None:
    assert placed(shopify_order(customer=None)).customer_id is None
    assert placed(shopify_order(customer={})).customer_id is None


def test_an_imported_order_was_placed_when_the_shop_says_so() -> None:
    order = placed(shopify_order(processed_at="2020-01-01T00:00:00Z"))
    assert order.placed_at == datetime(2020, 1, 1, tzinfo=UTC)


def test_prices_may_include_the_tax() -> None:
    line = shopify_line(price="119.00", quantity=2, tax_lines=[tax("38.00", 0.19)])
    order = placed(
        shopify_order(
            line_items=[line],
            taxes_included=True,
            total_line_items_price="238.00",
            total_tax="38.00",
            total_price="238.00",
        )
    )
    assert order.prices_include_tax
    assert (order.totals.total, order.totals.tax) == (23800, 3800)
    assert order.lines[0].tax_rate_bp == 1900


def test_several_rates_of_a_line_are_one_that_gives_their_sum() -> None:
    line = shopify_line(tax_lines=[tax("5.00", 0.05), tax("9.98", 0.09975)])
    order = placed(shopify_order(line_items=[line], total_tax="14.98", total_price="114.98"))
    assert order.totals.total == 11498
    assert (order.lines[0].tax_rate_bp, order.lines[0].tax_rate_micro_bp) == (1497, 500_000)


def test_halves_are_rounded_as_the_shop_rounded_them() -> None:
    up = shopify_line(price="0.50", tax_lines=[tax("0.03", 0.05)])
    even = shopify_line(price="0.50", tax_lines=[tax("0.02", 0.05)])
    sums = {"total_line_items_price": "0.50"}
    for line, total, rounding in ((up, "0.53", "half_up"), (even, "0.52", "half_even")):
        order = placed(
            shopify_order(
                line_items=[line], total_tax=line["tax_lines"][0]["price"], total_price=total, **sums
            )
        )
        assert (order.rounding, order.lines[0].tax_rate_bp) == (rounding, 500)


def test_a_tax_may_be_rounded_by_unit() -> None:
    line = shopify_line(price="1.08", quantity=3, tax_lines=[tax("0.63", 0.19)])
    order = placed(
        shopify_order(line_items=[line], total_line_items_price="3.24", total_tax="0.63", total_price="3.87")
    )
    assert (order.tax_mode, order.lines[0].tax_rate_bp) == ("unit", 1900)


def test_a_rate_may_have_parts_of_a_basis_point() -> None:
    line = shopify_line(price="200.00", tax_lines=[tax("17.75", 0.08875)])
    order = placed(
        shopify_order(
            line_items=[line], total_line_items_price="200.00", total_tax="17.75", total_price="217.75"
        )
    )
    assert (order.lines[0].tax_rate_bp, order.lines[0].tax_rate_micro_bp) == (887, 500_000)


def test_a_tax_that_no_rate_gives_is_refused_by_its_line() -> None:
    line = shopify_line(tax_lines=[tax("1000.01", 10.0)])  # above 1,000 %
    order = shopify_order(line_items=[line], total_tax="1000.01", total_price="1100.01")
    assert refused(order) == ("tax-not-expressible", "/line_items/0/tax_lines")


def test_the_tax_of_an_old_order_lies_on_the_goods_that_are_taxed() -> None:
    lines = [shopify_line(price="60.00"), shopify_line(id=2, price="40.00", taxable=False)]
    order = placed(
        shopify_order(line_items=lines, tax_lines=[tax("3.60", 0.06)], total_tax="3.60", total_price="103.60")
    )
    assert [(line.tax, line.tax_rate_bp) for line in order.lines] == [(360, 600), (0, 0)]


def test_a_tax_on_nothing_is_refused() -> None:
    order = shopify_order(line_items=[shopify_line(taxable=False)], total_tax="1.00", total_price="101.00")
    assert refused(order) == ("totals-differ", "/total_tax")


def test_a_tax_that_is_rounded_for_the_order_is_a_cent_off_on_one_line() -> None:
    lines = [shopify_line(id=n, price="10.10", tax_lines=[tax("0.51", 0.05)]) for n in (1, 2)]
    sums = {"line_items": lines, "total_line_items_price": "20.20"}
    order = placed(shopify_order(**sums, total_tax="1.01", total_price="21.21"))
    assert [line.tax for line in order.lines] == [50, 51]
    assert order.totals.tax == 101
    assert refused(shopify_order(**sums, total_tax="0.90", total_price="21.10")) == (
        "totals-differ",
        "/total_tax",
    )


APPLICATIONS = [
    {"type": "discount_code", "code": "TENOFF", "target_selection": "all", "allocation_method": "across"},
    {"type": "manual", "title": "Scratch", "target_selection": "explicit", "allocation_method": "each"},
    {"type": "automatic", "title": "Free shipping", "target_selection": "all", "allocation_method": "each"},
]


def discounted(**changes: Any) -> Json:
    allocations = [
        {"amount": "6.00", "discount_application_index": 0},
        {"amount": "1.50", "discount_application_index": 1},
        {"amount": "0.50", "discount_application_index": 1},
        {"amount": "1.00", "discount_application_index": 7},
    ]
    shipping = {
        "id": 3, "title": "Post", "price": "5.00",
        "discount_allocations": [{"amount": "5.00", "discount_application_index": 2}],
    }  # fmt: skip
    return shopify_order(
        line_items=[shopify_line(discount_allocations=allocations)],
        shipping_lines=[shipping],
        discount_applications=APPLICATIONS,
        **{"total_discounts": "14.00", "total_price": "91.00", **changes},
    )


def test_discounts_are_of_the_order_of_a_line_or_of_shipping() -> None:
    order = placed(discounted())
    (line,) = order.lines
    assert line.order_discount_share == 600
    assert line.line_discounts == (
        LineDiscount(id="discount-1", reason="Scratch", amount=200),
        LineDiscount(id="discount-7", amount=100),
    )
    assert order.shipping == (
        ShippingLine(line_id="shipping-3", name="Post", amount=500, discount=500, total=0),
    )
    assert (order.totals.discounts, order.totals.shipping, order.totals.total) == (900, 0, 9100)


def test_the_sum_of_discounts_may_leave_out_that_of_shipping() -> None:
    assert placed(discounted(total_discounts="9.00")).totals.discounts == 900
    assert refused(discounted(total_discounts="10.00")) == ("totals-differ", "/total_discounts")


def test_a_discount_without_allocation_is_of_its_line() -> None:
    line = shopify_line(total_discount="35.38")
    order = placed(shopify_order(line_items=[line], total_discounts="35.38", total_price="64.62"))
    assert order.lines[0].line_discounts == (LineDiscount(id="discount", amount=3538),)


def test_a_discount_is_never_more_than_the_goods() -> None:
    line = shopify_line(total_discount="100.01")
    order = shopify_order(line_items=[line], total_discounts="100.01", total_price="0.00")
    assert refused(order) == ("amount-out-of-range", "/line_items")


def test_shipping_may_be_told_before_and_after_its_discount_and_bears_tax() -> None:
    shipping = [
        {"price": "10.00", "discounted_price": "8.00", "tax_lines": [tax("1.52", 0.19)]},
        {"price": "99.00", "is_removed": True},
    ]
    order = placed(shopify_order(shipping_lines=shipping, total_tax="1.52", total_price="109.52"))
    (charge,) = order.shipping
    assert (charge.line_id, charge.amount, charge.discount, charge.tax_rate_bp) == (
        "shipping-0",
        1000,
        200,
        1900,
    )
    assert (charge.tax, charge.total) == (152, 952)


def test_import_duties_are_charges() -> None:
    duty = {"id": 5, **both("12.00", "1800"), "tax_lines": []}
    order = placed(shopify_order(line_items=[shopify_line(duties=[duty])], total_price="112.00"))
    assert order.shipping == (ShippingLine(line_id="duty-5", name="Import duty", amount=1200, total=1200),)


def test_a_tip_is_a_charge_unless_a_line_tells_it() -> None:
    order = placed(shopify_order(total_tip_received="5.00", total_price="105.00"))
    assert order.shipping == (ShippingLine(line_id="tip", name="Tip", amount=500, total=500),)
    assert (order.totals.shipping, order.totals.total) == (500, 10500)
    assert not placed(shopify_order(total_tip_received="5.00")).shipping


def test_the_order_is_in_the_currency_that_the_customer_saw() -> None:
    line = shopify_line(
        price_set=both("100.00", "15000"),
        tax_lines=[{**tax("10.00", 0.1), "price_set": both("10.00", "1500")}],
        duties=[{"id": 5, **both("1.00", "150")}],
        total_discount_set=both("0.00", "0"),
    )
    sums = {
        "total_price_set": both("111.00", "16650"),
        "total_tax_set": both("10.00", "1500"),
        "total_discounts_set": both("0.00", "0"),
        "total_line_items_price_set": both("100.00", "15000"),
    }
    told = shopify_order(
        currency="USD",
        presentment_currency="JPY",
        line_items=[line],
        total_price="111.00",
        total_tax="10.00",
        **sums,
    )
    order = placed(told)
    assert (order.currency, order.exponent, order.totals.total) == ("JPY", 0, 16650)
    assert refused({**told, "total_tax_set": None}) == ("unreadable", "/total_tax")
    assert placed(shopify_order(presentment_currency="EUR")).currency == "EUR"


@pytest.mark.parametrize(
    ("currency", "price", "minor"), [("JPY", "1000.00", 1000), ("JPY", "1000", 1000), ("BHD", "1.5", 1500)]
)
def test_a_currency_has_its_own_number_of_digits(currency: str, price: str, minor: int) -> None:
    line = shopify_line(price=price)
    order = shopify_order(
        currency=currency, line_items=[line], total_line_items_price=price, total_price=price, total_tax="0"
    )
    assert placed(order).totals.total == minor


def test_a_currency_that_is_none_is_refused() -> None:
    assert refused(shopify_order(currency="BTC")) == ("currency-unknown", "/currency")
    assert refused(shopify_order(presentment_currency="eur")) == ("currency-unknown", "/presentment_currency")


def test_a_price_may_be_finer_than_a_cent_but_a_sum_may_not() -> None:
    line = shopify_line(price="0.125", quantity=8)
    order = placed(shopify_order(line_items=[line], total_line_items_price="1.00", total_price="1.00"))
    assert (order.lines[0].unit_price, order.lines[0].unit_price_precision) == (125, 1)
    assert refused(shopify_order(total_price="100.001")) == ("amount-too-fine", "/total_price")
    too_fine = shopify_line(price="0.123456789")
    assert refused(shopify_order(line_items=[too_fine])) == ("amount-too-fine", "/line_items/0/price")


def test_goods_without_a_sku_are_named_by_what_they_are() -> None:
    lines = [
        shopify_line(sku="", variant_id=39072856, price="40.00"),
        shopify_line(id=2, sku=None, product_id=632910392, price="30.00"),
        shopify_line(id=3, sku="\u0000", price="20.00", name=None, title="Gift card", gift_card=True),
        shopify_line(id=4, sku=" MUG ", price="10.00"),
    ]
    order = placed(shopify_order(line_items=lines))
    assert [line.sku for line in order.lines] == [
        "shopify-variant-39072856",
        "shopify-product-632910392",
        "shopify-line-3",
        "MUG",
    ]
    assert [line.tax_category for line in order.lines] == ["", "", "gift-card", ""]
    assert order.lines[2].name == "Gift card"


@pytest.mark.parametrize(
    ("state", "code"),
    [
        ({"test": True}, "test-order"),
        ({"cancelled_at": "2026-03-01T11:00:00Z"}, "order-cancelled"),
        ({"financial_status": "voided"}, "order-cancelled"),
        ({"financial_status": "refunded"}, "order-refunded"),
        ({"financial_status": "partially_refunded"}, "order-refunded"),
        ({"refunds": [{"id": 1}]}, "order-refunded"),
        ({"fulfillment_status": "restocked"}, "order-refunded"),
        ({"fulfillment_status": "fulfilled"}, "order-fulfilled"),
        ({"fulfillment_status": "partial"}, "order-fulfilled"),
        ({"line_items": [shopify_line(current_quantity=0)]}, "order-edited"),
        ({"line_items": []}, "order-empty"),
    ],
)
def test_what_is_not_to_be_delivered_as_it_stands_is_no_order(state: Json, code: str) -> None:
    assert refused(shopify_order(**state))[0] == code


@pytest.mark.parametrize("state", ["pending", "authorized", "partially_paid", "paid", None])
def test_an_order_may_be_paid_or_not(state: str | None) -> None:
    assert placed(shopify_order(financial_status=state)).totals.total == 10000


def test_a_shop_may_send_tests_and_orders_that_it_delivered() -> None:
    shop = Shop(name="shop.example", tests=True, fulfilled=True)
    assert placed(shopify_order(test=True, fulfillment_status="fulfilled"), shop=shop).totals.total == 10000


@pytest.mark.parametrize("field", ["total_price", "total_discounts", "total_line_items_price"])
def test_a_sum_that_its_parts_do_not_give_is_refused_by_its_name(field: str) -> None:
    assert refused(shopify_order(**{field: "99.98"})) == ("totals-differ", f"/{field}")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"line_items": [shopify_line(price="-1.00")]}, "amount-out-of-range"),
        ({"line_items": [shopify_line(price="99999999999999.99")]}, "amount-out-of-range"),
        ({"line_items": [shopify_line(quantity=2**52)]}, "amount-out-of-range"),
        ({"line_items": [shopify_line(id=n, price="89999999999999.99") for n in (1, 2)]}, "amount-out-of-range"),
        ({"line_items": [shopify_line(tax_lines=[tax("1.00", 1e9)])]}, "amount-out-of-range"),
        ({"line_items": [shopify_line(tax_lines=[{**tax("1.00", 0), "rate": "NaN"}])]}, "amount-out-of-range"),
        ({"line_items": [shopify_line(id=n) for n in range(2001)]}, "order-too-large"),
        ({"line_items": [shopify_line(price=100.00)]}, "unreadable"),  # money in a float is no money
        ({"line_items": [shopify_line(price="1e2")]}, "unreadable"),
        ({"line_items": [shopify_line(quantity=0)]}, "unreadable"),
        ({"created_at": "2026-03-01T10:00:00"}, "unreadable"),  # without its zone
    ],
)  # fmt: skip
def test_amounts_are_text_and_within_bounds(change: Json, code: str) -> None:
    assert (
        refused(shopify_order(**{"total_tax": "1.00", **change} if "tax_lines" in str(change) else change))[0]
        == code
    )


BROKEN = json.dumps(shopify_order()).encode().replace(b"Mug", b"\xff")


@pytest.mark.parametrize("body", [b"", b"{", BROKEN, b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_unreadable(body: bytes) -> None:
    assert refused(body, place_order)[0] == "unreadable"


@pytest.mark.parametrize("body", [b"1", b'"order"', b"null", b"{}", b"[]", b"[1]", b'{"order": 1}'])
def test_what_is_something_else_is_no_order(body: bytes) -> None:
    assert refused(body, place_order)[0] == "not-an-order"


def test_a_shop_is_named_by_its_domain() -> None:
    with pytest.raises(ValueError, match="must be a domain"):
        Shop(name="https://shop.example/")
