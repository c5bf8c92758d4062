"""The processes of an order: what runs between the aggregates, and never forgets a step.

A process hears what happened (`inputs`), keeps what it must know (`state`), and derives from that what is still to be
done (`checkout`, `ending`, `expiry`). What is to be done and not yet acknowledged is a task; a task is sent again until
it is. Nothing here has a clock or sends anything: `react` returns commands and timers.
"""

__all__ = [
    "acknowledging",
    "checkout",
    "ending",
    "expiry",
    "goods",
    "hearing",
    "ids",
    "inputs",
    "known",
    "money",
    "react",
    "returning",
    "sending",
    "shipping",
    "state",
    "steps",
    "waiting",
]
