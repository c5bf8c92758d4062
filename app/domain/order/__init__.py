"""An order: `decide` says what a command does to it, `evolve` folds what happened into its state.

Each theme (placing, cancelling, fulfilling ...) has one module with its rules first and its folds below.
"""

__all__ = [
    "amending",
    "amounts",
    "cancelling",
    "commands",
    "decider",
    "events",
    "evolver",
    "fulfilling",
    "owed",
    "paying",
    "placing",
    "returning",
    "standing",
    "state",
    "statuses",
    "units",
]
