"""The list of decisions says what the database and the log say, word for word (docs/rules.md §4.16)."""

import csv
import io
import json
import uuid
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import docx
import pypdf
import pytest
import python_calamine
from click.testing import CliRunner
from sqlalchemy import event, select

from tests import factories
from tests.database.options_desk import ABC, MOST_WINS
from tests.exports.making import application
from vng_alv import db
from vng_alv.amendments import service as amendments
from vng_alv.amendments.service import SectionChange
from vng_alv.audit.models import AuditEntry
from vng_alv.cli import alv
from vng_alv.domain.amendments import Wording
from vng_alv.domain.decisions import Decision
from vng_alv.domain.motions import MotionText
from vng_alv.domain.permissions import Role
from vng_alv.domain.rounds import RoundKind, Way
from vng_alv.exports import decision_papers
from vng_alv.exports.decisions import Decisions, decisions_of
from vng_alv.exports.report import Line
from vng_alv.meetings.queries import get_meeting
from vng_alv.motions import service as motions
from vng_alv.proposals.models import Proposal, ProposalKind
from vng_alv.proposals.queries import published, sections_of
from vng_alv.voting import acclamation, choosing, disputing, service
from vng_alv.voting.cast import cast
from vng_alv.voting.models import Round
from vng_alv.voting.tally import tally

SPLIT = MotionText("Fietsen", requests=("dit te regelen", "dat te melden"), parts=((0,), (1,)))
REASON = "Het scherm in de zaal viel uit."


class Afternoon:
    """A meeting with everything: amendments, a split motion, a vote put again, an acclamation and an election."""

    def __init__(self) -> None:
        with db.transaction():
            self.world = factories.world([40_000, 35_000, 25_000], is_open=False)
            meeting = self.world.meeting
            meeting.starts_at, meeting.amendments_until = db.now(), db.now() + timedelta(days=1)
            self.chair = self.world.chair
            self.second = factories.actor("secretariaat", Role.SECRETARIAT)
            for one in self.world.rounds:
                db.session.delete(one)
            self.text = self.world.rounds[0].proposal_id
            proposal = db.session.get_one(Proposal, self.text)
            self.amended = [self._amend(proposal, body) for body in ("Wij bouwen meer.", "Wij bouwen minder.")]
            motion = motions.begin(meeting, self.world.members[0], SPLIT, "", self.world.delegates[0])
            motions.submit(motion, self.world.delegates[0])
            self.motion = motion.proposal_id
            self.other = self.bring("V1", "Jaarrekening")
            self.seat = self.bring("V2", "Bestuur")

    def bring(self, code: str, title: str) -> uuid.UUID:
        """A text of one section."""
        text = f"# {title}\n\n## 1. Slot\n\nGoed.\n"
        return factories.proposal(self.world.meeting, text, code, ProposalKind.PROPOSAL).id

    def _amend(self, proposal: Proposal, body: str) -> uuid.UUID:
        version = published(proposal)
        assert version is not None
        first = sections_of(version.id)[0]
        clerk, change = self.world.delegates[0], SectionChange(first.section_id, Wording(first.heading, body))
        made = amendments.begin(proposal, self.world.members[0], body, "Nodig.", [change], clerk)
        amendments.submit(made, 1, clerk)
        return made.submission_id

    def prepare(self, key: uuid.UUID | None) -> list[uuid.UUID]:
        with db.transaction():
            return [one.id for one in service.prepare(db.session.get_one(Proposal, key), self.chair)]

    def vote(self, ids: list[uuid.UUID], ballots: str, *, publish: bool = True) -> None:
        """Open, let the members vote (a word for each), close, count and perhaps pronounce."""
        with db.transaction():
            service.open_rounds(ids, self.chair)
        for who, ballot in enumerate(ballots.split()):
            with db.transaction(write=False):
                code = self.world.members[who].code
                cast("alv", code, dict.fromkeys(ids, ballot), uuid.uuid4(), self.world.delegates[who])
        with db.transaction():
            service.close(ids, self.chair)
            for key in ids:
                tally(key)
            if publish:
                service.publish(ids, self.chair)

    def annul(self, key: uuid.UUID) -> None:
        with db.transaction():
            disputing.ask(db.session.get_one(Round, key), REASON, self.chair)
        with db.transaction():
            disputing.confirm(db.session.get_one(Round, key), self.second)

    def acclaim(self, key: uuid.UUID, against: int) -> None:
        with db.transaction():
            acclamation.choose(db.session.get_one(Round, key), Way.ACCLAMATION, self.chair)
            service.open_rounds([key], self.chair)
            acclamation.note(db.session.get_one(Round, key), self.world.members[against].id, self.chair)
            acclamation.pronounce([key], self.chair)

    def elect(self) -> uuid.UUID:
        with db.transaction():
            proposal = db.session.get_one(Proposal, self.seat)
            return choosing.ask(proposal, RoundKind.CANDIDATES, "Wie?", ABC, MOST_WINS, self.chair).id


def found(locale: str = "nl") -> Decisions:
    with db.transaction(write=False):
        return decisions_of(get_meeting("alv"), locale)


def on_amendments(keys: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """Of rounds, those on amendments."""
    with db.transaction(write=False):
        return [key for key in keys if db.session.get_one(Round, key).amendment_id]


@pytest.fixture
def afternoon(database: str) -> Afternoon:
    """All of it, pronounced, but for the last vote; the numbers of the rounds are in the order of this."""
    made = Afternoon()
    first, second = on_amendments(made.prepare(made.text))
    made.vote([first], "against for against")
    made.vote([second], "for for against")
    made.annul(second)
    made.vote(on_amendments(made.prepare(made.text)), "for against against")
    one, other = made.prepare(made.motion)
    made.vote([one], "for for against")
    made.vote([other], "against against for")
    made.acclaim(made.prepare(made.other)[0], 2)
    made.vote([made.elect()], "2 1 2")
    with db.transaction():
        hidden = made.bring("V3", "Nog niet bekend")
    made.vote(made.prepare(hidden), "for for for", publish=False)
    return made


def test_it_says_what_the_log_says(afternoon: Afternoon) -> None:
    shown = found()
    assert {one.code: one.decision for one in shown.texts} == {
        "R1": Decision.OPEN, "M1": Decision.IN_PARTS, "V1": Decision.ADOPTED, "V2": Decision.CHOSEN,
        "V3": Decision.OPEN,
    }  # fmt: skip
    with db.transaction(write=False):
        keys = {f"round:{one.id}": one.number for one in db.session.scalars(select(Round))}
        log: dict[str, dict[int, Any]] = {"round.publish": {}, "round.annul": {}}
        for entry in db.session.scalars(select(AuditEntry).where(AuditEntry.act.in_(log)).order_by(AuditEntry.id)):
            log[entry.act][keys[entry.subject]] = dict(entry.data)
    votes = {vote.number: vote for vote in shown.votes}
    assert votes.keys() == log["round.publish"].keys() | log["round.annul"].keys()
    for number, said in log["round.publish"].items():
        vote = votes[number]
        assert vote.verdict == said["verdict"]
        if vote.way is Way.ACCLAMATION:
            assert (vote.sums, vote.not_cast, len(vote.noted_against)) == ((), None, len(said["noted"]))
        elif "options" in said:
            assert {s.key: s.votes for s in vote.sums} == said["options"]["weight"]
        else:
            assert [s.votes for s in vote.sums] == said["weight"]
            assert [s.members for s in vote.sums] == said["members"]
    void = {number: said["reason"] for number, said in log["round.annul"].items()}
    assert {vote.number: vote.void_reason for vote in shown.votes if vote.void} == void == {2: REASON}


#: What the list says, without its arithmetic.
LINES = (Path(__file__).parent / "decisions.txt").read_text()
SUMS = (
    "Voor 75, tegen 25, onthouding 0 stemmen. De grondslag is 100: de stemmen voor en tegen. Nodig: meer dan de helft "
    "van de stemmen voor en tegen. 75 × 2 = 150; 100 × 1 = 100. 150 > 100 klopt. Aangenomen."
)


def squeezed(words: str) -> str:
    """Without white space, which a PDF breaks lines with."""
    return "".join(words.split())


def test_every_form_reads_word_for_word_the_same(afternoon: Afternoon, tmp_path: Path) -> None:
    shown = found()
    lines = [block for block in decision_papers.decision_list(shown).blocks if isinstance(block, Line)]
    assert [block.said for block in lines if not block.quiet] == LINES.splitlines()
    assert SUMS in [block.said for block in lines if block.quiet]
    made = {kind: make(shown) for kind, make in decision_papers.DECISIONS.items()}
    pages = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made["pdf"])).pages)
    word = "".join(one.text for one in docx.Document(io.BytesIO(made["docx"])).paragraphs)
    for line in (*LINES.splitlines(), SUMS):
        assert squeezed(line) in squeezed(word)
        assert squeezed(line).replace("-", "") in squeezed(pages).replace("-", "")
    data = json.loads(made["json"])
    texts = {text["code"]: text for item in data["items"] for text in item["texts"]}
    said = [text["sentence"] for text in texts.values()] + [a["sentence"] for a in texts["R1"]["amendments"]]
    rows = list(csv.reader(io.StringIO(made["csv"].decode("utf-8-sig"))))
    assert sorted(said) == sorted(row[7] for row in rows[1:]) == sorted(
        line for line in LINES.splitlines() if line.split(":")[0].split(" is ")[0] in
        {"Motie M1", "Resolutie R1", "Amendement AM1", "Amendement AM2", "Voorstel V1", "Voorstel V2", "Voorstel V3"}
    )  # fmt: skip
    book = python_calamine.load_workbook(io.BytesIO(made["xlsx"]))
    sheet = book.get_sheet_by_name("Stemmingen").to_python()
    outcomes = {vote.number: vote.sentence for vote in shown.votes}
    assert {int(row[0]): row[6] for row in sheet[1:]} == outcomes
    results = list(csv.reader(io.StringIO(decision_papers.results_csv(shown).decode("utf-8-sig"))))
    assert {int(row[0]): row[6] for row in results[1:]} == outcomes
    # By acclamation nothing was counted: no number, not even a 0.
    assert {row[0]: row[7:17] for row in results}["9"] == [""] * 10
    assert {row[0]: row[7:9] for row in results}["7"] == ["75", "25"]
    for content in (word, pages, made["json"].decode(), made["csv"].decode()):
        assert "Stemming 11" not in content
        assert "100,00%" not in content


def test_it_is_the_same_in_english(afternoon: Afternoon) -> None:
    with application("en").test_request_context():
        lines = [b.said for b in decision_papers.decision_list(found("en")).blocks if isinstance(b, Line)]
    assert "Motie M1 was adopted in part." in [line.replace("Motion", "Motie") for line in lines]
    assert "This vote was declared void. Reason: Het scherm in de zaal viel uit." in lines


def test_it_takes_the_same_number_of_statements_for_more(afternoon: Afternoon) -> None:
    def statements() -> int:
        sent: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
            sent.append(statement)

        event.listen(db.engine(), "before_cursor_execute", note)
        found()
        event.remove(db.engine(), "before_cursor_execute", note)
        return len(sent)

    before = statements()
    for number in range(4, 8):
        with db.transaction():
            more = afternoon.bring(f"V{number}", "Nog een")
        afternoon.vote(afternoon.prepare(more), "for for against")
    assert len(found().votes) > 10
    assert statements() == before <= 25


def test_the_terminal_tells_it(afternoon: Afternoon, database: str, tmp_path: Path) -> None:
    told = CliRunner().invoke(alv, ["meeting", "decisions", "alv"])
    assert told.exit_code == 0, told.output
    assert set(LINES.splitlines()) <= set(told.output.splitlines())
    path = tmp_path / "besluiten.json"
    assert (
        CliRunner().invoke(alv, ["meeting", "decisions", "alv", "--format", "json", "--output", str(path)]).exit_code
        == 0
    )
    assert json.loads(path.read_bytes())["place"]["code"] == "alv"
