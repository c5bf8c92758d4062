"""How often an API is asked, with what pauses, and when it is left alone."""

import asyncio

import pytest
from msgspec.structs import replace

from app.effects.provider import Unavailable
from app.effects.stripe.answers import Again, Misused
from app.effects.stripe.patience import Patience, Patient
from tests.effects.conftest import HASTY


class Api:
    """Answers with what is planned, and after that with "well"."""

    def __init__(self, *planned: Exception) -> None:
        self.planned = list(planned)
        self.asked: list[float] = []

    async def answer(self) -> str:
        self.asked.append(asyncio.get_running_loop().time())
        if self.planned:
            raise self.planned.pop(0)
        return "well"


async def test_pauses_are_as_long_as_the_api_asks() -> None:
    api = Api(Again("429", busy=True, after=0.15))
    assert (
        await Patient("api", replace(HASTY, first_pause=0.001, longest_pause=0.5)).repeat(api.answer)
        == "well"
    )
    first, second = api.asked
    assert second - first >= 0.15


async def test_an_api_cannot_ask_for_more_than_our_longest_pause() -> None:
    api = Api(Again("429", busy=True, after=3600.0))
    assert await Patient("api", HASTY).repeat(api.answer) == "well"


async def test_giving_up_says_how_long_the_api_wants_to_be_left_alone() -> None:
    api = Api(*[Again("429", busy=True, after=3600.0)] * 9)
    with pytest.raises(Unavailable) as gone:
        await Patient("api", HASTY).repeat(api.answer)
    assert gone.value.after == 3600.0
    assert len(api.asked) == HASTY.attempts


async def test_a_worker_that_is_stopped_says_nothing_about_the_api() -> None:
    patient, hanging = Patient("api", HASTY), asyncio.Event()
    for _ in range(HASTY.failures):
        call = asyncio.create_task(patient.repeat(hanging.wait))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    assert await patient.repeat(Api().answer) == "well"


async def test_what_is_no_matter_of_patience_passes_through() -> None:
    api = Api(Misused("401"))
    with pytest.raises(Misused):
        await Patient("api", HASTY).repeat(api.answer)
    assert len(api.asked) == 1


async def test_a_circuit_is_open_for_one_api_only() -> None:
    dead = Patient("dead", replace(HASTY, rest=600.0))
    api = Api(*[Again("500")] * 99)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await dead.repeat(api.answer)
    assert len(api.asked) == HASTY.failures
    assert await Patient("alive", HASTY).repeat(Api().answer) == "well"


def test_a_call_is_given_up_within_minutes() -> None:
    """An agent stands still that long at most before it says that it waits."""
    usual = Patience()
    pauses = [min(usual.first_pause * 2**n, usual.longest_pause) for n in range(usual.attempts - 1)]
    assert usual.attempts * usual.answer + sum(pauses) < 200
