"""Integer arithmetic of money: every formula works on minor units, and a float never touches one.

What these functions keep: the parts of an amount always add up to the amount, whatever the rounding.
"""

from collections.abc import Callable, Sequence
from typing import Literal

Rounding = Literal["half_even", "half_up"]
Divide = Callable[[int, int], int]

_WHOLE = 10_000  # a rate is in basis points: 10,000 of them are the whole
_MICRO = 10**6


def half_even(amount: int, by: int) -> int:
    """`amount / by`, ties to the even neighbour. Both are whole, `by` > 0."""
    quotient, rest = divmod(amount, by)
    if rest:
        rest += rest
        if rest > by or (rest == by and quotient & 1):
            return quotient + 1
    return quotient


def half_up(amount: int, by: int) -> int:
    """`amount / by`, ties away from zero. `amount` >= 0, `by` > 0."""
    return (amount + amount + by) // (by + by)


DIVIDE: dict[Rounding, Divide] = {"half_even": half_even, "half_up": half_up}


def goods(unit_price: int, precision: int, quantity: int, divide: Divide) -> int:
    """Price of `quantity` units, where `unit_price` has `precision` more decimal digits than the currency."""
    if precision:
        return divide(unit_price * quantity, 10**precision)
    return unit_price * quantity


def tax(net: int, rate_bp: int, divide: Divide, *, included: bool, micro: int = 0) -> int:
    """Tax on `net`; with `included`, the tax that is already inside it. `micro`: millionths of a basis point more."""
    rate, whole = rate_bp, _WHOLE
    if micro:
        rate, whole = rate * _MICRO + micro, whole * _MICRO
    if included:
        return net - divide(net * whole, whole + rate)
    return divide(net * rate, whole)


def tax_by_unit(
    net: int, quantity: int, rate_bp: int, divide: Divide, *, included: bool, micro: int = 0
) -> int:
    """Tax that is rounded for each unit: 1.08 x 3 at 19 % is 3.87, where a tax on the line makes it 3.86.

    A discount can leave a net that the quantity does not divide. The units are then priced one minor unit
    apart, so that each has a whole price, and its tax is never more than that price.
    """
    each, dearer = divmod(net, quantity)
    whole = (quantity - dearer) * tax(each, rate_bp, divide, included=included, micro=micro)
    if dearer:
        whole += dearer * tax(each + 1, rate_bp, divide, included=included, micro=micro)
    return whole


def shares(amount: int, weights: Sequence[int]) -> list[int]:
    """Split `amount` by `weights` by largest remainder, ties to the first. Without any weight: evenly."""
    whole = sum(weights)
    if not whole:
        weights, whole = [1] * len(weights), len(weights)
    parts = [amount * weight // whole for weight in weights]
    missing = amount - sum(parts)
    if missing:
        by_remainder = sorted(range(len(weights)), key=lambda i: -(amount * weights[i] % whole))
        for i in by_remainder[:missing]:
            parts[i] += 1
    return parts


def of_units(amount: int, quantity: int, before: int, taken: int) -> int:
    """What `taken` more units of a line are worth, when `before` of its `quantity` units went already.

    f(n) = half_even(amount * n / quantity), and the answer is f(before + taken) - f(before): taken one by one
    or at once, all units together are worth exactly `amount`.
    """
    return half_even(amount * (before + taken), quantity) - half_even(amount * before, quantity)
