"""The public keys, for whoever checks a signature (docs/formats.md)."""

from flask import Blueprint, Response

from vng_alv.access import public
from vng_alv.signing.queries import public_keys
from vng_alv.web import json_answer

blueprint = Blueprint("signing", __name__)


@blueprint.get("/.well-known/alv-signing-keys.json")
@public
def keys() -> Response:
    """Every key that signs or has signed, as a set of JSON Web Keys (RFC 7517, RFC 8037)."""
    found = [
        {
            "kid": key.id,
            "kty": "OKP",
            "crv": "Ed25519",
            "use": "sig",
            "x": key.public_key,
            "since": key.since.isoformat(),
            "until": key.until.isoformat() if key.until else None,
        }
        for key in public_keys()
    ]
    return json_answer({"keys": found})
