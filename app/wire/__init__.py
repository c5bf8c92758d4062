"""What is on the wire: CloudEvents 1.0 in JSON, the registry of types, and the published contract."""

__all__ = [
    "binary",
    "commands",
    "duplicates",
    "envelopes",
    "events",
    "ids",
    "models",
    "outcomes",
    "publish",
    "rows",
    "schemas",
    "types",
    "unreadable",
]
