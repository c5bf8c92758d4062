"""Lines, charges and taxes of an order of WooCommerce.

Its amounts are without the tax, always; where the prices of the shop include it, amount and tax are added here, because
the sum is what the customer saw. Each is rounded to the cent by itself, so that 9.995 + 2.005 are told as 10.00 + 2.01:
what the lines are off by that, a cent each at most, is taken from the order's total.

Fees are charges, beside shipping. A fee below zero is a discount, and each line bears its share.
"""

import html
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from app.domain.money import shares
from app.domain.order.commands import Line, LineDiscount, ShippingLine
from app.intake import decimals, texts
from app.intake.fitting import Tax, settled, taxed
from app.intake.opening import sum_of_rates
from app.intake.refusing import same
from app.intake.woocommerce_payload import Charge, LineItem, Order

_PLACES: Final = Decimal("0.000001")  # of a rate that is computed from amounts

Rates = Mapping[int, Decimal | None]


class Goods(Struct, frozen=True):
    """A line: its price before and after discounts, as the customer saw it."""

    item: LineItem
    before: int
    after: int
    tax: Tax
    where: str
    share: int = 0  # of the fees below zero


class Paid(Struct, frozen=True):
    """Shipping or a fee."""

    line_id: str
    name: str
    amount: int
    tax: Tax


class Parts(Struct, frozen=True):
    """All of an order, with taxes that add up to the order's."""

    goods: list[Goods]
    fees: list[Paid]
    shipping: list[Paid]

    def taxes(self) -> list[Tax]:
        """Return the taxes, of the lines, then of the charges."""
        return [*(each.tax for each in self.goods), *(each.tax for each in (*self.shipping, *self.fees))]

    def charges(self) -> tuple[ShippingLine, ...]:
        """Return shipping and fees, before their taxes."""
        return tuple(
            ShippingLine(line_id=paid.line_id, name=paid.name, amount=paid.amount, total=0)
            for paid in (*self.shipping, *self.fees)
        )


def parts_of(told: Order, exponent: int) -> Parts:
    """Return lines, fees and shipping. Raises `Unfit` where they are not what the order says of their sums."""
    rates: Rates = {each.rate_id: None if each.compound else each.rate_percent for each in told.tax_lines}
    reader = _Reader(exponent, told.prices_include_tax, rates)
    goods = [reader.goods(item, f"/line_items/{n}") for n, item in enumerate(told.line_items)]
    fees = [reader.paid(fee, "fee", f"/fee_lines/{n}") for n, fee in enumerate(told.fee_lines)]
    shipping = [
        reader.paid(each, "shipping", f"/shipping_lines/{n}") for n, each in enumerate(told.shipping_lines)
    ]
    _check_sums(told, reader, goods)
    below = [fee for fee in fees if fee.amount < 0]
    fees = [fee for fee in fees if fee.amount >= 0]
    if below:
        goods = _less(goods, -sum(fee.amount for fee in below), -sum(fee.tax.amount for fee in below))
    cart_tax = reader.whole(told.cart_tax, "/cart_tax")
    shipping_tax = reader.whole(told.shipping_tax, "/shipping_tax")
    same("/total_tax", reader.whole(told.total_tax, "/total_tax"), cart_tax + shipping_tax)
    if told.prices_include_tax:
        total = reader.whole(told.total, "/total")
        goods = _seen(goods, total - sum(paid.amount for paid in (*fees, *shipping)))
    taxes = iter(taxed(cart_tax, [*(each.tax for each in goods), *(fee.tax for fee in fees)], "/cart_tax"))
    of_shipping = iter(taxed(shipping_tax, [paid.tax for paid in shipping], "/shipping_tax"))
    return Parts(
        [replace(each, tax=next(taxes)) for each in goods],
        [replace(fee, tax=next(taxes)) for fee in fees],
        [replace(each, tax=next(of_shipping)) for each in shipping],
    )


def line_of(goods: Goods, told: Order) -> Line:
    """Return a line, before its tax."""
    item = goods.item
    before = max(goods.before, goods.after)  # a person may have raised the price of a line
    price = decimals.each(before, item.quantity, f"{goods.where}/subtotal")
    codes = ", ".join(coupon.code for coupon in told.coupon_lines)
    discount = LineDiscount(
        id="coupon" if codes else "discount", reason=texts.text(codes), amount=before - goods.after
    )
    return Line(
        line_id=str(item.id),
        sku=texts.id_or(item.sku, _fallback(item)),
        name=texts.text(html.unescape(item.name or "")),
        tax_category=texts.text(item.tax_class),
        quantity=item.quantity,
        unit_price=price.amount,
        unit_price_precision=price.precision,
        line_discounts=(discount,) if discount.amount else (),
        order_discount_share=goods.share,
        line_total=0,  # `fit` computes it
    )


class _Reader(Struct, frozen=True):
    """What the amounts of an order are read by."""

    exponent: int
    included: bool
    rates: Rates

    def minor(self, text: str, where: str) -> int:
        return decimals.minor(text, self.exponent, where)

    def whole(self, text: str, where: str) -> int:
        return decimals.whole(text, self.exponent, where)

    def goods(self, item: LineItem, where: str) -> Goods:
        before, after = (
            self.whole(item.subtotal, f"{where}/subtotal"),
            self.whole(item.total, f"{where}/total"),
        )
        tax = self._tax(item, self.whole(item.total_tax, f"{where}/total_tax"), where)
        if self.included:
            before += self.whole(item.subtotal_tax, f"{where}/subtotal_tax")
            after += tax.amount
        return Goods(item, before, after, tax, where)

    def paid(self, charge: Charge, kind: str, where: str) -> Paid:
        amount = self.minor(charge.total, f"{where}/total")
        tax = self._tax(charge, self.minor(charge.total_tax, f"{where}/total_tax"), where)
        name = texts.text(html.unescape(charge.name or charge.method_title or ""))
        return Paid(f"{kind}-{charge.id}", name, amount + (tax.amount if self.included else 0), tax)

    def _tax(self, part: LineItem | Charge, amount: int, where: str) -> Tax:
        where = f"{where}/total_tax"
        told = [each for each in part.taxes if each.total]
        exact = sum((Decimal(each.total) for each in told), Decimal(0)) if told else Decimal(part.total_tax)
        minor = exact.scaleb(self.exponent)
        rates = [self.rates.get(each.id) for each in told]
        if told and None not in rates:
            rate = sum_of_rates([each / 100 for each in rates if each is not None], where)
            return Tax(amount, rate, minor, where)
        net = Decimal(part.total)
        if self.included or net <= 0 or exact < 0:  # the amount is rounded, or there is none to divide by
            return Tax(amount, None, minor, where)
        return Tax(amount, sum_of_rates([(exact / net).quantize(_PLACES)], where), minor, where)


def _check_sums(told: Order, reader: _Reader, goods: Sequence[Goods]) -> None:
    """Raise `Unfit` unless discounts and shipping are the sums of their parts."""
    stated = reader.whole(told.discount_total, "/discount_total")
    off = sum(each.before - each.after for each in goods)
    if reader.included:  # each amount and each tax is rounded by itself
        stated += reader.whole(told.discount_tax, "/discount_tax")
        if abs(off - stated) <= 2 * len(goods):
            stated = off
    same("/discount_total", stated, off)
    shipping = sum(reader.minor(each.total, "/shipping_lines") for each in told.shipping_lines)
    same("/shipping_total", reader.whole(told.shipping_total, "/shipping_total"), shipping)


def _less(goods: Sequence[Goods], off: int, tax_off: int) -> list[Goods]:
    """Return the lines with their shares of a discount on the order, and of the tax that it saves."""
    parts = shares(off, [each.after for each in goods])
    taxes = shares(tax_off, [each.tax.amount for each in goods])
    return [
        replace(
            each,
            share=part,
            tax=replace(each.tax, amount=each.tax.amount - tax, exact=each.tax.exact - tax),
        )
        for each, part, tax in zip(goods, parts, taxes, strict=True)
    ]


def _seen(goods: Sequence[Goods], total: int) -> list[Goods]:
    """Return the lines at the prices that add up to what the customer paid for them."""
    stated = [each.after - each.share for each in goods]
    exact = [then - each.tax.amount + each.tax.exact for each, then in zip(goods, stated, strict=True)]
    right = settled(total, stated, exact, "/total")
    return [
        replace(each, before=each.before + now - then, after=each.after + now - then)
        for each, now, then in zip(goods, right, stated, strict=True)
    ]


def _fallback(item: LineItem) -> str:
    """Return a word for goods without a SKU that could be an id."""
    if item.variation_id:
        return f"woocommerce-variation-{item.variation_id}"
    if item.product_id:
        return f"woocommerce-product-{item.product_id}"
    return f"woocommerce-line-{item.id}"  # made up for this order
