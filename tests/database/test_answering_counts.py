"""Reactions found and counted: every count is the same wherever it is shown, and the same as counted by hand."""

from collections.abc import Callable
from functools import partial

import pytest
from sqlalchemy import select

from tests.database.answers import Desk, make_desk
from vng_alv import db
from vng_alv.answering import matrix, queries
from vng_alv.answering.queries import NO_THEME, WHOLE, Wanted
from vng_alv.answering.report import report
from vng_alv.consultation.models import Comment, Position
from vng_alv.consultation.queries import sent_comments
from vng_alv.domain.answering import Size, Stand, size_of
from vng_alv.members.models import Member
from vng_alv.proposals.queries import sections_of

pytestmark = pytest.mark.usefixtures("database")


def _has_size(size: Size, comment: Comment) -> bool:
    return size_of(comment.member.population) is size


@pytest.fixture
def desk(database: str) -> Desk:
    return make_desk()


def test_filters_find_what_a_look_at_every_reaction_finds(desk: Desk) -> None:
    theme = desk.group("Water", (1, None), (2, 0), (5, None))
    with db.transaction(write=False):
        sent = {comment.id: comment for comment in sent_comments(desk.found.id)}
        section = sections_of(desk.found.version_id)[0].section_id
        tests: dict[Wanted, Callable[[Comment], bool]] = {
            Wanted(): lambda c: True,
            Wanted(section=WHOLE): lambda c: c.section_id is None,
            Wanted(section=str(section)): lambda c: c.section_id == section,
            Wanted(province="Zeeland"): lambda c: c.member.province == "Zeeland",
            **{Wanted(size=size): partial(_has_size, size) for size in Size},
            Wanted(theme=str(theme.id)): lambda c: bool(c.under),
            Wanted(theme=NO_THEME): lambda c: not c.under,
            Wanted(text="gemeente 3"): lambda c: c.member.name == "Gemeente 3",
            Wanted(text="wij VAN"): lambda c: True,
            Wanted(text="%"): lambda c: False,
            Wanted(member="GM0002"): lambda c: c.member.code == "GM0002",
            Wanted(section="geen sleutel"): lambda c: False,
            Wanted(theme="onzin"): lambda c: False,
        }
        for wanted, test in tests.items():
            expected = {key for key, comment in sent.items() if test(comment)}
            assert {comment.id for comment in queries.reactions(desk.found, wanted, 0, 100)} == expected, wanted
            numbers = queries.count(desk.found.id, wanted)
            assert numbers.reactions == len(expected), wanted
            assert numbers.members == len({sent[key].member_id for key in expected}), wanted
        pages = [queries.reactions(desk.found, Wanted(), first, 4) for first in (0, 4, 8)]
        assert [comment.id for page in pages for comment in page] == [
            comment.id for comment in queries.reactions(desk.found, Wanted(), 0, 100)
        ]


def test_the_matrix_is_what_a_look_at_every_reaction_says(desk: Desk) -> None:
    desk.answer(desk.group("Water", (1, None), (2, 0)), "Ja")
    with db.transaction(write=False):
        sent = sent_comments(desk.found.id)
        members = list(db.session.scalars(select(Member).order_by(Member.name)))
        for province in ("", "Utrecht", "Zeeland"):
            for size in (None, *Size):
                asked = [
                    m for m in members
                    if province in ("", m.province) and (size is None or size_of(m.population) is size)
                ]  # fmt: skip
                found = matrix.matrix(desk.found, province, size, 0, 100)
                mine = [c for c in sent if c.member in asked]
                assert [row.member for row in found.rows] == asked
                assert found.members == len(asked)
                assert found.reacted == len({c.member_id for c in mine})
                cells = {(r.member.id, k): (c.position, c.answered) for r in found.rows for k, c in r.cells.items()}
                assert cells == {(c.member_id, c.section_id): (c.sent_position, bool(c.answers)) for c in mine}
                for key in {c.section_id for c in mine}:
                    there = [c for c in mine if c.section_id == key]
                    total = found.totals[key]
                    assert (total.reactions, total.unanswered) == (len(there), sum(not c.answers for c in there))
                    assert total.positions == {p: sum(c.sent_position is p for c in there) for p in Position}
                silent = {one.member.code for one in matrix.silent(desk.found, province, size)}
                assert silent == {m.code for m in asked} - {c.member.code for c in mine}
        assert [row.member for row in matrix.matrix(desk.found, "", None, 2, 2).rows] == members[2:4]


def test_positions_are_weighed_by_the_rule_and_leave_advisory_members_out(desk: Desk) -> None:
    with db.transaction(write=False):
        found = matrix.positions(desk.found)
        first = sections_of(desk.found.version_id)[0].section_id
    assert (found.weight, found.members, found.advisory) == (75 + 40 + 1 + 60 + 5, 5, 1)
    assert found.sections[first].weight == {Stand.AGREE: 75, Stand.AGREE_IF: 40, Stand.DISAGREE: 1, Stand.NONE: 65}
    assert found.sections[None].members == {Stand.AGREE: 1, Stand.AGREE_IF: 1, Stand.DISAGREE: 1, Stand.NONE: 2}


def test_the_report_counts_what_the_screen_counts_and_what_is_there(desk: Desk) -> None:
    water = desk.group("Water", (1, None), (1, 0), (2, None))
    money = desk.group("Geld", (2, None), (3, 0), (5, None))
    desk.answer(water, "Over **water**")
    by_hand = {"Water": (3, 2), "Geld": (3, 3)}
    with db.transaction(write=False):
        screen = queries.counts_of_themes(desk.found.id)
        told = report(db.session.merge(desk.found))
    assert {"Water": screen[water.id], "Geld": screen[money.id]} == by_hand
    assert {one.title: (one.reactions, one.municipalities) for one in told.chapters} == by_hand
    assert {one.title: (len(one.said), len({s.code for s in one.said})) for one in told.chapters} == by_hand
    assert len(told.all) == len(desk.sent) == told.numbers.reactions
    assert len(told.others) == len(desk.sent) - 5
    assert told.numbers.unanswered == sum(not one.answers for one in told.all) == len(desk.sent) - 3
