"""A proxy in a process of its own, which does to requests what networks and busy servers do.

`python -m tests.effects.fault_proxy UPSTREAM` prints its port. `POST /_faults` with a JSON list says what happens to
the next requests, one each; without more of them it just forwards. `GET /_seen` tells what came in. Faults:

    {"fault": "lost"}                      forwarded, and the answer is thrown away with the connection
    {"fault": "reset"}                     not forwarded: the connection is reset
    {"fault": "slow", "seconds": 2}        forwarded, and answered late
    {"fault": "text", "status": 502}       not forwarded: a page of a gateway is the answer
    {"fault": "answer", "status": 429, "headers": {}, "body": {}}     not forwarded: this is the answer
"""

import asyncio
import socket
import struct
import sys
from typing import Any

from aiohttp import ClientSession, web

UPSTREAM: web.AppKey[str] = web.AppKey("upstream", str)
SESSION: web.AppKey[ClientSession] = web.AppKey("session", ClientSession)
FAULTS: web.AppKey[list[dict[str, Any]]] = web.AppKey("faults", list)
SEEN: web.AppKey[list[dict[str, Any]]] = web.AppKey("seen", list)


async def plan(request: web.Request) -> web.Response:
    request.app[FAULTS][:] = await request.json()
    request.app[SEEN].clear()
    return web.json_response({})


async def seen(request: web.Request) -> web.Response:
    return web.json_response(request.app[SEEN])


async def pass_on(request: web.Request) -> web.StreamResponse:
    body = await request.read()
    faults = request.app[FAULTS]
    fault: dict[str, Any] = faults.pop(0) if faults else {"fault": "none"}
    request.app[SEEN].append(
        {
            "method": request.method,
            "path": request.path_qs,
            "key": request.headers.get("Idempotency-Key"),
            "body": body.decode(),
            "fault": fault["fault"],
        }
    )
    if fault["fault"] == "answer":
        return web.json_response(
            fault.get("body", {}), status=fault["status"], headers=fault.get("headers", {})
        )
    if fault["fault"] == "text":
        return web.Response(text="<h1>Bad Gateway</h1>", status=fault["status"])
    if fault["fault"] == "reset":
        return _cut(request)
    answer = await _forward(request, body)
    if fault["fault"] == "lost":
        return _cut(request)
    if fault["fault"] == "slow":
        await asyncio.sleep(fault["seconds"])
    return answer


async def _forward(request: web.Request, body: bytes) -> web.Response:
    headers = {
        name: value
        for name, value in request.headers.items()
        if name in {"Authorization", "Content-Type", "Idempotency-Key", "Stripe-Version"}
    }
    url = request.app[UPSTREAM] + request.path_qs
    async with request.app[SESSION].request(request.method, url, data=body, headers=headers) as answer:
        return web.Response(body=await answer.read(), status=answer.status, content_type="application/json")


def _cut(request: web.Request) -> web.Response:
    """Reset the connection: what is under way is lost."""
    transport = request.transport
    if transport is not None:
        peer = transport.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return web.Response()


async def main(upstream: str) -> None:
    app = web.Application()
    app[UPSTREAM], app[FAULTS], app[SEEN] = upstream.rstrip("/"), [], []
    app[SESSION] = ClientSession()
    app.add_routes(
        [web.post("/_faults", plan), web.get("/_seen", seen), web.route("*", "/{path:.*}", pass_on)]
    )
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    sys.stdout.write(f"{port}\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
