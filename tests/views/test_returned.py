"""A return as readers get it: terms, parcels, and what is paid back for them."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from app.domain.returns.evolver import fold
from app.views.returned import return_answer
from tests.domain.returns.scenario import RETURN_ID, approved, inspected, line, received, requested

REQUESTED = requested(line("A", 3, 300), line("B", 1, 100), reason="too warm")


def told(*events: Any) -> dict[str, Any]:
    returned = fold(RETURN_ID, [REQUESTED, *events])
    assert returned is not None
    answer: dict[str, Any] = json.loads(msgspec.json.encode(return_answer(returned)))
    return answer


def test_a_return_that_was_asked_for_has_every_member() -> None:
    answer = told()
    assert (answer["return_id"], answer["version"], answer["status"]) == (RETURN_ID, 1, "requested")
    assert (answer["order_id"], answer["currency"], answer["reason"]) == ("o-1", "EUR", "too warm")
    assert (answer["approved"], answer["receipts"], answer["refund"]) == (None, [], 0)
    assert answer["lines"][1] == {
        "line_id": "B", "sku": "sku-B", "quantity": 1, "received": 0, "ordered": 1, "line_total": 100, "before": 0,
        "reason": "",
    }  # fmt: skip


def test_what_came_is_there_with_what_became_of_it_and_what_it_is_worth() -> None:
    first = received(("A", 1, 1, 200))
    answer = told(approved(), first)
    assert (answer["status"], answer["refund"], answer["to_inspect"]) == (
        "partially-received", first.refund, [first.receipt_id],
    )  # fmt: skip
    assert answer["approved"]["fee"] == 0
    assert answer["lines"][0]["received"] == 2
    (receipt,) = answer["receipts"]
    assert receipt["lines"] == [{"line_id": "A", "sellable": 1, "damaged": 1, "amount": 200}]
    assert receipt["placed"] == []


def test_an_inspected_parcel_says_where_its_units_went() -> None:
    answer = told(approved(fee=5), received(("A", 1, 1, 200)), inspected(("A", 1, 1)))
    assert answer["receipts"][0]["placed"] == [
        {"line_id": "A", "sku": "sku-A", "restocked": 1, "written_off": 1}
    ]
    assert (answer["to_inspect"], answer["approved"]["fee"]) == ([], 5)
