"""The README: every block and every command in it is run, against a real Kafka and real workers."""

import json
import os
import re
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from dev.kafka.ports import free_ports, wait_until
from tests.docs.running import CHECKOUT, Run

README = (CHECKOUT / "README.md").read_text()


class Block(NamedTuple):
    """What stands between two fences, with the ports of the running system in place of the README's."""

    language: str
    code: str


class Check(NamedTuple):
    """Runs the block that has these words, and judges what came of it."""

    words: str
    run: Callable[[Block, Run], None]


def test_every_block_does_what_the_readme_says(tmp_path: Path) -> None:
    with Run(tmp_path) as system:
        blocks = _blocks(system)
        assert len(blocks) == len(CHECKS), "a block was added or removed: say how it is tested"
        for block, check in zip(blocks, CHECKS, strict=True):
            assert check.words in block.code
            check.run(block, system)
        decided = system.get("/orders/demo-1/events")
        lived = system.get("/orders/northwind-10248/events")
        assert "order-shipped.v1" in lived
        system.press_ctrl_c()
        assert "Stopped. `make run` goes on with the data" in system.output
    with Run(tmp_path) as system:
        assert system.get("/orders/demo-1/events") == decided
        assert system.get("/orders/northwind-10248/events") == lived, "replayed, not repeated"
    _shell("make clean-data", ORDERLANE_RUN=str(tmp_path))
    assert not tmp_path.exists()


def test_a_kafka_of_yours_is_used(tmp_path: Path, broker: str) -> None:
    with Run(tmp_path, kafka=broker) as system:
        assert system.kafka == broker
        assert json.loads(system.get("/orders/northwind-10248"))["order_id"] == "northwind-10248"
    assert not (tmp_path / "kafka").exists()


def test_every_command_in_a_sentence_is_one_that_works() -> None:
    for command in re.findall(r"`((?:[A-Z_]+=\S+ )?(?:make|docker|\.venv/bin/\w+) [^`]+)`", README):
        COMMANDS_IN_SENTENCES[command]()


def test_every_folder_that_it_names_is_there() -> None:
    for row in re.findall(r"^\| (`[^|]+) \|", README, re.MULTILINE):
        for name in re.findall(r"`([^`]+)`", row):
            assert (CHECKOUT / name).exists(), name


def _diagram(block: Block, _: Run) -> None:
    from app.topics import TOPICS  # noqa: PLC0415 - after the run that this test is about

    assert block.language == "mermaid"
    named = re.findall(r"\[\(([a-z-]+)\)\]", block.code)
    assert set(named) <= {topic.name for topic in TOPICS}


def _running_already(block: Block, system: Run) -> None:
    assert block.code == "make run\n"
    assert "830" in system.output


def _this_very_test(block: Block, _: Run) -> None:
    assert "broker-tests" in _shell(block.code.replace("make test", "make --dry-run test"))
    assert "pytest" in _shell("make --dry-run broker-tests")


def _kcat_places_an_order(block: Block, system: Run) -> None:
    _shell(block.code)
    assert wait_until(_accepted(system, "demo-1-place"), 10), "the order was accepted"


def _python_cancels_a_unit(block: Block, system: Run) -> None:
    subprocess.run([sys.executable, "-c", block.code], cwd=CHECKOUT, check=True)
    assert wait_until(_accepted(system, "demo-1-cancel-one"), 10), "the unit was cancelled"


def _send_prints_the_outcome(block: Block, _: Run) -> None:
    assert json.loads(_shell(block.code))["type"] == "command-accepted.v1"


def _an_order_runs_by_itself(block: Block, _: Run) -> None:
    received, placed = _shell(block.code).splitlines()
    assert json.loads(received)["type"] == json.loads(placed)["type"] == "command-accepted.v1"


def _it_is_confirmed_and_paid(block: Block, _: Run) -> None:
    order, timeline, stock = block.code.splitlines()

    def paid() -> bool:
        seen = json.loads(_shell(order))
        return (seen["status"]["order"], seen["status"]["payment"]) == ("confirmed", "paid")

    assert wait_until(paid, 30), _shell(order)
    entries = json.loads(_shell(timeline))["timeline"]
    assert {"order-placed.v1", "reserve-stock.v1", "stock-reserved.v1", "payment-captured.v1"} <= {
        entry["type"] for entry in entries
    }
    assert wait_until(lambda: '"reserved":3' in _shell(stock), 30), "by SKU it follows a moment later"


def _any_worker_answers(block: Block, _: Run) -> None:
    *commands, cancelled, totals, work = block.code.splitlines()
    assert wait_until(lambda: "demo-1" in _shell(cancelled), 30), "a list follows a moment later"
    assert wait_until(lambda: '"cancelled_orders":1' in _shell(totals), 30), "so do totals"
    assert json.loads(_shell(work))["missing"] == []
    order, events, outcome, orders = (_shell(line) for line in commands)
    assert json.loads(order)["order_id"] == "demo-1"
    assert [event["id"] for event in json.loads(events)] == ["demo-1@1", "demo-1@2", "demo-1@3"]
    assert json.loads(outcome)["causationid"] == "demo-1-cancel-one"
    assert [each["order_id"] for each in json.loads(orders)["orders"]] == ["demo-2", "demo-1"]


def _others_read_the_same_events(block: Block, system: Run) -> None:
    lines = [line for line in _shell(block.code).splitlines() if line.startswith("demo-1 ")]
    stored = json.loads(system.get("/orders/demo-1/events"))
    assert [json.loads(line.partition(" ")[2]) for line in lines] == stored


def _a_worker_joins(block: Block, system: Run) -> None:
    port = int(re.findall(r"WEB_PORT=(\d+)", block.code)[0])
    log = system.folder / "worker-3.log"
    with (
        log.open("wb") as output,
        subprocess.Popen(
            ["bash", "-c", block.code],
            cwd=CHECKOUT,
            env={**os.environ, "DATA_DIR": str(system.folder / "data" / "worker-3")},
            stdout=output,
            stderr=output,
        ) as worker,
    ):
        try:
            assert wait_until(lambda: _ready(port), 60), log.read_text()
            assert wait_until(lambda: all(_ready(each) for each in system.ports), 60), "the others as well"
        finally:
            worker.terminate()


CHECKS = (
    Check("decide-orders", _diagram),
    Check("make run", _running_already),
    Check("make test", _this_very_test),
    Check("kcat -P", _kcat_places_an_order),
    Check("AIOKafkaProducer", _python_cancels_a_unit),
    Check("app send", _send_prints_the_outcome),
    Check("receive-stock.v1", _an_order_runs_by_itself),
    Check("/orders/demo-2/timeline", _it_is_confirmed_and_paid),
    Check("/orders/demo-1", _any_worker_answers),
    Check("kcat -C", _others_read_the_same_events),
    Check("app worker", _a_worker_joins),
)

COMMANDS_IN_SENTENCES: dict[str, Callable[[], object]] = {
    "make run": lambda: None,  # run by the test of the blocks
    "make clean-data": lambda: None,  # run at the end of the blocks
    "KAFKA_URL=host:port make run": lambda: None,  # run by the test of a Kafka of yours
    "make help": lambda: _shell("make help"),
    ".venv/bin/python -m app settings": lambda: _shell(f"{sys.executable} -m app settings"),
    ".venv/bin/faust -A app.main agents": lambda: _faust_lists("agents", "@decide-orders"),
    ".venv/bin/faust -A app.main tables": lambda: _faust_lists("tables", "customer-orders"),
    # No container engine here: `make test` resolves the file and checks it, and the service is the one named.
    "docker compose up --build --scale worker=3": lambda: _compose_has("  worker:\n"),
}


def _faust_lists(what: str, name: str) -> None:
    assert name in _shell(f"{Path(sys.executable).with_name('faust')} -A app.main {what}")


def _compose_has(line: str) -> None:
    assert line in (CHECKOUT / "docker-compose.yml").read_text()


def _blocks(system: Run) -> list[Block]:
    first, second = system.ports
    third = free_ports(1)[0]
    there = {
        "127.0.0.1:9092": system.kafka,
        "127.0.0.1:6066": f"127.0.0.1:{first}",
        "127.0.0.1:6067": f"127.0.0.1:{second}",
        "WEB_PORT=6068": f"WEB_PORT={third}",
        ".venv/bin/python": sys.executable,
    }
    blocks = []
    for language, written in re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL):
        code = written
        for here, real in there.items():
            code = code.replace(here, real)
        if "app send" in code:
            code = f"export KAFKA_URL={system.kafka}\n{code}"  # 127.0.0.1:9092 is its default
        blocks.append(Block(language, code))
    return blocks


def _shell(code: str, **settings: str) -> str:
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", code],
        cwd=CHECKOUT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, f"{code}\n{done.stdout}{done.stderr}"
    return done.stdout


def _accepted(system: Run, command_id: str) -> Callable[[], bool]:
    def accepted() -> bool:
        try:
            return "command-accepted.v1" in system.get(f"/commands/{command_id}?order=demo-1")
        except OSError:
            return False

    return accepted


def _ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
