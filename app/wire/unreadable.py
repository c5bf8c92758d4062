"""Why a record is not a command, in the words that its producer needs. Codes are stable.

Off the hot path: msgspec has refused already, and pydantic may take its time, below a cap.
"""

from collections.abc import Collection
from typing import Final

import msgspec

from app.lane.declare import Record, Undecodable
from app.wire.binary import is_binary, structured

# An event repeats its command's facts: below this, event and row stay under Kafka's 1 MiB a record.
MAX_COMMAND_BYTES: Final = 768 * 1024
# A stranger's megabyte can hold 450,000 faults, which pydantic needs seconds and 290 MB to list.
MAX_EXPLAINED_BYTES: Final = 64 * 1024
_MOST_FAULTS: Final = 50

MALFORMED: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def missing(record: Record) -> Undecodable:
    """The record has no key or no value."""
    if not record.key:
        return Undecodable("key-missing", "the key must be the command's subject: the id of what it is for")
    return Undecodable("value-missing", "the value must be a CloudEvent; commands have no tombstones")


def too_large(size: int) -> Undecodable:
    """The record is larger than an order may be."""
    return Undecodable("order-too-large", f"{size} bytes; a command has at most {MAX_COMMAND_BYTES}")


def key_differs(key: bytes, subject: str) -> Undecodable:
    """The record would be decided on the partition of another order."""
    return Undecodable(
        "key-differs", f"the key is {key[:128]!r}, the subject {subject!r}: make them the same"
    )


def unreadable(
    record: Record, value: bytes, known: Collection[str], wrong: Exception | None = None
) -> Undecodable:
    """`value` is none of the `known` types of command: msgspec raised `wrong`, or an id has a fault."""
    if value in (b"", b"null"):  # Faust forwards a tombstone as the word
        return missing(record)
    if value is record.value and is_binary(record.headers):  # with too few headers to be looked at before
        value = structured(record.headers, value)
    try:
        document = msgspec.json.decode(value.decode())
    except RecursionError:
        return Undecodable("too-deep", "the JSON document nests too deeply")
    except UnicodeDecodeError as broken:
        return Undecodable("not-utf-8", f"the value is not UTF-8 at byte {broken.start}")
    except msgspec.DecodeError as broken:
        return Undecodable("not-json", f"{broken}; the value must be one CloudEvent in JSON")
    name = document.get("type") if isinstance(document, dict) else None
    if isinstance(name, str) and name not in known:
        return _type_unknown(name, sorted(known))
    return Undecodable("command-invalid", _faults(value, known, wrong))


def _type_unknown(name: str, known: list[str]) -> Undecodable:
    stem = name.rpartition(".v")[0]
    for ours in known:
        if stem == ours.rpartition(".v")[0]:
            return Undecodable("version-unknown", f"{name[:128]!r}: this release reads {ours}")
    return Undecodable("type-unknown", f"{name[:128]!r} is none of {', '.join(known)}")


def _faults(value: bytes, known: Collection[str], wrong: Exception | None) -> str:
    if len(value) > MAX_EXPLAINED_BYTES:
        first = wrong or "an id or the currency is not acceptable"
        return f"{first} (in less than {MAX_EXPLAINED_BYTES} bytes, each fault would be listed)"
    from app.wire.schemas import explain  # noqa: PLC0415 - it describes the contracts, which need this

    faults = explain(value, known)
    listed = [f"{fault['pointer'] or '/'}: {fault['detail']}" for fault in faults[:_MOST_FAULTS]]
    if len(faults) > _MOST_FAULTS:
        listed.append(f"and {len(faults) - _MOST_FAULTS} more")
    return "; ".join(listed) or str(wrong)
