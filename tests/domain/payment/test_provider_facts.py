"""C07, C08: a provider says things in any order, late and twice. It ends in one state with one set of totals."""

from collections import Counter
from itertools import permutations, product

from hypothesis import given as forall
from hypothesis import settings
from hypothesis import strategies as st

from app.domain.payment import commands
from app.domain.payment.commands import ProviderFact, RecordPaymentAuthorized
from app.domain.payment.state import EMPTY, Ledger, Payment
from tests.domain.payment.scenario import (
    NOON,
    PAID,
    Story,
    authorize,
    authorized,
    capture,
    captured,
    given,
    owes,
    refunded,
)

OWED = owes(("A", 3, 9000), shipping=1000)
FACTS: tuple[ProviderFact, ...] = (
    authorized(reference="pi_1", expires_at=NOON),
    captured(reference="ch_1"),
    refunded("r1", 4000, capture_id="c"),
    refunded("r2", 6000, capture_id="c"),
)


def test_every_permutation_and_duplication_of_a_life_ends_in_one_state() -> None:
    whole = Story(OWED).ask(*FACTS)
    assert (whole.status, whole.total.captured, whole.total.refunded) == ("refunded", 10_000, 10_000)
    for order in permutations(FACTS):
        for times in product((1, 2), repeat=len(order)):
            facts = [fact for fact, n in zip(order, times, strict=True) for _ in range(n)]
            assert Story(OWED).ask(*facts) == whole
            assert Story(OWED).ask(*facts, *facts) == whole


def test_a_fact_is_told_once_under_however_many_event_ids() -> None:
    """C08: the same fact twice in a batch, or again under another id of the provider, is one event."""
    story = given(authorize(), authorized(), capture(), captured(reference="ch_1"))
    story.already(captured(reference="ch_1"), captured(), authorized())


def test_the_capture_may_be_told_before_the_authorisation() -> None:
    early = given(authorize(), captured())
    assert early.status == "paid"
    assert early.ask(authorized()).total == given(authorize(), authorized(), captured()).total
    assert early.ask(authorized()).total.open == 0


def test_a_movement_that_nobody_here_asked_for_is_taken() -> None:
    told = given(captured(10_000, "ch_9", "pi_9", provider="stripe"))
    assert (told.total.captured, told.status) == (10_000, "paid")
    (asked,) = told.says(commands.RefundPayment(refund_id="r", capture_id="ch_9", amount=100))
    assert (asked.provider, asked.reference) == ("stripe", "pi_9")  # type: ignore[union-attr]


# Few ids and few amounts, so that facts meet, repeat and contradict each other.
PAYMENT_IDS, AMOUNTS = st.sampled_from(["p", "q"]), st.sampled_from([0, 1000, 4000, 10_000])
CAPTURE_IDS, REFUND_IDS = st.sampled_from(["c", "d"]), st.sampled_from(["r1", "r2"])
any_fact: st.SearchStrategy[ProviderFact] = st.one_of(
    st.builds(
        RecordPaymentAuthorized,
        payment_id=PAYMENT_IDS,
        amount=AMOUNTS,
        provider=st.sampled_from([None, "house", "stripe"]),
        reference=st.sampled_from([None, "pi_1", "pi_2"]),
        expires_at=st.sampled_from([None, NOON]),
    ),
    st.builds(commands.RecordPaymentDeclined, payment_id=PAYMENT_IDS),
    st.builds(commands.RecordPaymentCaptured, payment_id=PAYMENT_IDS, capture_id=CAPTURE_IDS, amount=AMOUNTS),
    st.builds(commands.RecordCaptureFailed, payment_id=PAYMENT_IDS, capture_id=CAPTURE_IDS),
    st.builds(commands.RecordPaymentVoided, payment_id=PAYMENT_IDS),
    st.builds(commands.RecordVoidFailed, payment_id=PAYMENT_IDS, attempt=st.integers(1, 2)),
    st.builds(
        commands.RecordRefundSucceeded,
        payment_id=PAYMENT_IDS,
        refund_id=REFUND_IDS,
        amount=AMOUNTS,
        capture_id=st.sampled_from([None, "c", "d"]),
    ),
    st.builds(commands.RecordRefundFailed, payment_id=PAYMENT_IDS, refund_id=REFUND_IDS),
    st.builds(commands.RecordRefundReversed, payment_id=PAYMENT_IDS, refund_id=REFUND_IDS),
    st.builds(commands.RecordAuthorizationExpired, payment_id=PAYMENT_IDS),
    st.builds(commands.RecordDisputeOpened, payment_id=PAYMENT_IDS, dispute_id=st.just("d"), amount=AMOUNTS),
    st.builds(commands.RecordChargebackReversed, payment_id=PAYMENT_IDS, dispute_id=st.just("d")),
)
BEFORE: list[Ledger] = [EMPTY, given(*PAID[:3]).ledger, given(*PAID, owed=OWED).ledger]


@settings(deadline=None, max_examples=300)
@forall(st.data(), st.lists(any_fact, max_size=8), st.sampled_from(BEFORE))
def test_any_facts_in_any_order_and_number_end_in_one_state(
    data: st.DataObject, facts: list[ProviderFact], before: Ledger
) -> None:
    story = Story(OWED, before)
    again = data.draw(st.lists(st.sampled_from(facts), max_size=8)) if facts else []
    shuffled = data.draw(st.permutations([*facts, *again]))
    one, other = story.ask(*facts), story.ask(*shuffled)
    assert one == other
    assert one.total == other.total
    one.already(*facts)


@settings(deadline=None, max_examples=200)
@forall(st.lists(any_fact, max_size=8), any_fact, st.sampled_from(BEFORE))
def test_money_facts_never_go_backwards(
    facts: list[ProviderFact], late: ProviderFact, before: Ledger
) -> None:
    known = Story(OWED, before).ask(*facts)
    after = known.ask(late)
    assert after.total.captured >= known.total.captured
    later = {payment.payment_id: payment for payment in after.ledger.payments}
    for payment in known.ledger.payments:
        for movement, amount in amounts(payment).items():
            assert amounts(later[payment.payment_id])[movement] >= amount


def amounts(payment: Payment) -> Counter[str]:
    """Return what is known to have moved, by movement."""
    captures = {f"capture {each.capture_id}": each.captured or 0 for each in payment.captures}
    refunds = {f"refund {each.refund_id}": each.refunded or 0 for each in payment.refunds}
    return Counter({"authorisation": payment.authorized or 0, **captures, **refunds})
