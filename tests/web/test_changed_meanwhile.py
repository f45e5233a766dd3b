"""A reaction is replaced or taken back while the secretariat groups it, or answers its theme."""

import uuid

import pytest
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from tests.web.site import Browser, Scene, Site, forms_of, react, snapshot
from tests.web.test_answering import DESK, seen, text, themes, under
from tests.web.test_answers import REACT, replace
from vng_alv import db
from vng_alv.consultation.models import Comment
from vng_alv.domain.permissions import Role

LIST = f"{DESK}/verwerken"


@pytest.fixture
def staff(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.staff[Role.SECRETARIAT])


@pytest.fixture
def clerk(site: Site, scene: Scene) -> Browser:
    """Of the second municipality, whose reaction is the early one."""
    return site.browser(scene.clerks[1])


@pytest.fixture
def early(scene: Scene) -> str:
    """That reaction."""
    with db.transaction(write=False):
        found = select(Comment.id).where(Comment.member_id == scene.members[1].id, Comment.sent_at.is_not(None))
        return str(db.session.scalars(found).one())


@pytest.fixture
def sent(scene: Scene, early: str) -> list[uuid.UUID]:
    """That one, and the reaction of the third municipality."""
    with db.transaction():
        member, clerk = db.session.merge(scene.members[2]), db.session.merge(scene.clerks[2])
        return [uuid.UUID(early), react(text(), member, clerk, send=True, body="Wij van de derde").id]


def form_of(answer: TestResponse, path: str) -> MultiDict[str, str]:
    """The form on the page that carries what was seen."""
    return next(form.values for form in forms_of(answer, path) if "seen" in form.values)


def test_a_reaction_that_was_replaced_waits_ticked_beside_its_new_text(
    staff: Browser, clerk: Browser, early: str, sent: list[uuid.UUID]
) -> None:
    data = {"reactie": [str(key) for key in sent], "new": "Veiligheid", "theme": "", "doe": "erin", "seen": seen(staff)}
    replace(clerk, "Toch heel iets anders")
    before = snapshot()
    refused = staff.post(LIST, data)
    assert refused.status_code == 409
    assert "Intussen vervangen of ingetrokken: de reactie van Gemeente 2." in refused.text
    assert "Toch heel iets anders" in refused.text.partition("Intussen veranderd")[2].partition("</article>")[0]
    assert 'value="Veiligheid"' in refused.text
    assert all(f'value="{key}" checked' in refused.text for key in sent)
    assert snapshot() == before
    assert staff.post(LIST, data).status_code == 409, "the same form again"
    data["seen"] = form_of(refused, LIST)["seen"]
    assert staff.post(LIST, data).status_code == 303
    assert under("Veiligheid") == set(sent)


def test_a_new_text_that_the_list_is_not_narrowed_to_is_shown_and_so_was_seen(
    staff: Browser, clerk: Browser, early: str
) -> None:
    path = f"{LIST}?zoek=Vroege"
    data = {"reactie": early, "new": "Veiligheid", "theme": "", "doe": "erin", "seen": seen(staff)}
    replace(clerk, "Toch heel iets anders")
    refused = staff.post(path, data)
    assert (refused.status_code, "Toch heel iets anders" in refused.text) == (409, True)


def test_a_reaction_that_was_taken_back_is_named_and_goes_under_no_theme(
    staff: Browser, clerk: Browser, early: str, sent: list[uuid.UUID]
) -> None:
    data = {"reactie": [str(key) for key in sent], "new": "Veiligheid", "theme": "", "doe": "erin", "seen": seen(staff)}
    assert clerk.submit(REACT + "/intrekken").status_code == 303
    before = snapshot()
    refused = staff.post(LIST, data)
    assert refused.status_code == 409
    assert "Deze reactie is ingetrokken en telt niet meer mee." in refused.text
    assert snapshot() == before
    data |= {"reactie": [str(key) for key in sent if str(key) != early], "seen": form_of(refused, LIST)["seen"]}
    assert staff.post(LIST, data).status_code == 303


def test_an_answer_to_a_theme_waits_beside_the_new_text(staff: Browser, clerk: Browser, early: str) -> None:
    title = next(title for title in themes() if uuid.UUID(early) in under(title))
    path = f"{DESK}/themas/{themes()[title].id}"
    values = form_of(staff.get(path), path)
    values.setlist("answer", ["Op de eerste tekst"])
    values.setlist("outcome", ["noted"])
    replace(clerk, "Toch heel iets anders")
    before = snapshot()
    refused = staff.post(path, values)
    assert refused.status_code == 409
    assert "Intussen vervangen of ingetrokken: de reactie van Gemeente 2." in refused.text
    assert "Toch heel iets anders" in refused.text.partition("Intussen veranderd")[2].partition("</article>")[0]
    assert "Op de eerste tekst</textarea>" in refused.text
    assert snapshot() == before
    values = form_of(refused, path)
    assert (values["answer"].strip(), values["outcome"]) == ("Op de eerste tekst", "noted")
    assert staff.post(path, values).status_code == 303
    assert themes()[title].answer == "Op de eerste tekst"


@pytest.mark.parametrize("typed", ["onzin", "x.y", f"{uuid.UUID(int=1).hex}.{'f' * 40}", f"{uuid.UUID(int=1).hex}.zz"])
def test_a_damaged_record_of_what_was_seen_is_no_fault(staff: Browser, early: str, typed: str) -> None:
    data = {"reactie": early, "new": "Veiligheid", "theme": "", "doe": "erin", "seen": typed}
    assert staff.post(LIST, data).status_code == 409
