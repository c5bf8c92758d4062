"""The house account does what the ledger asks, at once, and its books balance."""

from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from app.effects.house import NO_FUNDS, HouseAccount, answer, entry
from app.effects.provider import failed
from tests.domain.payment.scenario import (
    ENDED,
    NOON,
    ONE_LINE,
    Story,
    authorize,
    capture,
    refund,
    void,
)
from tests.effects.stories import AUTHORIZE, CALLS, CAPTURE, ORDER_ID, REFUND, VOID, carry_out

if TYPE_CHECKING:
    from app.domain.payment.commands import ProviderFact

HOUSE = HouseAccount()


async def test_an_order_is_paid_and_refunded_by_the_house() -> None:
    story, calls = await carry_out(
        Story(ONE_LINE), HOUSE, authorize(expires_at=NOON.replace(year=2027)), capture()
    )
    assert (story.status, len(calls)) == ("paid", 2)
    assert story.ledger.payments[0].expires_at == NOON.replace(year=2027)
    story, _ = await carry_out(story, HOUSE, refund("r", 10_000))
    assert story.status == "refunded"


async def test_an_order_that_ends_is_voided_by_the_house() -> None:
    story, _ = await carry_out(Story(ONE_LINE), HOUSE, authorize())
    story, _ = await carry_out(story.now(ENDED), HOUSE, void())
    assert (story.status, story.voids, story.repays) == ("voided", (), [])


async def test_a_customer_without_funds_is_declined() -> None:
    story, _ = await carry_out(Story(ONE_LINE), HOUSE, authorize(method=NO_FUNDS))
    assert story.ledger.payments[0].declined
    assert story.total.held == 0


def test_a_call_has_one_answer_however_often_it_is_made() -> None:
    for call in CALLS:
        assert answer(call) == answer(call) != ()


def test_the_books_balance_after_every_call() -> None:
    facts: list[ProviderFact] = [*answer(AUTHORIZE), *answer(CAPTURE), *answer(REFUND)]
    books: Counter[str] = Counter()
    for fact in facts:
        for leg in entry(ORDER_ID, fact):
            books[leg.account] += leg.amount
        assert sum(books.values()) == 0
    assert books == {"customer/o-1": -7500, "holds/o-1": 0, "shop": 7500}


def test_what_is_voided_goes_back_to_the_customer() -> None:
    (held,), (gone,) = answer(AUTHORIZE), answer(VOID)
    there, back = entry(ORDER_ID, held), entry(ORDER_ID, gone, held=AUTHORIZE.amount)
    assert {leg.account: leg.amount for leg in there} == {leg.account: -leg.amount for leg in back}
    assert all(a.amount == -b.amount for a, b in pairwise(back))


def test_what_failed_books_nothing() -> None:
    assert entry(ORDER_ID, failed(CAPTURE, "x")) == ()
    assert entry(ORDER_ID, answer(VOID)[0]) == ()
