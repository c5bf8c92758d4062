"""The amounts of an order: recomputed to check a command (`verify`), or computed to make one (`priced`).

goods      = unit_price x quantity, rounded where the unit price has a higher precision
net        = goods - line discounts - order discount share      (never below zero)
tax        = net x rate, or the rate's part of net where prices include tax; by line or by unit
line_total = net + tax, or net where prices include tax
total      = sum of line totals + sum of shipping totals
"""

from msgspec.structs import replace

from app.domain import money
from app.domain.order.commands import Line, PlaceOrder, ShippingLine, Totals
from app.domain.refused import Code, Refused


def verify(order: PlaceOrder) -> None:
    """Raise `Refused` for the first amount that the facts do not give. Nothing is ever repaired."""
    divide = money.DIVIDE[order.rounding]
    included = order.prices_include_tax
    by_unit = order.tax_mode == "unit"
    goods = discounts = shipping = taxes = total = 0
    for line in order.lines:
        # Most lines have no discount, no tax and a whole unit price: they are worth no function call.
        gross = net = line.unit_price * line.quantity
        if line.unit_price_precision:
            gross = net = money.goods(line.unit_price, line.unit_price_precision, line.quantity, divide)
        if line.line_discounts or line.order_discount_share:
            net = gross - _discounts(line)
            if net < 0:
                raise Refused(Code.DISCOUNT_EXCEEDS_LINE, f"line {line.line_id}: {gross - net} off {gross}")
            discounts += gross - net
        tax = 0
        if line.tax_rate_bp or line.tax_rate_micro_bp:
            tax = _tax(line, net, divide, included=included, by_unit=by_unit)
        line_total = net if included else net + tax
        if tax != line.tax or line_total != line.line_total:
            _refuse_line(order, line, tax, line_total)
        goods += gross
        taxes += tax
        total += line_total
    for charge in order.shipping:
        net, tax = _charge(order, charge, divide)
        shipping += net
        taxes += tax
        total += charge.total
    stated = order.totals
    if (
        total != stated.total
        or goods != stated.goods
        or taxes != stated.tax
        or discounts != stated.discounts
        or shipping != stated.shipping
    ):
        right = Totals(goods=goods, discounts=discounts, shipping=shipping, tax=taxes, total=total)
        _refuse_totals(stated, right)


def priced(order: PlaceOrder) -> PlaceOrder:
    """Return the order with the taxes, line totals and totals that follow from the rest of it."""
    divide = money.DIVIDE[order.rounding]
    included = order.prices_include_tax
    lines, charges = [], []
    goods = discounts = 0
    for line in order.lines:
        gross = money.goods(line.unit_price, line.unit_price_precision, line.quantity, divide)
        off = _discounts(line)
        tax = _tax(line, gross - off, divide, included=included, by_unit=order.tax_mode == "unit")
        lines.append(replace(line, tax=tax, line_total=gross - off + (0 if included else tax)))
        goods += gross
        discounts += off
    for charge in order.shipping:
        net = charge.amount - charge.discount
        tax = money.tax(net, charge.tax_rate_bp, divide, included=included, micro=charge.tax_rate_micro_bp)
        charges.append(replace(charge, tax=tax, total=net + (0 if included else tax)))
    totals = Totals(
        goods=goods,
        discounts=discounts,
        shipping=sum(charge.amount - charge.discount for charge in charges),
        tax=sum(line.tax for line in lines) + sum(charge.tax for charge in charges),
        total=sum(line.line_total for line in lines) + sum(charge.total for charge in charges),
    )
    return replace(order, lines=tuple(lines), shipping=tuple(charges), totals=totals)


def _discounts(line: Line) -> int:
    off = line.order_discount_share
    for discount in line.line_discounts:
        off += discount.amount
    return off


def _tax(line: Line, net: int, divide: money.Divide, *, included: bool, by_unit: bool) -> int:
    rate, micro = line.tax_rate_bp, line.tax_rate_micro_bp
    if by_unit:
        return money.tax_by_unit(net, line.quantity, rate, divide, included=included, micro=micro)
    return money.tax(net, rate, divide, included=included, micro=micro)


def _charge(order: PlaceOrder, charge: ShippingLine, divide: money.Divide) -> tuple[int, int]:
    """Return net and tax of a shipping line that states the right amounts."""
    net = charge.amount - charge.discount
    if net < 0:
        raise Refused(
            Code.DISCOUNT_EXCEEDS_LINE,
            f"shipping line {charge.line_id}: {charge.discount} off {charge.amount}",
        )
    rate, included = charge.tax_rate_bp, order.prices_include_tax
    tax = money.tax(net, rate, divide, included=included, micro=charge.tax_rate_micro_bp)
    total = net if order.prices_include_tax else net + tax
    where = f"/shipping/{order.shipping.index(charge)}"
    if tax != charge.tax:
        raise _differs(f"{where}/tax", charge.tax, tax)
    if total != charge.total:
        raise _differs(f"{where}/total", charge.total, total)
    return net, tax


def _refuse_line(order: PlaceOrder, line: Line, tax: int, line_total: int) -> None:
    where = f"/lines/{order.lines.index(line)}"
    if tax != line.tax:
        raise _differs(f"{where}/tax", line.tax, tax)
    raise _differs(f"{where}/line_total", line.line_total, line_total)


def _refuse_totals(stated: Totals, right: Totals) -> None:
    field = next(name for name in Totals.__struct_fields__ if getattr(stated, name) != getattr(right, name))
    raise _differs(f"/totals/{field}", getattr(stated, field), getattr(right, field))


def _differs(pointer: str, stated: int, right: int) -> Refused:
    return Refused(Code.TOTALS_DIFFER, f"{pointer} is {stated}, but the facts give {right}")
