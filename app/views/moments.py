"""Times in keys: eight bytes that sort as the moments do, whatever their zones."""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_MIDDLE: Final = 2**63  # moments before 1970 count from below


def sortable(moment: datetime) -> bytes:
    """Return the microseconds of a moment so that an earlier one comes first."""
    return ((moment - _EPOCH) // _MICROSECOND + _MIDDLE).to_bytes(8, "big")
