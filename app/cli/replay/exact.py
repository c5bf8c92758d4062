"""Decimal text to integers. No float is made on the way, and nothing is rounded."""

from __future__ import annotations

from functools import cache

from msgspec import Struct

EXPONENT = 2  # pence, cents and centavos: every currency of the data sets has hundredths


class Price(Struct, frozen=True, gc=False):
    """A unit price: `amount` counts 10^-(EXPONENT + precision) of the currency."""

    amount: int
    precision: int


@cache  # a shop has a few thousand prices
def price(text: str) -> Price:
    """Read a price. `precision` is as many further digits as the text needs, and no more."""
    whole, _, digits = text.partition(".")
    digits = digits.rstrip("0").ljust(EXPONENT, "0")
    return Price(int(whole + digits), len(digits) - EXPONENT)


def minor_units(text: str) -> int:
    """Read an amount. Raises ValueError for one that is finer than a minor unit."""
    exact = price(text)
    if exact.precision:
        raise ValueError(f"{text!r} has more than {EXPONENT} decimal digits")
    return exact.amount


def ratio(text: str) -> tuple[int, int]:
    """Read a fraction such as 0.15 as numerator and denominator: 15, 100."""
    whole, _, digits = text.partition(".")
    return int(whole + digits), 10 ** len(digits)
