"""Answering on its pages: many reactions at once, themes, the matrix, and where a municipality reads its answers."""

import csv
import io
import re
import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from tests import factories
from tests.web.site import Browser, Scene, Site, react, snapshot
from tests.web.test_queries import counting
from vng_alv import db
from vng_alv.accounts.models import Person
from vng_alv.accounts.queries import get_actor
from vng_alv.answering import queries, service
from vng_alv.consultation import service as consultations
from vng_alv.consultation.models import Comment, CommentTheme, Consultation, Position, Theme
from vng_alv.consultation.queries import get_consultation
from vng_alv.domain.permissions import Role
from vng_alv.identity.personal_data import collect
from vng_alv.proposals.models import Proposal
from vng_alv.proposals.queries import sections_of

DESK = "/secretariaat/vergaderingen/alv/stukken/R2"
TEXT = "/vergaderingen/alv/stukken/R2"
XSS = "<script>alert(1)</script>\"'{{ 7*7 }}"


@pytest.fixture
def staff(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.staff[Role.SECRETARIAT])


def text() -> Proposal:
    """The text that is being consulted on."""
    return db.session.scalars(select(Proposal).where(Proposal.code == "R2")).one()


@pytest.fixture
def sent(scene: Scene) -> list[uuid.UUID]:
    """The reactions to R2 that are in force: of the second and the third municipality."""
    with db.transaction():
        member, clerk = db.session.merge(scene.members[2]), db.session.merge(scene.clerks[2])
        react(text(), member, clerk, send=True, body="Wij van de derde")
        found = select(Comment.id).join(Comment.member).where(
            Comment.consultation_id == get_consultation(text().id).id, Comment.sent_at.is_not(None)
        )  # fmt: skip
        return list(db.session.scalars(found.order_by(Comment.saved_at)))


def seen(staff: Browser) -> str:
    """What the list of reactions carries of the texts that it shows."""
    return next(form.values["seen"] for form in staff.forms(f"{DESK}/verwerken") if "seen" in form.values)


def themes() -> dict[str, Theme]:
    """The themes of R2 by title."""
    with db.transaction(write=False):
        return {one.title: one for one in queries.themes_of(get_consultation(text().id).id)}


def under(title: str) -> set[uuid.UUID]:
    """What is under a theme."""
    with db.transaction(write=False):
        links = select(CommentTheme.comment_id).join(CommentTheme.theme).where(Theme.title == title)
        return set(db.session.scalars(links))


# --- Many at once


def test_several_reactions_go_under_a_new_theme_and_out_again_and_the_list_stays_where_it_was(
    staff: Browser, sent: list[uuid.UUID]
) -> None:
    path = f"{DESK}/verwerken?thema=geen&provincie=Utrecht"
    data = {"reactie": [str(key) for key in sent], "new": "Veiligheid", "theme": "", "doe": "erin", "seen": seen(staff)}
    answer = staff.post(path, data)
    assert answer.status_code == 303
    back = answer.headers["Location"]
    assert "thema=geen" in back
    assert "provincie=Utrecht" in back
    assert back.partition("#")[2] in {f"r-{key}" for key in sent}
    assert under("Veiligheid") == set(sent)
    assert "2 reacties staan nu onder het thema: Veiligheid." in staff.get(back).text
    theme = str(themes()["Veiligheid"].id)
    answer = staff.post(f"{DESK}/verwerken", {"reactie": [str(sent[0])], "theme": theme, "new": "", "doe": "eruit"})
    assert answer.status_code == 303
    assert under("Veiligheid") == {sent[1]}
    assert answer.headers["Location"].endswith(f"#r-{sent[1]}")


def test_what_is_not_right_is_told_and_stays_as_it_was(staff: Browser, sent: list[uuid.UUID]) -> None:
    before, read = snapshot(), seen(staff)
    ticked = f'value="{sent[0]}" checked'
    for data, words, kept in (
        ({"new": "Nieuw"}, "nog geen reactie aangevinkt", 'value="Nieuw"'),
        ({"reactie": [str(sent[0])]}, "Kies een thema", ticked),
        ({"reactie": [str(sent[0])], "doe": "eruit", "new": "Nieuw"}, "Kies een thema", ticked),
        ({"reactie": [str(sent[0])], "new": "n" * 151}, "te lang", ticked),
    ):
        answer = staff.post(f"{DESK}/verwerken", {"theme": "", "new": "", "doe": "erin", "seen": read, **data})
        assert answer.status_code == 422, data
        assert words in answer.text, data
        assert kept in answer.text, data
    assert snapshot() == before


def test_reactions_of_another_consultation_are_refused(staff: Browser, scene: Scene, sent: list[uuid.UUID]) -> None:
    before = snapshot()
    for keys in ([str(sent[0]), str(scene.comment.id)], [str(uuid.uuid4())], ["onzin"]):
        answer = staff.post(f"{DESK}/verwerken", {"reactie": keys, "new": "Nieuw", "theme": "", "doe": "erin"})
        assert answer.status_code == 404, keys
    assert staff.get(f"{DESK}/verwerken/{scene.comment.id}").status_code == 404
    theme = themes()["Geld"].id
    wrong = "/secretariaat/vergaderingen/alv/stukken/R1"
    for path in (f"{wrong}/themas/{theme}", f"{wrong}/themas/onzin"):
        assert staff.get(path).status_code == 404
    for act in ("plaats", "samenvoegen", "verwijderen"):
        assert staff.post(f"{wrong}/themas/{theme}/{act}").status_code == 404
    assert snapshot() == before


def test_whoever_only_reads_sees_all_and_finds_nothing_to_press(site: Site, scene: Scene) -> None:
    auditor = site.browser(scene.staff[Role.AUDITOR])
    theme = themes()["Geld"].id
    for path in ("verwerken", "themas", f"themas/{theme}", "matrix", "niet-gereageerd", "niet-gereageerd.csv"):
        answer = auditor.get(f"{DESK}/{path}")
        assert answer.status_code == 200, path
        if answer.mimetype == "text/html":
            main = answer.text.partition("<main")[2]
            assert "<textarea" not in main, path
            assert 'type="checkbox"' not in main, path
            assert "plaats naar" not in main, path
    assert auditor.post(f"{DESK}/verwerken", {"new": "x"}).status_code == 403


# --- A theme


def test_a_title_is_text_wherever_it_stands(site: Site, scene: Scene, staff: Browser, sent: list[uuid.UUID]) -> None:
    data = {"reactie": [str(sent[0])], "new": XSS, "theme": "", "doe": "erin", "seen": seen(staff)}
    assert staff.post(f"{DESK}/verwerken", data).status_code == 303
    theme = themes()[XSS]
    saved = staff.submit(f"{DESK}/themas/{theme.id}", answer=f"**Ja** {XSS}", outcome="noted")
    assert saved.status_code == 303
    pages = [staff.get(f"{DESK}/{path}") for path in ("verwerken", "themas", f"themas/{theme.id}")]
    pages += [staff.get(f"{TEXT}/reacties"), site.browser(scene.clerks[1]).get(f"{TEXT}/reageren")]
    for page in pages:
        assert page.status_code == 200
        assert "<script>alert" not in page.text
        assert "&lt;script&gt;alert(1)" in page.text


def test_an_answer_needs_its_outcome_and_is_kept_until_it_has_one(staff: Browser) -> None:
    theme = themes()["Geld"]
    answer = staff.submit(f"{DESK}/themas/{theme.id}", answer="Wij doen dit.", outcome="")
    assert answer.status_code == 422
    assert "Kies bij een antwoord ook wat er met de reacties is gedaan." in answer.text
    assert "Wij doen dit.</textarea>" in answer.text
    assert themes()["Geld"].answer == ""


def test_the_second_of_two_people_gets_both_texts(site: Site, scene: Scene, staff: Browser) -> None:
    theme, other = themes()["Geld"], site.browser(scene.staff[Role.RAPPORTEUR])
    path = f"{DESK}/themas/{theme.id}"
    form = next(f for f in other.forms(path) if f.action == path)
    assert staff.submit(path, answer="Van de een", outcome="noted").status_code == 303
    values = form.values.copy()
    values.setlist("answer", ["Van de ander"])
    values.setlist("outcome", ["adopted"])
    answer = other.post(path, values)
    assert answer.status_code == 409
    assert "Van de ander</textarea>" in answer.text
    assert "Van de een" in answer.text
    assert "Dit bewaarde Secretariat" in answer.text
    assert themes()["Geld"].answer == "Van de een"
    revision = re.search(r'name="revision"[^>]*value="(\d+)"', answer.text)
    assert revision
    values.setlist("revision", [revision[1]])
    assert other.post(path, values).status_code == 303
    assert themes()["Geld"].answer == "Van de ander"


def test_a_theme_that_went_away_meanwhile_gives_back_what_was_typed(staff: Browser) -> None:
    money, water = themes()["Geld"], themes()["Wonen en water"]
    path = f"{DESK}/themas/{money.id}"
    form = next(f for f in staff.forms(path) if f.action == path)
    assert staff.submit(path, action="/samenvoegen", met=str(money.id)).status_code == 422
    assert staff.submit(path, action="/samenvoegen", met="").status_code == 422
    assert staff.submit(path, action="/samenvoegen", met=str(water.id)).status_code == 303
    values = form.values.copy()
    values.setlist("answer", ["Hier werkte ik lang aan"])
    answer = staff.post(path, values)
    assert answer.status_code == 409
    assert "Hier werkte ik lang aan" in answer.text
    assert list(themes()) == ["Wonen en water"]


def test_themes_move_and_an_empty_one_goes(staff: Browser, sent: list[uuid.UUID]) -> None:
    money = themes()["Geld"]
    path = f"{DESK}/themas"
    assert list(themes()) == ["Wonen en water", "Geld"]
    answer = staff.submit(path, action=f"{money.id}/plaats", richting="op")
    assert answer.headers["Location"].endswith(f"#t-{money.id}")
    assert list(themes()) == ["Geld", "Wonen en water"]
    assert staff.post(f"{path}/{money.id}/verwijderen").status_code == 422
    staff.post(
        f"{DESK}/verwerken", {"reactie": [str(k) for k in sent], "theme": str(money.id), "new": "", "doe": "eruit"}
    )
    assert staff.submit(f"{path}/{money.id}", action="/verwijderen").status_code == 303
    assert list(themes()) == ["Wonen en water"]


# --- One by itself, and where it is read


def test_the_answers_of_a_reaction_are_the_same_wherever_they_are_read(
    site: Site, scene: Scene, staff: Browser, sent: list[uuid.UUID]
) -> None:
    """On the own page, in the list, in public, as CSV, in the report and in the export of what is one's own."""
    path = f"{DESK}/verwerken/{sent[0]}?stand=open"
    answer = staff.submit(path, action="?stand=open", body="Aan u alleen")
    assert answer.status_code == 303
    assert answer.headers["Location"].endswith(f"/verwerken?stand=open#r-{sent[0]}")
    staff.submit(f"{DESK}/themas/{themes()['Geld'].id}", answer="Over *geld*", outcome="declined")
    clerk, public = site.browser(scene.clerks[1]), site.browser()
    assert public.get(f"{TEXT}/nota.pdf").status_code == 404
    with db.transaction():
        get_consultation(text().id).closes_at = db.now()
    number = sections_of_text()
    rendered = "Over <em>geld</em>"
    for browser, page in (
        (clerk, f"{TEXT}/reageren"), (public, f"{TEXT}/onderdelen/{number}"), (public, f"{TEXT}/reacties"),
        (staff, f"{DESK}/verwerken"),
    ):  # fmt: skip
        told = browser.get(page).text
        assert "Aan u alleen" in told, page
        assert rendered in told, page
        assert "niet overgenomen" in told, page
        assert told.index("Aan u alleen") < told.index(rendered), page
    rows = list(csv.DictReader(io.StringIO(public.get(f"{TEXT}/reacties.csv").data.decode("utf-8-sig"))))
    mine = next(row for row in rows if row["code"] == "GM0002")
    assert mine["antwoord"] == "Aan u alleen\n\nGeld: Over *geld*"
    with db.transaction(write=False):
        kept = collect(scene.clerks[1].id)["comments"][0]["answers"]
    assert [(one["theme"], one["body"]) for one in kept] == [("", "Aan u alleen"), ("Geld", "Over *geld*")]
    files = {kind: staff.get(f"{DESK}/nota.{kind}") for kind in ("docx", "xlsx")}
    assert [file.status_code for file in files.values()] == [200, 200]
    assert public.get(f"{TEXT}/nota.pdf").data.startswith(b"%PDF-")


def sections_of_text() -> str:
    """The number of the section that the scene reacts to."""
    with db.transaction(write=False):
        return sections_of(get_consultation(text().id).version_id)[0].number


def test_who_answers_what_a_colleague_just_answered_gets_both_texts(staff: Browser, sent: list[uuid.UUID]) -> None:
    path = f"{DESK}/verwerken/{sent[0]}"
    form = next(f for f in staff.forms(path) if f.action == path)
    staff.submit(path, action=path, body="Van de een")
    values = form.values.copy()
    values.setlist("body", ["Van de ander"])
    answer = staff.post(path, values)
    assert answer.status_code == 409
    assert "Van de ander</textarea>" in answer.text
    assert "Van de een" in answer.text


# --- The matrix and the silent


def test_the_matrix_shows_what_was_sent_and_no_drafts(staff: Browser, sent: list[uuid.UUID]) -> None:
    page = staff.get(f"{DESK}/matrix").text
    rows = {m[1]: m[2] for m in re.finditer(r'<tr><th scope="row">(Gemeente \d)</th>(.*?)</tr>', page, re.S)}
    assert set(rows) == {"Gemeente 1", "Gemeente 2", "Gemeente 3", "Gemeente 4"}
    columns = page.partition("<thead>")[2].partition("</thead>")[0].count("<th ")
    assert {row.count("<td>") + 1 for row in rows.values()} == {columns}
    whole, first, *rest = rows["Gemeente 2"].split("<td>")[1:]
    assert "± mits" in first
    assert "<u>open</u>" in first
    assert whole == "</td>"
    assert all(place == "</td>" for place in rest[:-1])
    for name in ("Gemeente 1", "Gemeente 4"):  # the first one has a draft
        assert "<a " not in rows[name]
    link = re.search(r'href="(verwerken\?lid=GM0002&amp;onderdeel=[^"]+)"', rows["Gemeente 2"])
    assert link
    target = staff.get(f"{DESK}/" + link[1].replace("&amp;", "&")).text
    assert f'id="r-{sent[0]}"' in target
    assert f'id="r-{sent[1]}"' not in target
    few = staff.get(f"{DESK}/matrix?omvang=small").text
    assert "Gemeente 3</th>" in few
    assert "Gemeente 2</th>" not in few


def test_the_silent_are_listed_with_how_to_reach_them(staff: Browser, scene: Scene, sent: list[uuid.UUID]) -> None:
    page = staff.get(f"{DESK}/niet-gereageerd").text
    assert scene.clerks[0].email in page
    assert scene.clerks[1].email not in page
    rows = list(csv.DictReader(io.StringIO(staff.get(f"{DESK}/niet-gereageerd.csv").data.decode("utf-8-sig"))))
    assert {row["code"] for row in rows} == {"GM0001", "GM0004"}
    assert scene.clerks[0].email in {row["e-mail"] for row in rows}
    assert scene.official.email not in {row["e-mail"] for row in rows}  # cannot send


# --- With much in it


@pytest.fixture
def crowd(site: Site) -> Site:
    """A thousand municipalities with five reactions each, all under one of ten themes."""
    with db.transaction():
        factories.association()
        factories.person("secretariaat", roles=[Role.SECRETARIAT])
        meeting = factories.meeting()
        words = "# T\n\n" + "".join(f"## D{n}\n\n### A{n}. Kop\n\nTekst\n\n" for n in range(1, 5))
        found = consultations.open_consultation(
            factories.proposal(meeting, words, "R2"), db.now() + timedelta(hours=1), None
        )
        fill(found.id, 20)
    return site


def fill(consultation_id: uuid.UUID, members: int, first: int = 1) -> None:
    """More municipalities with a reaction to each section and to the whole."""
    found = db.session.get_one(Consultation, consultation_id)
    author = db.session.scalars(select(Person.id)).one()
    now, keys = db.now(), [None, *(one.section_id for one in sections_of(found.version_id))]
    made = [factories.member(n, 1_000 * n % 200_000, province=f"P{n % 12}") for n in range(first, first + members)]
    rows: list[dict[str, Any]] = [
        {
            "id": uuid.uuid4(), "consultation_id": found.id, "member_id": m.id, "section_id": key, "body": "",
            "revision": 1, "author_id": author, "saved_at": now, "sent_body": "Woorden.", "sent_at": now,
            "sent_position": list(Position)[n % 3], "position": None,
        }
        for n, m in enumerate(made) for key in keys
    ]  # fmt: skip
    db.session.execute(insert(Comment), rows)
    actor = get_actor(author)
    for n in range(10):
        service.group(found, [row["id"] for row in rows[n::10]], None, f"Thema {n}", actor)


def test_the_pages_ask_no_more_of_the_database_for_five_thousand_reactions_than_for_a_hundred(
    crowd: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with db.transaction(write=False):
        person = db.session.scalars(select(Person.id)).one()
    browser = crowd.browser(person)
    theme = next(iter(themes().values())).id
    pages = ("verwerken", "verwerken?stand=open&thema=geen&omvang=small&zoek=woorden", "themas", f"themas/{theme}",
             "matrix", "matrix?provincie=P1", "niet-gereageerd")  # fmt: skip
    found: dict[str, list[int]] = {page: [] for page in pages}
    for more in (0, 980):
        if more:
            with db.transaction():
                fill(get_consultation(text().id).id, more, 21)
        for page in pages:
            for _ in range(2):
                with counting(monkeypatch) as statements:
                    assert browser.get(f"{DESK}/{page}").status_code == 200
            found[page].append(len(statements))
    assert all(few == many and many <= 22 for few, many in found.values()), found
