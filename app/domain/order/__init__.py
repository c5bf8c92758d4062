"""An order: `decide` says what a command does to it, `evolve` folds what happened into its state."""

__all__ = ["amounts", "commands", "decider", "events", "evolver", "state", "statuses"]
