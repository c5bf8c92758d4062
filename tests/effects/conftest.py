"""Stripe's own test server, and a proxy before it that makes trouble: processes of their own.

stripe-mock checks every request against the vendor's OpenAPI. It is a Go program: it is built once into .cache, and
its tests are skipped where there is neither Go nor the program.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import aiohttp
import pytest

from app.effects.stripe.client import Stripe
from app.effects.stripe.patience import Patience
from dev.kafka.ports import free_ports
from tests.running import ROOT, wait_until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

STRIPE_MOCK = "github.com/stripe/stripe-mock@v0.203.0"
# What is waited for on purpose takes a hundredth of its time here. An answer may take as long as a busy machine needs.
HASTY = Patience(
    connect=30.0, answer=30.0, attempts=4, first_pause=0.01, longest_pause=0.05, failures=6, rest=0.3
)


@pytest.fixture(scope="session")
def stripe_mock() -> Iterator[str]:
    """Run stripe-mock; gives its URL."""
    program = _program()
    port, port_of_https = free_ports(2)
    command = [program, "-http-addr", f"127.0.0.1:{port}"]
    command += ["-https-addr", f"127.0.0.1:{port_of_https}"]  # or it takes 12112, which another run may have
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT) as server:
        try:
            wait_until("stripe-mock listens, or ends", lambda: _listens(port) or server.poll() is not None)
            assert server.poll() is None, f"{' '.join(command)} ended with {server.returncode}"
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()


@pytest.fixture(scope="session")
def proxy(stripe_mock: str) -> Iterator[str]:
    """Run the proxy; gives its URL."""
    command = [sys.executable, "-m", "tests.effects.fault_proxy", stripe_mock]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.terminate()


class Trouble:
    """What the next requests meet, and what the proxy saw of them."""

    def __init__(self, url: str, session: aiohttp.ClientSession) -> None:
        self._url = url
        self._session = session

    async def plan(self, *faults: dict[str, Any] | str) -> None:
        """Plan one fault a request; a word stands for a fault without particulars."""
        planned = [{"fault": each} if isinstance(each, str) else each for each in faults]
        async with self._session.post(f"{self._url}/_faults", json=planned) as answer:
            assert answer.status == 200

    async def seen(self) -> list[dict[str, Any]]:
        async with self._session.get(f"{self._url}/_seen") as answer:
            requests: list[dict[str, Any]] = await answer.json()
            return requests


@pytest.fixture
async def trouble(proxy: str) -> AsyncIterator[Trouble]:
    async with aiohttp.ClientSession() as session:
        made = Trouble(proxy, session)
        await made.plan()
        yield made


@pytest.fixture
async def stripe(proxy: str) -> AsyncIterator[Stripe]:
    """Give a client that reaches stripe-mock through the proxy, and has little patience."""
    async with Stripe("sk_test_123", proxy, HASTY) as client:
        yield client


def _program() -> str:
    ready = shutil.which("stripe-mock")
    if ready:
        return ready
    folder = ROOT / ".cache" / "stripe-mock"
    program = folder / "stripe-mock"
    if not program.exists():
        if not shutil.which("go"):
            pytest.skip("needs stripe-mock, or Go to build it")
        subprocess.run(
            ["go", "install", STRIPE_MOCK], check=True, env={**os.environ, "GOBIN": str(folder)}, timeout=240
        )
    return str(program)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0
