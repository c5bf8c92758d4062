"""Rules of giving money back: a grant promises it, a refund moves it. Neither gives more than there is."""

from msgspec.structs import replace

from app.domain.payment import commands, events
from app.domain.payment.balance import Balance, balance
from app.domain.payment.commands import Asked
from app.domain.payment.goods import split
from app.domain.payment.movements import room_of
from app.domain.payment.state import Ledger, Owed, Refund
from app.domain.payment.taking import find_capture, reference
from app.domain.refused import Code, Refused


def grant(owed: Owed, ledger: Ledger, command: commands.GrantRefund) -> tuple[events.PaymentEvent, ...]:
    asked = Asked(lines=command.lines, shipping=command.shipping, amount=command.amount, fee=command.fee)
    for known in ledger.grants:
        if known.grant_id == command.grant_id:
            if known.asked == asked:
                return ()
            raise Refused(Code.GRANT_ID_REUSED, f"grant {known.grant_id} is another one of {known.amount}")
    if not owed.placed:
        raise Refused(Code.ORDER_UNKNOWN, "no order with this id was placed")
    _require_something(asked)
    parts = split(owed, ledger, asked)
    fee = min(asked.fee, parts.amount)
    amount = parts.amount - fee
    _require_room(balance(owed, ledger), amount)
    return (
        events.RefundGranted(
            grant_id=command.grant_id,
            asked=asked,
            lines=parts.lines,
            shipping=parts.shipping,
            other=parts.other,
            fee=fee,
            amount=amount,
            reason=command.reason,
        ),
    )


def refund(owed: Owed, ledger: Ledger, command: commands.RefundPayment) -> tuple[events.PaymentEvent, ...]:
    asked = Asked(lines=command.lines, shipping=command.shipping, amount=command.amount)
    for payment in ledger.payments:
        for known in payment.refunds:
            if known.refund_id == command.refund_id:
                if _same(known, command, asked):
                    return ()
                raise Refused(Code.REFUND_ID_REUSED, f"refund {known.refund_id} is another one")
    found = find_capture(ledger, command.capture_id)
    if found is None:
        raise Refused(Code.CAPTURE_UNKNOWN, f"no capture {command.capture_id} in this order")
    payment, capture = found
    _require_something(asked)
    now = balance(owed, ledger)
    of_owed = min(asked.amount, now.due)
    parts = split(owed, ledger, replace(asked, amount=asked.amount - of_owed))
    amount = of_owed + parts.amount
    if not amount:
        raise Refused(Code.REFUND_EMPTY, "nothing is to be paid back")
    _require_room(now, parts.amount)
    room = room_of(payment, capture)
    if amount > room:
        raise Refused(
            Code.REFUND_EXCEEDS_CAPTURED,
            f"{amount} to refund, {room} of capture {capture.capture_id} is left",
        )
    return (
        events.RefundRequested(
            payment_id=payment.payment_id,
            refund_id=command.refund_id,
            capture_id=capture.capture_id,
            asked=asked,
            owed=of_owed,
            of_grants=min(of_owed, now.unmoved),
            lines=parts.lines,
            shipping=parts.shipping,
            other=parts.other,
            amount=amount,
            currency=owed.currency,
            exponent=owed.exponent,
            provider=payment.provider,
            reference=reference(payment),
            reason=command.reason,
        ),
    )


def _same(known: Refund, command: commands.RefundPayment, asked: Asked) -> bool:
    if known.capture_id not in ("", command.capture_id):
        return False
    if known.asked is not None:
        return known.asked == asked
    return asked == Asked(amount=known.refunded or 0)


def _require_something(asked: Asked) -> None:
    if not asked.lines and not asked.shipping and not asked.amount:
        raise Refused(Code.REFUND_EMPTY, "no units, no shipping and no amount")


def _require_room(now: Balance, amount: int) -> None:
    """Refuse to grant more than was captured and is neither spent nor owed back already."""
    if amount > now.kept - now.due:
        raise Refused(
            Code.REFUND_EXCEEDS_CAPTURED,
            f"{amount} to grant; of {now.captured} captured, {max(0, now.kept - now.due)} is left",
        )
