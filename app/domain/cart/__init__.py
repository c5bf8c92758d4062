"""A cart becomes one order: the first that claims it."""

__all__ = ["commands", "decider", "events", "evolver", "state"]
