"""The public keys, for whoever checks a signature (docs/formats.md)."""

from flask import Blueprint, Response

from vng_alv.access import public
from vng_alv.signing.queries import as_set
from vng_alv.web import json_answer

blueprint = Blueprint("signing", __name__)


@blueprint.get("/.well-known/alv-signing-keys.json")
@public
def keys() -> Response:
    """Every key that signs or has signed, as a set of JSON Web Keys."""
    return json_answer(as_set())
