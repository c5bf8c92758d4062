"""Whatever is asked of an order's money, and whatever a provider answers: the invariants hold at every moment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from app.domain.payment import commands
from app.domain.payment.balance import balance
from app.domain.payment.decider import decide
from app.domain.payment.evolver import fold
from app.domain.payment.movements import captured_of, kept_of, open_of
from app.domain.payment.settlement import Awaited, Movement, awaited, to_refund, to_void
from app.domain.payment.state import EMPTY, Ledger, Owed, OwedLine
from app.domain.payment.statuses import PaymentStatus, payment_status
from app.domain.refused import Refused
from tests.domain.payment.scenario import NOON, authorized, captured, paid, refunded, units, voided

if TYPE_CHECKING:
    from app.domain.payment.events import PaymentEvent

PAYMENTS = st.sampled_from(["p", "q"])
AMOUNTS = st.sampled_from([1, 333, 1000, 2500, 5000, 9999])
pick = st.integers(0, 9)


def fact_of(waiting: Awaited, *, succeeds: bool) -> commands.ProviderFact:
    """Return what a provider answers."""
    payment_id, id_, amount = waiting.payment_id, waiting.id, waiting.amount
    yes: dict[Movement, commands.ProviderFact] = {
        Movement.AUTHORIZATION: authorized(amount, id_),
        Movement.CAPTURE: captured(amount, id_, payment_id),
        Movement.VOID: voided(payment_id),
        Movement.REFUND: refunded(id_, amount, payment_id),
    }
    no: dict[Movement, commands.ProviderFact] = {
        Movement.AUTHORIZATION: commands.RecordPaymentDeclined(payment_id=id_),
        Movement.CAPTURE: commands.RecordCaptureFailed(payment_id=payment_id, capture_id=id_),
        Movement.VOID: commands.RecordVoidFailed(payment_id=payment_id, attempt=number(id_)),
        Movement.REFUND: commands.RecordRefundFailed(payment_id=payment_id, refund_id=id_),
    }
    return (yes if succeeds else no)[waiting.movement]


def number(text: str) -> int:
    return int(text) if text.isdecimal() else 1


class MoneyMachine(RuleBasedStateMachine):
    """An order whose units are cancelled, whose money is asked for, and a provider that answers in any order.

    The provider is honest: it answers each request once or twice, one way, and may refund by itself.
    """

    def __init__(self) -> None:
        super().__init__()
        self.owed = Owed(currency="EUR")
        self.ledger: Ledger = EMPTY
        self.happened: list[PaymentEvent] = []
        self.number = 0

    @initialize(
        totals=st.lists(st.integers(0, 4000), min_size=1, max_size=3),
        shipping=st.integers(0, 900),
        steps=st.integers(0, 4),
    )
    def place(self, totals: list[int], shipping: int, steps: int) -> None:
        lines = [OwedLine(line_id=f"l{i}", quantity=i + 2, line_total=t) for i, t in enumerate(totals)]
        self.owed = Owed(currency="EUR", lines=tuple(lines), shipping=shipping)
        if self.owed.total:
            for command in paid(self.owed.total)[:steps]:
                self.ask(command)

    @rule(line=pick)
    def cancel_a_unit(self, line: int) -> None:
        lines = list(self.owed.lines)
        at = line % len(lines)
        if lines[at].cancelled < lines[at].quantity and not self.units_granted(lines[at]):
            lines[at] = replace(lines[at], cancelled=lines[at].cancelled + 1)
            self.owed = replace(self.owed, lines=tuple(lines))

    @rule(payment_id=PAYMENTS, part=st.sampled_from([1, 1, 2]))
    def authorize(self, payment_id: str, part: int) -> None:
        amount = max(1, self.owed.total // part)
        self.ask(commands.AuthorizePayment(payment_id=payment_id, amount=amount))

    @rule(payment_id=PAYMENTS, capture_id=st.sampled_from(["c", "d", "e"]), part=st.sampled_from([1, 2]))
    def capture(self, payment_id: str, capture_id: str, part: int) -> None:
        held = [open_of(each) for each in self.ledger.payments if each.payment_id == payment_id]
        amount = max(1, (held or [1])[0] // part)
        self.ask(
            commands.CapturePayment(capture_id=capture_id, payment_id=payment_id, amount=amount, at=NOON)
        )

    @rule(payment_id=PAYMENTS)
    def void(self, payment_id: str) -> None:
        self.ask(commands.VoidPayment(payment_id=payment_id))

    @rule(
        line=pick, quantity=st.integers(0, 3), shipping=st.sampled_from([0, 0, 100]), fee=st.integers(0, 50)
    )
    def grant(self, line: int, quantity: int, shipping: int, fee: int) -> None:
        lines = units((f"l{line % 3}", quantity)) if quantity else ()
        self.number += 1
        self.ask(commands.GrantRefund(grant_id=f"g{self.number}", lines=lines, shipping=shipping, fee=fee))

    @rule(capture_id=st.sampled_from(["c", "d", "e"]), amount=AMOUNTS)
    def refund_an_amount(self, capture_id: str, amount: int) -> None:
        self.number += 1
        self.ask(commands.RefundPayment(refund_id=f"r{self.number}", capture_id=capture_id, amount=amount))

    @rule(capture_id=st.sampled_from(["c", "d"]), line=pick)
    def refund_units(self, capture_id: str, line: int) -> None:
        self.number += 1
        self.ask(
            commands.RefundPayment(
                refund_id=f"r{self.number}", capture_id=capture_id, lines=units((f"l{line % 3}", 1))
            )
        )

    @rule(at=pick, succeeds=st.sampled_from([True, True, False]), twice=st.booleans())
    def answer(self, at: int, *, succeeds: bool, twice: bool) -> None:
        waiting = awaited(self.ledger)
        if waiting:
            fact = fact_of(waiting[at % len(waiting)], succeeds=succeeds)
            self.ask(fact)
            if twice:
                assert decide(self.owed, self.ledger, fact) == ()

    @rule(at=pick, amount=AMOUNTS)
    def the_provider_refunds(self, at: int, amount: int) -> None:
        if self.ledger.payments:
            payment = self.ledger.payments[at % len(self.ledger.payments)]
            amount = min(amount, kept_of(payment))
            if amount > 0:
                self.number += 1
                self.ask(refunded(f"re_{self.number}", amount, payment.payment_id))

    def teardown(self) -> None:
        """C01: the order ends. What is held is voided, what was taken is refunded, then nothing is left to do."""
        self.owed = replace(self.owed, ended=True)
        for i, waiting in enumerate(awaited(self.ledger)):
            self.ask(fact_of(waiting, succeeds=i % 2 == 0))
        assert awaited(self.ledger) == ()
        for payment in self.ledger.payments:
            if not captured_of(payment):
                assert not [
                    each
                    for each in to_refund(self.owed, self.ledger)
                    if each.payment_id == payment.payment_id
                ]
            if captured_of(payment) >= (payment.authorized or 0):
                assert payment.payment_id not in to_void(self.owed, self.ledger)
        for payment_id in to_void(self.owed, self.ledger):
            assert self.ask(commands.VoidPayment(payment_id=payment_id))
            self.ask(voided(payment_id))
        for each in to_refund(self.owed, self.ledger):
            self.number += 1
            name = f"r{self.number}"
            assert self.ask(
                commands.RefundPayment(refund_id=name, capture_id=each.capture_id, amount=each.amount)
            )
            self.ask(refunded(name, each.amount, each.payment_id))
        now = balance(self.owed, self.ledger)
        assert (to_void(self.owed, self.ledger), to_refund(self.owed, self.ledger)) == ((), ())
        assert (now.held, now.open, now.due) == (0, 0, 0)
        assert now.kept <= now.need  # fees that were agreed, at most

    def units_granted(self, line: OwedLine) -> bool:
        """An order cancels no unit that was sent, and only what was sent comes back."""
        events = self.happened
        return any(
            part.line_id == line.line_id and part.quantity for e in events for part in getattr(e, "lines", ())
        )

    def ask(self, command: commands.PaymentCommand) -> bool:
        """Return whether something happened."""
        try:
            events = decide(self.owed, self.ledger, command)
        except Refused:
            return False
        self.ledger = fold(events, self.ledger)
        self.happened += events
        assert decide(self.owed, self.ledger, command) == ()
        return bool(events)

    @invariant()
    def granted_is_never_more_than_captured(self) -> None:
        now = balance(self.owed, self.ledger)
        assert 0 <= now.unmoved <= now.granted <= now.captured

    @invariant()
    def no_capture_gives_back_more_than_it_took(self) -> None:
        for payment in self.ledger.payments:
            assert kept_of(payment) >= 0
            for capture in payment.captures:
                out = [
                    each.refunded if each.refunded is not None else each.requested or 0
                    for each in payment.refunds
                    if each.capture_id == capture.capture_id and not each.failed
                ]
                assert sum(out) <= (capture.captured or 0)

    @invariant()
    def no_more_is_captured_than_was_authorised(self) -> None:
        for payment in self.ledger.payments:
            asked = [
                c.captured if c.captured is not None else c.requested or 0
                for c in payment.captures
                if not c.failed
            ]
            assert sum(asked) <= (payment.authorized or 0)

    @invariant()
    def every_cent_is_somewhere(self) -> None:
        now = balance(self.owed, self.ledger)
        assert now.kept == now.captured - now.refunded - now.refunding >= 0
        assert 0 <= now.due <= now.kept
        assert sum(each.amount for each in to_refund(self.owed, self.ledger)) == now.due

    @invariant()
    def what_is_left_of_each_line_is_never_below_nothing(self) -> None:
        for line in self.owed.lines:
            granted = sum(
                part.amount
                for payment in self.ledger.payments
                for refund in payment.refunds
                if not refund.failed
                for part in refund.lines
                if part.line_id == line.line_id
            ) + sum(
                part.amount
                for grant in self.ledger.grants
                for part in grant.lines
                if part.line_id == line.line_id
            )
            assert granted <= line.line_total

    @invariant()
    def an_order_that_ended_is_not_paid(self) -> None:
        if self.owed.ended and not self.ledger.grants:
            assert payment_status(self.owed, self.ledger) not in {
                PaymentStatus.PAID,
                PaymentStatus.PARTIALLY_PAID,
            }

    @invariant()
    def folding_in_parts_is_folding_the_whole(self) -> None:
        half = len(self.happened) // 2
        assert fold(self.happened[half:], fold(self.happened[:half], EMPTY)) == self.ledger


MoneyMachine.TestCase.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)
TestMoney = MoneyMachine.TestCase
