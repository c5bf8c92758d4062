"""`python -m app audit` on a real broker: what a worker did is right, and what is not there cannot be audited."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import uuid
from typing import TYPE_CHECKING

from app.domain.order.commands import Checkout
from app.domain.stock.commands import ReceiveStock
from app.lane.partition import partition_of
from app.wire.contracts import ORDERS, STOCK
from tests.broker.kafka import Kafka, Sent
from tests.domain.scenario import NOON, line, order
from tests.running import ROOT, get_json, wait_until

if TYPE_CHECKING:
    from tests.running import Workers

PARTITIONS = 8


def audit(kafka_url: str, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", "audit", *options],
        cwd=ROOT,
        env=os.environ | {"KAFKA_URL": kafka_url} | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


async def sell(kafka_url: str, order_id: str, sku: str) -> None:
    """Have two units on the shelf, and one of them ordered, with a checkout."""
    item = f"{sku}@north"
    came = ReceiveStock(receipt_id="r-1", quantity=2, at=NOON)
    wanted = order(line(sku.removeprefix("sku-"), 1), checkout=Checkout(warehouse="north"))
    async with Kafka(kafka_url, PARTITIONS) as kafka:
        for topic, contract, subject, data in (
            ("stock-commands", STOCK, item, came),
            ("order-commands", ORDERS, order_id, wanted),
        ):
            value = contract.encode_command(id=str(uuid.uuid4()), subject=subject, data=data)
            key = subject.encode()
            await kafka.send(topic, [Sent(partition_of(key, PARTITIONS), key, value)])


def test_what_a_worker_did_passes_the_audit(shop: Workers, kafka_url: str) -> None:
    order_id, sku = f"o-{uuid.uuid4().hex}", f"sku-{uuid.uuid4().hex[:8]}"
    asyncio.run(sell(kafka_url, order_id, sku))
    url = f"{shop['w1'].url}/orders/{order_id}"

    def has_ended() -> bool:
        status, answer = get_json(url)  # cancelled: the stock's command came behind the order's
        return status == 200 and answer["status"]["order"] in ("confirmed", "cancelled")

    wait_until(f"{url} has ended its checkout", has_ended, 60)
    ran = audit(kafka_url)
    assert (ran.returncode, ran.stdout.splitlines()[-1]) == (0, "nothing differs"), ran.stdout + ran.stderr


def test_an_application_that_is_not_there_cannot_be_audited(shop: Workers, kafka_url: str) -> None:
    assert shop["w1"].alive
    ran = audit(kafka_url, APP_ID="nobody")
    assert ran.returncode == 2
    assert "nobody-rows" in ran.stderr
    assert len(ran.stderr.splitlines()) == 1
