"""Whatever a stranger writes into the request line: no fault of ours, and the same answer wherever it is asked."""

from __future__ import annotations

import asyncio
from itertools import product
from typing import TYPE_CHECKING

import pytest

from tests.web.stored import store_customer_order, store_events, store_order, store_outcome

if TYPE_CHECKING:
    from aiohttp.test_utils import TestServer

    from tests.web.conftest import Served
    from tests.web.stub import Group

PIECES = (
    *(
        b"",
        b"%",
        b"%00",
        b"%2F",
        b"%FF",
        b"%C3%A9",
        b"%C3",
        b"%20",
        b"%0A",
        b"%E2%80%8D",
        b"%ED%A0%80",
        b"%2e",
    ),
    *(
        b".",
        b"..",
        b"/",
        b"//",
        b"\xc3\xa9",
        b"\xff",
        b"+",
        b";",
        b"'",
        b'"',
        b"<",
        b"{",
        b"*",
        b":",
        b"#",
        b"?",
    ),
    *(
        b"&",
        b"=",
        b"\\",
        b"|",
        b"[",
        b"x" * 130,
        b"1",
        b"-1",
        b"9" * 30,
        b"AAAA",
        b"limit",
        b"%u12",
        b"%%",
        b"~",
    ),
)
PATHS = (
    b"/orders/%b",
    b"/orders/%b/events",
    b"/orders/%b/reservations",
    b"/orders/%b/timeline",
    b"/processes/%b",
    b"/returns/%b/events",
    b"/stock/%b",
    b"/stock/o-1/%b",
    b"/work/%b",
    b"/customers/%b/orders",
    b"/commands/%b",
    b"/%b",
    b"/problems/%b",
)
EVENT = b'{"id":"o-1@1","type":"t","subject":"o-1","time":"2026-11-25T08:00:00Z","causationid":"c","correlationid":"c"}'
PARAMETERS = (b"/orders/o-1/events?after=", b"/orders/o-1/events?limit=", b"/customers/o-1/orders?limit=")
CURSORS = (
    b"/orders?status=placed&cursor=",
    b"/processes?state=stuck&cursor=",
    b"/orders/o-1/timeline?cursor=",
    b"/stock/o-1?cursor=",
    b"/totals?zone=",
    b"/customers/o-1/orders?cursor=",
    b"/commands/o-1?order=",
    b"/commands/o-1?order=o-1&",
)
HELD = (b"", b'If-None-Match: "1"\r\n', b'If-None-Match: W/"2", "\r\n', b"If-None-Match: \xff\r\n")


@pytest.mark.parametrize(
    "targets",
    [
        [
            path % (start + piece) + query
            for start, piece, query in product((b"", b"o-1"), PIECES, (b"", b"?limit=1"))
        ]
        for path in PATHS
    ]
    + [[before + piece for before, piece in product(PARAMETERS + CURSORS, PIECES)]],
    ids=[path.decode() for path in PATHS] + ["query"],
)
async def test_any_target_has_the_same_answer_from_both_workers_and_never_a_500(
    group: Group, w1: Served, w2: Served, targets: list[bytes]
) -> None:
    store_order(group, "o-1")
    store_events(group, "o-1", EVENT, EVENT)
    store_outcome(group, "o-1", "o-1")
    store_customer_order(group, "o-1", "o-1", 1)
    for number, target in enumerate(targets):
        held = HELD[number % len(HELD)]
        request = b"GET %b HTTP/1.1\r\nHost: x\r\nConnection: close\r\n%b\r\n" % (target, held)
        here, there = await ask(w1[0], request), await ask(w2[0], request)
        assert here == there, target
        assert here[0] in {b"200", b"304", b"400", b"404"}, target


async def ask(server: TestServer, request: bytes) -> tuple[bytes, bytes]:
    """Return status and body, as they came over the wire."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(request)
    await writer.drain()
    head, _, body = (await asyncio.wait_for(reader.read(), 10)).partition(b"\r\n\r\n")
    writer.close()
    await writer.wait_closed()
    return head.split(b" ", 2)[1], body
