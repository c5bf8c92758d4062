"""Stock of one SKU in one warehouse: what is there, what is held for orders, and who waits."""

__all__ = [
    "allotting",
    "commands",
    "decider",
    "draft",
    "events",
    "evolver",
    "memory",
    "names",
    "queue",
    "state",
    "statuses",
]
