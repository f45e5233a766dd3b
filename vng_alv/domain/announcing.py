"""Messages to every screen of a meeting (docs/rules.md §4.15): how long they are and how long they stay."""

from datetime import datetime, timedelta

from vng_alv.domain.refusals import Refusal

#: Signs that are read from a screen in passing.
MAX_TEXT = 160
#: Minutes that a message stays: as usual, and at most. It always takes itself away.
USUAL, LONGEST = 5, 240
#: Sentences of every meeting, with the minutes that each is true. They are said as they stand, in Dutch.
READY: tuple[tuple[str, int], ...] = (
    ("De stemming begint over 2 minuten.", 2),
    ("De stemming sluit zo. Heeft u al gestemd?", 2),
    ("Wilt u uw plaats innemen? We gaan zo verder.", 5),
    ("De vergadering is geschorst.", 60),
)


def tidy(text: str) -> str:
    """A message on one line, without white space around or doubled."""
    return " ".join(text.split())


def may_say(text: str, minutes: int) -> Refusal | None:
    """Why a tidied text may not be said for so many minutes, or None."""
    if not text or len(text) > MAX_TEXT or not text.isprintable():
        return Refusal.ANNOUNCEMENT_TEXT
    return None if 1 <= minutes <= LONGEST else Refusal.ANNOUNCEMENT_TIME


def ends(now: datetime, minutes: int) -> datetime:
    """Until when a message is shown."""
    return now + timedelta(minutes=minutes)
