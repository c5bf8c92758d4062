"""What the readers make of the data sets, against the independent recount, and the rules one by one."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from app.cli.replay import main, olist, online_retail
from app.cli.replay.source import Draft, SourceUnusable, Unused
from app.cli.replay.summary import count
from app.domain.order.commands import CancelLines, CancelOrder, PlaceOrder
from app.domain.order.decider import decide
from app.domain.order.evolver import fold
from app.domain.order.statuses import order_status
from tests.replay.data import READ, folder, recounted, sample

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from app.cli.replay.source import Item
    from app.domain.order.state import Order

HEADER = ",".join(online_retail.COLUMNS)


@pytest.mark.parametrize("name", READ)
def test_every_order_decided_is_what_an_independent_recount_says(name: str) -> None:
    orders: dict[str, Order | None] = {}
    for item in READ[name](sample(name)):
        if isinstance(item, Draft):
            order = orders.get(item.order_id)
            orders[item.order_id] = fold(item.order_id, decide(order, item.data), order)
    expected = recounted(name, sample(name)).orders
    assert orders.keys() == {f"{name}-{number}" for number in expected}
    for number, told in expected.items():
        assert seen(orders[f"{name}-{number}"]) == told.told, number


@pytest.mark.parametrize("name", READ)
def test_every_sum_is_what_an_independent_recount_says(name: str) -> None:
    """Of the data in full, where they are: test_system.py has their orders one by one."""
    counts, recount = count(READ[name](folder(name))), recounted(name, folder(name))
    orders = recount.orders.values()
    assert (counts.documents, counts.lines, counts.orders) == (recount.documents, recount.lines, len(orders))
    assert counts.guests == sum(order.customer is None for order in orders)
    assert counts.amount_placed == recount.placed_amount
    assert counts.amount_cancelled == recount.cancelled_amount
    assert counts.units_cancelled == recount.cancelled_quantity
    assert counts.units_placed == sum(line.quantity for order in orders for line in order.lines.values())
    used = Counter({"placed": counts.lines_placed, "cancelled": counts.lines_cancelled})
    assert +(used + counts.unused) == recount.counts


def seen(order: Order | None) -> dict[str, object]:
    """Return what the recount tells too."""
    assert order is not None
    facts = order.facts
    cancelled = order.cancelled or (0,) * len(facts.lines)
    return {
        "customer": facts.customer_id,
        "currency": facts.currency,
        "total": facts.totals.total,
        "cancelled": order.cancelled_amount,
        "state": order_status(order),
        "lines": {
            line.line_id: (line.quantity, line.line_total, gone)
            for line, gone in zip(facts.lines, cancelled, strict=True)
        },
    }


def read(tmp_path: Path, *lines: str) -> list[Item]:
    """Read an Online Retail file of these lines."""
    (tmp_path / "online_retail.csv").write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    items = list(online_retail.read(tmp_path))
    count(items)  # every line is in exactly one count
    return items


def bought(invoice: str, sku: str, quantity: int, price: str = "2.55", customer: str = "17850.0") -> str:
    """Return a line of the file. An invoice with a C takes back."""
    return f"{invoice},{sku},THING,{quantity},2010-12-01 08:26:00,{price},{customer},United Kingdom"


def cancelled(items: Iterable[Item]) -> list[tuple[str, str, list[tuple[str, int]], int]]:
    """Return command id, order, lines and amount of each cancellation."""
    return [
        (
            item.command_id,
            item.order_id,
            [(line.line_id, line.quantity) for line in item.data.lines],
            item.amount,
        )
        for item in items
        if isinstance(item, Draft) and isinstance(item.data, CancelLines)
    ]


def unused(items: Iterable[Item]) -> dict[str, str]:
    """Return the reason of each line that became nothing."""
    return {item.where: item.reason for item in items if isinstance(item, Unused)}


def placed(items: Iterable[Item]) -> list[PlaceOrder]:
    """Return the orders placed."""
    return [item.data for item in items if isinstance(item, Draft) and isinstance(item.data, PlaceOrder)]


def test_a_cancellation_takes_back_the_latest_earlier_purchase_with_enough_left(tmp_path: Path) -> None:
    items = read(
        tmp_path,
        bought("1", "A", 9),
        bought("2", "A", 5),
        bought("3", "A", 2),
        bought("C4", "A", -3),
        bought("C5", "A", -3),
        bought("6", "A", 9),
    )
    assert cancelled(items) == [
        ("online-retail-2-cancel-C4", "online-retail-2", [("1", 3)], 765),
        ("online-retail-1-cancel-C5", "online-retail-1", [("1", 3)], 765),
    ]


def test_a_cancelled_line_is_never_split_over_two_purchases(tmp_path: Path) -> None:
    items = read(tmp_path, bought("1", "A", 2), bought("2", "A", 2), bought("C3", "A", -3))
    assert cancelled(items) == []
    assert unused(items) == {"C3/1": "not-enough-left"}


def test_a_cancellation_without_a_purchase_is_reported_with_its_reason(tmp_path: Path) -> None:
    items = read(
        tmp_path,
        bought("1", "A", 2),
        bought("C2", "A", -1, price="2.54"),
        bought("C2", "B", -1),
        bought("C2", "A", -1, customer="17851.0"),
        bought("C3", "A", -1, customer=""),
    )
    assert unused(items) == {
        "C2/1": "bought-at-another-price",
        "C2/2": "never-bought-before",
        "C2/3": "never-bought-before",
        "C3/1": "cancelled-without-customer",
    }


def test_the_lines_of_one_cancellation_become_one_command_for_each_order(tmp_path: Path) -> None:
    items = read(
        tmp_path,
        bought("1", "A", 9),
        bought("1", "B", 9),
        bought("2", "C", 9),
        bought("C3", "A", -1),
        bought("C3", "C", -2),
        bought("C3", "B", -3),
        bought("C3", "A", -4),
    )
    assert cancelled(items) == [
        ("online-retail-1-cancel-C3", "online-retail-1", [("1", 5), ("2", 3)], 2040),
        ("online-retail-2-cancel-C3", "online-retail-2", [("1", 2)], 510),
    ]


def test_a_line_that_sells_nothing_is_reported_and_the_others_keep_their_numbers(tmp_path: Path) -> None:
    items = read(
        tmp_path,
        bought("1", "A", 9, price="0.0"),
        bought("1", "B", -9),
        bought("1", "C", 1, price="-11062.06"),
        bought("1", "D", 1),
        bought("1", "E", 0),
    )
    assert unused(items) == {
        "1/1": "zero-price",
        "1/2": "negative-quantity",
        "1/3": "negative-price",
        "1/5": "zero-quantity",
    }
    assert [[line.line_id for line in order.lines] for order in placed(items)] == [["4"]]


def test_a_price_below_a_penny_keeps_its_digits(tmp_path: Path) -> None:
    (order,) = placed(read(tmp_path, bought("1", "PADS", 15, price="0.001")))
    assert (order.lines[0].unit_price, order.lines[0].unit_price_precision) == (1, 1)
    assert order.lines[0].line_total == order.totals.total == 2  # 1.5 pence, half to even


def test_an_invoice_without_a_customer_is_an_order_of_a_guest(tmp_path: Path) -> None:
    (order,) = placed(read(tmp_path, bought("1", "A", 1, customer="")))
    assert order.customer_id is None


def test_an_invoice_is_one_order_even_with_another_between_its_lines(tmp_path: Path) -> None:
    items = read(tmp_path, bought("1", "A", 1), bought("2", "A", 1), bought("1", "B", 1))
    assert [[line.sku for line in order.lines] for order in placed(items)] == [["A", "B"], ["A"]]


def test_summer_in_london_is_an_hour_ahead(tmp_path: Path) -> None:
    line = bought("1", "A", 1).replace("2010-12-01 08:26", "2011-06-01 08:26")
    (order,) = placed(read(tmp_path, line))
    assert order.placed_at.isoformat() == "2011-06-01T08:26:00+01:00"


def test_a_cancelled_order_of_olist_is_placed_first_and_then_cancelled_as_a_whole() -> None:
    drafts = [item for item in olist.read(sample("olist")) if isinstance(item, Draft)]
    gone = [draft for draft in drafts if isinstance(draft.data, CancelOrder)]
    assert len(gone) == 17
    ids = [draft.command_id for draft in drafts]
    for draft in gone:
        assert ids.index(f"{draft.order_id}-place") < ids.index(draft.command_id)
    assert [draft.at for draft in drafts] == sorted(draft.at for draft in drafts)


@pytest.mark.parametrize("name", READ)
def test_command_ids_are_distinct_and_the_same_in_every_run(name: str) -> None:
    first, second = (
        [item.command_id for item in READ[name](sample(name)) if isinstance(item, Draft)] for _ in range(2)
    )
    assert first == second
    assert len(set(first)) == len(first)


def test_a_path_without_the_data_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SourceUnusable, match="no such file"):
        list(online_retail.read(tmp_path))


def test_a_wrong_path_is_told_before_a_broker_is_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KAFKA_URL", "127.0.0.1:1")  # nothing is there
    assert main(["northwind", str(tmp_path)]) == 1
    assert "products.csv: no such file" in capsys.readouterr().err


def test_a_file_with_other_columns_says_which(tmp_path: Path) -> None:
    (tmp_path / "online_retail.csv").write_text("Invoice,Code\n1,2\n")
    with pytest.raises(SourceUnusable, match="its columns are Invoice, Code"):
        list(online_retail.read(tmp_path))


def test_a_line_in_no_count_ends_the_replay() -> None:
    items = [item for item in online_retail.read(sample("online-retail")) if not isinstance(item, Unused)]
    with pytest.raises(SourceUnusable, match="lines were read, but"):
        count(items)
