"""Ports of this machine: which are free, and whether a broker answers on one."""

import random
import socket
import struct
import time
from collections.abc import Callable

# Below the range from which Linux takes the ports of outgoing connections (32768 and up): a broker that is
# restarted finds its port free again.
RANGE = range(20_000, 30_000)


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_ports(count: int) -> list[int]:
    """Return that many different free ports, at random, so that two programs seldom choose the same."""
    found: list[int] = []
    while len(found) < count:
        port = random.choice(RANGE)  # noqa: S311 - a port number is no secret
        if port not in found and is_free(port):
            found.append(port)
    return found


def brokers_known_at(port: int) -> set[int]:
    """Return the ports of the brokers that the one on this port knows to be up; none while it is silent.

    It sends a Metadata request, version 4, for no topics, and reads the array of brokers in the answer:
    size, correlation id, throttle time, count; then for each: id, host, port, rack (a string, or length -1).
    """
    body = struct.pack(">hhih3sib", 3, 4, 1, 3, b"dev", 0, 0)
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2) as connection:
            connection.sendall(struct.pack(">i", len(body)) + body)
            answer = connection.makefile("rb")
            _, _, _, count = struct.unpack(">iiii", answer.read(16))
            known = set()
            for _ in range(count):
                _, length = struct.unpack(">ih", answer.read(6))
                answer.read(length)
                number, rack = struct.unpack(">ih", answer.read(6))
                answer.read(max(rack, 0))
                known.add(number)
    except (OSError, struct.error):  # struct.error: it closed the connection in the middle
        return set()
    return known


def wait_until(done: Callable[[], bool], seconds: float) -> bool:
    """Return whether `done()` came true in time."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
