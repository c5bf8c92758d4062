"""Where a list really begins. What leaves a list at its head stays in the database as a mark for a while, and whoever
reads from the list's first key on passes all of them: a tenth of a second for a hundred thousand.
"""

from typing import Final

import msgspec
from msgspec import Struct


class Head(Struct, frozen=True, kw_only=True, gc=False, array_like=True):
    """No row of the list has a key before `first`. `at_ms`: when that was found out."""

    first: bytes
    at_ms: int


encode_row: Final = msgspec.msgpack.Encoder().encode
decode_row: Final = msgspec.msgpack.Decoder(Head).decode
