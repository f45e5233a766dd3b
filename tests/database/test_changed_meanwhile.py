"""Reactions that a municipality replaces or takes back while they are grouped or answered (docs/rules.md §3.25)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.database.acting import waiting
from tests.database.answers import Desk, make_desk
from tests.database.test_answering import replace
from vng_alv import db
from vng_alv.answering import queries, service
from vng_alv.answering.service import ReactionsChanged
from vng_alv.consultation import service as consultations
from vng_alv.consultation.models import Theme
from vng_alv.domain.answering import Moments, Outcome


@pytest.fixture
def desk(database: str) -> Desk:
    return make_desk()


Act = Callable[[Desk], None]


def another_text(desk: Desk) -> None:
    replace(desk, desk.sent[2, None], "Toch anders")


def taken_back(desk: Desk) -> None:
    consultations.withdraw(desk.found, desk.members[1], desk.clerks[1])


def read(desk: Desk) -> Moments:
    """All reactions, as somebody reads them now."""
    with db.transaction(write=False):
        return queries.in_force(list(desk.sent.values()), desk.found.id)


def group(desk: Desk, seen: Moments, *keys: tuple[int, int | None]) -> tuple[Theme, int]:
    with db.transaction():
        return service.group(desk.found, [desk.sent[key] for key in keys], None, "Water", desk.one, seen=seen)


def answer(desk: Desk, theme: Theme, body: str, seen: Moments, *, title: str = "Water") -> None:
    with db.transaction():
        now = queries.get_theme(desk.found.id, theme.id)
        service.save_theme(theme, title, body, Outcome.ADOPTED if body else None, now.revision, desk.one, seen=seen)


@pytest.mark.parametrize("act", [another_text, taken_back])
def test_what_changed_since_it_was_read_goes_under_no_theme_and_the_rest_waits_with_it(desk: Desk, act: Act) -> None:
    seen = read(desk)
    with db.transaction():
        act(desk)
    back, keys = act is taken_back, [desk.sent[1, None], desk.sent[2, None]]
    with db.transaction():
        with pytest.raises(ReactionsChanged) as refused:
            service.group(desk.found, keys, None, "Water", desk.one, seen=seen)
        told = refused.value
        assert [one.id for one in told.withdrawn] == keys[1:] * back
        assert [one.id for one in told.replaced] == keys[1:] * (not back)
        assert told.facts["names"] == desk.members[1].name
    with db.transaction(write=False):
        assert not queries.themes_of(desk.found.id), "nothing was made"
    assert group(desk, seen, (1, None))[1] == 1, "what did not change"
    assert group(desk, read(desk), (1, None), (2, None))[1] == (0 if back else 1), "what was read as it is now"


def test_what_was_not_shown_is_put_under_no_theme(desk: Desk) -> None:
    with pytest.raises(ReactionsChanged):
        group(desk, {}, (1, None))


@pytest.mark.parametrize("act", [another_text, taken_back])
def test_a_theme_is_not_answered_on_texts_that_changed_since(desk: Desk, act: Act) -> None:
    theme, other = desk.group("Water", (1, None), (2, None)), desk.group("Geld", (3, None))
    seen = read(desk)
    with db.transaction():
        act(desk)
    with pytest.raises(ReactionsChanged, match="reactions_changed"):
        answer(desk, theme, "Ja", seen)
    assert desk.theme(theme).answer == ""
    answer(desk, theme, "", seen, title="Water en lucht")  # a name answers nothing
    answer(desk, other, "Nee", seen, title="Geld")  # none of it is here
    answer(desk, theme, "Ja", read(desk), title="Water en lucht")
    assert desk.theme(theme).answer == "Ja"


def test_what_a_colleague_puts_there_or_takes_out_meanwhile_stands_in_no_answers_way(desk: Desk) -> None:
    theme = desk.group("Water", (1, None), (2, None))
    with db.transaction(write=False):
        seen = queries.under(theme.id)
    desk.group("Water", (3, None), by=desk.other)
    with db.transaction():
        service.ungroup(desk.found, [desk.sent[2, None]], theme.id, desk.other)
        another_text(desk)
    answer(desk, theme, "Ja", seen)
    assert desk.theme(theme).answer == "Ja"


@pytest.mark.parametrize("what", ["group", "answer"])
def test_who_waits_for_the_replacing_is_refused(desk: Desk, what: str) -> None:
    theme, seen = desk.group("Water", (2, None)), read(desk)
    acts = {"group": lambda: group(desk, seen, (2, None)), "answer": lambda: answer(desk, theme, "Ja", seen)}
    with ThreadPoolExecutor(1) as pool:
        with db.transaction():
            another_text(desk)
            late = waiting(pool, acts[what])
        assert isinstance(late.exception(), ReactionsChanged)
