"""Themes and answers in the database: whoever comes second loses nothing, and no word or reaction gets lost."""

import random
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import factories
from tests.database.acting import together, waiting
from tests.database.answers import Desk, make_desk, react
from vng_alv import db
from vng_alv.answering import matrix, queries, service
from vng_alv.answering.queries import Wanted
from vng_alv.audit.models import AuditEntry
from vng_alv.consultation import service as consultations
from vng_alv.consultation.models import Answer, Comment, CommentTheme, Position
from vng_alv.consultation.queries import sent_comments
from vng_alv.domain.answering import Outcome
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Conflict, Missing, Refused

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def desk(database: str) -> Desk:
    return make_desk()


# --- Grouping


def test_a_reaction_may_be_under_several_themes_and_is_under_each_once(desk: Desk) -> None:
    water = desk.group("Water", (1, None), (2, None), (1, None))
    again = desk.group("Water", (2, None), (3, None), by=desk.other)
    money = desk.group("Geld", (2, None))
    assert again.id == water.id
    assert desk.under(water) == {(1, None), (2, None), (3, None)}
    assert desk.under(money) == {(2, None)}
    with db.transaction():
        _, number = service.ungroup(desk.found, [desk.sent[1, None], desk.sent[1, 0]], water.id, desk.one)
    assert number == 1
    assert desk.under(water) == {(2, None), (3, None)}
    with db.transaction(write=False):
        acts = list(db.session.scalars(select(AuditEntry.act).where(AuditEntry.act.startswith("theme."))))
    assert acts == ["theme.make", "theme.group", "theme.group", "theme.make", "theme.group", "theme.ungroup"]
    assert "theme.ungroup" in acts


def test_what_was_taken_back_meanwhile_is_left_out_and_counts_nowhere(desk: Desk) -> None:
    theme = desk.group("Water", (4, None))
    with db.transaction():
        consultations.withdraw(desk.found, desk.members[3], desk.clerks[3])
        consultations.withdraw(desk.found, desk.members[4], desk.clerks[4])
    assert desk.under(desk.group("Water", (4, None), (5, None), (3, None))) == {(4, None), (3, None)}
    with db.transaction(write=False):
        assert queries.counts_of_themes(desk.found.id) == {theme.id: (1, 1)}
        assert queries.count(desk.found.id, Wanted()).members == 3


def test_reactions_and_themes_of_another_consultation_are_refused(desk: Desk) -> None:
    with db.transaction():
        text = factories.proposal(db.session.merge(desk.found).proposal.meeting, code="R2")
        elsewhere = consultations.open_consultation(text, db.now() + timedelta(hours=1), None)
        comment = react(elsewhere, desk.members[0], None, Position.AGREE, desk.clerks[0])
        consultations.send(elsewhere, desk.members[0], desk.clerks[0])
        theirs = service.make_theme(elsewhere, "Anders", desk.one)
    with pytest.raises(Missing), db.transaction():
        service.group(desk.found, [desk.sent[1, None], comment.id], None, "Water", desk.one)
    with pytest.raises(Missing), db.transaction():
        service.group(desk.found, [desk.sent[1, None]], theirs.id, "", desk.one)
    with pytest.raises(Missing), db.transaction():
        service.ungroup(desk.found, [desk.sent[1, None]], theirs.id, desk.one)
    with pytest.raises(Missing), db.transaction():
        service.merge_themes(theirs, service.make_theme(desk.found, "Water", desk.one).id, desk.one)
    with db.transaction(write=False):
        assert not db.session.scalars(select(CommentTheme)).all()


def test_whoever_only_reads_changes_nothing(desk: Desk) -> None:
    theme = desk.group("Water", (1, None))
    acts = (
        lambda: service.group(desk.found, [desk.sent[2, None]], theme.id, "", desk.auditor),
        lambda: service.ungroup(desk.found, [desk.sent[1, None]], theme.id, desk.auditor),
        lambda: service.save_theme(theme, "Anders", "", None, 1, desk.auditor),
        lambda: service.move_theme(theme, 1, desk.auditor),
        lambda: service.merge_themes(theme, theme.id, desk.auditor),
        lambda: service.delete_theme(theme, desk.auditor),
        lambda: service.make_theme(desk.found, "Nieuw", desk.auditor),
    )
    for act in acts:
        with pytest.raises(Refused) as refused, db.transaction():
            act()
        assert refused.value.refusal is Refusal.NOT_ALLOWED


# --- The answer


def test_a_reaction_is_answered_by_its_own_answer_or_by_a_theme_and_sql_says_the_same(desk: Desk) -> None:
    dice = random.Random(7)
    themes = [desk.group(title, *dice.sample(sorted(desk.sent, key=str), 4)) for title in ("A", "B", "C")]
    desk.answer(themes[0], "Ja")
    with db.transaction():
        comment = queries.get_sent(desk.found.id, desk.sent[4, None])
        service.answer_one(comment, "Aan u alleen", service.seen_of(comment), desk.one)
    with db.transaction(write=False):
        sent = sent_comments(desk.found.id)
        open_ones = {comment.id for comment in sent if not comment.answers}
        listed = {comment.id for comment in queries.reactions(desk.found, Wanted(unanswered=True), 0, 100)}
        by_hand = {
            key for name, key in desk.sent.items() if name != (4, None) and key not in
            {link.comment_id for link in queries.links_of(themes[0].id)}
        }  # fmt: skip
        assert listed == open_ones == by_hand
        assert 0 < len(open_ones) < len(sent)
        assert queries.count(desk.found.id, Wanted()).unanswered == len(open_ones)
        assert matrix.matrix(desk.found, "", None, 0, 100).rows[3].cells[None].answered


def test_an_answer_is_of_before_until_the_reaction_is_put_under_the_theme_again(desk: Desk) -> None:
    theme = desk.group("Water", (2, None))
    desk.answer(theme, "Ja")
    with db.transaction():
        mine = db.session.get_one(Comment, desk.sent[2, None])
        consultations.save_draft(desk.found, desk.members[1], None, "Toch anders", None, mine.revision, desk.clerks[1])
        consultations.send(desk.found, desk.members[1], desk.clerks[1])
    with db.transaction(write=False):
        assert [one.before for one in queries.get_sent(desk.found.id, desk.sent[2, None]).answers] == [True]
    with db.transaction():
        service.ungroup(desk.found, [desk.sent[2, None]], theme.id, desk.one)
    desk.group("Water", (2, None))
    with db.transaction(write=False):
        assert [one.before for one in queries.get_sent(desk.found.id, desk.sent[2, None]).answers] == [False]


def test_two_people_at_one_theme_lose_nothing(desk: Desk) -> None:
    theme = desk.group("Water", (1, None))
    done = together(
        [lambda: desk.answer(theme, "Van de een"), lambda: desk.answer(theme, "Van de ander", by=desk.other)]
    )
    lost = [one for one in done if isinstance(one, service.EditedMeanwhile)]
    assert len(lost) == 1, done
    stands = desk.theme(theme)
    assert stands.revision == 2
    assert lost[0].body == stands.answer
    assert {lost[0].body} < {"Van de een", "Van de ander"}
    desk.answer(theme, "Van beiden", 2, by=desk.other)
    assert desk.theme(theme).answer == "Van beiden"
    desk.answer(theme, "Van beiden", 1)  # the same text again is no conflict


def seen(desk: Desk, key: uuid.UUID) -> service.Seen:
    """What stands at a reaction now."""
    with db.transaction(write=False):
        return service.seen_of(queries.get_sent(desk.found.id, key))


def answer(desk: Desk, key: uuid.UUID, body: str, seen: service.Seen) -> None:
    """Answer one reaction, in a transaction of its own."""
    with db.transaction():
        service.answer_one(queries.get_sent(desk.found.id, key), body, seen, desk.one)


def answers(desk: Desk, key: uuid.UUID) -> list[tuple[str, bool]]:
    """What was answered to a reaction, and whether that was to an earlier text."""
    with db.transaction(write=False):
        return [(one.body, one.before) for one in queries.get_sent(desk.found.id, key).answers]


def test_two_people_at_one_own_answer_lose_nothing(desk: Desk) -> None:
    key = desk.sent[1, None]
    first = seen(desk, key)
    both = together([lambda: answer(desk, key, "Van de een", first), lambda: answer(desk, key, "Van de ander", first)])
    assert [type(one) for one in both if one] == [service.EditedMeanwhile]
    with db.transaction():
        db.session.delete(db.session.get_one(Answer, key))
    answer(desk, key, "Eerste", first)
    with pytest.raises(service.EditedMeanwhile) as lost:
        answer(desk, key, "Tweede", first)
    assert (lost.value.body, lost.value.status) == ("Eerste", 409)
    answer(desk, key, "Eerste", first)  # the same form twice is no conflict
    answer(desk, key, "Tweede", seen(desk, key))
    assert answers(desk, key) == [("Tweede", False)]


# --- An answer to a text that was replaced


def replace(desk: Desk, key: uuid.UUID, body: str) -> None:
    """The second municipality puts another text in the place of what it sent."""
    revision = db.session.get_one(Comment, key).revision
    consultations.save_draft(desk.found, desk.members[1], None, body, None, revision, desk.clerks[1])
    consultations.send(desk.found, desk.members[1], desk.clerks[1])


def test_an_answer_to_what_was_replaced_is_refused_and_changes_nothing(desk: Desk) -> None:
    key = desk.sent[2, None]
    old = seen(desk, key)
    with db.transaction():
        replace(desk, key, "Toch anders")
    with pytest.raises(Conflict) as refused:
        answer(desk, key, "Op de eerste tekst", old)
    assert (refused.value.refusal, refused.value.facts["name"]) == (Refusal.REACTION_REPLACED, desk.members[1].name)
    assert answers(desk, key) == []
    answer(desk, key, "Op de nieuwe tekst", seen(desk, key))
    assert answers(desk, key) == [("Op de nieuwe tekst", False)]


def test_the_same_answer_sent_twice_does_not_come_to_count_for_the_next_text(desk: Desk) -> None:
    key = desk.sent[2, None]
    old = seen(desk, key)
    answer(desk, key, "Ja", old)
    with db.transaction():
        replace(desk, key, "Toch anders")
    with pytest.raises(Conflict):
        answer(desk, key, "Ja", old)
    assert answers(desk, key) == [("Ja", True)]


def test_other_reactions_of_the_same_municipality_are_not_replaced_with_it(desk: Desk) -> None:
    section = desk.sent[2, 0]
    old = seen(desk, section)
    with db.transaction():
        replace(desk, desk.sent[2, None], "Toch anders")
    answer(desk, section, "Ja", old)
    assert answers(desk, section) == [("Ja", False)]


def test_an_answer_that_waits_for_the_replacing_is_refused(desk: Desk) -> None:
    key = desk.sent[2, None]
    old = seen(desk, key)
    with ThreadPoolExecutor(1) as pool:
        with db.transaction():
            replace(desk, key, "Toch anders")
            late = waiting(pool, lambda: answer(desk, key, "Op de eerste tekst", old))
        assert isinstance(late.exception(), Conflict)
    assert answers(desk, key) == []


def test_what_was_taken_back_is_not_answered(desk: Desk) -> None:
    key = desk.sent[2, None]
    old = seen(desk, key)
    with db.transaction(write=False):
        assert not queries.was_withdrawn(desk.found.id, key)
    with db.transaction():
        comment = queries.get_sent(desk.found.id, key)
        consultations.withdraw(desk.found, desk.members[1], desk.clerks[1])
        with pytest.raises(Missing):
            service.answer_one(comment, "Te laat", old, desk.one)
    with db.transaction(write=False):
        assert queries.was_withdrawn(desk.found.id, key)
        assert db.session.get(Answer, key) is None


def test_a_theme_of_the_same_name_is_the_same_theme_also_at_the_same_moment(desk: Desk) -> None:
    made = together([lambda: desk.group("Water", (1, None)), lambda: desk.group("Water", (2, None), by=desk.other)])
    assert [one for one in made if isinstance(one, Exception)] == []
    with db.transaction(write=False):
        (theme,) = queries.themes_of(desk.found.id)
    assert desk.under(theme) == {(1, None), (2, None)}
    other = desk.group("Geld", (3, None))
    with pytest.raises(Conflict) as refused:
        desk.answer(other, "", title="Water")
    assert refused.value.refusal is Refusal.THEME_TAKEN


# --- Order, merging, deleting


def test_themes_keep_the_order_they_are_given(desk: Desk) -> None:
    a, b, c = (desk.group(title, (1, None)) for title in "ABC")
    for theme, steps, expected in ((c, -1, "ACB"), (a, -1, "ACB"), (b, 1, "ACB"), (a, 1, "CAB")):
        with db.transaction():
            service.move_theme(theme, steps, desk.one)
        with db.transaction(write=False):
            assert "".join(one.title for one in queries.themes_of(desk.found.id)) == expected
            assert db.session.scalars(select(AuditEntry.act).order_by(AuditEntry.id.desc())).first() == "theme.move"


def test_merging_loses_no_reaction_and_no_word(desk: Desk) -> None:
    water, money = desk.group("Water", (1, None), (2, None)), desk.group("Geld", (2, None), (3, None))
    desk.answer(water, "Over water")
    answered = desk.theme(water).answered_at
    desk.answer(money, "Over geld")
    with db.transaction():
        service.merge_themes(water, money.id, desk.one)
    kept = desk.theme(money)
    assert kept.answered_at == answered, "merging answers nothing anew"
    assert desk.under(money) == {(1, None), (2, None), (3, None)}
    assert (kept.answer, kept.outcome, kept.revision) == ("Over geld\n\nOver water", Outcome.ADOPTED, 3)
    with pytest.raises(Missing):
        desk.answer(water, "Te laat", 2)
    with pytest.raises(Refused) as refused, db.transaction():
        service.merge_themes(kept, kept.id, desk.one)
    assert refused.value.refusal is Refusal.SAME_THEME
    with db.transaction(write=False):
        assert {"theme.merge", "theme.change"} <= set(db.session.scalars(select(AuditEntry.act)))


def test_merging_waits_for_who_groups_and_takes_along_what_that_put_there(desk: Desk) -> None:
    water, money = desk.group("Water", (1, None)), desk.group("Geld", (3, None))

    def merge() -> None:
        with db.transaction():
            service.merge_themes(water, money.id, desk.other)

    with ThreadPoolExecutor(1) as pool:
        with db.transaction():
            service.group(desk.found, [desk.sent[2, None]], water.id, "", desk.one)
            merging = waiting(pool, merge)
        merging.result()
    assert desk.under(money) == {(1, None), (2, None), (3, None)}


def test_only_an_empty_theme_goes(desk: Desk) -> None:
    theme = desk.group("Water", (1, None))
    with pytest.raises(Refused) as refused, db.transaction():
        service.delete_theme(theme, desk.one)
    assert refused.value.refusal is Refusal.THEME_NOT_EMPTY
    with db.transaction():
        service.ungroup(desk.found, [desk.sent[1, None]], theme.id, desk.one)
        service.delete_theme(theme, desk.one)
    with db.transaction(write=False):
        assert not queries.themes_of(desk.found.id)
        assert "theme.delete" in set(db.session.scalars(select(AuditEntry.act)))
