"""Whatever goes wrong is answered by a problem document, and each kind of it is explained."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest

from app.web import orders
from app.web.problem import KINDS
from tests.web.stored import store_order

if TYPE_CHECKING:
    from aiohttp import ClientSession

    from tests.web.conftest import Served
    from tests.web.stub import Group


@pytest.mark.parametrize("path", ["/nowhere", "/orders/", "/orders/o-1/", "/orders/o-1/x", "//"])
async def test_an_unknown_path_is_a_problem(w1: Served, http: ClientSession, path: str) -> None:
    async with http.get(str(w1[0].make_url("/")).rstrip("/") + path) as answer:
        assert answer.status == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert (await answer.json(content_type=None))["code"] == "no-such-resource"


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_a_method_that_a_resource_lacks_is_a_problem_that_lists_those_it_has(
    w1: Served, http: ClientSession, method: str
) -> None:
    async with http.request(method, w1[0].make_url("/orders/o-1")) as answer:
        assert answer.status == 405
        assert answer.headers["Allow"] == "GET, HEAD"
        assert (await answer.json(content_type=None))["code"] == "method-not-allowed"


async def test_a_fault_of_ours_is_a_problem_that_keeps_its_cause_to_itself(
    group: Group, w1: Served, http: ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> bytes:
        raise KeyError("secret")

    monkeypatch.setattr(orders, "order_answer", fails)
    store_order(group, "o-1")
    async with http.get(w1[0].make_url("/orders/o-1")) as answer:
        assert answer.status == 500
        text = await answer.text()
    assert '"internal-error"' in text
    assert "secret" not in text


async def test_every_kind_of_problem_is_explained_at_its_type(w1: Served, http: ClientSession) -> None:
    for code, kind in KINDS.items():
        assert kind.code == code
        async with http.get(w1[0].make_url(f"/problems/{code}")) as answer:
            assert answer.status == 200
            assert kind.meaning in await answer.text()
    async with http.get(w1[0].make_url("/problems/none")) as answer:
        assert answer.status == HTTPStatus.NOT_FOUND
