"""Who comes, who is there and what a quorum of it is (docs/rules.md, quorum; attendance)."""

import hashlib
import hmac
import uuid
from datetime import datetime
from enum import StrEnum

from vng_alv.domain.clock import start_of_day
from vng_alv.domain.majority import Base, Quorum, Step, Taking, Totals, needed
from vng_alv.domain.mandates import Standing, may_name
from vng_alv.domain.receipts import ALPHABET
from vng_alv.domain.refusals import Refusal
from vng_alv.domain.searching import find, wanted

#: Characters of the code at the door: typed in a second, and no two members of a meeting are likely to share one.
CODE_LENGTH = 6
#: So many guests can be told of, besides whoever votes.
MAX_GUESTS = 50


class How(StrEnum):
    """How a member is at a meeting."""

    HALL = "hall"
    REMOTE = "remote"


class Coming(StrEnum):
    """What a member tells beforehand."""

    HALL = "hall"
    REMOTE = "remote"
    ABSENT = "absent"


def may_register(who: Standing, *, holds: bool, written: bool, starts_at: datetime, now: datetime) -> Refusal | None:
    """Why somebody may not tell whether a member comes, or None.

    Its secretary, its clerk and whoever holds its mandate may, and who manages meetings for it; until the day after the
    meeting began, in Amsterdam. Nobody gathers for a written consultation.
    """
    if written:
        return Refusal.NOBODY_GATHERS
    if not (holds or may_name(who)):
        return Refusal.NOT_ALLOWED
    return Refusal.MEETING_OVER if starts_at < start_of_day(now) else None


def guests_allowed(coming: Coming, guests: int) -> bool:
    """Whether so many guests go with an answer: only who comes to the hall brings them."""
    return 0 <= guests <= (MAX_GUESTS if coming is Coming.HALL else 0)


def door_code(secret: str, meeting_id: uuid.UUID, member_id: uuid.UUID) -> str:
    """The code of a member at the door of a meeting: always the same, and not to be guessed without the secret."""
    told = hmac.digest(secret.encode(), b"door:" + meeting_id.bytes + member_id.bytes, hashlib.sha256)
    number, letters = int.from_bytes(told), ""
    for _ in range(CODE_LENGTH):
        number, letter = divmod(number, len(ALPHABET))
        letters += ALPHABET[letter]
    return letters


def typed_code(typed: str) -> str:
    """The code that somebody typed or scanned, in any case and with spaces or dashes; '' for what is none."""
    letters = "".join(c for c in typed.upper() if c not in " -\u2013\u2011")
    return letters if len(letters) == CODE_LENGTH and set(letters) <= set(ALPHABET) else ""


def written_code(code: str) -> str:
    """A code as people read it: 'K7M-2PX'."""
    half = CODE_LENGTH // 2
    return f"{code[:half]}-{code[half:]}"


def is_named(name: str, cbs_code: str, typed: str) -> bool:
    """Whether somebody who typed this may mean that member: a part of its name, or its code in the register."""
    return typed.strip().upper() == cbs_code or bool(find(name, wanted(typed)))


def quorum_now(quorum: Quorum, present: Totals, voted: Totals, electorate: Totals) -> Step:
    """How far a quorum is reached at this moment, by who is there and who voted."""
    taking = voted if quorum.taking is Taking.VOTED else present
    of = electorate if quorum.base is Base.ELECTORATE else present
    return needed(taking.by(quorum.measure), of.by(quorum.measure), quorum)
