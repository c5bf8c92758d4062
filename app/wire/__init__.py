"""What is on the wire: CloudEvents 1.0 in JSON, the registry of types, and the published contract."""

__all__ = ["binary", "commands", "events", "explain", "ids", "outcomes", "rows", "schemas", "types"]
