"""The ledger of an order as readers get it: every movement with what became of it, and what it all comes to."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import msgspec

from app.domain.payment import commands as pay
from app.views.ledger import ledger_answer
from tests.domain.scenario import NOON, after, line, placed

if TYPE_CHECKING:
    from app.domain.order.commands import OrderCommand

PLACED = placed(line("a", 3, 1000), line("b", 2, 500))  # 4000
HELD: tuple[OrderCommand, ...] = (
    pay.AuthorizePayment(payment_id="p-1", amount=4000, provider="till", method="pm"),
    pay.RecordPaymentAuthorized(
        payment_id="p-1", amount=4000, reference="t-1", expires_at=NOON.replace(year=2027)
    ),
)
TAKEN: tuple[OrderCommand, ...] = (
    *HELD,
    pay.CapturePayment(capture_id="c-0", payment_id="p-1", amount=500, at=NOON),
    pay.RecordCaptureFailed(payment_id="p-1", capture_id="c-0", code="try_again"),
    pay.CapturePayment(capture_id="c-1", payment_id="p-1", amount=3000, at=NOON),
    pay.RecordPaymentCaptured(payment_id="p-1", capture_id="c-1", amount=3000),
    pay.CapturePayment(capture_id="c-2", payment_id="p-1", amount=1000, at=NOON),
)
GRANT = pay.GrantRefund(grant_id="g-1", lines=(pay.UnitsToRefund(line_id="a", quantity=1),), fee=100)


def told(*asked: OrderCommand) -> dict[str, Any]:
    answer: dict[str, Any] = json.loads(msgspec.json.encode(ledger_answer(after(PLACED, *asked))))
    return answer


def test_an_order_without_payments_has_an_empty_ledger_with_every_total() -> None:
    ledger = told()
    assert (ledger["order_id"], ledger["version"], ledger["status"]) == ("o-1", 1, "none")
    assert (ledger["payments"], ledger["grants"], ledger["awaited"]) == ([], [], [])
    assert ledger["balance"] == {
        "held": 0, "open": 0, "capturing": 0, "captured": 0, "refunding": 0, "refunded": 0, "disputed": 0,
        "granted": 0, "unmoved": 0, "kept": 0, "need": 4000, "due": 0,
    }  # fmt: skip


def test_each_capture_says_what_became_of_it_and_what_of_it_can_go_back() -> None:
    ledger = told(*TAKEN)
    (payment,) = ledger["payments"]
    assert (payment["provider"], payment["method"], payment["reference"]) == ("till", "pm", "t-1")
    assert (payment["status"], payment["authorized"], payment["captured"]) == ("captured", 4000, 3000)
    assert [
        (each["capture_id"], each["status"], each["captured"], each["refundable"])
        for each in payment["captures"]
    ] == [("c-0", "failed", None, 0), ("c-1", "done", 3000, 3000), ("c-2", "requested", None, 0)]
    assert ledger["awaited"] == [{"movement": "capture", "payment_id": "p-1", "id": "c-2", "amount": 1000}]


def test_refunds_promises_and_disputes_are_there_with_what_they_are_for() -> None:
    refund = pay.RefundPayment(
        refund_id="f-1", capture_id="c-1", lines=(pay.UnitsToRefund(line_id="b", quantity=1),)
    )
    ledger = told(
        *TAKEN,
        GRANT,
        refund,
        pay.RecordRefundSucceeded(payment_id="p-1", refund_id="f-1", amount=500),
        pay.RefundPayment(refund_id="f-2", capture_id="c-1", amount=200),
        pay.RecordRefundFailed(payment_id="p-1", refund_id="f-2", code="lost_card"),
        pay.RefundPayment(refund_id="f-3", capture_id="c-1", amount=300),
        pay.RecordRefundSucceeded(payment_id="p-1", refund_id="f-3", amount=300),
        pay.RecordRefundReversed(payment_id="p-1", refund_id="f-3", code="closed_account"),
        pay.RecordDisputeOpened(payment_id="p-1", dispute_id="d-1", amount=1000),
    )
    (payment,) = ledger["payments"]
    assert [(each["refund_id"], each["status"], each["refunded"]) for each in payment["refunds"]] == [
        ("f-1", "done", 500),
        ("f-2", "failed", None),
        ("f-3", "reversed", 300),
    ]
    assert payment["refunds"][0]["lines"] == [{"line_id": "b", "quantity": 1, "amount": 500}]
    assert payment["disputes"] == [{"dispute_id": "d-1", "amount": 1000, "reversed": False}]
    assert ledger["grants"] == [
        {
            "grant_id": "g-1",
            "amount": 900,
            "lines": [{"line_id": "a", "quantity": 1, "amount": 1000}],
            "shipping": 0,
            "other": 0,
            "fee": 100,
        }
    ]
    assert (ledger["status"], ledger["balance"]["refunded"]) == ("disputed", 500)
