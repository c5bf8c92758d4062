"""What is paid back for units that came.

goods    = of each line f(n) - f(k), f(n) = half_even(line_total x n / ordered), n and k counted over all returns
shipping = what was approved, with the first receipt
fee      = what was approved, taken as far as there is something to take it from
refund   = goods + shipping - fee, never below nothing
"""

from app.domain.money import of_units
from app.domain.returns.commands import LineToReturn
from app.domain.returns.state import Return


def worth(line: LineToReturn, before: int, taken: int) -> int:
    """Return what `taken` more units of a line are worth, when `before` of this return came already."""
    return of_units(line.line_total, line.ordered, line.before + before, taken)


def extras(returned: Return, goods: int) -> tuple[int, int]:
    """Return the shipping and the fee of a receipt with goods worth so much."""
    terms = returned.approved
    if terms is None:
        return 0, 0
    shipping = 0 if returned.receipts else terms.shipping
    taken = sum([receipt.received.fee for receipt in returned.receipts])
    return shipping, min(terms.fee - taken, goods + shipping)
