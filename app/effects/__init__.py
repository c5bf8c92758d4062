"""Money that really moves: what the ledger asks for becomes a call of a provider, its answer becomes facts.

Everything here but `house` and `stripe.client` is pure, and nothing here knows Kafka: an agent in a consumer group of
its own takes an event, makes `calls.call_of` of it, has `provider.perform` do it and sends the facts as commands.
"""

__all__ = ["calls", "house", "keys", "provider", "stripe"]
