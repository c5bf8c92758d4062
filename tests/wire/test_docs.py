"""docs/domain.md lists every code with which a record is refused as a command."""

import re
from pathlib import Path

from app.wire.order_types import ORDER_COMMANDS
from app.wire.types import COMMANDS
from app.wire.unreadable import MAX_COMMAND_BYTES

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "domain.md").read_text(encoding="utf-8")


def test_the_codes_of_undecodable_records_are_those_of_the_code() -> None:
    files = [*(ROOT / "app" / "wire").glob("*.py"), *(ROOT / "agents").glob("*.py")]
    code = "".join(path.read_text(encoding="utf-8") for path in files)
    raised = set(re.findall(r'Undecodable\(\s*"([a-z0-9-]+)"', code))
    table = PAGE.split("## Records that are no command\n")[1].split("\nIds are")[0]
    rows = re.findall(r"^\| (`.*?) \|", table, re.MULTILINE)
    assert {word for row in rows for word in re.findall(r"`(.+?)`", row)} == raised
    assert f"{MAX_COMMAND_BYTES // 1024} KiB" in table


def test_the_types_of_commands_are_those_of_the_code() -> None:
    table = PAGE.split("## Commands and events\n")[1].split("\nEvery command")[0]
    assert re.findall(r"^\| `(.+?)` \|", table, re.MULTILINE) == [
        *COMMANDS.values(),
        *ORDER_COMMANDS.values(),
    ]
