"""A customer's orders: what is sent to the customer's partition, and in which order its rows lie."""

from datetime import UTC, datetime, timedelta, timezone

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from app.domain.order import commands
from app.domain.order.statuses import OrderStatus
from app.domain.payment.commands import AuthorizePayment, RecordPaymentAuthorized
from app.views.customer_orders import CustomerOrder, after, decode_row, encode_row, prefix, row_key, row_of
from tests.domain import scenario
from tests.domain.scenario import line, placed
from tests.domain.test_cancelling import all_cancelled

ROW = CustomerOrder(
    customer_id="c-1",
    order_id="o-1",
    version=1,
    placed_at=scenario.NOON,
    currency="EUR",
    lines=2,
    total=2500,
)


def row(*events: object, **facts: object) -> CustomerOrder:
    order = scenario.given(placed(line("1", 2), line("2", 1, 500), **facts), *events).order  # type: ignore[arg-type]
    assert order is not None
    return row_of(order, ROW.customer_id)


def test_the_row_tells_of_the_order_as_placed() -> None:
    assert row() == ROW
    assert decode_row(encode_row(ROW)) == ROW


def test_a_cancelled_order_says_so_in_the_list() -> None:
    cancelled = row(all_cancelled(("1", 2, 2000), ("2", 1, 500)))
    assert cancelled == replace(ROW, version=2, status=OrderStatus.CANCELLED, cancelled_amount=2500)


MOMENTS = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 - the zone is the last argument


@settings(deadline=None)
@given(st.lists(MOMENTS, min_size=2, max_size=6))
def test_the_newest_order_comes_first(moments: list[datetime]) -> None:
    rows = [replace(ROW, placed_at=moment, order_id=f"o-{i}") for i, moment in enumerate(moments)]
    by_key = sorted(rows, key=row_key)
    assert [row.placed_at for row in by_key] == sorted(moments, reverse=True)


def test_the_list_has_all_three_statuses_and_whether_the_order_is_held() -> None:
    now = row_of(
        scenario.after(
            placed(line("1", 2)),
            commands.ConfirmOrder(at=scenario.NOON),
            commands.ShipOrder(
                shipment_id="s-1",
                lines=(commands.Units(line_id="1", quantity=1),),
                reason="in the van",
                at=scenario.NOON,
            ),
            AuthorizePayment(payment_id="p-1", amount=2000),
            RecordPaymentAuthorized(payment_id="p-1", amount=2000),
            commands.HoldOrder(code="fraud", at=scenario.NOON),
        ),
        "c-1",
    )
    assert (now.status, now.payment, now.fulfilment) == ("confirmed", "authorised", "partially-shipped")
    assert now.held
    assert decode_row(encode_row(now)) == now


def test_the_zone_of_a_time_does_not_matter() -> None:
    vienna = scenario.NOON.astimezone(timezone(timedelta(hours=1)))
    assert row_key(replace(ROW, placed_at=vienna)) == row_key(ROW)


def test_a_key_is_built_as_the_tables_contract_says() -> None:
    moment = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    backwards = (2**63 - 1 - 1_000_000).to_bytes(8, "big")
    assert row_key(replace(ROW, placed_at=moment)) == b"c-1\0" + backwards + b"\0o-1"


def test_no_other_customers_rows_lie_in_between() -> None:
    others = [row_key(replace(ROW, customer_id=other)) for other in ("c-", "c-0", "c-10", "c-1 ", "c-2")]
    assert prefix("c-1") < row_key(ROW) < after("c-1")
    assert not [key for key in others if prefix("c-1") <= key < after("c-1")]
