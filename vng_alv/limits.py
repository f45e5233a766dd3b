"""How often something may be tried. Counted in Redis, or in this process while Redis is away."""

from flask import request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

#: A hall shares one address, so the limit for an address is wide; the one for an account is narrow.
PER_ADDRESS = "300 per minute"
PER_ACCOUNT = "10 per 15 minutes"

limiter = Limiter(get_remote_address, default_limits=[])


def account_key() -> str:
    """The account that a sign-in is for, by its address as it was typed."""
    return "account:" + request.form.get("email", "").strip().lower()[:254]
