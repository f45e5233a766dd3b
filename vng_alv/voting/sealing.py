"""The two envelopes of a secret ballot, in the format age (age-encryption.org/v1, X25519).

The inner one is sealed for the first teller, the outer one for the second, so both private keys are needed, the second
teller's first. Sealing the same ballot twice gives two texts that have nothing in common.
"""

import base64
import binascii
import re
import uuid

import pyrage

from vng_alv.domain.envelopes import OUTER, inner_text, padded

#: Characters of a sealed ballot: more than any has, and few enough to keep.
MAX_SEALED = 8_000
_SEALED = re.compile(r"[A-Za-z0-9+/]{64,}={0,2}", re.ASCII)
_PUBLIC = re.compile(r"\bage1[02-9ac-hj-np-z]{58}\b")
_PRIVATE = re.compile(r"AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}\b")


def public_key(given: str) -> str | None:
    """The one public key in what was handed in, or None."""
    found = set(_PUBLIC.findall(given))
    try:
        return str(pyrage.x25519.Recipient.from_str(found.pop())) if len(found) == 1 else None
    except pyrage.RecipientError:
        return None


def private_key(given: str) -> pyrage.x25519.Identity | None:
    """The one private key in a file such as ``age-keygen`` makes, or None."""
    found = set(_PRIVATE.findall(given))
    try:
        return pyrage.x25519.Identity.from_str(found.pop()) if len(found) == 1 else None
    except pyrage.IdentityError:
        return None


def fits(key: pyrage.x25519.Identity, public: str) -> bool:
    """Whether a private key is the other half of a public one."""
    return str(key.to_public()) == public


def holds_private(given: str) -> bool:
    """Whether somebody hands in the wrong half."""
    return "AGE-SECRET-KEY-" in given.upper()


def seal(round_id: uuid.UUID, ballot: str, first: str, second: str) -> str:
    """A ballot in both envelopes, by the public keys of the two tellers."""
    inner = _sealed(inner_text(round_id, ballot), first)
    return _sealed(padded(inner, OUTER), second)


def is_sealed(text: str) -> bool:
    """Whether it looks like a sealed ballot; what is in it, nobody can tell."""
    return len(text) <= MAX_SEALED and bool(_SEALED.fullmatch(text))


def peel(text: str, key: pyrage.x25519.Identity) -> bytes | None:
    """What is in an envelope, or None for one that this key does not open."""
    try:
        return bytes(pyrage.decrypt(base64.b64decode(text, validate=True), [key]))
    except (binascii.Error, ValueError, pyrage.DecryptError):
        return None


def inner_of(content: bytes | None) -> str:
    """The inner envelope that was in an outer one; '' where there is none."""
    try:
        text = (content or b"").decode("ascii").rstrip(" ")
    except UnicodeDecodeError:
        return ""
    return text if is_sealed(text) else ""


def _sealed(content: bytes, public: str) -> str:
    return base64.b64encode(pyrage.encrypt(content, [pyrage.x25519.Recipient.from_str(public)])).decode("ascii")
