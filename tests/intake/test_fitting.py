"""Taxes to rates: whatever a shop charged, the rate gives it to the penny, or there is none."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.domain import money
from app.intake.fitting import OfRate, Tax, rate_for, settled
from app.intake.refusing import Unfit
from app.intake.texts import id_or
from app.wire.ids import fault

MICRO = 10**6


def tax_of(amount: int, rate: str | None) -> Tax:
    return Tax(amount, None if rate is None else Decimal(rate), Decimal(amount), "/tax")


def taxed_by(net: int, rounding: money.Rounding = "half_up", *, included: bool = False) -> OfRate:
    divide = money.DIVIDE[rounding]
    return lambda rate: money.tax(net, rate // MICRO, divide, included=included, micro=rate % MICRO)


@given(
    net=st.integers(0, 10**9),
    rate=st.integers(0, 500_000),
    included=st.booleans(),
    rounding=st.sampled_from(["half_up", "half_even"]),
)
def test_a_rate_of_the_shop_is_found_again(
    net: int, rate: int, *, included: bool, rounding: money.Rounding
) -> None:
    rate *= 10_000  # hundredths of a basis point
    of_rate = taxed_by(net, rounding, included=included)
    told = tax_of(of_rate(rate), str(Decimal(rate) / (10_000 * MICRO)))
    assert rate_for(told, of_rate) == rate
    guessed = rate_for(tax_of(told.amount, None), of_rate)
    assert guessed is not None
    assert of_rate(guessed) == told.amount


@given(net=st.integers(1, 10**9), amount=st.integers(0, 10**9), included=st.booleans())
def test_up_to_ten_million_every_tax_has_a_rate(net: int, amount: int, *, included: bool) -> None:
    amount = min(amount, net // 2)
    of_rate = taxed_by(net, included=included)
    found = rate_for(tax_of(amount, "0.2"), of_rate)
    assert found is not None
    assert of_rate(found) == amount


def test_of_the_rates_that_give_a_tax_it_is_near_to_the_shops_and_has_few_digits() -> None:
    of_rate = taxed_by(600)
    assert rate_for(tax_of(45, "0.08"), of_rate) == 758 * MICRO  # 45.48
    assert rate_for(tax_of(45, "0.07"), of_rate) == 742 * MICRO  # 44.52
    assert rate_for(tax_of(45, "0.0755"), of_rate) == 755 * MICRO
    assert rate_for(tax_of(45, None), of_rate) == 750 * MICRO  # the roundest
    assert rate_for(tax_of(6001, None), of_rate) is None  # above 1,000 %
    assert rate_for(tax_of(1775, "0.08875"), taxed_by(20_000)) == 887_500_000
    assert rate_for(tax_of(1775, None), taxed_by(20_000)) == 887_500_000
    assert rate_for(tax_of(1775, "0.08"), taxed_by(20_000)) == 887_500_000


amounts = st.lists(st.integers(0, 500), min_size=1, max_size=8)


@given(amounts, st.data())
def test_settled_amounts_add_up_and_are_a_penny_off_at_most(stated: list[int], data: st.DataObject) -> None:
    exact = [Decimal(data.draw(st.integers(10 * n - 5 if n else 0, 10 * n + 5))) / 10 for n in stated]
    total = sum(stated) + data.draw(st.integers(-len(stated) - 1, len(stated) + 1))
    able = sum(
        1 for said, is_ in zip(stated, exact, strict=True) if said or (total > sum(stated) and is_ > 0)
    )
    if abs(total - sum(stated)) > able:
        with pytest.raises(Unfit, match="totals-differ"):
            settled(total, stated, exact, "/total")
        return
    parts = settled(total, stated, exact, "/total")
    assert sum(parts) == total
    assert all(abs(part - said) <= 1 and part >= 0 for part, said in zip(parts, stated, strict=True))


def test_the_part_that_was_rounded_the_furthest_gives_way() -> None:
    exact = [Decimal("112.9"), Decimal("22.5"), Decimal(90)]
    assert settled(225, [113, 23, 90], exact, "/tax") == [113, 22, 90]


def test_nothing_of_nothing_cannot_be_off() -> None:
    with pytest.raises(Unfit, match="is 1, but its parts add up to 0"):
        settled(1, [0], [Decimal(0)], "/tax")


@given(st.text(max_size=140))
@example("\u200d\U0001f9e6")
@example("\u202e")
@example("e\u0301")
def test_an_id_of_ours_is_one_that_the_wire_takes(word: str) -> None:
    made = id_or(word, "otherwise")
    assert fault(made) is None
    if fault(word) is None:
        assert made == word
