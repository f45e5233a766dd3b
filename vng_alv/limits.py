"""How often something may be tried. Counted in Redis, or in this process while Redis is away."""

import hashlib
import ipaddress
import math
import time

import structlog
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

log = structlog.get_logger()

#: A hall shares one address, so the limit for an address is wide; the one for an account is narrow.
PER_ADDRESS = RateLimitItemPerMinute(300)
PER_ACCOUNT = RateLimitItemPerMinute(10, 15)
#: What is asked rather than guessed, for each address that it comes from (or, with `mail`, for each person).
RATES: dict[str, RateLimitItem] = {
    "password": RateLimitItemPerMinute(60, 10),
    "mail": RateLimitItemPerHour(5),
    "link": RateLimitItemPerMinute(120),
    "language": RateLimitItemPerMinute(300),
    "sign-on": RateLimitItemPerMinute(300),
    "export": RateLimitItemPerMinute(60),
    #: A table costs a statement; a whole hall may be behind one address.
    "table": RateLimitItemPerMinute(300),
    "receipt": RateLimitItemPerMinute(300),
}

_here = FixedWindowRateLimiter(MemoryStorage())
_shared = _here


class TooMany(Exception):
    """Something was tried too often; it can be tried again after some seconds."""

    def __init__(self, what: str, seconds: int) -> None:
        super().__init__(f"{what}: again in {seconds} s")
        self.what, self.seconds = what, seconds


def connect(redis_url: str) -> None:
    """Count in the server at ``redis_url``; an empty address means in this process only."""
    global _shared  # noqa: PLW0603
    if not redis_url:
        _shared = FixedWindowRateLimiter(MemoryStorage())
        return
    spelled = "redis+unix://" + redis_url.removeprefix("unix://") if redis_url.startswith("unix://") else redis_url
    storage: Storage = storage_from_string(spelled, wrap_exceptions=True, socket_timeout=2, socket_connect_timeout=2)  # type: ignore[assignment]
    _shared = FixedWindowRateLimiter(storage)


def network(address: str) -> str:
    """What one party has: an IPv4 address, or the 64 bits before those that it chooses freely in IPv6."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if found.version == 4:
        return address
    return str(ipaddress.ip_network((found, 64), strict=False).network_address)


def _keys(address: str, account: str, device: str) -> list[tuple[RateLimitItem, str]]:
    account = account.strip().lower()[:254]
    if device:
        # A browser that its owner used before counts for itself: guesses made elsewhere never keep it out.
        return [(PER_ACCOUNT, f"device:{hashlib.sha256(device.encode()).hexdigest()}:{account}")]
    return [(PER_ADDRESS, "address:" + network(address)), (PER_ACCOUNT, "account:" + account)]


def _wait(counter: FixedWindowRateLimiter, item: RateLimitItem, what: str, key: str) -> int:
    if counter.test(item, what, key):
        return 0
    return max(1, math.ceil(counter.get_window_stats(item, what, key).reset_time - time.time()))


def check(what: str, address: str, account: str, device: str = "") -> None:
    """Raise ``TooMany`` when guesses failed too often lately.

    ``what`` is guessed, of ``account``; ``device`` is what the browser is known by if its owner used it before.
    Passwords, codes and passkeys are counted apart: who guesses at one does not close the others.
    """
    keys = _keys(address, account, device)
    try:
        seconds = max(_wait(_shared, item, what, key) for item, key in keys)
    except StorageError as error:
        log.warning("limits_away", error=repr(error))
        seconds = max(_wait(_here, item, what, key) for item, key in keys)
    if seconds:
        raise TooMany(what, seconds)


def failed(what: str, address: str, account: str, device: str = "") -> None:
    """Count a failure."""
    for item, key in _keys(address, account, device):
        _hit(item, what, key)


def spend(what: str, key: str) -> None:
    """Count one more of ``what`` (see ``RATES``) for an address or a person. Raises ``TooMany`` without room."""
    item, key = RATES[what], network(key)
    counter = _shared
    if not _hit(item, what, key):
        try:
            seconds = _wait(counter, item, what, key)
        except StorageError:
            seconds = _wait(_here, item, what, key)
        raise TooMany(what, seconds or 1)


def _hit(item: RateLimitItem, what: str, key: str) -> bool:
    """Count in both places, so that the count goes on here when Redis goes away; whether there was room."""
    room = _here.hit(item, what, key)
    if _shared is not _here:
        try:
            room = _shared.hit(item, what, key)
        except StorageError as error:
            log.warning("limits_away", error=repr(error))
    return room
