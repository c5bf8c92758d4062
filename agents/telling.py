"""What every deciding agent does with a command: once, with one outcome, and the process that asked is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from app.domain.refused import Code, Refused
from app.topics import COMMAND_OUTCOMES, PROCESS_INPUTS
from app.wire.outcomes import accepted, refused
from app.wire.types import COMMAND_HEADERS
from tables.outcomes import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.lane.declare import Topic
    from app.lane.turn import Turn
    from app.wire.contract import Contract
    from app.wire.envelopes import Command

PROCESSES: Final = "/processes/"  # what the source of a process's command begins with; its order follows


def is_news(command: Command, turn: Turn) -> bool:
    """False: the command was decided before, and has its outcome."""
    return turn.get(OUTCOMES, command.id.encode()) is None


def require_version(command: Command, version: int) -> None:
    """Refuse a command whose sender saw another version. What does not exist has version 0."""
    expected = command.expected_version
    if expected is not None and expected != version:
        raise Refused(Code.VERSION_CONFLICT, f"expected version {expected}, the version is {version}")


def tell(
    turn: Turn, contract: Contract, topic: Topic, command: Command, version: int, facts: Iterable[Any]
) -> list[bytes]:
    """Append what happened after `version`, and that the command was accepted. Return the events' bytes."""
    key, subject = command.subject.encode(), command.subject
    versions, events = [], []
    for fact in facts:
        version += 1
        event = contract.encode_event(fact, subject, version, command, turn.now)
        turn.emit(topic, key, event, COMMAND_HEADERS)
        versions.append(version)
        events.append(event)
    outcome = accepted(command, subject, version, turn.now, versions, contract.source)
    turn.emit(COMMAND_OUTCOMES, command.id.encode(), outcome, COMMAND_HEADERS)
    return events


def tell_refusal(turn: Turn, contract: Contract, command: Command, version: int, refusal: Refused) -> None:
    """Say no, and tell it to the process that asked."""
    outcome = refused(command, version, refusal, turn.now, contract.source)
    turn.emit(COMMAND_OUTCOMES, command.id.encode(), outcome, COMMAND_HEADERS)
    if command.source.startswith(PROCESSES):
        tell_process(turn, command.source.removeprefix(PROCESSES), outcome)


def tell_process(turn: Turn, order_id: str, message: bytes) -> None:
    """Let the processes of an order hear of an event, or of a refusal."""
    turn.emit(PROCESS_INPUTS, order_id.encode(), message, COMMAND_HEADERS)
