"""Decimal text to integers. No float is made on the way, and nothing is rounded."""

from __future__ import annotations

from typing import NamedTuple

EXPONENT = 2  # pence, cents and centavos: every currency of the data sets has hundredths


class Price(NamedTuple):
    """A unit price: `amount` counts 10^-(EXPONENT + precision) of the currency."""

    amount: int
    precision: int


def price(text: str) -> Price:
    """Read a price. `precision` is as many further digits as the text needs, and no more."""
    whole, _, digits = text.partition(".")
    digits = digits.rstrip("0").ljust(EXPONENT, "0")
    return Price(int(whole + digits), len(digits) - EXPONENT)


def minor_units(text: str) -> int:
    """Read an amount. Raises ValueError for one that is finer than a minor unit."""
    amount, precision = price(text)
    if precision:
        raise ValueError(f"{text!r} has more than {EXPONENT} decimal digits")
    return amount


def ratio(text: str) -> tuple[int, int]:
    """Read a fraction such as 0.15 as numerator and denominator: 15, 100."""
    whole, _, digits = text.partition(".")
    return int(whole + digits), 10 ** len(digits)
