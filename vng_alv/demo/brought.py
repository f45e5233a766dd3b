"""What members bring in the demo: amendments, motions, and reactions to the text that is in consultation.

All of it goes through the product's use cases; only its moments are written back afterwards, so that it did not all
happen today.
"""

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.amendments import service as amendments
from vng_alv.amendments.service import SectionChange
from vng_alv.consultation.models import Consultation, Position
from vng_alv.consultation.service import Writer, send
from vng_alv.demo.texts import DATA
from vng_alv.domain.amendments import Wording
from vng_alv.domain.ballots import Choice
from vng_alv.domain.motions import FollowUpState, MotionText
from vng_alv.domain.permissions import Actor
from vng_alv.domain.submissions import AdviceKind, CoAnswer, SubmissionState
from vng_alv.meetings.models import AgendaItem, Meeting
from vng_alv.members.models import Member
from vng_alv.motions import service as motions
from vng_alv.motions.models import Motion
from vng_alv.proposals.models import Proposal, Version, VersionSection
from vng_alv.submissions import service as submissions
from vng_alv.submissions.models import Submission
from vng_alv.voting.preparing import Preparer

Row = Mapping[str, Any]


def _rows(file: str) -> list[Row]:
    found: list[Row] = json.loads((DATA / file).read_text(encoding="utf-8"))
    return found


def actor_of(person: Person) -> Actor:
    """One of the demo's people as the one who acts."""
    return Actor(person.id, person.name, person.locale, frozenset(role.role for role in person.roles))


class Brought:
    """Brings it all in. ``members`` and ``clerks`` go by code, ``staff`` by the first part of the address."""

    def __init__(
        self, members: Mapping[str, Member], clerks: Mapping[str, Actor], staff: Mapping[str, Actor], now: datetime
    ) -> None:
        self.members, self.clerks, self.staff, self.now = members, clerks, staff, now

    def amendments(self, proposal: Proposal, version: Version) -> int:
        """All amendments, on the newest version; returns how many."""
        sections = {s.number: s for s in version.sections}
        rows = _rows("amendementen.json")
        for row in rows:
            code = row["gemeente"]
            wanted = list(_changes(row, sections))
            made = amendments.begin(
                proposal, self.members[code], row["titel"], row["toelichting"], wanted, self.clerks[code]
            )
            self._along(made.submission, row, self.clerks[code])
            if not row.get("concept"):
                amendments.submit(made, made.submission.revision, self.clerks[code])
            self._advise(made.submission, row)
            if row.get("besluit"):
                amendments.decide(made, SubmissionState(row["besluit"]), row["noot"], self.staff["bestuur"])
            if row.get("intrekken"):
                submissions.withdraw(made.submission, row["intrekken"], self.clerks[code])
            self._back(made.submission, row["dagen"])
        return len(rows)

    def intended_votes(self, meeting: Meeting) -> int:
        """What members prepared to vote in a meeting; returns on how many questions."""
        number = 0
        for row in _rows("stemadviezen.json"):
            preparer = Preparer(meeting, self.members[row["gemeente"]], self.clerks[row["gemeente"]])
            for key, asked in preparer.asked.items():
                place = asked.section.number if asked.section else ""
                if (
                    asked.round.amendment_id is None
                    and asked.version.proposal.code == row["stuk"]
                    and place in row["onderdelen"]
                ):
                    preparer.save(key, Choice(row["keuze"]) if row["keuze"] else None, row["reden"], 0)
                    number += 1
        return number

    def motions(self, meeting: Meeting, item: AgendaItem) -> list[tuple[Motion, Row]]:
        """The motions for a meeting, under an item of its agenda; each with its row of the file."""
        made = [(self._motion(meeting, row), row) for row in _rows("moties.json") if row["vergadering"] == meeting.code]
        for motion, _ in made:
            if motion.proposal:
                motion.proposal.agenda_item = item
        db.session.flush()
        return made

    def _motion(self, meeting: Meeting, row: Row) -> Motion:
        code = row["gemeente"]
        clerk = self.clerks[code]
        text = MotionText.of(row["titel"], {**row, "parts": row.get("delen", ())})
        motion = motions.begin(meeting, self.members[code], text, row["reden"], clerk)
        self._along(motion.submission, row, clerk)
        usual = meeting.amendments_until
        if row["dagen"] and meeting.starts_at <= self.now + timedelta(days=30):
            meeting.amendments_until = self.now + timedelta(days=1)  # it came in before the deadline that is over now
        motions.submit(motion, clerk, late_reason=row.get("te_laat", ""))
        meeting.amendments_until = usual
        self._advise(motion.submission, row)
        self._back(motion.submission, row["dagen"])
        return motion

    def follow_up(self, motion: Motion, row: Row) -> None:
        """The account of an adopted motion."""
        motions.follow_up(motion, FollowUpState.IN_PROGRESS, row["verantwoording"], self.staff["secretariaat"])

    def reactions(self, consultation: Consultation, sections: Iterable[VersionSection]) -> int:
        """Reactions to the text that is in consultation: sent, changed afterwards, and in draft; returns how many."""
        numbers = {s.number: s.section_id for s in sections}
        rows = _rows("concept-reacties.json")
        later: list[tuple[str, Row]] = []
        for code in dict.fromkeys(row["gemeente"] for row in rows):
            member, clerk = self.members[code], self.clerks[code]
            writer = Writer(consultation, member, clerk)
            for row in (row for row in rows if row["gemeente"] == code):
                if row.get("concept"):
                    later.append((code, row))
                    continue
                writer.save(numbers[row["onderdeel"]], row["tekst"], Position(row["standpunt"]), 0)
                if row.get("daarna"):
                    later.append((code, {**row, "tekst": row["daarna"]}))
            send(consultation, member, clerk)
        for code, row in later:
            writer = Writer(consultation, self.members[code], self.clerks[code])
            key = numbers[row["onderdeel"]]
            seen = writer.comments[key].revision if key in writer.comments else 0
            writer.save(key, row["tekst"], Position(row["standpunt"]), seen)
        return len(rows)

    def _along(self, submission: Submission, row: Row, clerk: Actor) -> None:
        asked: Sequence[str] = [*row.get("mee", ()), *row.get("gevraagd", ())]
        if asked:
            submissions.ask_along(submission, [self.members[code] for code in asked], clerk)
        for code in row.get("mee", ()):
            submissions.answer_along(submission, self.members[code], CoAnswer.JOINED, self.clerks[code])

    def _advise(self, submission: Submission, row: Row) -> None:
        if advice := row.get("preadvies"):
            board = self.staff["bestuur"]
            given = submissions.advise(submission, AdviceKind(advice["soort"]), advice["tekst"], board)
            if advice.get("openbaar", True):
                submissions.publish_advice(submission, given.number, board)

    def _back(self, submission: Submission, days: int) -> None:
        """Let it have happened so many days ago."""
        moment = self.now - timedelta(days=days)
        submission.created_at = submission.saved_at = moment
        if submission.submitted_at:
            submission.submitted_at = moment
        for co in submission.co_submitters:
            co.asked_at = moment
            co.answered_at = moment if co.answered_at else None
        db.session.flush()


def _changes(row: Row, sections: Mapping[str, VersionSection]) -> Iterable[SectionChange]:
    """What a row makes of sections: replaced words, and a new section."""
    for number, pairs in row.get("wijzigingen", {}).items():
        section = sections[number]
        body = section.body
        for old, new in pairs:
            if body.count(old) != 1:
                raise RuntimeError(f"{row['titel']}: {old!r} does not stand once in {number}")
            body = body.replace(old, new)
        yield SectionChange(section.section_id, Wording(section.heading, body))
    if new := row.get("nieuw"):
        after: uuid.UUID = sections[new["na"]].section_id
        yield SectionChange(None, Wording(new["kop"], new["tekst"]), after)
