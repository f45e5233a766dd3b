"""How each meeting stands, kept for a moment: where the stream does not come through, every screen asks each second."""

import threading
import time
from typing import Any

from vng_alv.meetings.queries import get_meeting
from vng_alv.voting.queries import standing

#: How old an answer may be, in seconds.
KEEP = 0.3


class Standings:
    """The standings that were asked for lately. One thread asks the database, the others wait for what it finds."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[float, dict[str, Any]]] = {}
        self._lock = threading.Lock()

    def of(self, meeting_code: str) -> dict[str, Any]:
        """What every screen may know of a meeting's rounds now. Raises ``Missing``."""
        with self._lock:
            asked, found = self._kept.get(meeting_code, (float("-inf"), {}))
            if time.monotonic() - asked >= KEEP:
                asked = time.monotonic()
                found = standing(get_meeting(meeting_code))
                self._kept[meeting_code] = asked, found
        return found
