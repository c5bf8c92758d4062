"""Where the data sets are: in full beside the checkout (or where ORDERLANE_DATA says), else the samples.

And the recount of each, made once for all tests.
"""

from __future__ import annotations

import gc
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from app.cli.replay import northwind, olist, online_retail
from tests.replay import recount

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.cli.replay.source import Item

READ: dict[str, Callable[[Path], Iterator[Item]]] = {
    "northwind": northwind.read,
    "online-retail": online_retail.read,
    "olist": olist.read,
}
RECOUNT: dict[str, Callable[[Path], recount.Recount]] = {
    "northwind": recount.northwind,
    "online-retail": recount.online_retail,
    "olist": recount.olist,
}

CHECKOUT = Path(__file__).parents[2]
SHIPPED = CHECKOUT / "dev" / "data"


def folder(name: str) -> Path:
    """Return the folder of a data set. Raises when ORDERLANE_DATA is set and does not hold it."""
    told = os.environ.get("ORDERLANE_DATA")
    full = Path(told) / name if told else CHECKOUT.parent / "shared" / "data" / name
    if full.is_dir():
        return full
    if told:
        raise FileNotFoundError(f"ORDERLANE_DATA={told}: there is no {name} in it")
    return sample(name)


def sample(name: str) -> Path:
    """Return what the repository ships of a data set."""
    whole, part = SHIPPED / name, SHIPPED / f"{name}-sample"
    return whole if whole.is_dir() else part


@cache
def recounted(name: str, path: Path) -> recount.Recount:
    """Return the recount of a data set. Nobody changes it."""
    gc.disable()  # it would go through half a million live objects, again and again
    try:
        return RECOUNT[name](path)
    finally:
        gc.enable()
