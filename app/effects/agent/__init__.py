"""The process that takes what an order's ledger asks to the providers, and what they say back as commands."""

__all__ = ["carrier", "movement", "partition", "positions", "process", "providers"]
