"""The integer formulas, each in 200,000 random cases against an oracle that computes another way."""

import random
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal

import pytest

from app.domain import money
from app.domain.money import DIVIDE, Rounding, half_even, half_up, of_units, shares, tax, tax_by_unit

CASES = 200_000
EVEN, UP = Context(prec=60, rounding=ROUND_HALF_EVEN), Context(prec=60, rounding=ROUND_HALF_UP)
CONTEXTS = {"half_even": EVEN, "half_up": UP}
MICROS = (0, 0, 500_000, 250_000, 1, 999_999)  # millionths of a basis point
RATES = (0, 0, 250, 550, 700, 1000, 1900, 2000, 2100, 2500, 9999, 10_000)


def amounts(seed: int, below: int, many: int = CASES) -> list[int]:
    """Return amounts, of which a good part is small: that is where roundings and ties are."""
    rng = random.Random(seed)  # noqa: S311 - cases, not secrets
    small = rng.choices(range(200), k=many // 2)
    return small + rng.choices(range(below), k=many - len(small))


def some(seed: int, *values: int, many: int = CASES) -> list[int]:
    return random.Random(seed).choices(values, k=many)  # noqa: S311 - cases, not secrets


@pytest.mark.parametrize("rounding", ["half_even", "half_up"])
def test_division_rounds_as_decimal_does(rounding: Rounding) -> None:
    divide, context = DIVIDE[rounding], CONTEXTS[rounding]
    for amount, by in zip(amounts(1, 2**62), some(2, 1, 2, 3, 4, 7, 10, 10_000, 11_900), strict=True):
        assert divide(amount, by) == int((Decimal(amount) / by).to_integral_value(context=context))


def test_ties_go_to_the_even_neighbour_or_up() -> None:
    assert [half_even(n, 2) for n in (1, 3, 5, 7)] == [0, 2, 2, 4]
    assert [half_up(n, 2) for n in (1, 3, 5, 7)] == [1, 2, 3, 4]


@pytest.mark.parametrize("rounding", ["half_even", "half_up"])
def test_tax_is_what_decimal_makes_of_it(rounding: Rounding) -> None:
    divide, context = DIVIDE[rounding], CONTEXTS[rounding]
    many = CASES // 2
    rates = zip(some(4, *RATES, many=many), some(14, *MICROS, many=many), strict=True)
    for net, (rate, micro) in zip(amounts(3, 2**40, many), rates, strict=True):
        share = Decimal(rate).scaleb(-4) + Decimal(micro).scaleb(-10)
        on_top = int((net * share).to_integral_value(context=context))
        assert tax(net, rate, divide, included=False, micro=micro) == on_top
        without = EVEN.divide(Decimal(net), 1 + share).to_integral_value(context=context)
        assert tax(net, rate, divide, included=True, micro=micro) == net - int(without)


@pytest.mark.parametrize("included", [False, True])
def test_tax_by_unit_is_the_sum_over_the_units(*, included: bool) -> None:
    cases = zip(amounts(5, 100_000), some(6, 1, 2, 3, 4, 7, 12), some(7, *RATES), strict=True)
    for (net, quantity, rate), micro in zip(cases, some(17, *MICROS), strict=True):
        each, dearer = divmod(net, quantity)
        taxes = [tax(price, rate, half_even, included=included, micro=micro) for price in (each, each + 1)]
        whole = tax_by_unit(net, quantity, rate, half_even, included=included, micro=micro)
        assert whole == taxes[0] * (quantity - dearer) + taxes[1] * dearer
        assert whole >= 0
        assert not included or whole <= net


def test_shares_add_up_and_none_is_a_whole_unit_off() -> None:
    cases = zip(
        amounts(8, 10_000), some(9, *range(500)), some(10, *range(500)), some(11, 0, 1, 7), strict=True
    )
    for amount, *weights in cases:
        parts = shares(amount, weights)
        assert sum(parts) == amount
        whole = sum(weights)
        for part, weight in zip(parts, weights, strict=True) if whole else ():
            assert -whole < part * whole - amount * weight < whole


def test_shares_of_no_more_than_the_whole_leave_no_line_below_zero() -> None:
    for off, a, b in zip(amounts(12, 1000), some(13, *range(1, 600)), some(14, *range(1, 600)), strict=True):
        amount = off % (a + b + 1)
        one, two = shares(amount, (a, b))
        assert 0 <= one <= a
        assert 0 <= two <= b


def test_ties_between_shares_go_to_the_first() -> None:
    assert shares(200, [500, 500, 500]) == [67, 67, 66]
    assert shares(2000, [10_000, 10_000]) == [1000, 1000]
    assert shares(1, [1, 1]) == [1, 0]
    assert shares(0, [0, 0]) == [0, 0]


def test_what_weighs_nothing_is_shared_evenly() -> None:
    assert shares(5, [0, 0]) == [3, 2]


def test_units_taken_in_any_steps_are_worth_the_line() -> None:
    cases = zip(amounts(15, 100_000), some(16, *range(1, 20)), some(17, *range(19)), strict=True)
    for amount, quantity, cut in cases:
        first = cut % quantity
        second = (quantity - first) // 2
        steps = (0, first), (first, second), (first + second, quantity - first - second)
        parts = [of_units(amount, quantity, before, taken) for before, taken in steps]
        assert min(parts) >= 0
        assert sum(parts) == amount


def test_units_of_the_public_reports() -> None:
    assert [of_units(5700, 3, n, 1) for n in range(3)] == [1900, 1900, 1900]
    assert [of_units(1000, 3, n, 1) for n in range(3)] == [333, 334, 333]
    assert [of_units(1000, 3, 0, 2), of_units(1000, 3, 2, 1)] == [667, 333]


@pytest.mark.parametrize("rounding", ["half_even", "half_up"])
def test_goods_are_rounded_once_a_line(rounding: Rounding) -> None:
    divide, context = DIVIDE[rounding], CONTEXTS[rounding]
    cases = zip(amounts(18, 10**7), some(19, *range(7)), some(20, *range(1, 10_000)), strict=True)
    for price, precision, quantity in cases:
        right = Decimal(price * quantity).scaleb(-precision, EVEN).to_integral_value(context=context)
        assert money.goods(price, precision, quantity, divide) == int(right)
