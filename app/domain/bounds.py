"""How large the values of a command may be. Decoding checks these; the rules may then rely on them."""

from datetime import datetime
from typing import Annotated, Final

from msgspec import Meta

# Every integer of JSON must survive a double: 2^53 is the first whose neighbour does not.
AMOUNT_LIMIT: Final = 2**53
ID_LENGTH: Final = 128
TEXT_LENGTH: Final = 500
LINES_LIMIT: Final = 2_000  # of one order; above it `order-too-large`
RATE_LIMIT_BP: Final = 100_000  # 1,000 %

Amount = Annotated[int, Meta(ge=0, lt=AMOUNT_LIMIT)]  # minor units
Quantity = Annotated[int, Meta(ge=1, lt=AMOUNT_LIMIT)]
RateBp = Annotated[int, Meta(ge=0, le=RATE_LIMIT_BP)]
Millionths = Annotated[int, Meta(ge=0, lt=10**6)]
Exponent = Annotated[int, Meta(ge=0, le=4)]
Precision = Annotated[int, Meta(ge=0, le=6)]
Version = Annotated[int, Meta(ge=0, lt=2**31)]  # CloudEvents integers have 32 bits
# What an id looks like beyond its length (NFC, no controls ...) is checked by app/wire/ids.py.
Id = Annotated[str, Meta(min_length=1, max_length=ID_LENGTH)]
Text = Annotated[str, Meta(max_length=TEXT_LENGTH)]
Currency = Annotated[str, Meta(min_length=3, max_length=3)]
Moment = Annotated[datetime, Meta(tz=True)]
