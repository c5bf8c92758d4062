"""Goods that come back: asked for, approved, received in parts, inspected, and what is paid back for them."""

__all__ = ["amounts", "commands", "decider", "events", "evolver", "state", "statuses"]
