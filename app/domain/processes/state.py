"""What is remembered of the processes of one order. It is small: lines and open tasks, no history."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from app.domain.order.commands.checkout import Checkout
from app.domain.processes.steps import Step


class CartIs(StrEnum):
    """What became of the cart."""

    UNCLAIMED = "unclaimed"
    CLAIMED = "claimed"
    REFUSED = "refused"
    RELEASED = "released"


class Line(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A line: units that the order wants, and units that the stock holds for it.

    `keep` are those not cancelled, `shipped` those that left as the order says. `asked` were asked of the stock.
    `answered`: the stock made the reservation; then it holds `held`, `waiting` are to come and `gone` left.
    `revision`: the item's version that said so. `let_go`: the stock acknowledged that no more than these are wanted.
    `told` is what the order knows of it (held or gone, waiting, the version that said so).
    """

    line_id: str
    item_id: str = ""
    keep: int = 0
    shipped: int = 0
    asked: int = 0
    answered: bool = False
    held: int = 0
    waiting: int = 0
    gone: int = 0
    revision: int = 0
    refused: str = ""
    let_go: int | None = None
    told: tuple[int, int, int] = (0, 0, 0)


class Held(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """A payment that holds money: until when, and how much of it is to be captured.

    `idle`: no capture or void is under way, so that it can be voided; `to_void`: it must be. `captures` and `voids`
    were asked for before; `failures` of the captures failed.
    """

    payment_id: str
    until: datetime | None = None
    to_capture: int = 0
    idle: bool = False
    to_void: bool = False
    captures: int = 0
    failures: int = 0
    voids: int = 0


class Repaying(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """An amount of a capture that is to go back. `failures` of its refunds failed before."""

    capture_id: str
    amount: int
    failures: int = 0


class Awaiting(Struct, frozen=True, kw_only=True, gc=False):
    """A movement of money that has no answer of its provider, since when."""

    what: str
    since: datetime


class Money(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What is to be done about the order's money, as of the order's version that the process knows.

    `lacking` is what is still to be authorised, `payments` how many the checkout asked for. `covered`: what is held
    or paid is enough.
    """

    lacking: int = 0
    covered: bool = False
    payments: int = 0
    declined: bool = False
    held: tuple[Held, ...] = ()
    repaying: tuple[Repaying, ...] = ()
    awaited: tuple[Awaiting, ...] = ()


class Units(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Units of a line in a task. `damaged` only where some come back."""

    line_id: str
    quantity: int = 0
    damaged: int = 0


class Task(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Something to be done that is not acknowledged. `ids` and the numbers are the command's; see sending.py.

    Two tasks are the same when they have one `name`. `number` counts the tasks of a process. `attempt` 0: it was not
    sent yet; the next attempt is made at `due`. `code` is that of the last refusal.
    """

    step: Step
    key: str
    ids: tuple[str, ...] = ()
    amount: int = 0
    extra: int = 0
    units: tuple[Units, ...] = ()
    at: datetime | None = None
    reason: str = ""
    number: int = 0
    attempt: int = 0
    since: datetime
    due: datetime
    code: str = ""

    @property
    def name(self) -> tuple[str, ...]:
        return (self.step.value, self.key, *self.ids, str(self.amount))


class Timer(Struct, frozen=True, kw_only=True, gc=False):
    """A timer that is set."""

    name: str
    due: datetime


class Heard(Struct, frozen=True, kw_only=True, gc=False):
    """The version of a return so far as it was heard."""

    return_id: str
    version: int


class Process(Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """The processes of an order: checkout, ending, shipping, returns and expiry share what they know.

    `version` is that of the order so far as it is known, 0 before; its events were heard up to `heard`. `failing` is
    why the checkout gives up. `since`: when its stage last changed (waiting.py).
    """

    order_id: str
    version: int = 0
    heard: int = 0
    placed_at: datetime | None = None
    asked: Checkout | None = None
    cart_id: str | None = None
    cart: CartIs = CartIs.UNCLAIMED
    lines: tuple[Line, ...] = ()
    money: Money = Money()
    ended: bool = False
    confirmed: bool = False
    on_hold: bool = False
    failing: str = ""
    returns: tuple[Heard, ...] = ()
    tasks: tuple[Task, ...] = ()
    numbered: int = 0
    timers: tuple[Timer, ...] = ()
    since: datetime
