"""The payment ledger of an order: money that was asked for, taken, promised back and given back.

It knows of the order only what is owed for it (`state.Owed`). What a provider says is a fact: it is taken in any
order and any number of times, and joins what is known (`join`).
"""

__all__ = [
    "balance",
    "commands",
    "decider",
    "events",
    "evolver",
    "facts",
    "goods",
    "join",
    "settlement",
    "state",
    "statuses",
]
