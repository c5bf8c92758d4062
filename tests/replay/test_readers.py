"""What the readers make of the data sets, against the independent recount, and the rules one by one."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import TYPE_CHECKING

import pytest

from app.cli.replay import main, olist, online_retail
from app.cli.replay.counts import count
from app.cli.replay.olist_order import History, lived
from app.cli.replay.source import Draft, SourceUnusable, Unused
from app.domain.order.commands import CancelLines, CancelOrder, PlaceOrder, ShipOrder
from app.domain.returns.commands import RequestReturn
from tests.replay.data import READ, folder, recounted, sample

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from app.cli.replay.counts import Counts
    from app.cli.replay.source import Item
    from tests.replay.recount import Recount

HEADER = ",".join(online_retail.COLUMNS)


@cache
def counted(name: str) -> Counts:
    """Count a source in full, once. Nobody changes it."""
    return count(READ[name](folder(name)))


@pytest.mark.parametrize("name", READ)
def test_every_sum_is_what_an_independent_recount_says(name: str) -> None:
    """Of the data in full, where they are: test_lives.py has their orders one by one."""
    counts, recount = counted(name), recounted(name, folder(name))
    orders = recount.orders.values()
    assert (counts.documents, counts.lines) == (recount.documents, recount.lines)
    assert counts.placed.commands == len(orders)
    assert counts.guests == sum(order.customer is None for order in orders)
    assert counts.placed.amount == recount.placed_amount
    assert counts.cancelled.amount == recount.cancelled_amount
    assert counts.returned.amount == recount.returned_amount
    assert counts.captured.amount == recount.sum(lambda order: order.paid)
    assert counts.back == recount.sum(lambda order: order.refunded)
    assert counts.placed.units == units(recount, 0)
    assert counts.cancelled.units == units(recount, 2)
    assert counts.shipped.units == units(recount, 3)
    assert counts.returned.units == units(recount, 4)
    used = Counter(
        {
            "placed": counts.placed.lines,
            "cancelled": counts.cancelled.lines,
            "returned": counts.returned.lines,
        }
    )
    assert +(used + counts.unused) == recount.counts


@pytest.mark.parametrize("name", READ)
def test_every_order_ends_in_the_stage_that_an_independent_recount_says(name: str) -> None:
    counts, recount = counted(name), recounted(name, folder(name))
    assert counts.stages == {f"{name}-{number}": order.stage for number, order in recount.orders.items()}
    assert counts.refusals == +recount.refusals
    assert counts.notable["lines that wait for stock"] == recount.waiting
    assert counts.notable["orders shipped late"] == recount.sum(lambda order: order.late)
    assert counts.notable["handed over before the approval"] == recount.too_early


def test_the_money_of_the_whole_year_is_what_it_always_was() -> None:
    """Whether units are cancelled or come back: the sums of the file in full, where it is."""
    recount = recounted("online-retail", folder("online-retail"))
    whole = recount.lines == 541_909
    wanted = (1_066_668_454, 45_808_462) if whole else (17_374_648, 263_750)
    assert (recount.placed_amount, recount.cancelled_amount + recount.returned_amount) == wanted


def units(recount: Recount, place: int) -> int:
    """Return a sum over the lines of all orders, by its place in what is told of a line."""
    return sum(
        line[place]
        for order in recount.orders.values()
        for line in order.told["lines"].values()  # type: ignore[attr-defined]
    )


def read(tmp_path: Path, *lines: str) -> list[Item]:
    """Read an Online Retail file of these lines."""
    (tmp_path / "online_retail.csv").write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    items = list(online_retail.read(tmp_path))
    count(items)  # every line is in exactly one count
    return items


def bought(
    invoice: str, sku: str, quantity: int, price: str = "2.55", customer: str = "17850.0", day: int = 1
) -> str:
    """Return a line of the file. An invoice with a C takes back."""
    return f"{invoice},{sku},THING,{quantity},2010-12-{day:02} 08:26:00,{price},{customer},United Kingdom"


def cancelled(items: Iterable[Item]) -> list[tuple[str, str, list[tuple[str, int]], int]]:
    """Return command id, order, lines and amount of each cancellation."""
    return [
        (
            item.command_id,
            item.key,
            [(line.line_id, line.quantity) for line in item.data.lines],
            item.amount,
        )
        for item in items
        if isinstance(item, Draft) and isinstance(item.data, CancelLines)
    ]


def returned(items: Iterable[Item]) -> list[tuple[str, list[tuple[str, int, int]], int, str]]:
    """Return id, lines (with what was taken back before), amount of each return, and the stage of its order."""
    return [
        (
            item.key,
            [(line.line_id, line.quantity, line.before) for line in item.data.lines],
            item.amount,
            item.leaves,
        )
        for item in items
        if isinstance(item, Draft) and isinstance(item.data, RequestReturn)
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


def test_what_is_taken_back_after_the_first_night_is_a_return(tmp_path: Path) -> None:
    items = read(
        tmp_path,
        bought("1", "A", 9, price="0.333"),  # 299.7 pence
        bought("C2", "A", -1, price="0.333"),
        bought("C3", "A", -2, price="0.333", day=2),
        bought("C4", "A", -4, price="0.333", day=3),
        bought("C4", "A", -2, price="0.333", day=3),
    )
    assert cancelled(items) == [("online-retail-1-cancel-C2", "online-retail-1", [("1", 1)], 33)]
    assert returned(items) == [
        ("online-retail-1-return-C3", [("1", 2, 1)], 67, "partially-returned"),
        ("online-retail-1-return-C4", [("1", 6, 3)], 200, "returned"),
    ]
    (ship,) = [item.data for item in items if isinstance(item, Draft) and isinstance(item.data, ShipOrder)]
    assert [(units.line_id, units.quantity) for units in ship.lines] == [("1", 8)]
    kinds = [type(item.data).__name__ for item in items if isinstance(item, Draft)]
    assert kinds[:5] == ["PlaceOrder", "CancelLines", "ConfirmOrder", "RecordPaymentCaptured", "ShipOrder"]
    assert count(items).back == 267


def test_what_is_cancelled_on_its_day_neither_leaves_nor_is_paid(tmp_path: Path) -> None:
    items = read(tmp_path, bought("1", "A", 9), bought("C2", "A", -9), bought("3", "B", 1, day=2))
    drafts = [item for item in items if isinstance(item, Draft) and item.order_id == "online-retail-1"]
    assert [(type(draft.data).__name__, draft.leaves) for draft in drafts] == [
        ("PlaceOrder", "placed"),
        ("CancelLines", "cancelled"),
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


def olist_drafts() -> list[Draft]:
    return [item for item in olist.read(sample("olist")) if isinstance(item, Draft)]


def test_a_cancelled_order_of_olist_is_cancelled_as_a_whole_unless_its_parcel_has_left() -> None:
    drafts = olist_drafts()
    gone = [draft for draft in drafts if isinstance(draft.data, CancelOrder)]
    assert Counter(draft.refusal for draft in gone) == {"": 15, "order-shipped": 2}
    ids = [draft.command_id for draft in drafts]
    for draft in gone:
        assert ids.index(f"{draft.key}-place") < ids.index(draft.command_id)


def test_what_was_paid_beyond_the_total_goes_back_once_even_if_the_order_is_cancelled() -> None:
    """As a surplus at the approval, and with the cancellation the rest."""
    day = "2017-05-11 09:45:36"
    item = ["o", "1", "product", "seller", day, "10.00", "2.00"]
    payments = [["o", "2", "voucher", "1", "5.00"], ["o", "1", "credit_card", "3", "8.50"]]
    history = History("o", "person", "canceled", [day, day, "", "", ""], [item], payments)
    drafts = [draft for _, drafts in lived(history, {}) for draft in drafts]
    assert [(draft.command_id, draft.back) for draft in drafts if draft.back] == [
        ("olist-o-captured-2", 150),
        ("olist-o-cancel", 1200),
    ]


def test_the_commands_of_olist_are_in_the_order_of_their_times() -> None:
    times = [draft.at for draft in olist_drafts()]
    assert times == sorted(times)


def test_what_olist_has_too_early_is_sent_again_when_it_can_be() -> None:
    drafts = olist_drafts()
    ids = [draft.command_id for draft in drafts]
    early = [draft for draft in drafts if draft.refusal in ("order-unknown", "shipment-unknown")]
    assert len(early) == 3
    for draft in early:
        (again,) = [each for each in drafts if each.command_id.startswith(f"{draft.command_id}-again")]
        before = "place" if draft.refusal == "order-unknown" else "ship"
        assert ids.index(draft.command_id) < ids.index(f"{draft.key}-{before}") < ids.index(again.command_id)
        assert (again.data, again.refusal) == (draft.data, "")


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
