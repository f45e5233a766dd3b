"""Reading what the demo's mail server kept."""

import email
import email.policy
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from vng_alv.errors import Missing


@dataclass(frozen=True)
class Letter:
    """One mail, as the inbox shows it."""

    key: str
    received_at: datetime
    to: str
    subject: str
    text: str
    html: str


def _read(path: Path) -> Letter:
    message: EmailMessage = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)

    def part(kind: str) -> str:
        found = message.get_body((kind,))
        return str(found.get_content()) if found else ""

    moment = datetime.fromtimestamp(int(path.stem.partition("-")[0]) / 1e9, UTC)
    return Letter(path.stem, moment, str(message["To"]), str(message["Subject"]), part("plain"), part("html"))


def letters(folder: Path, *, page: int, size: int, to: str = "") -> list[Letter]:
    """Mails, newest first; ``page`` counts from 1, ``to`` is a part of an address. One more than ``size``."""
    paths = sorted(folder.glob("*.eml"), reverse=True)
    if to:
        wanted = to.strip().lower().encode()
        paths = [p for p in paths if wanted in p.read_bytes()[:2_000].lower()]
    return [_read(p) for p in paths[(page - 1) * size : page * size + 1]]


def letter(folder: Path, key: str) -> Letter:
    """One mail. Raises ``Missing``."""
    path = next((p for p in folder.glob("*.eml") if p.stem == key), None)
    if path is None:
        raise Missing("letter")
    return _read(path)


def count(folder: Path) -> int:
    """How many mails there are."""
    return sum(1 for _ in folder.glob("*.eml"))
