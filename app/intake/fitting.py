"""The taxes of a shop in the words of ours: a rate and a rule of rounding that give each of them to the penny.

We know one rate a line and recompute the tax from it. A shop adds up several rates, rounds each, or rounds once for
the whole order. What it charged is the fact: the rate of a line is the shop's where that gives the shop's tax, and else
one near to it that does. Rates are counted in millionths of a basis point here, and in both on a line.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final, TypeVar

from msgspec import Struct
from msgspec.structs import astuple, replace

from app.domain import money
from app.domain.bounds import AMOUNT_LIMIT, LINES_LIMIT, RATE_LIMIT_BP
from app.domain.money import Rounding
from app.domain.order.amounts import priced
from app.domain.order.commands import Line, PlaceOrder, ShippingLine, TaxMode
from app.intake.refusing import Reason, Unfit

# Both vendors round halves up, by line. The others come after.
_RULES: Final[tuple[tuple[Rounding, TaxMode], ...]] = (
    ("half_up", "line"),
    ("half_even", "line"),
    ("half_up", "unit"),
    ("half_even", "unit"),
)
_MICRO: Final = 10**6
_WHOLE: Final = 10_000 * _MICRO
# Steps of rates, from the likeliest: 10 %, 5 %, 1 % ... to a basis point, then its half, a tenth ... a millionth.
_COARSE: Final = tuple(n * _MICRO for n in (1000, 500, 100, 50, 25, 10, 5))
_FINE: Final = (_MICRO, *(n * power for power in (10**5, 10**4, 10**3, 100, 10, 1) for n in (5, 1)))

OfRate = Callable[[int], int]  # a rate to a tax; it never falls when the rate grows
Priced = TypeVar("Priced", Line, ShippingLine)


class Tax(Struct, frozen=True, gc=False):
    """What a shop says of one tax: the amount, and the sum of its rates (0.19) where it tells them.

    `exact` is the amount with all the digits that the shop tells, in minor units.
    """

    amount: int
    rate: Decimal | None
    exact: Decimal
    where: str


def fit(order: PlaceOrder, taxes: Sequence[Tax]) -> PlaceOrder:
    """Return the order with rates that give these taxes (of its lines, then of its charges), and priced.

    Of the rules of rounding it takes the one by which most rates are the shop's own. Raises `Unfit` where none fits.
    """
    if not order.lines:
        raise Unfit(Reason.ORDER_EMPTY, "has no lines", "/line_items")
    if len(order.lines) > LINES_LIMIT:
        raise Unfit(
            Reason.ORDER_TOO_LARGE, f"has {len(order.lines)} lines; {LINES_LIMIT} are the most", "/line_items"
        )
    ruled = [replace(order, rounding=rounding, tax_mode=mode) for rounding, mode in _RULES]
    tried = [(each, _rates(each, taxes)) for each in ruled]
    best, rates = max(tried, key=lambda each: _fitness(taxes, each[1]))  # the first of the best
    if None in rates:
        tax = taxes[rates.index(None)]
        raise Unfit(Reason.TAX_NOT_EXPRESSIBLE, f"no rate gives a tax of {tax.amount}", tax.where)
    values = iter([rate or 0 for rate in rates])
    made = priced(
        replace(
            best,
            lines=tuple(_rated(line, next(values)) for line in best.lines),
            shipping=tuple(_rated(charge, next(values)) for charge in best.shipping),
        )
    )
    if max(astuple(made.totals)) >= AMOUNT_LIMIT:
        raise Unfit(Reason.AMOUNT_OUT_OF_RANGE, "is larger than an amount can be")
    return made


def taxed(total: int, taxes: Sequence[Tax], where: str) -> list[Tax]:
    """Return the taxes with amounts that add up to `total`."""
    parts = settled(total, [tax.amount for tax in taxes], [tax.exact for tax in taxes], where)
    return [replace(tax, amount=part) for tax, part in zip(taxes, parts, strict=True)]


def settled(total: int, stated: Sequence[int], exact: Sequence[Decimal], where: str) -> list[int]:
    """Return amounts that add up to `total`: those stated, some of them a minor unit off where they do not.

    A shop that rounds once for the order writes rounded parts beside the sum, and these are what is inexact: 1.125
    and 0.225 are written as 1.13 and 0.23, and are 1.35 together. The parts that were rounded the furthest give way,
    the larger first.
    """
    missing = total - sum(stated)
    step = 1 if missing > 0 else -1
    able = [n for n, amount in enumerate(stated) if amount > 0 or (step > 0 and exact[n] > 0)]
    if abs(missing) > len(able):
        raise Unfit(Reason.TOTALS_DIFFER, f"is {total}, but its parts add up to {sum(stated)}", where)
    able.sort(key=lambda n: (-step * (exact[n] - stated[n]), -stated[n]))
    parts = list(stated)
    for n in able[: abs(missing)]:
        parts[n] += step
    return parts


def rate_for(tax: Tax, of_rate: OfRate) -> int | None:
    """Return the rate that gives a tax: the shop's, else a near one with few digits. None: none does."""
    told = None if tax.rate is None else round(tax.rate * _WHOLE)
    if told is not None and of_rate(told) == tax.amount:
        return told
    rates = range(RATE_LIMIT_BP * _MICRO + 1)
    lowest = bisect_left(rates, tax.amount, key=of_rate)
    highest = bisect_right(rates, tax.amount, key=of_rate) - 1
    if lowest > highest:
        return None
    steps = (
        _FINE if told is not None else (*_COARSE, *_FINE)
    )  # the last is 1, of which any range has a multiple
    step = next(step for step in steps if -(-lowest // step) <= highest // step)
    first, last = -(-lowest // step) * step, highest // step * step
    return first if told is None else min(max((told + step // 2) // step * step, first), last)


def _rated(part: Priced, rate: int) -> Priced:
    return replace(part, tax_rate_bp=rate // _MICRO, tax_rate_micro_bp=rate % _MICRO)


def _rates(order: PlaceOrder, taxes: Sequence[Tax]) -> list[int | None]:
    of_rates = [
        *(_of_line(order, line) for line in order.lines),
        *(_of_charge(order, each) for each in order.shipping),
    ]
    return [rate_for(tax, of_rate) for tax, of_rate in zip(taxes, of_rates, strict=True)]


def _fitness(taxes: Sequence[Tax], rates: Sequence[int | None]) -> tuple[bool, int]:
    own = sum(
        tax.rate is not None and tax.rate * _WHOLE == rate for tax, rate in zip(taxes, rates, strict=True)
    )
    return None not in rates, own


def _of_line(order: PlaceOrder, line: Line) -> OfRate:
    divide = money.DIVIDE[order.rounding]
    goods = money.goods(line.unit_price, line.unit_price_precision, line.quantity, divide)
    net = goods - line.order_discount_share - sum(discount.amount for discount in line.line_discounts)
    _check(line.line_id, goods, net)
    included = order.prices_include_tax
    if order.tax_mode == "unit":
        return lambda rate: money.tax_by_unit(
            net, line.quantity, rate // _MICRO, divide, included=included, micro=rate % _MICRO
        )
    return lambda rate: money.tax(net, rate // _MICRO, divide, included=included, micro=rate % _MICRO)


def _of_charge(order: PlaceOrder, charge: ShippingLine) -> OfRate:
    divide, net = money.DIVIDE[order.rounding], charge.amount - charge.discount
    _check(charge.line_id, charge.amount, net)
    included = order.prices_include_tax
    return lambda rate: money.tax(net, rate // _MICRO, divide, included=included, micro=rate % _MICRO)


def _check(line_id: str, goods: int, net: int) -> None:
    if net < 0:
        raise Unfit(Reason.AMOUNT_OUT_OF_RANGE, f"line {line_id}: {goods - net} off {goods}", "/line_items")
    if goods >= AMOUNT_LIMIT:
        raise Unfit(
            Reason.AMOUNT_OUT_OF_RANGE, f"line {line_id} is larger than an amount can be", "/line_items"
        )
