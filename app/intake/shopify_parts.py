"""Lines, charges and taxes of an order of Shopify.

Prices include the taxes where the order says so. Discounts lie in `discount_allocations`, of lines and of shipping; a
discount of the whole order is there by its shares. Import duties are charges, beside shipping.
"""

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import Generic, TypeVar

from msgspec import Struct

from app.domain.money import goods, half_up, shares
from app.domain.order.commands import Line, LineDiscount, ShippingLine
from app.intake import decimals, texts
from app.intake.fitting import Tax, taxed
from app.intake.opening import sum_of_rates
from app.intake.refusing import Reason, Unfit
from app.intake.shopify_payload import (
    Allocation,
    Application,
    Duty,
    LineItem,
    MoneySet,
    Order,
    Shipping,
    TaxLine,
)

What = TypeVar("What", Line, ShippingLine)


class Coins(Struct, frozen=True):
    """Which of the two moneys of a payload to read, and its digits."""

    exponent: int
    presented: bool

    def text(self, plain: str, both: MoneySet | None, where: str) -> str:
        """Return an amount as it is written."""
        if not self.presented:
            return plain
        if both is None:
            raise Unfit(Reason.UNREADABLE, "is not told in the currency that the customer saw", where)
        return both.presentment_money.amount

    def amount(self, plain: str, both: MoneySet | None, where: str) -> int:
        """Return an amount in minor units."""
        return decimals.whole(self.text(plain, both, where), self.exponent, where)


class Part(Struct, Generic[What], frozen=True):
    """A line or a charge, and what the shop says of its tax."""

    what: What
    tax: Tax
    taxed: bool  # by its own tax lines


def lines_of(told: Order, coins: Coins) -> list[Part[Line]]:
    """Return the lines, before their taxes. Raises `Unfit` where units were taken out of the order since."""
    for number, item in enumerate(told.line_items):
        if item.current_quantity not in (None, item.quantity):
            where = f"/line_items/{number}/current_quantity"
            raise Unfit(Reason.ORDER_EDITED, f"{item.current_quantity} of {item.quantity} are left", where)
    return [
        _line(item, told.discount_applications, coins, f"/line_items/{number}")
        for number, item in enumerate(told.line_items)
    ]


def charges_of(told: Order, coins: Coins) -> list[Part[ShippingLine]]:
    """Return shipping and duties, before their taxes."""
    shipping = [
        _shipping(each, number, coins)
        for number, each in enumerate(told.shipping_lines)
        if not each.is_removed
    ]
    duties = [
        _duty(duty, coins, f"/line_items/{number}/duties/{position}")
        for number, item in enumerate(told.line_items)
        for position, duty in enumerate(item.duties)
    ]
    return shipping + duties


def taxes_of(
    told: Order, coins: Coins, lines: Sequence[Part[Line]], charges: Sequence[Part[ShippingLine]]
) -> list[Tax]:
    """Return the taxes of lines and charges, which add up to the order's."""
    total = coins.amount(told.total_tax, told.total_tax_set, "/total_tax")
    taxes = [*(line.tax for line in lines), *(charge.tax for charge in charges)]
    if not total or any(part.taxed for part in lines) or any(part.taxed for part in charges):
        return taxed(total, taxes, "/total_tax")
    # Older shops tell the tax of the order only: it lies on the goods that can be taxed.
    nets = [_net(part.what) if item.taxable else 0 for part, item in zip(lines, told.line_items, strict=True)]
    if not any(nets):
        raise Unfit(Reason.TOTALS_DIFFER, f"is {total}, but nothing is taxed", "/total_tax")
    rate = _rate(told.tax_lines, "/tax_lines")
    of_lines = [
        Tax(part, rate if net else Decimal(0), Decimal(part), line.tax.where)
        for part, net, line in zip(shares(total, nets), nets, lines, strict=True)
    ]
    return [*of_lines, *(charge.tax for charge in charges)]


def _line(item: LineItem, applications: Sequence[Application], coins: Coins, where: str) -> Part[Line]:
    price = decimals.price(
        coins.text(item.price, item.price_set, f"{where}/price"), coins.exponent, f"{where}/price"
    )
    discounts, share = _discounts(item, applications, coins, where)
    line = Line(
        line_id=str(item.id),
        sku=texts.id_or(item.sku, _fallback(item)),
        name=texts.text(item.name or item.title),
        tax_category="gift-card" if item.gift_card else "",
        quantity=item.quantity,
        unit_price=price.amount,
        unit_price_precision=price.precision,
        line_discounts=discounts,
        order_discount_share=share,
        line_total=0,  # `fit` computes it
    )
    return Part(line, _tax(item.tax_lines, coins, where), bool(item.tax_lines))


def _fallback(item: LineItem) -> str:
    """Return a word for goods without a SKU that could be an id."""
    if item.variant_id is not None:
        return f"shopify-variant-{item.variant_id}"
    if item.product_id is not None:
        return f"shopify-product-{item.product_id}"
    return f"shopify-line-{item.id}"  # made up for this order


def _discounts(
    item: LineItem, applications: Sequence[Application], coins: Coins, where: str
) -> tuple[tuple[LineDiscount, ...], int]:
    """Return the discounts of the line, and its share in those of the order."""
    if not item.discount_allocations:
        off = coins.amount(item.total_discount, item.total_discount_set, f"{where}/total_discount")
        return ((LineDiscount(id="discount", amount=off),) if off else ()), 0
    share, of_line = 0, defaultdict[int, int](int)
    for number, allocation in enumerate(item.discount_allocations):
        index = allocation.discount_application_index
        amount = _allocated(allocation, coins, f"{where}/discount_allocations/{number}")
        if _is_of_order(_application(applications, index)):
            share += amount
        else:
            of_line[index] += amount
    discounts = tuple(
        LineDiscount(id=f"discount-{index}", reason=_words(_application(applications, index)), amount=amount)
        for index, amount in of_line.items()
    )
    return discounts, share


def _application(applications: Sequence[Application], index: int) -> Application:
    return applications[index] if index < len(applications) else Application()


def _is_of_order(application: Application) -> bool:
    return application.target_selection == "all" and application.allocation_method == "across"


def _words(application: Application) -> str:
    return texts.text(application.code or application.title or application.description or application.type)


def _allocated(allocation: Allocation, coins: Coins, where: str) -> int:
    return coins.amount(allocation.amount, allocation.amount_set, f"{where}/amount")


def _shipping(told: Shipping, number: int, coins: Coins) -> Part[ShippingLine]:
    where = f"/shipping_lines/{number}"
    amount = coins.amount(told.price, told.price_set, f"{where}/price")
    discount = sum(
        _allocated(each, coins, f"{where}/discount_allocations/{position}")
        for position, each in enumerate(told.discount_allocations)
    )
    if not discount and told.discounted_price is not None:
        left = coins.amount(told.discounted_price, told.discounted_price_set, f"{where}/discounted_price")
        discount = amount - left
    charge = ShippingLine(
        line_id=f"shipping-{number if told.id is None else told.id}",
        name=texts.text(told.title),
        amount=amount,
        discount=discount,
        total=0,  # `fit` computes it
    )
    return Part(charge, _tax(told.tax_lines, coins, where), bool(told.tax_lines))


def _duty(told: Duty, coins: Coins, where: str) -> Part[ShippingLine]:
    money = told.presentment_money if coins.presented else told.shop_money
    amount = decimals.whole(money.amount, coins.exponent, where)
    charge = ShippingLine(line_id=f"duty-{told.id}", name="Import duty", amount=amount, total=0)
    return Part(charge, _tax(told.tax_lines, coins, where), bool(told.tax_lines))


def _tax(told: Sequence[TaxLine], coins: Coins, where: str) -> Tax:
    where = f"{where}/tax_lines"
    amount = sum(
        coins.amount(each.price, each.price_set, f"{where}/{n}/price") for n, each in enumerate(told)
    )
    return Tax(amount, _rate(told, where), Decimal(amount), where)


def _rate(told: Sequence[TaxLine], where: str) -> Decimal | None:
    """Return the sum of the rates, None where not each is told."""
    rates = [each.rate for each in told if each.rate is not None]
    return sum_of_rates(rates, where) if len(rates) == len(told) else None


def _net(line: Line) -> int:
    whole = goods(line.unit_price, line.unit_price_precision, line.quantity, half_up)
    return max(
        0, whole - line.order_discount_share - sum(discount.amount for discount in line.line_discounts)
    )
