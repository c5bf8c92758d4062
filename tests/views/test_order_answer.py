"""What a reader gets of an order."""

import json

import msgspec
from msgspec.structs import replace

from app.domain.order import commands
from app.domain.order.commands import Address, Checkout, LineDiscount, PlaceOrder, Units, UnitsBack
from app.domain.order.state import Order
from app.domain.order.statuses import FulfilmentStatus, OrderStatus, PaymentStatus
from app.domain.payment import commands as pay
from app.views.order import OrderAnswer, Statuses, order_answer
from tests.domain.scenario import NOON, added, after, given, line, placed, shipping
from tests.domain.test_cancelling import all_cancelled, cancelled

PLACED = placed(
    line("1", 3, 1900, line_discounts=(LineDiscount(id="d", amount=2),)),
    line("2", 2, 500),
    shipping=(shipping(750),),
    billing_address=Address(name="Zoë"),
    checkout=Checkout(warehouse="north"),
)


def the(order: Order | None) -> Order:
    assert order is not None
    return order


def test_the_answer_has_every_fact() -> None:
    answer = order_answer(the(given(PLACED).order))
    facts = set(PlaceOrder.__struct_fields__)
    assert facts < set(OrderAnswer.__struct_fields__)
    for name in facts - {"lines", "shipping", "totals", "billing_address", "checkout"}:
        assert getattr(answer, name) == getattr(PLACED.facts, name)
    assert (answer.order_id, answer.version, answer.remaining) == ("o-1", 1, 7448)


def test_the_answer_has_every_member_although_the_row_leaves_defaults_out() -> None:
    answer = json.loads(msgspec.json.encode(order_answer(the(given(PLACED).order))))
    assert answer["status"] == {"order": "placed", "payment": "none", "fulfilment": "unfulfilled"}
    assert answer["totals"] == {"goods": 6700, "discounts": 2, "shipping": 750, "tax": 0, "total": 7448}
    assert answer["billing_address"]["country"] == ""
    assert answer["shipping_address"] is None
    assert answer["checkout"] == {
        "warehouse": "north",
        "backorder": False,
        "provider": "house",
        "method": "",
        "capture": "manual",
        "pay_within_s": None,
    }
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
        "tax_rate_micro_bp": 0,
        "tax": 0,
        "line_total": 1000,
        "cancelled": 0,
        "cancelled_amount": 0,
        "reserved": 0,
        "backordered": 0,
        "shipped": 0,
        "delivered": 0,
        "advised": 0,
        "sellable": 0,
        "damaged": 0,
        "granted_amount": 0,
    }
    assert (answer["held"], answer["holds"], answer["shipments"], answer["notes"]) == (False, [], [], [])
    assert answer["payments"]["payments"] == []


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


AUTHORIZED = (
    pay.AuthorizePayment(payment_id="p", amount=7448, method="card"),
    pay.RecordPaymentAuthorized(payment_id="p", amount=7448, method="card"),
)


def test_amendments_holds_and_notes_are_told() -> None:
    change = commands.ProposeAmendment(amendment_id="a", lines=added(line("3", 1, 700)), difference=700)
    answer = order_answer(
        after(
            PLACED,
            *AUTHORIZED,
            change,
            commands.RejectAmendment(amendment_id="a"),
            replace(change, amendment_id="b", reason="asked for"),
            pay.AuthorizePayment(payment_id="q", amount=700),
            pay.RecordPaymentAuthorized(payment_id="q", amount=700),
            commands.ConfirmAmendment(amendment_id="b"),
            commands.ProposeAmendment(amendment_id="c", lines=added(line("4", 1, 1)), difference=1),
            commands.HoldOrder(code="fraud", reason="new customer", at=NOON),
            commands.AddNote(note_id="n", text="call first", author="Ann"),
        )
    )
    assert answer.held
    assert [(each.code, each.reason, each.at) for each in answer.holds] == [("fraud", "new customer", NOON)]
    assert [(each.amendment_id, each.status, each.difference, each.reason) for each in answer.amendments] == [
        ("a", "rejected", 700, ""),
        ("b", "confirmed", 700, "asked for"),
        ("c", "open", 1, ""),
    ]
    assert [each.line_id for each in answer.lines] == ["1", "2", "3"]
    assert (answer.totals.total, answer.remaining) == (8148, 8148)
    assert [(each.note_id, each.text, each.author) for each in answer.notes] == [("n", "call first", "Ann")]


def test_shipments_returns_and_money_are_told() -> None:
    two = (Units(line_id="1", quantity=2),)
    one = (Units(line_id="1", quantity=1),)
    back = (UnitsBack(line_id="1", damaged=1),)
    answer = order_answer(
        after(
            PLACED,
            *AUTHORIZED,
            commands.ConfirmOrder(at=NOON),
            commands.RecordReservation(line_id="1", reserved=2, backordered=1, revision=4),
            commands.ShipOrder(shipment_id="s", lines=two, carrier="mail", at=NOON),
            commands.UpdateTracking(shipment_id="s", carrier="mail", tracking="42"),
            pay.CapturePayment(capture_id="k", payment_id="p", amount=3799, at=NOON),
            pay.RecordPaymentCaptured(capture_id="k", payment_id="p", amount=3799),
            commands.ConfirmDelivery(shipment_id="s", lines=one, at=NOON),
            commands.AdviseReturn(return_id="r", lines=two, reason="too small"),
            commands.RecordReturnReceipt(return_id="r", receipt_id="x", lines=back, at=NOON),
            commands.WithdrawReturn(return_id="r"),
            pay.GrantRefund(grant_id="g", amount=100, fee=10),
        )
    )
    assert answer.status == Statuses(
        order=OrderStatus.CONFIRMED,
        payment=PaymentStatus.PARTIALLY_PAID,
        fulfilment=FulfilmentStatus.PARTIALLY_RETURNED,
    )
    told = answer.lines[0]
    assert (told.reserved, told.backordered, told.shipped, told.delivered) == (2, 1, 2, 1)
    assert (told.advised, told.sellable, told.damaged, told.granted_amount) == (1, 0, 1, 85)
    (shipment,) = answer.shipments
    assert (shipment.shipment_id, shipment.carrier, shipment.tracking) == ("s", "mail", "42")
    assert (shipment.lines, shipment.delivered, shipment.reason, shipment.at) == (two, one, "", NOON)
    (coming,) = answer.returns
    assert (coming.return_id, coming.lines, coming.reason, coming.withdrawn) == ("r", two, "too small", True)
    assert [(each.receipt_id, each.lines[0].damaged) for each in coming.receipts] == [("x", 1)]
    money = answer.payments
    assert (money.captured, money.held, money.granted, money.refunded) == (3799, 3649, 90, 0)
    assert [(each.payment_id, each.status, each.method) for each in money.payments] == [
        ("p", "partially-captured", "card")
    ]
    assert [(each.grant_id, each.amount, each.fee) for each in money.grants] == [("g", 90, 10)]
