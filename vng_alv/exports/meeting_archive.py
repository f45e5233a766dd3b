"""The archive of a meeting: all of it that is public as one ZIP, with a manifest and MDTO metadata (docs/formats.md).

It is made in steps, so that whoever waits can see how far it is, and written as it is made: a document is in memory
only while it is packed. It is in Dutch, and the same content gives the same bytes.
"""

import hashlib
import io
import json
import tempfile
import uuid
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from vng_alv import db
from vng_alv.audit.service import seal_all
from vng_alv.consultation.queries import consultations_of
from vng_alv.convening import queries as convening
from vng_alv.domain.consultation import is_public
from vng_alv.errors import Unavailable
from vng_alv.exports import answers_report, archive, convocation, decision_papers, mdto, papers, pdf, report
from vng_alv.exports.answers import report_of
from vng_alv.exports.bundles import VERIFIERS, signed_bundle
from vng_alv.exports.decisions import Decisions, decisions_of
from vng_alv.exports.lasting import add, as_of
from vng_alv.exports.mdto import Keeping, Thing
from vng_alv.exports.outcomes import as_json, csv_rows
from vng_alv.exports.public_log import log_of
from vng_alv.exports.queries import MeetingFacts, Place, TextFacts, meeting_facts, place_of, text_facts
from vng_alv.meetings import archives
from vng_alv.meetings.minutes import get_minutes, minutes_of
from vng_alv.meetings.models import Meeting, MeetingKind
from vng_alv.meetings.queries import get_meeting
from vng_alv.proposals.queries import proposals_of, published
from vng_alv.signing.service import Place as Signing
from vng_alv.voting.about import subject_of
from vng_alv.voting.models import Round
from vng_alv.voting.queries import rounds_of
from vng_alv.voting.summary import summary
from vng_alv.web import csv_bytes

LANGUAGE = "nl"
TYPES = {
    **decision_papers.MIMETYPES, "md": "text/markdown", "xml": "application/xml", "html": "text/html",
    "py": "text/x-python",
}  # fmt: skip
KINDS = {
    MeetingKind.ALV: "Algemene ledenvergadering",
    MeetingKind.EXTRAORDINARY: "Buitengewone algemene ledenvergadering",
    MeetingKind.LEDENRAADPLEGING: "Ledenraadpleging",
}
MANIFEST, SUMS, DOSSIER = "manifest.json", "manifest-sha256.txt", "dossier.mdto.xml"


@dataclass(frozen=True)
class Part:
    """One file: where it stands, what is in it, and what it is."""

    path: str
    content: bytes
    about: str

    @property
    def mimetype(self) -> str:
        """Its media type, which its name tells."""
        return TYPES[self.path.rpartition(".")[2]]


#: Makes some of the files.
Step = Callable[[], Sequence[Part]]


@dataclass(frozen=True)
class Plan:
    """What is to be made of a meeting. ``moment`` is that of the newest act in its log."""

    place: Place
    keeping: Keeping
    moment: datetime
    steps: Sequence[Step]


def plan(meeting_code: str, where: Signing) -> Plan:
    """Read what is public of a meeting; what its steps read more they read by themselves. Raises ``Missing``."""
    meeting, now = get_meeting(meeting_code), db.now()
    place, facts = place_of(meeting), meeting_facts(meeting)
    rounds = [one for one in rounds_of(meeting.id) if one.published_at]
    documents = [one for one in convening.documents_of(meeting.id) if one.publish_at <= now and not one.withdrawn_at]
    found = log_of(meeting, rounds, documents)
    steps: list[Step] = [partial(_set, facts), *_earlier(meeting, place)]
    steps += _convocation(meeting, place)
    steps += [
        partial(_document, meeting.id, one.id, number, f"{one.title} ({one.name})")
        for number, one in enumerate(documents, 1)
    ]
    steps += _answers(meeting, now)
    steps += [partial(_lists, decisions_of(meeting, LANGUAGE))]
    outcomes = [part for one in rounds for part in _outcome(meeting, one, example=place.example)]
    steps.append(lambda: outcomes)
    steps += [partial(_bundle, one.id, where) for one in rounds if not one.secret]
    steps.append(_verifiers)
    steps += [partial(_minutes, meeting.id, one.number) for one in reversed(minutes_of(meeting.id))]
    log = {"example": place.example, "entries": found.entries}
    steps.append(lambda: [Part("logboek.json", _json(log), "Logboek, het openbare deel")])
    keeping = Keeping(
        place.association, f"vng-alv, {place.association}", KINDS[meeting.kind], meeting.starts_at, meeting.ends_at,
        meeting.place, place.example,
    )  # fmt: skip
    return Plan(place, keeping, found.moment or meeting.created_at, steps)


def write(to: Path, meeting_code: str, where: Signing, told: Callable[[int, int], object]) -> tuple[int, str]:
    """Write the archive of a meeting to a file, in the place of the one before it, while ``told`` hears how many steps
    are done, and of how many; returns its size in bytes and its SHA-256. ``where`` is the key that signs its bundles.
    Raises ``Missing`` and ``pdf.NotMade``."""
    with db.transaction():
        seal_all()
    with db.transaction(write=False):
        planned = plan(meeting_code, where)
    told(0, len(planned.steps))
    shelf = _Shelf(planned)
    with tempfile.TemporaryDirectory(dir=to.parent, prefix=".") as folder, (Path(folder) / to.name).open("w+b") as out:
        with as_of(planned.moment), zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
            for number, step in enumerate(planned.steps, 1):
                for part in step():
                    shelf.put(pack, part)
                told(number, len(planned.steps))
            shelf.close(pack)
        out.flush()
        size = out.seek(0, io.SEEK_END)
        out.seek(0)
        sha256 = hashlib.file_digest(out, "sha256").hexdigest()
        # Somebody may be reading the one before it: that one stays what it was.
        Path(out.name).replace(to)
    return size, sha256


def archive_path(data: Path, meeting_id: uuid.UUID) -> Path:
    """Where the archive of a meeting is kept in the data folder."""
    return data / "archives" / f"{meeting_id}.zip"


def make(data: Path, meeting_id: uuid.UUID, where: Signing) -> None:
    """Make an archive that was asked for, in the data folder, unless another worker does."""
    with db.transaction():
        code = archives.take(meeting_id)
    if code is None:
        return
    to = archive_path(data, meeting_id)
    to.parent.mkdir(parents=True, exist_ok=True, mode=0o700)

    def told(done: int, total: int) -> None:
        with db.transaction():
            archives.reach(meeting_id, done, total)

    made = None
    try:
        made = write(to, code, where, told)
    finally:
        with db.transaction():
            archives.finish(meeting_id, made)


class _Shelf:
    """Puts files into the pack and keeps what is to be said about each."""

    def __init__(self, planned: Plan) -> None:
        self.planned = planned
        self.listed: list[dict[str, Any]] = []
        #: The files of each document, by their path without its ending.
        self.documents: dict[str, list[dict[str, Any]]] = {}

    def put(self, pack: zipfile.ZipFile, part: Part) -> None:
        """Add a file that is to be kept."""
        row = self._add(pack, part)
        self.documents.setdefault(str(PurePosixPath(part.path).with_suffix("")), []).append(row)

    def close(self, pack: zipfile.ZipFile) -> None:
        """Add the metadata, the manifest and the list of checksums."""
        place, keeping = self.planned.place, self.planned.keeping
        whole = Thing(place.code, place.title)
        things = {stem: self._thing(stem, rows[0]["about"]) for stem, rows in self.documents.items()}
        self._describe(pack, DOSSIER, place.title, mdto.dossier(whole, keeping, list(things.values())))
        for stem, rows in self.documents.items():
            files = [self._thing(row["path"], row["path"]) for row in rows]
            made = mdto.document(things[stem], keeping, whole, files)
            self._describe(pack, f"{stem}.mdto.xml", things[stem].name, made)
            for row, one in zip(rows, files, strict=True):
                content = (row["bytes"], row["type"], row["sha256"])
                made = mdto.file(one, keeping, things[stem], content, self.planned.moment)
                self._describe(pack, f"{row['path']}.bestand.mdto.xml", row["path"], made)
        data = {
            "format": "alv-archive-1",
            "example": place.example,
            "association": place.association,
            "meeting": {"code": place.code, "title": place.title, "starts-at": place.starts_at.isoformat()},
            "moment": self.planned.moment.isoformat(),
            "files": self.listed,
        }
        self._add(pack, Part(MANIFEST, _json(data), "Manifest"))
        sums = "".join(f"{row['sha256']}  {row['path']}\n" for row in self.listed)
        add(pack, SUMS, sums.encode())

    def _thing(self, path: str, name: str) -> Thing:
        return Thing(f"{self.planned.place.code}/{path}", name)

    def _describe(self, pack: zipfile.ZipFile, path: str, name: str, content: bytes) -> None:
        self._add(pack, Part(path, content, f"MDTO: {name}"))

    def _add(self, pack: zipfile.ZipFile, part: Part) -> dict[str, Any]:
        add(pack, part.path, part.content)
        row = {
            "path": part.path,
            "bytes": len(part.content),
            "sha256": hashlib.sha256(part.content).hexdigest(),
            "type": part.mimetype,
            "about": part.about,
        }
        self.listed.append(row)
        return row


# --- The steps


def _set(facts: MeetingFacts) -> Sequence[Part]:
    """The set of the meeting: its newest texts, amendments and motions with their states and advice."""
    found = archive.files(facts)
    names = {"inhoud.csv": "Inhoud van de vergaderset", "inhoud.json": "Inhoud van de vergaderset"}
    for row in json.loads(found["inhoud.json"])["bestanden"]:
        of_text = f"Amendementen op {row['op']}" if "op" in row else f"{row['code']}: {row['titel']}"
        names.setdefault(row["bestand"], of_text)
    made = [Part("vergaderset.pdf", pdf.make("set", papers.set_paper(facts, None)), "Vergaderset")]
    return made + [Part(f"vergaderset/{path}", content, names[path]) for path, content in found.items()]


def _earlier(meeting: Meeting, place: Place) -> list[Step]:
    """The published versions that a later one replaced."""
    return [
        partial(_version, place, text_facts(proposal, version))
        for proposal in proposals_of(meeting.id)
        for version in proposal.versions
        if version.published_at and version is not published(proposal)
    ]


def _version(place: Place, text: TextFacts) -> Sequence[Part]:
    path = f"eerdere-versies/{archive.file_name(text.code, f'versie {text.version}')}"
    about = f"{text.code}: {text.title}, versie {text.version}"
    return [
        Part(f"{path}.pdf", pdf.make("text", papers.text_paper(place, text)), about),
        Part(f"{path}.md", archive.markdown_of(text).encode(), about),
    ]


def _convocation(meeting: Meeting, place: Place) -> list[Step]:
    sent = convening.find_convocation(meeting.id)
    if sent is None:
        return []
    found = convocation.convocation(place, convening.Call.from_data(sent.facts), sent.note, sent.sent_at)
    data = convocation.to_json(sent, example=place.example)
    return [
        lambda: [
            Part("convocatie.pdf", report.to_pdf(found), "Convocatie"),
            Part("convocatie.json", data, "Convocatie"),
        ]
    ]


def _document(meeting_id: uuid.UUID, document_id: uuid.UUID, number: int, about: str) -> Sequence[Part]:
    with db.transaction(write=False):
        found = convening.get_document(meeting_id, document_id, content=True)
        path = f"documenten/{archive.file_name(f'{number:03}', found.title)}.{found.kind.value}"
        return [Part(path, found.content, about)]


def _answers(meeting: Meeting, now: datetime) -> list[Step]:
    """What was said in each consultation that is over, and what was answered."""
    over = [
        one
        for one in consultations_of([proposal.id for proposal in proposals_of(meeting.id)])
        if is_public(sent=True, closes_at=one.closes_at, now=now)
    ]
    return [partial(_nota, one.proposal.code, report_of(one)) for one in over]


def _nota(code: str, found: answers_report.AnswersReport) -> Sequence[Part]:
    path = f"nota-van-beantwoording/{archive.file_name('nota', code)}"
    about = f"{found.title}, {found.text}"
    makers = {"pdf": answers_report.to_pdf, "docx": answers_report.to_docx, "xlsx": answers_report.to_xlsx}
    return [Part(f"{path}.{form}", make(found), about) for form, make in makers.items()]


def _lists(found: Decisions) -> Sequence[Part]:
    lists = (("besluitenlijst", "Besluitenlijst", decision_papers.DECISIONS),
             ("uitslagenlijst", "Uitslagenlijst", decision_papers.RESULTS))  # fmt: skip
    return [
        Part(f"{path}.{form}", make(found), about) for path, about, makers in lists for form, make in makers.items()
    ]


def _outcome(meeting: Meeting, one: Round, *, example: bool) -> Sequence[Part]:
    """An outcome as data, with the roll call; of a secret vote only the sums, and not who took part."""
    shown, address = summary(one, LANGUAGE), f"/vergaderingen/{meeting.code}/uitslagen/{one.number}"
    data = as_json(shown, subject_of(one), meeting, address, example=example)
    path, about = f"uitslagen/stemming-{one.number:03}", f"Stemming {one.number}: {one.title}"
    if one.secret:
        return [Part(f"{path}.json", _json({**data, "votes": []}), about)]
    rows = csv_rows(shown, LANGUAGE, example=example)
    return [Part(f"{path}.json", _json(data), about), Part(f"{path}.csv", csv_bytes(rows), about)]


def _bundle(round_id: uuid.UUID, where: Signing) -> Sequence[Part]:
    """What it takes to count a vote again; without the key that signs there is none."""
    with db.transaction(write=False):
        one = db.session.get_one(Round, round_id)
        path, about = f"uitslagen/stemming-{one.number:03}-bundel.json", f"Stemming {one.number}: {one.title}, bundel"
        try:
            made = signed_bundle(one, one.meeting, where, "Met verify.py of verify.html telt u deze stemming zelf na.")
        except Unavailable:
            return []
        return [Part(path, _json(made), about)]


def _verifiers() -> Sequence[Part]:
    return [
        Part(f"narekenen/{path.stem}-{path.suffix[1:]}/{path.name}", path.read_bytes(), "Om een stemming na te tellen")
        for path in sorted(VERIFIERS.iterdir())
    ]


def _minutes(meeting_id: uuid.UUID, number: int) -> Sequence[Part]:
    with db.transaction(write=False):
        found = get_minutes(meeting_id, number)
        about = f"Notulen, versie {number} ({found.name})"
        return [Part(f"notulen/versie-{number}.{found.kind.value}", found.content, about)]


def _json(data: dict[str, Any]) -> bytes:
    return (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode()
