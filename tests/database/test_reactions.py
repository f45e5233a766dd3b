"""Reactions in the database: what was sent stands, everything is in the history, and no word is lost."""

import random
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from tests import factories
from tests.database.acting import together, waiting
from vng_alv import db
from vng_alv.answering import service as answering
from vng_alv.consultation import attachments, queries, service
from vng_alv.consultation.models import Attachment, Comment, CommentRevision, Consultation, Position
from vng_alv.domain.consultation import FileKind, RevisionAct
from vng_alv.domain.permissions import Actor, Role
from vng_alv.errors import Conflict, Refused
from vng_alv.members.models import Member, OfficeKind

pytestmark = pytest.mark.usefixtures("database")


@dataclass
class Clash(Exception):
    """What the page shows to whoever comes second."""

    theirs: str
    revision: int
    merged: str


@dataclass
class Desk:
    """Two people of one municipality, and a consultation that runs."""

    found: Consultation
    member: Member
    clerk: Actor
    official: Actor
    staff: Actor

    def consultation(self) -> Consultation:
        """The consultation as it is now."""
        return db.session.get_one(Consultation, self.found.id)

    def save(
        self, body: str, revision: int = 0, *, by: Actor | None = None, position: Position | None = None
    ) -> Comment:
        """Save the reaction to the whole, in a transaction of its own."""
        with db.transaction():
            try:
                return service.save_draft(
                    self.consultation(), self.member, None, body, position, revision, by or self.clerk
                )
            except service.Collision as collision:
                raise Clash(collision.comment.body, collision.comment.revision, collision.merged.text) from None

    def act(self, what: str) -> int:
        """Send or withdraw, in a transaction of its own."""
        with db.transaction():
            done: int = getattr(service, what)(self.consultation(), self.member, self.clerk)
            return done

    def now(self) -> Comment:
        """The reaction to the whole as it is."""
        with db.transaction(write=False):
            return queries.comments_of(self.found.id, self.member.id)[None]

    def answer(self, body: str) -> None:
        """Answer what is in force, in a transaction of its own."""
        with db.transaction():
            comment = db.session.merge(self.now())
            answering.answer_one(comment, body, answering.seen_of(comment), self.staff)

    def told_before(self) -> bool:
        """Whether the answer is told to be to an earlier text."""
        with db.transaction(write=False):
            (given,) = queries.comments_of(self.found.id, self.member.id)[None].answers
            return given.before

    def history(self) -> list[tuple[RevisionAct, str]]:
        """All acts with their words."""
        with db.transaction(write=False):
            rows = db.session.scalars(select(CommentRevision).order_by(CommentRevision.revision))
            return [(row.act, row.body) for row in rows]


@pytest.fixture
def desk(database: str) -> Desk:
    with db.transaction():
        factories.association()
        member = factories.member(1)
        clerk = factories.get_actor(factories.clerk(member).id)
        official = factories.get_actor(factories.clerk(member, "ambtenaar", OfficeKind.OFFICIAL).id)
        text_ = factories.proposal(factories.meeting())
        found = service.open_consultation(text_, db.now() + timedelta(hours=1), None)
        return Desk(found, member, clerk, official, factories.actor("rapporteur", Role.RAPPORTEUR))


def test_what_was_sent_stands_while_it_is_rewritten_until_it_is_sent_again(desk: Desk) -> None:
    desk.save("Eerste", position=Position.AGREE)
    assert desk.act("send") == 1
    sent_at = desk.now().sent_at
    desk.save("Tweede", desk.now().revision, position=Position.DISAGREE)
    assert desk.now().in_force == ("Eerste", Position.AGREE)
    assert desk.now().sent_at == sent_at
    desk.act("send")
    assert desk.now().in_force == ("Tweede", Position.DISAGREE)
    acts = [act for act, _ in desk.history()]
    assert acts == [RevisionAct.SAVED, RevisionAct.SENT, RevisionAct.SAVED, RevisionAct.SENT]


def test_withdrawing_leaves_nothing_in_force_and_the_draft_as_it_was(desk: Desk) -> None:
    desk.save("Eerste")
    desk.act("send")
    desk.save("Tweede", 2)
    assert desk.act("withdraw") == 1
    assert desk.now().in_force is None
    assert desk.now().body == "Tweede"
    with db.transaction(write=False):
        assert queries.sent_comments(desk.found.id) == []
    with pytest.raises(Refused, match="nothing_sent"):
        desk.act("withdraw")


def test_an_emptied_draft_takes_back_what_was_sent_and_keeps_its_history(desk: Desk) -> None:
    desk.save("Eerste")
    desk.act("send")
    desk.save("", 2)
    assert desk.now().in_force == ("Eerste", None)
    desk.act("send")
    assert desk.now().in_force is None
    assert desk.history()[-1] == (RevisionAct.WITHDRAWN, "")
    with pytest.raises(Refused, match="nothing_to_send"):
        desk.act("send")


def test_after_the_deadline_nothing_is_sent_or_withdrawn_and_what_stands_stands(desk: Desk) -> None:
    desk.save("Eerste")
    desk.act("send")
    desk.save("Tweede", 2)
    with db.transaction():
        service.set_deadline(desk.consultation(), db.now(), desk.staff)
    for what in ("send", "withdraw"):
        with pytest.raises(Refused, match="consultation_closed"):
            desk.act(what)
    with pytest.raises(Refused, match="consultation_closed"):
        desk.save("Derde", 3)
    assert desk.now().in_force == ("Eerste", None)


def test_an_answer_stays_and_is_told_to_be_of_an_earlier_text(desk: Desk) -> None:
    desk.save("Eerste")
    desk.act("send")
    desk.answer("Dank u.")
    assert desk.told_before() is False
    desk.save("Tweede", 2)
    assert desk.told_before() is False, "nothing else is in force yet"
    desk.act("send")
    assert desk.told_before() is True
    desk.answer("Nogmaals dank.")
    assert desk.told_before() is False


def test_an_earlier_text_becomes_the_draft_again(desk: Desk) -> None:
    desk.save("Eerste", position=Position.AGREE)
    desk.save("Tweede", 1)
    old = partial(queries.find_revision, desk.now().id, 1)
    with pytest.raises(Conflict, match="edited_meanwhile"), db.transaction():
        service.restore(desk.consultation(), desk.member, old(), 1, desk.clerk)  # type: ignore[arg-type]
    with db.transaction():
        service.restore(desk.consultation(), desk.member, old(), 2, desk.clerk)  # type: ignore[arg-type]
    assert desk.now().draft == ("Eerste", Position.AGREE)
    assert [body for _, body in desk.history()] == ["Eerste", "Tweede", "Eerste"]


def test_the_history_cannot_be_changed(desk: Desk) -> None:
    desk.save("Eerste")
    statements = ["UPDATE comment_revision SET body = 'x'", "DELETE FROM comment_revision"]
    if not db.is_sqlite():
        statements.append("TRUNCATE comment_revision")
    for statement in statements:
        with pytest.raises(DBAPIError, match="append_only"), db.transaction():
            db.session.execute(text(statement))


@pytest.mark.parametrize(
    "change",
    [
        "sent_at = saved_at",
        "sent_body = 'x'",
        "sent_position = 'agree'",
        "sent_at = saved_at, sent_body = ''",
        "sent_at = saved_at, sent_body = 'x', sent_position = 'misschien'",
    ],
)
def test_what_is_in_force_is_whole_and_says_something(desk: Desk, change: str) -> None:
    desk.save("Eerste")
    with pytest.raises(DBAPIError, match="ck_comment_sent"), db.transaction():
        db.session.execute(text(f"UPDATE comment SET {change}"))


# --- Two at once

WORDS = tuple(f"woord{n}" for n in range(18))


def test_two_who_write_at_once_never_lose_a_word(desk: Desk) -> None:
    """Whatever both type, in threads, many times: all words of both stay in the draft or in the history."""
    dice = random.Random(7)
    for turn in range(12):
        comment = desk.save(" ".join(WORDS), desk.now().revision if turn else 0)
        begun = comment.revision

        def edited(mark: str, turn: int = turn) -> str:
            words = list(WORDS)
            words[dice.randrange(len(words))] = f"{mark}{turn}"
            return " ".join(words)

        texts = [edited("een"), edited("twee")]

        def write(body: str, who: Actor, begun: int = begun) -> None:
            try:
                desk.save(body, begun, by=who)
            except Clash as clash:  # as the page does: both are shown, and the writer saves again
                desk.save(clash.merged, clash.revision, by=who)

        done = together([partial(write, texts[0], desk.clerk), partial(write, texts[1], desk.official)])
        assert done == [None, None]
        kept = desk_words(" ".join(body for _, body in desk.history()))
        assert desk_words(" ".join(texts)) <= kept


def desk_words(body: str) -> set[str]:
    """The words of a text."""
    return set(re.findall(r"\w+", body))


def test_changes_to_other_words_are_put_together_without_asking(desk: Desk) -> None:
    desk.save("Wij steunen dit voorstel. Er is wel meer geld nodig.")
    desk.save("Wij omarmen dit voorstel. Er is wel meer geld nodig.", 1, by=desk.official, position=Position.AGREE)
    comment = desk.save("Wij steunen dit voorstel. Er is wel meer tijd nodig.", 1)
    assert comment.draft == ("Wij omarmen dit voorstel. Er is wel meer tijd nodig.", Position.AGREE)


def test_changes_to_the_same_words_are_shown_and_nothing_is_overwritten(desk: Desk) -> None:
    desk.save("Wij steunen dit.")
    desk.save("Wij omarmen dit.", 1, by=desk.official)
    with pytest.raises(Clash) as caught:
        desk.save("Wij verwerpen dit.", 1)
    assert caught.value.theirs == "Wij omarmen dit."
    assert caught.value.merged == "Wij verwerpen dit."
    assert desk.now().body == "Wij omarmen dit."


def test_two_positions_clash_also_under_the_same_words(desk: Desk) -> None:
    desk.save("Wij wachten af.")
    desk.save("Wij wachten af.", 1, by=desk.official, position=Position.AGREE)
    with pytest.raises(Clash):
        desk.save("Wij wachten af.", 1, position=Position.DISAGREE)
    assert desk.now().position is Position.AGREE


def test_a_reaction_that_two_begin_at_once_is_one_reaction(desk: Desk) -> None:
    def begin(who: Actor, body: str) -> str:
        try:
            desk.save(body, by=who)
        except Clash as clash:
            desk.save(f"{clash.theirs}\n\n{body}", clash.revision, by=who)
        return "saved"

    done = together([partial(begin, desk.clerk, "Vooraan"), partial(begin, desk.official, "Achteraan")])
    assert done == ["saved", "saved"]
    assert desk_words(desk.now().body) == {"Vooraan", "Achteraan"}


def test_sending_waits_for_the_deadline_that_is_being_moved(desk: Desk) -> None:
    desk.save("Eerste")
    with ThreadPoolExecutor() as pool:
        with db.transaction():
            service.set_deadline(desk.consultation(), db.now(), desk.staff)
            sending = waiting(pool, partial(desk.act, "send"))
        with pytest.raises(Refused, match="consultation_closed"):
            sending.result()
    assert desk.now().in_force is None


# --- Files


def add(desk: Desk, name: str) -> Attachment:
    """A file that was checked."""
    with db.transaction():
        found, data = desk.consultation(), f"%PDF-{name}".encode()
        return attachments.add(found, db.session.merge(desk.member), name, data, FileKind.PDF, desk.clerk)


def files(desk: Desk) -> dict[str, tuple[bool, bool]]:
    """By name whether a file is in force, and whether it goes at the next sending."""
    with db.transaction(write=False):
        found = queries.attachments_of(desk.found.id, desk.member.id)
        return {file.name: (file.sent_at is not None, file.dropped) for file in found}


def test_files_go_along_with_a_reaction_and_are_taken_back_with_it(desk: Desk) -> None:
    one = add(desk, "een.pdf")
    with pytest.raises(Refused, match="only_attachments"):
        desk.act("send")
    desk.save("Zie de bijlage.")
    desk.act("send")
    with db.transaction():
        attachments.take_away(desk.consultation(), db.session.merge(one), desk.official)
    add(desk, "twee.pdf")
    assert files(desk) == {"een.pdf": (True, True), "twee.pdf": (False, False)}
    assert desk.act("send") == 2
    assert files(desk) == {"twee.pdf": (True, False)}
    desk.act("withdraw")
    assert files(desk) == {"twee.pdf": (False, False)}


def test_no_sixth_file_also_not_when_two_add_it_at_once(desk: Desk) -> None:
    for n in range(4):
        add(desk, f"{n}.pdf")
    with ThreadPoolExecutor() as pool:
        with db.transaction():
            member = db.session.merge(desk.member)
            attachments.add(desk.consultation(), member, "vijf.pdf", b"%PDF-5", FileKind.PDF, desk.official)
            adding = waiting(pool, partial(add, desk, "zes.pdf"))
        with pytest.raises(Refused, match="too_many_files"):
            adding.result()
    assert len(files(desk)) == 5


def test_the_same_file_is_not_added_twice_and_after_closing_none_is(desk: Desk) -> None:
    file = add(desk, "een.pdf")
    with pytest.raises(Conflict, match="same_file"):
        add(desk, "een.pdf")
    with db.transaction():
        service.set_deadline(desk.consultation(), db.now(), desk.staff)
    with pytest.raises(Refused, match="consultation_closed"):
        add(desk, "twee.pdf")
    with pytest.raises(Refused, match="consultation_closed"), db.transaction():
        attachments.take_away(desk.consultation(), db.session.merge(file), desk.clerk)
    assert list(files(desk)) == ["een.pdf"]
