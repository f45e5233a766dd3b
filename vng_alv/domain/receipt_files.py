"""What a signed receipt says, how a file of one is read, and what became of its ballots (docs/rules.md §9).

A file comes from anybody, so it is read without trusting it: it has exactly the fields below, each of its own kind, or
it is none. What is signed is the canonical spelling (``domain.chain``) of what it says.
"""

import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from vng_alv.domain import chain
from vng_alv.domain.ballots import NONE, SEALED, Choice, lines_of
from vng_alv.domain.receipts import CODE
from vng_alv.domain.rounds import label_of

#: The name of what is signed; another content gets another name.
FORMAT = "alv-receipt-1"
#: A file is no longer than so many bytes; one with a hundred questions is some 40 kB.
MAX_BYTES = 200_000
#: The words of Open Raadsinformatie; they are the same whatever the language of the page.
VOTE = {Choice.FOR: "voor", Choice.AGAINST: "tegen", Choice.ABSTAIN: "onthouding", None: "afwezig"}
_KEYS = {word: choice.value for choice, word in VOTE.items() if choice} | {"geen van alle": NONE, "geheim": SEALED}
_OPTION = r"(?:voor|tegen|onthouding|geen van alle|optie [1-9]\d?)"
_VOTE = re.compile(rf"geheim|{_OPTION}(?:: [1-9]\d{{0,9}})?(?: \+ {_OPTION}(?:: [1-9]\d{{0,9}})?)*", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00", re.ASCII)
_KEY = re.compile(r"[0-9a-f]{16}")
_SIGNATURE = re.compile(r"[A-Za-z0-9_-]{86}")


@dataclass(frozen=True)
class NoReceipt:
    """A file is no receipt: ``field`` is the first one that is missing or wrong, "" for the file as a whole."""

    field: str


class _Wrong(Exception):
    """What a field of a file is not."""


@dataclass(frozen=True)
class Vote:
    """The answer to one question: ``vote`` in the words of :data:`VOTE`, hashes as 64 hexadecimal digits."""

    round: int
    #: Rehearsals have numbers of their own, and count nowhere.
    rehearsal: bool
    title: str
    weight: int
    vote: str
    text: str
    rule: str
    #: Of a vote in a secret round: the SHA-256 of the sealed ballot, which is what was cast; else "".
    sealed: str = ""

    @property
    def label(self) -> str:
        """The number of its round as people read it, which no other round of the meeting has: '7', or 'P1'."""
        return label_of(self.round, rehearsal=self.rehearsal)

    @property
    def ballot(self) -> str:
        """The ballot that it is in the words of."""
        return read_vote(self.vote)

    def data(self) -> dict[str, Any]:
        """As it is signed."""
        return {
            "round": self.round, "rehearsal": self.rehearsal, "title": self.title, "weight": self.weight,
            "vote": self.vote, "text-sha256": self.text, "rule-sha256": self.rule,
            **({"sealed-sha256": self.sealed} if self.sealed else {}),
        }  # fmt: skip


@dataclass(frozen=True)
class Statement:
    """What is signed: one cast of one member. ``through`` is the member that had its proxy, ``cast_at`` is in UTC."""

    code: str
    meeting: str
    member: str
    through: str | None
    cast_at: str
    example: bool
    votes: tuple[Vote, ...]

    def data(self) -> dict[str, Any]:
        """As it is signed."""
        return {
            "format": FORMAT, "code": self.code, "meeting": self.meeting, "member": self.member,
            "through": self.through, "cast-at": self.cast_at, "example": self.example,
            "votes": [vote.data() for vote in self.votes],
        }  # fmt: skip

    def message(self) -> bytes:
        """The bytes that are signed."""
        return chain.canonical(self.data())


@dataclass(frozen=True)
class ReceiptFile:
    """A statement with its signature (base64url) and the number of the key that it was made with."""

    statement: Statement
    key: str
    signature: str


def vote_word(ballot: str | None) -> str:
    """A ballot in those words: 'voor', 'optie 1 + optie 3', 'voor: 40 + tegen: 35'; 'afwezig' without one."""
    if ballot is None:
        return VOTE[None]
    words = []
    for key, votes in lines_of(ballot):
        word = next((word for word, known in _KEYS.items() if known == key), f"optie {key}")
        words.append(word if votes is None else f"{word}: {votes}")
    return " + ".join(words)


def read_vote(words: str) -> str:
    """The ballot in these words of :func:`vote_word`."""
    lines = []
    for line in words.split(" + "):
        word, _, votes = line.partition(": ")
        key = _KEYS[word] if word in _KEYS else word.removeprefix("optie ")
        lines.append(f"{key}:{votes}" if votes else key)
    return "+".join(lines)


def file_data(statement: Statement, key: str, signature: str, about: str) -> dict[str, Any]:
    """A receipt as a file; ``about`` is a line for people, which is not signed."""
    return {
        "about": about,
        "receipt": statement.data(),
        "algorithm": "Ed25519",
        "key": key,
        "signature": signature,
    }


def read(given: bytes) -> ReceiptFile | NoReceipt:
    """The receipt in a file, or why it is none."""
    try:
        return _read(given)
    except _Wrong as wrong:
        return NoReceipt(str(wrong))


def _read(given: bytes) -> ReceiptFile:
    if len(given) > MAX_BYTES:
        raise _Wrong
    try:
        data = json.loads(
            given.decode("utf-8-sig"), object_pairs_hook=_once, parse_float=_refuse, parse_constant=_refuse
        )
    except (ValueError, RecursionError):  # damage, what is no JSON, or JSON that says something twice
        raise _Wrong from None
    top = _object(data, "", {"about", "receipt", "algorithm", "key", "signature"})
    _text(top["about"], "about")
    if top["algorithm"] != "Ed25519":
        raise _Wrong("algorithm")
    return ReceiptFile(
        _statement(top["receipt"]), _like(top["key"], "key", _KEY), _like(top["signature"], "signature", _SIGNATURE)
    )


def _statement(data: object) -> Statement:
    keys = {"format", "code", "meeting", "member", "through", "cast-at", "example", "votes"}
    found = _object(data, "receipt", keys)
    if found["format"] != FORMAT:
        raise _Wrong("receipt.format")
    if not isinstance(found["example"], bool):
        raise _Wrong("receipt.example")
    if not isinstance(found["votes"], list) or not found["votes"]:
        raise _Wrong("receipt.votes")
    votes = tuple(_vote(one, f"receipt.votes[{n}]") for n, one in enumerate(found["votes"]))
    if len({vote.label for vote in votes}) < len(votes):
        raise _Wrong("receipt.votes")
    return Statement(
        _like(found["code"], "receipt.code", CODE),
        _text(found["meeting"], "receipt.meeting"),
        _text(found["member"], "receipt.member"),
        None if found["through"] is None else _text(found["through"], "receipt.through"),
        _like(found["cast-at"], "receipt.cast-at", _MOMENT),
        found["example"],
        votes,
    )


def _vote(data: object, where: str) -> Vote:
    keys = {"round", "rehearsal", "title", "weight", "vote", "text-sha256", "rule-sha256"}
    secret = isinstance(data, dict) and data.get("vote") == "geheim"
    found = _object(data, where, keys | ({"sealed-sha256"} if secret else set()))
    if not isinstance(found["rehearsal"], bool):
        raise _Wrong(f"{where}.rehearsal")
    return Vote(
        _whole(found["round"], f"{where}.round"),
        found["rehearsal"],
        _text(found["title"], f"{where}.title"),
        _whole(found["weight"], f"{where}.weight"),
        _like(found["vote"], f"{where}.vote", _VOTE),
        _like(found["text-sha256"], f"{where}.text-sha256", _HASH),
        _like(found["rule-sha256"], f"{where}.rule-sha256", _HASH),
        _like(found["sealed-sha256"], f"{where}.sealed-sha256", _HASH) if secret else "",
    )


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands twice")
    return found


def _refuse(_number: str) -> None:
    raise ValueError("only whole numbers")


def _object(data: object, where: str, keys: set[str]) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise _Wrong(where)
    if wrong := sorted(keys ^ data.keys()):
        raise _Wrong(f"{where}.{wrong[0][:40]}".lstrip("."))
    return data


def _text(value: object, where: str) -> str:
    """Text that can be written down; half of a surrogate pair cannot."""
    if not isinstance(value, str) or any("\ud800" <= c <= "\udfff" for c in value):
        raise _Wrong(where)
    return value


def _like(value: object, where: str, pattern: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise _Wrong(where)
    return value


def _whole(value: object, where: str) -> int:
    if type(value) is not int or not 0 <= value < 10**12:
        raise _Wrong(where)
    return value


class Fate(StrEnum):
    """What became of one ballot of a receipt."""

    IN_LIST = "in_list"
    REPLACED = "replaced"
    NOT_PUBLISHED = "not_published"
    ANNULLED = "annulled"
    REHEARSAL = "rehearsal"
    #: What was signed and what was published differ, or what was signed is not kept: this may not happen.
    DIFFERS = "differs"
    ABSENT = "absent"


def fate(
    *, recorded: bool, same: bool, published: bool, annulled: bool, replaced: bool, rehearsal: bool = False
) -> Fate:
    """What became of a ballot that was signed for: whether it is ``recorded``, says the ``same``, and so on.

    Before publication nothing but that is told, so that nobody learns whether a member changed its vote.
    """
    if not recorded:
        return Fate.ABSENT
    if rehearsal:
        return Fate.REHEARSAL
    if published and not same:
        return Fate.DIFFERS
    if annulled:
        return Fate.ANNULLED
    if not published:
        return Fate.NOT_PUBLISHED
    return Fate.REPLACED if replaced else Fate.IN_LIST


def altered(given: Statement, known: Statement, stands: Collection[str], published: Collection[str]) -> list[str]:
    """The fields in which a file differs from what was recorded, as far as everybody may know that.

    ``stands`` are the labels of the rounds whose ballot on this receipt stands in a published list, ``published`` those
    of all rounds of the meeting with one. About other rounds nothing is compared: whoever has only a code could try
    choices in a file until none is named. Fields are named as in the file, those of a vote with its round:
    ``votes[3].weight``.
    """
    if not stands:
        return []
    here, there = ({vote.label: vote for vote in one.votes} for one in (given, known))
    found = _differing(_head(given), _head(known))
    for label in sorted(set(stands) | (set(here) - set(there)) & set(published), key=lambda one: (len(one), one)):
        if label not in here or label not in there:
            found.append(f"votes[{label}]")
        else:
            found += [f"votes[{label}].{key}" for key in _differing(here[label].data(), there[label].data())]
    return found


def _head(statement: Statement) -> dict[str, Any]:
    return {key: value for key, value in statement.data().items() if key != "votes"}


def _differing(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    return [key for key in {**one, **other} if one.get(key) != other.get(key)]
