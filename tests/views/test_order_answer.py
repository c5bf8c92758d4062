"""What a reader gets of an order."""

import json

import msgspec

from app.domain.order.commands import Address, LineDiscount, PlaceOrder
from app.domain.order.state import Order
from app.views.order import OrderAnswer, order_answer
from tests.domain.scenario import given, line, placed, shipping
from tests.domain.test_cancelling import all_cancelled, cancelled

PLACED = placed(
    line("1", 3, 1900, line_discounts=(LineDiscount(id="d", amount=2),)),
    line("2", 2, 500),
    shipping=(shipping(750),),
    billing_address=Address(name="Zoë"),
)


def the(order: Order | None) -> Order:
    assert order is not None
    return order


def test_the_answer_has_every_fact() -> None:
    answer = order_answer(the(given(PLACED).order))
    facts = set(PlaceOrder.__struct_fields__)
    assert facts < set(OrderAnswer.__struct_fields__)
    for name in facts - {"lines", "shipping", "totals", "billing_address"}:
        assert getattr(answer, name) == getattr(PLACED.facts, name)
    assert (answer.order_id, answer.version, answer.remaining) == ("o-1", 1, 7448)


def test_the_answer_has_every_member_although_the_row_leaves_defaults_out() -> None:
    answer = json.loads(msgspec.json.encode(order_answer(the(given(PLACED).order))))
    assert answer["status"] == {"order": "placed", "payment": "none", "fulfilment": "unfulfilled"}
    assert answer["totals"] == {"goods": 6700, "discounts": 2, "shipping": 750, "tax": 0, "total": 7448}
    assert answer["billing_address"]["country"] == ""
    assert answer["shipping_address"] is None
    assert answer["shipping"][0]["discount"] == 0
    assert answer["lines"][0]["line_discounts"] == [{"id": "d", "reason": "", "amount": 2}]
    assert answer["lines"][1] == {
        "line_id": "2",
        "sku": "sku-2",
        "name": "",
        "tax_category": "",
        "quantity": 2,
        "unit_price": 500,
        "unit_price_precision": 0,
        "list_price": None,
        "line_discounts": [],
        "order_discount_share": 0,
        "tax_rate_bp": 0,
        "tax": 0,
        "line_total": 1000,
        "cancelled": 0,
        "cancelled_amount": 0,
    }


def test_cancelled_units_are_told_by_line() -> None:
    answer = order_answer(the(given(PLACED, cancelled(("1", 2, 3799))).order))
    assert [(each.cancelled, each.cancelled_amount) for each in answer.lines] == [(2, 3799), (0, 0)]
    assert (answer.version, answer.cancelled_amount, answer.remaining) == (2, 3799, 3649)
    assert answer.status.order == "placed"


def test_nothing_remains_of_a_cancelled_order() -> None:
    gone = all_cancelled(("1", 3, 5698), ("2", 2, 1000), shipping=750)
    answer = order_answer(the(given(PLACED, gone).order))
    assert answer.status.order == "cancelled"
    assert [each.cancelled_amount for each in answer.lines] == [5698, 1000]
    assert (answer.cancelled_amount, answer.remaining) == (7448, 0)
