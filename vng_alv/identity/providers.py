"""Talking to a sign-in service: authorization code flow with PKCE (OpenID Connect Core, RFC 7636, RFC 9207).

Only what the settings name is ever fetched: the issuer, and the addresses that its own discovery names.
"""

import base64
import hashlib
import secrets
import threading
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import httpx
import structlog
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from config import Provider, safe_address

log = structlog.get_logger()

TIMEOUT = httpx.Timeout(5.0)
#: How long discovery and keys are believed, and how soon keys may be fetched again for one that is unknown, in seconds.
BELIEVED, AGAIN = 3600.0, 30.0
#: How far the clocks of two machines may differ, in seconds.
SKEW = 60
#: Signatures with a key pair; what is signed with a shared secret, or not at all, is no proof.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
#: Ways of signing in that are more than a password (RFC 8176).
STRONG = frozenset({"mfa", "otp", "hwk", "swk", "sc"})


class NotProven(Exception):
    """The service did not prove who somebody is; says why, for the log."""


@dataclass(frozen=True)
class Claims:
    """What a service says of somebody, proven."""

    subject: str
    email: str
    email_verified: bool
    name: str
    #: The codes of the members that they work for, where the settings know the values of the claim.
    members: frozenset[str]
    factor: bool


@dataclass
class _Known:
    at: float
    discovery: dict[str, Any]
    keys: KeySet


_known: dict[str, _Known] = {}
_lock = threading.Lock()


def challenge(verifier: str) -> str:
    """What the service may see of a verifier before it comes (PKCE, S256)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def new_verifier() -> str:
    """A secret that only whoever began can finish with."""
    return secrets.token_urlsafe(48)


def _fetch(method: str, url: str, **given: Any) -> dict[str, Any]:
    if not safe_address(url):
        raise NotProven(f"not a safe address: {url}")
    try:
        answer = httpx.request(method, url, timeout=TIMEOUT, follow_redirects=False, **given)
        data = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise NotProven(f"no answer: {error!r}") from None
    if answer.status_code != 200 or not isinstance(data, dict):
        raise NotProven(f"answer {answer.status_code} at {url}")
    return data


def _about(provider: Provider, *, fresh: bool = False) -> _Known:
    """Discovery and keys of a service, fetched at most now and then."""
    with _lock:
        known = _known.get(provider.issuer)
        age = time.monotonic() - known.at if known else None
        if known and age is not None and age < (AGAIN if fresh else BELIEVED):
            return known
        discovery = _fetch("GET", provider.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if discovery.get("issuer") != provider.issuer:
            raise NotProven("discovery names another issuer")
        try:
            keys = KeySet.import_key_set(_fetch("GET", str(discovery.get("jwks_uri", ""))))  # type: ignore[arg-type]
        except (JoseError, ValueError, KeyError) as error:
            raise NotProven(f"keys: {error!r}") from None
        _known[provider.issuer] = made = _Known(time.monotonic(), discovery, keys)
        return made


def address(provider: Provider, *, redirect_uri: str, state: str, nonce: str, verifier: str, locale: str) -> str:
    """Where to send a browser to sign in. Raises ``NotProven`` when the service is away."""
    where = str(_about(provider).discovery.get("authorization_endpoint", ""))
    if not safe_address(where):
        raise NotProven("no safe authorization endpoint")
    asked = {
        "response_type": "code",
        "client_id": provider.client_id,
        "redirect_uri": redirect_uri,
        "scope": "openid email profile",
        "state": state,
        "nonce": nonce,
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
        "ui_locales": locale,
    }
    return where + ("&" if "?" in where else "?") + urlencode(asked)


def prove(provider: Provider, *, code: str, issuer: str | None, redirect_uri: str, nonce: str, verifier: str) -> Claims:
    """Who came back with this code. Raises ``NotProven``.

    ``issuer`` is what the answer said of itself, so that one service cannot answer for another.
    """
    about = _about(provider)
    says = bool(about.discovery.get("authorization_response_iss_parameter_supported"))
    if (issuer is not None or says) and issuer != provider.issuer:
        raise NotProven("the answer is of another issuer")
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
    methods = about.discovery.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
    if "client_secret_basic" in methods:
        auth = (quote(provider.client_id, safe=""), quote(provider.client_secret, safe=""))
        tokens = _fetch("POST", str(about.discovery.get("token_endpoint", "")), data=form, auth=auth)
    else:
        form |= {"client_id": provider.client_id, "client_secret": provider.client_secret}
        tokens = _fetch("POST", str(about.discovery.get("token_endpoint", "")), data=form)
    claims = _verified(provider, str(tokens.get("id_token", "")), nonce)
    if "email" not in claims and about.discovery.get("userinfo_endpoint") and tokens.get("access_token"):
        bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
        further = _fetch("GET", str(about.discovery["userinfo_endpoint"]), headers=bearer)
        if further.get("sub") == claims["sub"]:
            claims = {**further, **claims}
    return _claims(provider, claims)


def _verified(provider: Provider, token: str, nonce: str) -> dict[str, Any]:
    """The claims of an ID token (OpenID Connect Core, 3.1.3.7)."""
    try:
        claims = jwt.decode(token, _about(provider).keys, algorithms=ALGORITHMS).claims
    except (JoseError, ValueError):
        try:  # the service may have a new key
            claims = jwt.decode(token, _about(provider, fresh=True).keys, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError) as error:
            raise NotProven(f"signature: {error!r}") from None
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience if isinstance(audience, list) else []
    party = claims.get("azp", provider.client_id if len(audiences) == 1 else None)
    now = time.time()
    wrong = [
        name
        for name, right in (
            ("iss", claims.get("iss") == provider.issuer),
            ("aud", provider.client_id in audiences),
            ("azp", party == provider.client_id),
            ("exp", _number(claims.get("exp"), -1) > now - SKEW),
            ("iat", _number(claims.get("iat"), now + 2 * SKEW) < now + SKEW),
            ("nonce", isinstance(claims.get("nonce"), str) and secrets.compare_digest(claims["nonce"], nonce)),
            ("sub", isinstance(claims.get("sub"), str) and 0 < len(claims["sub"]) <= 255),
        )
        if not right
    ]
    if wrong:
        raise NotProven("wrong: " + ", ".join(wrong))
    return claims


def _number(value: Any, otherwise: float) -> float:
    return float(value) if isinstance(value, int | float) else otherwise


def _claims(provider: Provider, claims: dict[str, Any]) -> Claims:
    said = claims.get(provider.member_claim) if provider.member_claim else None
    values = said if isinstance(said, list) else [said]
    ways = claims.get("amr")
    strong = isinstance(ways, list) and not STRONG.isdisjoint(way for way in ways if isinstance(way, str))
    email = claims.get("email")
    name = claims.get("name")
    return Claims(
        subject=claims["sub"],
        email=email.strip().lower() if isinstance(email, str) else "",
        email_verified=claims.get("email_verified") is True,
        name=name.strip()[:200] if isinstance(name, str) and name.isprintable() else "",
        members=frozenset(provider.members[v] for v in values if isinstance(v, str) and v in provider.members),
        factor=provider.second_factor == "always" or (provider.second_factor == "amr" and strong),
    )
