"""A provider behind an HTTP API of Stripe's shape: requests and answers are pure, the client has the patience."""

__all__ = ["answers", "client", "intents", "patience", "requests", "webhooks"]
