"""Documents of shops, made to measure: what a test does not name is as plain as can be."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from app.domain.order.amounts import verify
from app.domain.order.commands import PlaceOrder
from app.intake import shopify, woocommerce
from app.intake.refusing import Unfit
from app.intake.shop import Placement, Shop

SHOP = Shop(name="shop.example", zone="Europe/Berlin")
Read = Callable[[bytes, Shop], Placement]
Json = dict[str, Any]


def shopify_order(**changes: Any) -> Json:
    """Return an order of one line of 100.00 without tax. The sums are told: a test that changes a part names them."""
    return {
        "id": 450789469,
        "order_number": 1001,
        "created_at": "2026-03-01T10:00:00+01:00",
        "currency": "EUR",
        "financial_status": "paid",
        "fulfillment_status": None,
        "total_price": "100.00",
        "total_tax": "0.00",
        "total_discounts": "0.00",
        "total_line_items_price": "100.00",
        "line_items": [shopify_line()],
        **changes,
    }


def shopify_line(**changes: Any) -> Json:
    return {"id": 1, "sku": "MUG", "name": "Mug - red", "quantity": 1, "price": "100.00", **changes}


def tax(price: str, rate: float | None) -> Json:
    return {"title": "VAT", "price": price, "rate": rate}


def woo_order(**changes: Any) -> Json:
    """Return an order of one line of 100.00 without tax, as `shopify_order`."""
    return {
        "id": 727,
        "number": "727",
        "order_key": "wc_order_58d2d042d1d",
        "status": "processing",
        "currency": "EUR",
        "date_created_gmt": "2026-03-01T09:00:00",
        "total": "100.00",
        "total_tax": "0.00",
        "cart_tax": "0.00",
        "shipping_tax": "0.00",
        "shipping_total": "0.00",
        "discount_total": "0.00",
        "discount_tax": "0.00",
        "prices_include_tax": False,
        "customer_id": 0,
        "line_items": [woo_line()],
        **changes,
    }


def woo_line(**changes: Any) -> Json:
    return {
        "id": 1,
        "sku": "MUG",
        "name": "Mug",
        "quantity": 1,
        "subtotal": "100.00",
        "subtotal_tax": "0.00",
        "total": "100.00",
        "total_tax": "0.00",
        **changes,
    }


def woo_charge(total: str, total_tax: str = "0.00", **changes: Any) -> Json:
    return {"id": 9, "total": total, "total_tax": total_tax, **changes}


def placed(document: Json, read: Read | None = None, shop: Shop = SHOP) -> PlaceOrder:
    """Return the order that a document becomes; the domain takes its amounts."""
    order = (read or _reads(document))(json.dumps(document).encode(), shop).order
    verify(order)
    return order


def refused(document: Json | bytes, read: Read | None = None, shop: Shop = SHOP) -> tuple[str, str]:
    """Return code and field of the refusal of a document."""
    if isinstance(document, bytes):
        assert read
        body = document
    else:
        read, body = read or _reads(document), json.dumps(document).encode()
    with pytest.raises(Unfit) as caught:
        read(body, shop)
    return caught.value.code, caught.value.where


def _reads(document: Json) -> Read:
    return woocommerce.place_order if "order_key" in document else shopify.place_order
