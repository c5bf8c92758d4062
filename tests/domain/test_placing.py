"""Placing an order: what is accepted, and every way in which its amounts can be wrong."""

from typing import Any

import pytest
from msgspec.structs import replace

from app.domain.bounds import LINES_LIMIT
from app.domain.money import shares
from app.domain.order.commands import Checkout, LineDiscount, PlaceOrder, Totals
from app.domain.order.events import OrderPlaced
from tests.domain.scenario import given, line, order, placed, shipping

ORDER = order(
    line("1", 3, 1999, tax_rate_bp=1900),
    line("2", 2, 500, line_discounts=(LineDiscount(id="d", amount=100),), order_discount_share=50),
    shipping=(shipping(750, discount=100, tax_rate_bp=1900),),
)


def test_an_order_is_placed_as_its_command_states_it() -> None:
    after = given().when(ORDER).then(OrderPlaced(facts=ORDER))
    assert after is not None
    assert (after.order_id, after.version, after.facts) == ("o-1", 1, ORDER)


def test_the_totals_are_sums() -> None:
    assert ORDER.totals == Totals(goods=6997, discounts=150, shipping=650, tax=1139 + 124, total=8760)


def test_an_order_is_placed_once() -> None:
    given(placed()).when(ORDER).then_refused("order-exists", "version is 1")


@pytest.mark.parametrize(
    ("wrong", "saying"),
    [
        (replace(ORDER, lines=(replace(ORDER.lines[0], tax=1138), ORDER.lines[1])), "/lines/0/tax is 1138"),
        (
            replace(ORDER, lines=(ORDER.lines[0], replace(ORDER.lines[1], line_total=1000))),
            "/lines/1/line_total is 1000, but the facts give 850",
        ),
        (replace(ORDER, shipping=(replace(ORDER.shipping[0], tax=0),)), "/shipping/0/tax is 0"),
        (replace(ORDER, shipping=(replace(ORDER.shipping[0], total=650),)), "/shipping/0/total is 650"),
        (replace(ORDER, totals=replace(ORDER.totals, goods=0)), "/totals/goods is 0"),
        (replace(ORDER, totals=replace(ORDER.totals, discounts=0)), "/totals/discounts is 0"),
        (replace(ORDER, totals=replace(ORDER.totals, shipping=0)), "/totals/shipping is 0"),
        (replace(ORDER, totals=replace(ORDER.totals, tax=0, total=0)), "/totals/tax is 0"),
        (replace(ORDER, totals=replace(ORDER.totals, total=8759)), "/totals/total is 8759"),
    ],
)
def test_the_first_amount_that_differs_is_named_and_nothing_is_repaired(
    wrong: PlaceOrder, saying: str
) -> None:
    given().when(wrong).then_refused("totals-differ", saying)


def test_a_line_is_not_worth_less_than_nothing() -> None:
    dear = line("1", 1, 1000, line_discounts=(LineDiscount(id="d", amount=900),), order_discount_share=101)
    given().when(order(dear)).then_refused("discount-exceeds-line", "line 1: 1001 off 1000")


def test_neither_is_shipping() -> None:
    wrong = order(shipping=(shipping(500, discount=501),))
    given().when(wrong).then_refused("discount-exceeds-line", "shipping line s: 501 off 500")


def test_a_line_id_names_one_line() -> None:
    given().when(order(line("1"), line("2"), line("1"))).then_refused("duplicate-line", "line 1")
    given().when(order(line("1"), line("2"))).then(placed(line("1"), line("2")))


def test_a_shipping_line_id_names_one_shipping_line() -> None:
    twice = (shipping(1, "s"), shipping(1, "s"))
    given().when(order(shipping=twice)).then_refused("duplicate-line", "line s")
    once = (shipping(1, "s"), shipping(1, "t"))
    given().when(order(shipping=once)).then(placed(shipping=once))


def test_an_order_has_at_most_so_many_lines() -> None:
    lines = [line(str(i)) for i in range(LINES_LIMIT + 1)]
    given().when(order(*lines)).then_refused("order-too-large", f"{LINES_LIMIT + 1} lines")
    given().when(order(*lines[:-1])).then(placed(*lines[:-1]))


def test_an_amount_beyond_what_json_can_carry_never_agrees_with_its_totals() -> None:
    huge = order(line("1", 2, 2**52))
    assert huge.totals.goods == 2**53
    stated = replace(huge, totals=replace(huge.totals, goods=2**53 - 1))
    given().when(stated).then_refused("totals-differ", "/totals/goods")


def test_tax_by_unit_and_by_line_differ_as_shops_expect() -> None:
    three = line("1", 3, 108, tax_rate_bp=1900)
    assert order(three, tax_mode="line").totals.total == 386
    assert order(three, tax_mode="unit").totals.total == 387
    for mode in ("line", "unit"):
        stated = order(three, tax_mode=mode)
        given().when(stated).then(OrderPlaced(facts=stated))


def test_a_rate_may_be_finer_than_a_basis_point() -> None:
    """8.875 % in the city of New York: of 200.00 it is 17.75, where 887 basis points would be 17.74."""
    rate: dict[str, Any] = {"tax_rate_bp": 887, "tax_rate_micro_bp": 500_000}
    stated = order(line("1", 1, 20_000, **rate), shipping=(shipping(20_000, **rate),))
    assert (stated.lines[0].tax, stated.shipping[0].tax, stated.totals.total) == (1775, 1775, 43_550)
    given().when(stated).then(OrderPlaced(facts=stated))
    inside = order(
        line("1", 1, 21_775, **rate), shipping=(shipping(21_775, **rate),), prices_include_tax=True
    )
    assert (inside.lines[0].tax, inside.shipping[0].tax, inside.totals.total) == (1775, 1775, 43_550)
    given().when(inside).then(OrderPlaced(facts=inside))
    units = order(line("1", 3, 1_000, **rate), tax_mode="unit")
    assert units.lines[0].tax == 3 * 89  # 88.75 each; by line it is 266.25
    given().when(units).then(OrderPlaced(facts=units))
    less = order(line("1", 1, 20_000_000, tax_rate_micro_bp=500_000))  # 0.005 %
    assert less.lines[0].tax == 1000
    given().when(less).then(OrderPlaced(facts=less))


def test_a_price_with_tax_has_the_tax_inside() -> None:
    stated = order(line("1", 1, 11900, tax_rate_bp=1900), shipping=(shipping(119, tax_rate_bp=1900),))
    inside = order(
        line("1", 1, 11900, tax_rate_bp=1900),
        shipping=(shipping(119, tax_rate_bp=1900),),
        prices_include_tax=True,
    )
    assert (stated.totals.tax, stated.totals.total) == (2261 + 23, 11900 + 2261 + 119 + 23)
    assert (inside.totals.tax, inside.totals.total) == (1900 + 19, 11900 + 119)
    given().when(inside).then(OrderPlaced(facts=inside))


def test_ties_go_where_the_order_says() -> None:
    tie = line("1", 1, 50, tax_rate_bp=500)  # 2.5
    assert order(tie, rounding="half_even").totals.tax == 2
    assert order(tie, rounding="half_up").totals.tax == 3


def test_a_unit_may_cost_less_than_a_cent() -> None:
    screws = line("1", 1000, 4, unit_price_precision=1)  # 0.4 cents each
    stated = order(screws)
    assert stated.totals.total == 400
    given().when(stated).then(OrderPlaced(facts=stated))


def test_a_discount_on_the_order_spreads_over_tax_rates() -> None:
    off = shares(200, [500, 500, 500])
    assert off == [67, 67, 66]
    rates = (1900, 700, 1900)
    lines = [
        line(str(i), 1, 500, order_discount_share=share, tax_rate_bp=rate)
        for i, (share, rate) in enumerate(zip(off, rates, strict=True))
    ]
    stated = order(*lines)
    assert stated.totals.discounts == 200
    assert stated.totals.tax == sum([82, 30, 82])  # 433 at 19 %, 433 at 7 %, 434 at 19 %: 82.27, 30.31, 82.46
    given().when(stated).then(OrderPlaced(facts=stated))


def test_a_checkout_needs_stock_items_that_can_be_named() -> None:
    asked = replace(ORDER, checkout=Checkout(warehouse="w" * 127))
    given().when(asked).then_refused("item-id-too-long", "line 1: sku and warehouse")
    short = replace(ORDER, checkout=Checkout(warehouse="w"))
    given().when(short).then(OrderPlaced(facts=short))


def test_a_checkout_has_so_many_lines_that_its_row_can_be_stored() -> None:
    lines = [line(f"{number}", 1, 100) for number in range(1100)]
    given().when(replace(order(*lines[:1000]), checkout=Checkout(warehouse="north"))).then(
        OrderPlaced(facts=replace(order(*lines[:1000]), checkout=Checkout(warehouse="north")))
    )
    given().when(replace(order(*lines), checkout=Checkout(warehouse="north"))).then_refused(
        "order-too-large", "1100 lines are too many for a checkout"
    )
