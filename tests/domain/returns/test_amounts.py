"""What is paid back: the cases that shops reported, and what is right instead."""

from random import Random

from app.domain.returns.amounts import extras
from tests.domain.returns.scenario import (
    approve,
    approved,
    given,
    line,
    receive,
    received,
    request,
    requested,
)


def refunds(total: int, ordered: int, *parts: int) -> list[int]:
    """Return what is paid back for units of one line that come in parts, all with one return."""
    stands = given(requested(line("A", ordered, total)), approved())
    amounts = []
    for i, part in enumerate(parts):
        command = receive(("A", part, 0), receipt_id=f"b-{i}")
        amount, stands = stands.when(command).then_paid_back()
        amounts.append(amount)
    return amounts


def test_c09_units_of_a_line_are_worth_the_line_whatever_the_steps() -> None:
    assert refunds(5700, 3, 1, 1, 1) == [1900, 1900, 1900]
    assert refunds(1000, 3, 1, 1, 1) == [333, 334, 333]
    assert refunds(1000, 3, 2, 1) == [667, 333]


def test_c09_units_of_several_returns_are_worth_the_line_too() -> None:
    worth = []
    for before in range(3):
        stands = given(requested(line("A", 1, 1000, ordered=3, before=before)), approved())
        worth.append(stands.when(receive(("A", 1, 0))).then_paid_back()[0])
    assert worth == [333, 334, 333]


def test_c09_in_any_number_of_returns_and_parts_the_sum_is_exact() -> None:
    random = Random(9)  # noqa: S311 - a story to repeat
    for _ in range(500):
        total, ordered = random.randrange(10**6), random.randrange(1, 12)
        paid = before = 0
        while before < ordered:
            quantity = random.randint(1, ordered - before)
            stands = given(requested(line("A", quantity, total, ordered=ordered, before=before)), approved())
            came = 0
            while came < quantity:
                part = random.randint(1, quantity - came)
                asked = stands.when(receive(("A", part, 0), receipt_id=str(came)))
                amount, stands = asked.then_paid_back()
                paid += amount
                came += part
            before += quantity
        assert paid == total


def test_c10_a_discount_on_the_order_stays_with_its_line() -> None:
    """A and B cost 10,000 each, 2,000 off the order; B was cancelled, A comes back."""
    stands = given(requested(line("A", 1, 9000)), approved())
    stands.when(receive(("A", 1, 0))).then(received(("A", 1, 0, 9000)))


def test_c11_shipping_is_paid_back_once_and_a_fee_is_taken_off() -> None:
    """A and B, shipping 750: A comes back with its shipping for a fee of 300, then B does."""
    first = given(requested(line("A", 1, 4000), shipping_left=750)).when(approve(fee=300, shipping=750))
    came = first.then(approved(300, 750)).when(receive(("A", 1, 0)))
    came.then(received(("A", 1, 0, 4000), shipping=750, fee=300))
    assert came.then_paid_back()[0] == 4450
    second = given(requested(line("B", 1, 2000), shipping_left=0))
    second.when(approve(shipping=750)).then_refused(
        "refund-exceeds-shipping", "750 of shipping to pay back, 0"
    )
    by_default = second.when(approve()).then(approved()).when(receive(("B", 1, 0)))
    assert by_default.then_paid_back()[0] == 2000


def test_c11_shipping_comes_with_the_first_receipt_only() -> None:
    stands = given(requested(line("A", 2, 2000), shipping_left=750), approved(shipping=500))
    after = stands.when(receive(("A", 1, 0))).then(received(("A", 1, 0, 1000), shipping=500))
    after.when(receive(("A", 1, 0), receipt_id="b-2")).then(received(("A", 1, 0, 1000), receipt_id="b-2"))


def test_c11_a_fee_never_makes_a_refund_negative_and_is_taken_once() -> None:
    stands = given(requested(line("A", 3, 600)), approved(fee=300))
    one = received(("A", 1, 0, 200), fee=200)
    two = received(("A", 1, 0, 200), receipt_id="b-2", fee=100)
    three = received(("A", 1, 0, 200), receipt_id="b-3")
    after = stands.when(receive(("A", 1, 0))).then(one)
    after = after.when(receive(("A", 1, 0), receipt_id="b-2")).then(two)
    after.when(receive(("A", 1, 0), receipt_id="b-3")).then(three)
    assert [each.refund for each in (one, two, three)] == [0, 100, 200]


def test_without_terms_there_are_no_extras() -> None:
    stands = given().when(request(line("A", 1, 100))).then(requested(line("A", 1, 100)))
    assert extras(stands.returned, 100) == (0, 0)
