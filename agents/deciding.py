"""What every deciding agent does with a command: once, with one outcome, and the process that asked is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.domain.refused import Refused, require_version
from app.lane.declare import Undecodable
from app.topics import COMMAND_OUTCOMES, PROCESS_INPUTS
from app.wire.outcomes import accepted, refused
from app.wire.types import COMMAND_HEADERS, PROCESSES_SOURCE
from tables.outcomes import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from app.domain.refused import Versioned
    from app.lane.declare import Topic
    from app.lane.turn import Turn
    from app.wire.contract import Contract
    from app.wire.envelopes import Command


def decided(
    turn: Turn, contract: Contract, topic: Topic, command: Command, before: Versioned | None,
    decide: Callable[[Any, Any], Iterable[Any]],
) -> list[tuple[Any, bytes]]:  # fmt: skip
    """Let `decide` say what a command does to `before`; append that to the topic, and the command's outcome.

    Return each fact with its event's bytes: nothing where the command was refused or decided before, or it was so
    already. Raises `Undecodable` for an id that another command had.
    """
    command_id = command.id.encode()
    known = turn.get(OUTCOMES, command_id)
    if known is not None:
        if (known.subject, known.data.type) != (command.subject, command.type):
            raise Undecodable(
                "command-id-reused", f"{known.data.type} of {known.subject} had this id: take a new one"
            )
        return []
    version = 0 if before is None else before.version
    key, subject = command.subject.encode(), command.subject
    try:
        if command.expected_version is not None:
            require_version(before, command.expected_version, contract.what)
        facts = decide(before, command.data)
    except Refused as refusal:
        outcome = refused(command, version, refusal, turn.now, contract.source)
        turn.emit(COMMAND_OUTCOMES, command_id, outcome, COMMAND_HEADERS)
        _tell_sender(turn, command, outcome)
        return []
    versions, told = [], []
    for fact in facts:
        version += 1
        event = contract.encode_event(fact, subject, version, command, turn.now)
        turn.emit(topic, key, event, COMMAND_HEADERS)
        versions.append(version)
        told.append((fact, event))
    outcome = accepted(command, subject, version, turn.now, versions, contract.source)
    turn.emit(COMMAND_OUTCOMES, command_id, outcome, COMMAND_HEADERS)
    if not told:  # it was so already: no event will say it
        _tell_sender(turn, command, outcome)
    return told


def sending_process(command: Command) -> str | None:
    """Return the order whose process sent a command; None: somebody else did."""
    source = command.source
    return source.removeprefix(PROCESSES_SOURCE) if source.startswith(PROCESSES_SOURCE) else None


def tell_process(turn: Turn, order_id: str, message: bytes) -> None:
    """Let the processes of an order hear of an event, or of what became of their command."""
    turn.hand_over(PROCESS_INPUTS, order_id.encode(), message, COMMAND_HEADERS)


def _tell_sender(turn: Turn, command: Command, outcome: bytes) -> None:
    """Let the process that sent a command hear what became of it, where no event says so."""
    order_id = sending_process(command)
    if order_id is not None:
        tell_process(turn, order_id, outcome)
