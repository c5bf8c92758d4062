"""Is a request from the shop? Both vendors send base64 of HMAC-SHA256 of the body as it came, over a shared secret.

Shopify: header X-Shopify-Hmac-Sha256, the app's client secret. WooCommerce: X-WC-Webhook-Signature, the secret of
the webhook as it was typed in. Verify the bytes of the request: the same JSON written again has another signature.
"""

import base64
import hashlib
import hmac


def signed(body: bytes, signature: str, *secrets: str) -> bool:
    """True when one of the secrets gives the signature; several while one is being changed. In constant time.

    An empty secret signs nothing: a setting that was forgotten must not open the door.
    """
    theirs = signature.encode("utf-8", "surrogateescape")  # a header can be any bytes
    found = False
    for secret in secrets:
        ours = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
        found |= hmac.compare_digest(ours, theirs) and bool(secret)
    return found
