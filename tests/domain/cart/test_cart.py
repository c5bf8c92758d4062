"""A cart becomes one order, however often it is submitted."""

from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.cart import commands, decider, events, evolver
from app.domain.cart.commands import CartCommand, ClaimCart, ReleaseCart
from app.domain.cart.decider import decide
from app.domain.cart.events import CartClaimed, CartEvent, CartReleased
from app.domain.cart.evolver import evolve, fold
from app.domain.cart.state import GIVEN_UP_LIMIT, Cart
from app.domain.refused import Refused

CART_ID = "cart-9"


def after(*happened: CartEvent) -> Cart | None:
    return fold(CART_ID, happened)


def refusal(cart: Cart | None, command: CartCommand) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        decide(cart, command)
    return refused.value.code, refused.value.detail


def test_every_command_has_its_rule_and_every_event_its_fold() -> None:
    assert set(decider.DECIDE) == set(get_args(commands.CartCommand))
    assert set(evolver.EVOLVE) == set(get_args(events.CartEvent))


def test_the_first_order_gets_the_cart() -> None:
    assert decide(None, ClaimCart(order_id="o-1")) == (CartClaimed(order_id="o-1"),)
    assert after(CartClaimed(order_id="o-1")) == Cart(cart_id=CART_ID, version=1, order_id="o-1")


def test_the_second_order_of_a_cart_is_refused_and_told_the_first() -> None:
    cart = after(CartClaimed(order_id="o-1"))
    assert refusal(cart, ClaimCart(order_id="o-2")) == ("cart-already-ordered", "it became order o-1")


def test_a_repeated_claim_adds_no_fact() -> None:
    assert decide(after(CartClaimed(order_id="o-1")), ClaimCart(order_id="o-1")) == ()


def test_a_cart_whose_order_was_refused_is_free_for_the_next() -> None:
    claimed = CartClaimed(order_id="o-1")
    released = CartReleased(order_id="o-1", reason="totals-differ")
    release = ReleaseCart(order_id="o-1", reason="totals-differ")
    assert decide(after(claimed), release) == (released,)
    assert decide(after(claimed, released), release) == ()
    assert decide(after(claimed, released), ClaimCart(order_id="o-2")) == (CartClaimed(order_id="o-2"),)


def test_a_claim_that_comes_after_its_release_does_not_hold_the_cart() -> None:
    cart = after(*decide(None, ReleaseCart(order_id="o-1")))
    assert refusal(cart, ClaimCart(order_id="o-1")) == ("cart-given-up", "order o-1 gave the cart up before")


def test_another_orders_release_does_not_free_the_cart() -> None:
    cart = after(CartClaimed(order_id="o-1"), CartReleased(order_id="o-2"))
    assert cart == Cart(cart_id=CART_ID, version=2, order_id="o-1", given_up=("o-2",))


def test_only_so_many_orders_that_gave_up_are_remembered() -> None:
    cart = after(*[CartReleased(order_id=str(i)) for i in range(GIVEN_UP_LIMIT + 2)])
    assert cart is not None
    assert cart.given_up == tuple(str(i) for i in range(2, GIVEN_UP_LIMIT + 2))


ORDERS = st.sampled_from(["o-1", "o-2", "o-3"])
COMMANDS = st.one_of(st.builds(ClaimCart, order_id=ORDERS), st.builds(ReleaseCart, order_id=ORDERS))


@settings(deadline=None, max_examples=300)
@given(st.lists(COMMANDS, max_size=20))
def test_whatever_is_asked_an_order_keeps_its_cart_until_it_gives_it_up(asked: list[CartCommand]) -> None:
    cart: Cart | None = None
    happened: list[CartEvent] = []
    for command in asked:
        holder = cart.order_id if cart else None
        try:
            facts = decide(cart, command)
        except Refused:
            continue
        for fact in facts:
            cart = evolve(cart, fact, CART_ID)
        happened += facts
        assert decide(cart, command) == ()
        assert cart is not None
        if holder is not None and command != ReleaseCart(order_id=holder):
            assert cart.order_id == holder
        assert cart.order_id not in cart.given_up
        assert cart.version == len(happened)
    for cut in range(len(happened) + 1):
        assert fold(CART_ID, happened[cut:], fold(CART_ID, happened[:cut])) == cart
