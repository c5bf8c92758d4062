"""Only the shop can sign. The expected values are of RFC 4231 and of `openssl dgst -sha256 -hmac`, not of this code."""

import pytest

from app.intake import shopify, woocommerce
from app.intake.signing import signed

# RFC 4231, test case 2, in base64.
BODY, SECRET = b"what do ya want for nothing?", "Jefe"
SIGNATURE = "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM="  # hex: 5bdcc146 ... ec3843


def test_the_signature_of_the_secret_is_taken() -> None:
    assert signed(BODY, SIGNATURE, SECRET)


def test_while_a_secret_is_changed_either_signs() -> None:
    assert signed(BODY, SIGNATURE, "new", SECRET)
    assert signed(BODY, SIGNATURE, SECRET, "new")


@pytest.mark.parametrize(
    "signature",
    [
        "",
        SIGNATURE.lower(),
        SIGNATURE.rstrip("="),
        SIGNATURE + "\n",
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",  # hex is another way of writing it
        "\udcff",  # a byte of a header that is no text
    ],
)
def test_any_other_signature_is_refused(signature: str) -> None:
    assert not signed(BODY, signature, SECRET)


def test_a_byte_more_is_another_body() -> None:
    assert not signed(BODY + b"\n", SIGNATURE, SECRET)


def test_no_secret_signs_nothing() -> None:
    of_nothing = "dtnnGU59vDqgC76P+59vy1qTIXD5cflIuyq2FgfSudY="
    assert not signed(BODY, of_nothing, "")
    assert not signed(BODY, SIGNATURE)


def test_each_vendor_has_its_header() -> None:
    assert shopify.SIGNATURE_HEADER == "X-Shopify-Hmac-Sha256"
    assert woocommerce.SIGNATURE_HEADER == "X-WC-Webhook-Signature"
    assert shopify.signed is woocommerce.signed is signed
