"""Pure functions from a recorded history to verdicts: `delivery`, `decisions`, `rows`."""
