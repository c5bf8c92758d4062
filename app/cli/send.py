"""`python -m app send`: one command, checked by the published contract, and its outcome.

The exit code is what a script needs: 0 accepted, 1 refused, 2 not a valid command (never sent), 3 no outcome
in time, 4 Kafka could not be reached.
"""

from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime
from typing import IO, TYPE_CHECKING, Any, NoReturn

import click
import msgspec

from app.topics import COMMAND_TOPICS
from app.wire.types import ACCEPTED as COMMAND_ACCEPTED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.lane.declare import Topic

ACCEPTED, REFUSED, INVALID, NO_OUTCOME, UNREACHABLE, INTERRUPTED = 0, 1, 2, 3, 4, 130
SOURCE = "/cli"


@click.command(
    epilog="Exit codes: 0 accepted, 1 refused, 2 invalid (nothing was sent), 3 no outcome in time, "
    "4 Kafka not reached."
)
@click.argument("type_", metavar="TYPE")
@click.option(
    "--file",
    "file",
    type=click.File("rb"),
    required=True,
    help="JSON: the command's data, or a whole CloudEvent. '-' reads standard input.",
)
@click.option(
    "--subject",
    metavar="ID",
    help="What it is for: the id of an order, an item (sku@warehouse), a return or a cart. Needed for data alone.",
)
@click.option(
    "--id", "command_id", metavar="ID", help="The command's id (default: a new UUID). One id, one effect."
)
@click.option(
    "--expected-version",
    type=click.IntRange(min=0),
    metavar="N",
    help="Refuse the command unless its subject has this version (0: there is none yet).",
)
@click.option("--wait/--no-wait", default=True, help="Wait for the outcome (default), or only send.")
@click.option(
    "--timeout", type=click.FloatRange(min=0.1, max=3600), default=10.0, show_default=True, metavar="S"
)
def send(
    type_: str,
    file: IO[bytes],
    subject: str | None,
    command_id: str | None,
    expected_version: int | None,
    *,
    wait: bool,
    timeout: float,
) -> None:
    """Send one command, and print its outcome.

    TYPE is one of those in docs/schemas: place-order.v1, receive-stock.v1, request-return.v1 ... The outcome goes to
    standard output as one line of JSON, everything else to standard error.
    """
    given = {
        "id": command_id,
        "subject": subject,
        "expectedversion": expected_version,
    }
    event, fresh = _event(type_, file, {name: value for name, value in given.items() if value is not None})
    document = msgspec.json.encode(event)
    topic = _check(document, event, type_)
    try:
        raise SystemExit(_deliver(topic, event, document, fresh=fresh, wait=timeout if wait else 0.0))
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None


def _event(type_: str, file: IO[bytes], given: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    """Return the CloudEvent, and whether its id is new: never sent before.

    It is the file's own with what was given put over it, or a new one around the file's data.
    """
    try:
        content = msgspec.json.decode(file.read())
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        _fail(INVALID, [f"the file is not JSON: {wrong}"])
    if not isinstance(content, dict):
        _fail(INVALID, ["the file must hold a JSON object"])
    if "specversion" in content:
        return content | given, False
    if "subject" not in given:
        _fail(INVALID, ["the file holds only data: say with --subject what it is for"])
    now = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    envelope = {
        "specversion": "1.0",
        "id": str(uuid.uuid4()),
        "source": SOURCE,
        "type": type_,
        "subject": given["subject"],
        "time": now,
    }
    return envelope | given | {"data": content}, "id" not in given


def _check(document: bytes, event: dict[str, Any], type_: str) -> Topic:
    """Return the topic of a command. Ends with every fault of the document, if it has any: as the workers would."""
    from app.lane.declare import Record, Undecodable  # noqa: PLC0415 - pydantic's models take a while to build
    from app.wire.contracts import contract_of  # noqa: PLC0415 - see above
    from app.wire.schemas import explain  # noqa: PLC0415 - see above
    from app.wire.unreadable import MAX_EXPLAINED_BYTES  # noqa: PLC0415 - see above

    if event.get("type") != type_:
        _fail(INVALID, [f"/type: is {event.get('type')!r}, not {type_!r} as the command line says"])
    key = str(event.get("subject") or "?").encode()
    contract = contract_of(type_)
    if contract is None:
        _fail(INVALID, [f"{type_} is no command; docs/schemas has those that there are, as place-order.v1"])
    try:
        contract.decode_command(Record(COMMAND_TOPICS[contract.source].name, 0, 0, 0, key, document))
    except Undecodable as wrong:
        listed: list[str] = []
        if wrong.code == "command-invalid" and len(document) <= MAX_EXPLAINED_BYTES:
            listed = [f"{fault['pointer'] or '/'}: {fault['detail']}" for fault in explain(document)]
        _fail(INVALID, listed or [str(wrong)])
    return COMMAND_TOPICS[contract.source]


def _deliver(topic: Topic, event: dict[str, Any], document: bytes, *, fresh: bool, wait: float) -> int:
    from app.cli.courier import Unreachable, deliver  # noqa: PLC0415 - see above
    from app.settings import load  # noqa: PLC0415 - see above

    try:
        settings = load()
    except SystemExit as wrong:
        _fail(INVALID, [str(wrong)])
    try:
        sent = asyncio.run(
            deliver(settings, topic, event["subject"], event["id"], document, wait=wait, fresh=fresh)
        )
    except Unreachable as wrong:
        _fail(UNREACHABLE, [str(wrong)])
    click.echo(f"sent {event['id']} to partition {sent.partition}, offset {sent.offset}", err=True)
    if sent.outcome is None:
        if not wait:
            return ACCEPTED
        _fail(
            NO_OUTCOME,
            [f"no outcome in {wait:g} s: is a worker running? Send it again with --id {event['id']}"],
        )
    click.echo(sent.outcome.decode())
    return ACCEPTED if msgspec.json.decode(sent.outcome)["type"] == COMMAND_ACCEPTED else REFUSED


def _fail(code: int, lines: Iterable[str]) -> NoReturn:
    for line in lines:
        click.echo(line, err=True)
    raise SystemExit(code)
