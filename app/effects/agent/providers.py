"""Which providers outside there are, by the names that payments call them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NoReturn, Protocol

from app.effects.provider import Provider, Unavailable
from app.effects.stripe.client import Stripe
from app.effects.stripe.intents import NAME as STRIPE

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from app.effects.calls import Call
    from app.effects.provider import Facts
    from app.settings import Settings


class Outside(Provider, Protocol):
    """A provider that can be asked later what became of a call."""

    async def found(self, call: Call) -> Facts | None:
        """Return what became of a call; `()`: it is under way; None: nothing shows that it was ever made."""


Providers = dict[str, Outside]


class ProviderUnknown(Exception):  # noqa: N818 - said by its name
    """A payment names a provider that this release has no client for."""


class NotSetUp:
    """Stands for a provider whose credentials are missing: what is asked of it waits until they are there."""

    def __init__(self, setting: str) -> None:
        self._setting = setting

    async def authorize(self, _: object) -> Facts:
        self._wait()

    async def capture(self, _: object) -> Facts:
        self._wait()

    async def void(self, _: object) -> Facts:
        self._wait()

    async def refund(self, _: object) -> Facts:
        self._wait()

    async def found(self, _: object) -> Facts | None:
        self._wait()

    def _wait(self) -> NoReturn:
        raise Unavailable(f"{self._setting} is not set")


@asynccontextmanager
async def providers(settings: Settings) -> AsyncIterator[Providers]:
    """Give all providers, and close them in the end."""
    secret = settings.stripe_api_key.get_secret_value()
    if not secret:
        yield {STRIPE: NotSetUp("STRIPE_API_KEY")}
        return
    async with Stripe(secret, settings.stripe_url) as stripe:
        yield {STRIPE: stripe}


def named(known: Mapping[str, Outside], name: str) -> Outside:
    """Return a provider. Raises `ProviderUnknown`."""
    provider = known.get(name)
    if provider is None:
        raise ProviderUnknown(f"{name!r} is none of {', '.join(sorted(known))}")
    return provider
