"""Decimal text to whole minor units. No float is made on the way, and nothing is rounded.

How many digits a currency has comes from ISO 4217, not from the text: shops write 1000.00 JPY and 5 EUR.
"""

import re
from typing import Annotated, Final

from msgspec import Meta, Struct

from app.domain.bounds import AMOUNT_LIMIT
from app.domain.money import half_up
from app.intake.refusing import Reason, Unfit

_AMOUNT: Final = re.compile(r"(-?)(\d{1,15})(?:\.(\d{1,10}))?", re.ASCII)
Decimals = Annotated[str, Meta(pattern=r"\A-?[0-9]{1,15}(\.[0-9]{1,10})?\Z")]  # as long as nobody's money is
FINEST: Final = 6  # unit_price_precision

_CODES: Final = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: """
        AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP
        CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR
        JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
        NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP
        SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG
    """,
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
DIGITS: Final = {code: digits for digits, codes in _CODES.items() for code in codes.split()}


class Price(Struct, frozen=True, gc=False):
    """A unit price: `amount` counts 10^-precision minor units."""

    amount: int
    precision: int = 0


def exponent_of(currency: str, where: str) -> int:
    """Return how many decimal digits a currency has."""
    if currency not in DIGITS:
        raise Unfit(Reason.CURRENCY_UNKNOWN, f"{currency!r} is no currency of ISO 4217", where)
    return DIGITS[currency]


def minor(text: Decimals, exponent: int, where: str) -> int:
    """Return an amount in minor units. Below zero it may be."""
    exact = _exact(text, exponent, where)
    if exact.precision:
        raise Unfit(Reason.AMOUNT_TOO_FINE, f"{text} has more than {exponent} decimal digits", where)
    return exact.amount


def whole(text: Decimals, exponent: int, where: str) -> int:
    """Return an amount in minor units that is not below zero."""
    return _not_below_zero(minor(text, exponent, where), text, where)


def price(text: Decimals, exponent: int, where: str) -> Price:
    """Return a unit price, which may be finer than the currency."""
    exact = _exact(text, exponent, where)
    if exact.precision > FINEST:
        raise Unfit(Reason.AMOUNT_TOO_FINE, f"{text} is finer than {exponent + FINEST} decimal digits", where)
    _not_below_zero(exact.amount, text, where)
    return exact


def each(total: int, quantity: int, where: str) -> Price:
    """Return a unit price of which `quantity` are `total`, with as few digits as will do."""
    for precision in range(FINEST + 1):
        unit = half_up(total * 10**precision, quantity)
        # Less than half a minor unit away, so that no way of rounding ends elsewhere.
        if abs(unit * quantity - total * 10**precision) * 2 < 10**precision and unit < AMOUNT_LIMIT:
            return Price(unit, precision)
    raise Unfit(Reason.AMOUNT_TOO_FINE, f"no unit price makes {total} of {quantity} units", where)


def _exact(text: str, exponent: int, where: str) -> Price:
    sign, digits, further = _parts(text)
    further = further.rstrip("0").ljust(exponent, "0")
    amount = int(f"{sign}{digits}{further}")
    if abs(amount) >= AMOUNT_LIMIT:
        raise Unfit(Reason.AMOUNT_OUT_OF_RANGE, f"{text} is larger than an amount can be", where)
    return Price(amount, len(further) - exponent)


def _parts(text: str) -> tuple[str, str, str]:
    read = _AMOUNT.fullmatch(text)
    assert read, "the field has the type Decimals"  # noqa: S101 - decoding checked it
    return read[1], read[2], read[3] or ""


def _not_below_zero(amount: int, text: str, where: str) -> int:
    if amount < 0:
        raise Unfit(Reason.AMOUNT_OUT_OF_RANGE, f"{text} is below zero", where)
    return amount
