"""How often a sign-in may fail. Counted in Redis, or in this process while Redis is away."""

import structlog
from limits import RateLimitItem, RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import MemoryStorage, Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

log = structlog.get_logger()

#: A hall shares one address, so the limit for an address is wide; the one for an account is narrow.
PER_ADDRESS = RateLimitItemPerMinute(300)
PER_ACCOUNT = RateLimitItemPerMinute(10, 15)

_here = FixedWindowRateLimiter(MemoryStorage())
_shared = _here


def connect(redis_url: str) -> None:
    """Count in the server at ``redis_url``; an empty address means in this process only."""
    global _shared  # noqa: PLW0603
    if not redis_url:
        _shared = FixedWindowRateLimiter(MemoryStorage())
        return
    spelled = "redis+unix://" + redis_url.removeprefix("unix://") if redis_url.startswith("unix://") else redis_url
    storage: Storage = storage_from_string(spelled, wrap_exceptions=True, socket_timeout=2, socket_connect_timeout=2)  # type: ignore[assignment]
    _shared = FixedWindowRateLimiter(storage)


def _keys(address: str, account: str) -> tuple[tuple[RateLimitItem, str], ...]:
    return (PER_ADDRESS, "address:" + address), (PER_ACCOUNT, "account:" + account.strip().lower()[:254])


def exhausted(address: str, account: str) -> bool:
    """Whether sign-ins from this address, or for this account, failed too often lately."""
    try:
        return not all(_shared.test(limit, "sign-in", key) for limit, key in _keys(address, account))
    except StorageError as error:
        log.warning("limits_away", error=repr(error))
        return not all(_here.test(limit, "sign-in", key) for limit, key in _keys(address, account))


def failed(address: str, account: str) -> None:
    """Count a failure."""
    for limit, key in _keys(address, account):
        _here.hit(limit, "sign-in", key)
        if _shared is not _here:
            try:
                _shared.hit(limit, "sign-in", key)
            except StorageError as error:
                log.warning("limits_away", error=repr(error))
