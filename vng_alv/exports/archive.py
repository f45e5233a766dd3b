"""The set of a meeting as separate files in a ZIP, with a list of what is in it (docs/formats.md)."""

import hashlib
import json
import re
import unicodedata
from typing import Any

from vng_alv.domain.redline import after as text_after
from vng_alv.domain.redline import redline
from vng_alv.exports import papers, pdf
from vng_alv.exports.lasting import packed
from vng_alv.exports.queries import AmendmentFacts, MeetingFacts, MotionFacts, SubmissionFacts, TextFacts
from vng_alv.proposals.markdown import Document, to_markdown
from vng_alv.web import csv_bytes

HEADER = ("soort", "code", "titel", "agendapunt", "versie", "indieners", "stand", "preadvies", "sha256-tekst",
          "bestand", "sha256-bestand")  # fmt: skip
MAX_NAME = 60

Row = dict[str, Any]


def file_name(code: str, title: str) -> str:
    """'R1-een-besluit': a name that every computer takes."""
    plain = unicodedata.normalize("NFKD", f"{code} {title}").encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MAX_NAME].strip("-") or "stuk"


def make(facts: MeetingFacts) -> bytes:
    """The ZIP. Raises ``pdf.NotMade``."""
    return packed(files(facts).items())


def files(facts: MeetingFacts) -> dict[str, bytes]:
    """What is in it by path: the list as CSV and JSON, a PDF and Markdown of each text and motion, and a PDF and
    Markdown of the amendments on each text. Raises ``pdf.NotMade``."""
    place = facts.place
    wanted: list[tuple[str, dict[str, Any]]] = []
    named: list[tuple[str, list[Row]]] = []
    plain: list[tuple[str, list[Row], str]] = []
    for text in facts.texts:
        own = [a for a in facts.amendments if a.text_code == text.code]
        name, row = f"stukken/{file_name(text.code, text.title)}", _text_row(text)
        wanted.append(("text", papers.text_paper(place, text)))
        named.append((f"{name}.pdf", [row]))
        plain.append((f"{name}.md", [row], markdown_of(text)))
        if own:
            name, listed = f"amendementen/{file_name('amendementen op', text.code)}", [_amendment_row(a) for a in own]
            wanted.append(("amendments", papers.amendments_paper(place, text, own)))
            named.append((f"{name}.pdf", listed))
            plain.append((f"{name}.md", listed, "\n".join(map(_amendment_words, own))))
    for motion in facts.motions:
        name, row = f"moties/{file_name(motion.about.label, motion.about.title)}", _motion_row(motion)
        wanted.append(("motion", papers.motion_paper(place, motion)))
        named.append((f"{name}.pdf", [row]))
        plain.append((f"{name}.md", [row], markdown_of(motion.text)))
    found: dict[str, bytes] = {}
    rows: list[Row] = []
    made = pdf.make_all(wanted) if wanted else []
    for (path, about), content in zip(named, made, strict=True):
        found[path] = content
        rows += [_listed(row, path, content) for row in about]
    for path, about, words in plain:
        found[path] = words.encode()
        rows += [_listed(row, path, found[path]) for row in about]
    return {**_lists(facts, rows), **found}


def markdown_of(text: TextFacts) -> str:
    """A text as Markdown that can be read in again."""
    return to_markdown(Document(text.title, text.preamble, text.sections))


def _amendment_words(found: AmendmentFacts) -> str:
    """An amendment as the texts that the sections become."""
    parts = [f"# {found.about.label} {found.about.title}", "Indieners: " + ", ".join(found.about.submitters)]
    for change in found.changes:
        place = change.number or f"nieuw, na {change.after}"
        parts.append(f"## {place}")
        parts.append("(geschrapt)" if change.removed else text_after(redline(change.old, change.new)))
    if found.about.reason:
        parts += ["## Toelichting", found.about.reason]
    return "\n\n".join(parts) + "\n"


def _text_row(text: TextFacts) -> Row:
    return {
        "soort": text.kind.value,
        "code": text.code,
        "titel": text.title,
        "agendapunt": text.agenda,
        "versie": text.version,
        "indieners": [text.submitter] if text.submitter else [],
        "stand": "",
        "preadvies": "",
        "sha256-tekst": text.hash,
    }


def _submitted(about: SubmissionFacts) -> Row:
    advice = about.advice.kind.value if about.advice and about.advice.kind else ""
    return {
        "code": about.label,
        "titel": about.title,
        "indieners": list(about.submitters),
        "stand": about.state.value,
        "preadvies": advice,
    }


def _motion_row(motion: MotionFacts) -> Row:
    return {**_text_row(motion.text), **_submitted(motion.about)}


def _amendment_row(found: AmendmentFacts) -> Row:
    return {
        "soort": "amendment",
        "agendapunt": None,
        "versie": found.text_version,
        "sha256-tekst": "",
        "op": found.text_code,
        **_submitted(found.about),
    }


def _listed(row: Row, path: str, content: bytes) -> Row:
    return {**row, "bestand": path, "sha256-bestand": hashlib.sha256(content).hexdigest()}


def _lists(facts: MeetingFacts, rows: list[Row]) -> dict[str, bytes]:
    flat = [{**row, "indieners": "; ".join(row["indieners"])} for row in rows]
    table = [HEADER, *([row.get(name) or "" for name in HEADER] for row in flat)]
    place = facts.place
    data = {
        "voorbeeld": place.example,
        "vereniging": place.association,
        "vergadering": {
            "code": place.code,
            "titel": place.title,
            "plaats": place.place,
            "begint": place.starts_at.isoformat(),
        },
        "agenda": [vars(item) for item in facts.agenda],
        "bestanden": rows,
    }
    return {
        "inhoud.csv": csv_bytes(table),
        "inhoud.json": (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode(),
    }
