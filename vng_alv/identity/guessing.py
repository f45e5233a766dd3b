"""Guesses at who somebody is: how often they may be wrong, from this browser and from elsewhere."""

from flask import request

from vng_alv import limits
from vng_alv.identity import devices
from vng_alv.identity.entering import device_token


class Guess:
    """One try at an account, from this browser. Made before slow work; whether it failed is told afterwards."""

    def __init__(self, email: str, account: str = "") -> None:
        """``account`` is what is guessed at (``kind:key``), when that is not the password of ``email``."""
        what = account.partition(":")[0] or "password"
        device = device_token() if devices.is_known(email, device_token()) else ""
        self._keys = what, request.remote_addr or "", account or email, device
        limits.check(*self._keys)

    def failed(self) -> None:
        """Count that it was wrong."""
        limits.failed(*self._keys)
