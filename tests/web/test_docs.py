"""docs/http.md lists every resource with its parameters, and every problem: those of the code, and no others."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from app.web.order_lists import NAMES
from app.web.parameters import Parameters
from app.web.problem import KINDS

if TYPE_CHECKING:
    import pytest
    from aiohttp import ClientSession

    from tests.web.conftest import Served

PAGE = (Path(__file__).parents[2] / "docs" / "http.md").read_text(encoding="utf-8")
SECTIONS: dict[str, str] = dict(
    re.findall(r"^### `(\w+ /[^`]*)`\n(.*?)(?=^##|\Z)", PAGE, re.MULTILINE | re.DOTALL)
)
EXAMPLES = {"name": "to-ship", "code": "not-kept"}


def parameters(text: str) -> list[str]:
    _, _, table = text.partition("| parameter | |\n")
    return re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE)


def test_every_resource_is_described_and_no_other(w1: Served) -> None:
    routes = {f"{route.method} {_canonical(route)}" for route in w1[0].app.router.routes()}
    assert {each for each in routes if not each.startswith("HEAD ")} == SECTIONS.keys()
    assert {f"HEAD {each[4:]}" for each in SECTIONS if each.startswith("GET ")} <= routes


def _canonical(route: object) -> str:
    resource = getattr(route, "resource", None)
    assert resource is not None
    return str(resource.canonical)


async def test_the_parameters_of_every_resource_are_those_that_it_reads(
    w1: Served, http: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    given = Parameters._given

    def noting(self: Parameters, name: str) -> str | None:
        read.append(name)
        return given(self, name)

    monkeypatch.setattr(Parameters, "_given", noting)
    for resource, text in SECTIONS.items():
        method, _, path = resource.partition(" ")
        if method == "GET":
            read.clear()
            at = re.sub(r"{(\w+)}", lambda found: EXAMPLES.get(found[1], "x"), path)
            async with http.get(w1[0].make_url(at)):
                assert sorted(read) == sorted(parameters(text)), resource


def test_every_problem_is_listed_as_it_is() -> None:
    table = PAGE.split("\n## Problems\n")[1]
    rows = re.findall(r"^\| (\d+) \| `(.+?)` \| (.+?) \|$", table, re.MULTILINE)
    assert rows == [(f"{kind.status:d}", kind.code, kind.title) for kind in KINDS.values()]


def test_a_section_names_only_problems_that_there_are() -> None:
    for resource, text in SECTIONS.items():
        for line in re.findall(r"^Problems: (.*)$", text, re.MULTILINE):
            assert set(re.findall(r"`(.+?)`", line)) <= KINDS.keys(), resource


def test_every_work_list_is_named() -> None:
    table, _, _ = SECTIONS["GET /work/{name}"].partition("| parameter |")
    assert sorted(re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE)) == sorted(NAMES)
