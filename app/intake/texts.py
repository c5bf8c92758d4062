"""Words of a shop as ids and texts of ours. An id that ours cannot be is replaced, a text that is too long is cut."""

import unicodedata
from typing import Final

from app.domain.bounds import ID_LENGTH, TEXT_LENGTH
from app.domain.order.commands import Address

# As app/wire/ids.py has them; a test compares the two.
_FORBIDDEN: Final = frozenset({"Cc", "Cf", "Zl", "Zp", "Co", "Cs"})
_JOINERS: Final = frozenset("\u200c\u200d") | frozenset(map(chr, range(0xE0020, 0xE0080)))


def id_or(word: str | None, otherwise: str) -> str:
    """Return a word as an id (NFC, trimmed), or the other where it is none."""
    made = unicodedata.normalize("NFC", word or "").strip()
    if not 0 < len(made) <= ID_LENGTH:
        return otherwise
    if any(unicodedata.category(each) in _FORBIDDEN and each not in _JOINERS for each in made):
        return otherwise
    return made


def text(words: str | None) -> str:
    """Return a text, not longer than ours are."""
    return (words or "").strip()[:TEXT_LENGTH]


def address(
    *,
    name: str | None,
    lines: tuple[str | None, ...],
    city: str | None,
    region: str | None,
    postal_code: str | None,
    country: str | None,
) -> Address | None:
    """Return an address, None for one without a word."""
    made = Address(
        name=text(name),
        lines=tuple(text(line) for line in lines if line and line.strip()),
        city=text(city),
        region=text(region),
        postal_code=text(postal_code),
        country=text(country),
    )
    return None if made == Address() else made
