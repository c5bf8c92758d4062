"""Money that really moves: what the ledger asks for becomes a call of a provider, its answer becomes facts.

Everything here but `house`, `stripe.client` and `agent` is pure, and only `agent` knows Kafka: in a consumer group of
its own it takes an event, makes `calls.call_of` of it, has `provider.perform` do it and sends the facts as commands.
"""

__all__ = ["agent", "calls", "house", "keys", "provider", "stripe"]
