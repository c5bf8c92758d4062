"""CloudEvents' binary mode: attributes in `ce_` headers, data in the value.

It is rewritten into structured mode, so that everything after this file knows one form only.
"""

import msgspec

from app.lane.declare import Headers, Undecodable

_PREFIX = "ce_"
# specversion, id, source, type, subject: with fewer headers a record cannot be a binary command.
FEWEST_HEADERS = 5
_encode = msgspec.json.Encoder().encode
_one_value = msgspec.json.Decoder(msgspec.Raw).decode


def is_binary(headers: Headers) -> bool:
    """True when headers carry a CloudEvent's attributes. The content type is then that of the data."""
    marked = False
    for name, value in headers:
        if name == "content-type" and value.startswith(b"application/cloudevents"):
            return False
        if name.startswith(_PREFIX):
            marked = True
    return marked


def structured(headers: Headers, value: bytes) -> bytes:
    """Return the structured form. Raises `Undecodable` when headers or data cannot be put into it."""
    attributes: dict[str, str | int] = {}
    for name, raw in headers:
        if name.startswith(_PREFIX):
            try:
                attributes[name.removeprefix(_PREFIX)] = raw.decode()
            except UnicodeDecodeError:
                raise Undecodable("not-utf-8", f"header {name} is not UTF-8") from None
        elif name == "content-type" and b"json" not in raw:
            raise Undecodable("content-type-unknown", f"data is {raw!r}; send application/json")
    expected = attributes.get("expectedversion")
    if isinstance(expected, str) and expected.isascii() and expected.isdecimal():
        attributes["expectedversion"] = int(expected[:20])
    try:
        data = _one_value(value)
    except msgspec.DecodeError as wrong:
        raise Undecodable("not-json", f"the value, which is the data in binary mode: {wrong}") from None
    return _encode(attributes | {"data": data})
