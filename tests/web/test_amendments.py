"""Amendments on the site: writing with a redline, the deadline, submitting along, advice, and who sees what."""

import re
import uuid
from datetime import timedelta
from html import unescape

from sqlalchemy import select

from tests.web.site import Scene, Site, amend, snapshot
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.amendments.models import Amendment
from vng_alv.domain.permissions import Role
from vng_alv.domain.submissions import SubmissionState
from vng_alv.meetings.models import Meeting
from vng_alv.members.models import Association
from vng_alv.proposals.queries import get_proposal
from vng_alv.submissions import service as submissions
from vng_alv.submissions.models import Submission

NEW = "/vergaderingen/alv/stukken/R2/amendementen/nieuw"
LIST = "/vergaderingen/alv/stukken/R2/amendementen"
EVIL = "<script>alert(1)</script>"


def close(scene: Scene, *, hours: float = -1) -> None:
    """Let the deadline be so far from now."""
    with db.transaction():
        db.session.merge(scene.meeting).amendments_until = db.now() + timedelta(hours=hours)


def draft(scene: Scene, who: int = 0, *, submit: bool = False, title: str = "Meer bouwen", body: str = "Nieuw.") -> str:
    """The address of an amendment on the first section of R2."""
    with db.transaction():
        proposal = get_proposal(scene.meeting.id, "R2")
        made = amend(proposal, db.session.merge(scene.members[who]), scene.clerks[who], submit=submit, title=title,
                     body=body)  # fmt: skip
    return f"/amendementen/{made}"


def state_of(path: str) -> SubmissionState:
    with db.transaction(write=False):
        return db.session.get_one(Submission, uuid.UUID(path.rsplit("/", 1)[1])).state


def words_of(text: str) -> str:
    """A page as it is read."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", text)))


# --- Writing


def test_an_amendment_is_written_and_looked_at_before_it_is_saved(
    site: Site, scene: Scene, sections: list[str]
) -> None:
    clerk = site.browser(scene.clerks[0])
    page = clerk.get(f"{NEW}?onderdeel={sections[0]}")
    assert "Wij bouwen." in page.text
    before = snapshot()
    words = {"title": "Meer", "reason": "Nodig", f"kop-{sections[0]}": "Wonen", f"tekst-{sections[0]}": "Wij slopen."}
    seen = clerk.post(f"{LIST}/bekijken", words)
    assert seen.status_code == 200
    assert re.search(r"<del>.*bouwen.*</del>", seen.text)
    assert re.search(r"<ins>.*slopen.*</ins>", seen.text)
    assert "1 woord erbij, 1 woord eruit" in words_of(seen.text)
    more = clerk.post(f"{LIST}/bekijken", {**words, "stap": "erbij", "welk": sections[1]})
    assert f'name="tekst-{sections[1]}"' in more.text
    assert "Wij slopen." in more.text
    new = clerk.post(f"{LIST}/bekijken", {**words, "stap": "nieuw", "welk": sections[1]})
    assert 'name="tekst-nieuw1"' in new.text
    gone = clerk.post(f"{LIST}/bekijken", {**words, "weg": sections[0]})
    assert f'name="tekst-{sections[0]}"' not in gone.text
    assert snapshot() == before
    added = {"na-nieuw1": sections[1], "kop-nieuw1": "Rijden", "tekst-nieuw1": "Wij rijden."}
    untouched = {f"kop-{sections[1]}": "Water", f"tekst-{sections[1]}": "Wij houden droge voeten."}
    saved = clerk.post(NEW, {**words, **added, **untouched})
    assert saved.status_code == 303
    with db.transaction(write=False):
        made = db.session.get_one(Amendment, uuid.UUID(saved.headers["Location"].rsplit("/", 1)[1]))
        assert sorted(row.body for row in made.sections) == ["Wij rijden.", "Wij slopen."]


def test_nothing_changed_and_no_title_are_told_and_keep_what_was_typed(
    site: Site, scene: Scene, sections: list[str]
) -> None:
    clerk, same = site.browser(scene.clerks[0]), f"tekst-{sections[0]}"
    answer = clerk.post(
        NEW, {"title": "Iets", "reason": "Mijn reden", "kop-" + sections[0]: "Wonen", same: "Wij bouwen."}
    )
    assert answer.status_code == 422
    assert "Er is nog niets gewijzigd" in answer.text
    assert "Mijn reden" in answer.text
    answer = clerk.post(NEW, {"title": "", "kop-" + sections[0]: "Wonen", same: "Mijn tekst"})
    assert answer.status_code == 422
    assert "Geef het amendement een titel." in answer.text
    assert "Mijn tekst" in answer.text


def test_two_colleagues_see_both_texts(site: Site, scene: Scene, sections: list[str]) -> None:
    path = draft(scene)
    mine, theirs = site.browser(scene.clerks[0]), site.browser(scene.official)
    words = {"title": "T", "reason": "", "revision": "1", f"kop-{sections[0]}": "Wonen"}
    other = {f"kop-{sections[1]}": "Water", f"tekst-{sections[1]}": "Ook dit."}
    assert theirs.post(f"{path}/bewerken", {**words, f"tekst-{sections[0]}": "Van hen.", **other}).status_code == 303
    answer = mine.post(f"{path}/bewerken", {**words, f"tekst-{sections[0]}": "Van mij."})
    assert answer.status_code == 409
    read = words_of(answer.text)
    assert "Van mij." in read
    assert "Dit bewaarde Ambtenaar" in read
    assert "Van hen." in read
    assert "Ook dit." in read
    assert 'name="revision" value="2"' in answer.text
    again = mine.post(f"{path}/bewerken", {**words, "revision": "2", f"tekst-{sections[0]}": "Van ons."})
    assert again.status_code == 303


def test_what_collides_is_told_in_words_with_a_link(site: Site, scene: Scene, sections: list[str]) -> None:
    other = draft(scene, 1, submit=True, body="Wij slopen.")
    hidden = draft(scene, 1, body="Wij verkopen.")
    own = draft(scene, 0, title="Eerder idee", body="Wij huren.")
    clerk = site.browser(scene.clerks[0])
    words = {"title": "T", f"kop-{sections[0]}": "Wonen", f"tekst-{sections[0]}": "Wij breken af."}
    seen = clerk.post(f"{LIST}/bekijken", words)
    assert "Raakt dezelfde woorden als AM2 van Gemeente 2" in words_of(seen.text)
    assert f'href="{other}"' in seen.text
    assert "uw concept “Eerder idee”" in words_of(seen.text)
    assert f'href="{own}"' in seen.text
    assert hidden not in seen.text
    guest = site.browser().get(other)
    assert "Raakt dezelfde woorden als AM1 van Gemeente 1" in words_of(guest.text)
    assert own not in guest.text


# --- Who sees what


def test_a_draft_of_another_municipality_is_not_there(site: Site, scene: Scene, sections: list[str]) -> None:
    path = draft(scene, title="Geheim plan")
    words = {"title": "Gekaapt", f"kop-{sections[0]}": "K", f"tekst-{sections[0]}": "T", "seen": "1", "late": "x"}
    browsers = [(name, site.browser(person)) for name, person in scene.everybody()]
    before = snapshot()
    for name, browser in browsers:
        if name in {"own", "official"}:
            assert browser.get(path).status_code == 200, name
            assert "Geheim plan" in browser.get(LIST).text
            continue
        assert browser.get(path).status_code == 404, name
        assert "Geheim plan" not in browser.get(LIST).text, name
        for step in ("bewerken", "bekijken", "wijzigen", "indienen", "te-laat", "weggooien"):
            status = browser.post(f"{path}/{step}", words).status_code
            assert status == (401 if name == "guest" else 404), (name, step)
        for step in ("meevragen", "antwoord", "intrekken"):
            status = browser.post(path.replace("amendementen", "indieningen") + f"/{step}", words).status_code
            assert status == (401 if name == "guest" else 404), (name, step)
    assert snapshot() == before


def test_what_people_type_is_shown_as_text_everywhere(site: Site, scene: Scene, sections: list[str]) -> None:
    clerk, staff = site.browser(scene.clerks[0]), site.browser(scene.staff[Role.SECRETARIAT])
    names = ("title", f"kop-{sections[0]}", f"tekst-{sections[0]}", "kop-nieuw1", "tekst-nieuw1")
    words = {**dict.fromkeys(names, EVIL), "na-nieuw1": sections[0], "reason": f"{EVIL} [x](javascript:alert(1))"}
    preview = clerk.post(f"{LIST}/bekijken", words)
    path = clerk.post(NEW, words).headers["Location"]
    about = path.replace("amendementen", "indieningen")
    clerk.post(f"{about}/meevragen", {"municipality": "GM0002"})
    pages = [preview, clerk.get("/"), clerk.get(path), clerk.get(f"{path}/bewerken"), clerk.get(f"{path}/indienen")]
    pages += [site.browser(scene.clerks[1]).get(p) for p in ("/", path)]
    close(scene)
    clerk.post(f"{path}/te-laat", {"late": EVIL})
    pages += [staff.get("/secretariaat/vergaderingen/alv/termijnen"), staff.get(f"{path}/indienen")]
    assert staff.post(f"{path}/indienen", {"seen": "1", "late": EVIL}).status_code == 303
    assert staff.post(f"{about}/preadvies", {"kind": "take_over", "body": EVIL}).status_code == 303
    assert staff.post(f"{about}/preadvies/publiceren", {"versie": "1"}).status_code == 303
    assert staff.post(f"{about}/besluit", {"decision": "taken_over", "note": EVIL}).status_code == 303
    pages += [staff.get("/secretariaat/vergaderingen/alv/preadviezen"), staff.get("/secretariaat/logboek")]
    pages += [site.browser().get(p) for p in (path, LIST, "/vergaderingen/alv/stukken/R2")]
    for page in pages:
        assert page.status_code == 200
        assert EVIL not in page.text
        assert 'href="javascript:' not in page.text
    assert site.browser().get(path).text.count("&lt;script&gt;") >= 6


# --- The deadline


def test_when_the_deadline_passes_while_a_form_is_open_nothing_typed_is_lost(
    site: Site, scene: Scene, sections: list[str]
) -> None:
    path, standing = draft(scene, body="Mijn lange tekst."), draft(scene, submit=True)
    clerk = site.browser(scene.clerks[0])
    assert clerk.get(f"{path}/indienen").status_code == 200
    close(scene, hours=0)
    late = clerk.post(f"{path}/indienen", {"seen": "1", "late": "Ik was te laat"})
    assert late.status_code == 422
    assert "De termijn is voorbij. Uw tekst staat hieronder nog" in late.text
    assert "Mijn lange tekst" in words_of(late.text)
    assert state_of(path) is SubmissionState.DRAFT
    words = {"title": "T", "reason": "Mijn reden", "revision": "1", f"kop-{sections[0]}": "Wonen"}
    changed = clerk.post(f"{standing}/wijzigen", {**words, f"tekst-{sections[0]}": "Net getypt."})
    assert changed.status_code == 422
    assert "De termijn is voorbij." in changed.text
    assert "Net getypt." in changed.text
    assert "Mijn reden" in changed.text
    assert "de termijn is voorbij" in clerk.get(LIST).text


def test_the_secretariat_takes_a_late_one_in_and_everybody_reads_why(site: Site, scene: Scene) -> None:
    path = draft(scene)
    close(scene)
    clerk, staff = site.browser(scene.clerks[0]), site.browser(scene.staff[Role.SECRETARIAT])
    assert staff.get(path).status_code == 404
    assert "Waarom kon dit niet eerder?" in clerk.get(path).text
    assert clerk.post(f"{path}/te-laat", {"late": ""}).status_code == 422
    assert clerk.post(f"{path}/te-laat", {"late": "Stroomstoring"}).status_code == 303
    assert path in staff.get("/secretariaat/vergaderingen/alv/termijnen").text
    without = staff.post(f"{path}/indienen", {"seen": "1", "late": ""})
    assert without.status_code == 422
    assert "Schrijf erbij waarom dit niet eerder kon." in without.text
    assert staff.submit(f"{path}/indienen", action="/indienen").status_code == 303
    guest = site.browser().get(path)
    assert "Na de termijn ingediend" in guest.text
    assert "Stroomstoring" in guest.text


def test_the_secretariat_sets_another_deadline_and_sees_how_it_was_counted(site: Site, scene: Scene) -> None:
    with db.transaction():
        meeting = db.session.merge(scene.meeting)
        meeting.starts_at = meeting.starts_at.replace(2027, 5, 19, 11, 0)  # Whit Monday lies before it
        meeting.amendments_until = None
    page = "/secretariaat/vergaderingen/alv/termijnen"
    staff = site.browser(scene.staff[Role.SECRETARIAT])
    read = words_of(staff.get(page).text)
    assert "Indienen kan tot woensdag 5 mei 2027" not in read
    assert "maandag 17 mei 2027 nee, feestdag" in read
    assert "zondag 16 mei 2027 nee, weekend" in read
    assert "dinsdag 18 mei 2027 werkdag 1" in read
    assert "Indienen kan tot maandag 3 mei 2027, 12:00 uur" in read  # also Ascension and 5 May are left out
    assert staff.post(page, {"day": "", "clock": "12:00"}).status_code == 422
    assert staff.post(page, {"day": "2027-05-01", "clock": "09:30"}).status_code == 303
    read = words_of(staff.get(page).text)
    assert "Indienen kan tot zaterdag 1 mei 2027, 09:30 uur" in read
    assert "Volgens de regels zou het zijn: maandag 3 mei 2027" in read
    assert staff.post(page, {"regel": "1"}).status_code == 303
    with db.transaction(write=False):
        assert db.session.scalars(select(Meeting)).one().amendments_until is None


def test_the_association_sets_days_hour_and_co_submitters(site: Site, scene: Scene) -> None:
    staff = site.browser(scene.staff[Role.ADMINISTRATOR])
    page = "/secretariaat/vereniging"
    wrong = staff.submit(page, amendment_days="61", co_submitters="2", save="1")
    assert wrong.status_code == 422
    done = staff.submit(page, amendment_days="12", amendment_clock="17:00", co_submitters="2", save="1")
    assert done.status_code == 303
    with db.transaction(write=False):
        found = db.session.get_one(Association, 1)
        assert (found.amendment_days, found.amendment_clock.hour, found.co_submitters) == (12, 17, 2)


# --- Submitting along, advice, and how it ends


def test_submitting_along_from_the_first_page_to_leaving(site: Site, scene: Scene) -> None:
    with db.transaction():
        db.session.get_one(Association, 1).co_submitters = 1
    path = draft(scene, title="Samen verder")
    about = path.replace("amendementen", "indieningen")
    clerk, other = site.browser(scene.clerks[0]), site.browser(scene.clerks[1])
    few = clerk.post(f"{path}/indienen", {"seen": "1"})
    assert "Er doen nog te weinig gemeenten mee" in few.text
    assert clerk.post(f"{about}/meevragen", {"municipality": ""}).status_code == 422
    assert clerk.post(f"{about}/meevragen", {"municipality": "GM0002"}).status_code == 303
    assert "Gevraagd om mee in te dienen" in other.get("/").text
    assert "Samen verder" in other.get("/").text
    assert "Ja, Gemeente 2 dient mee in" in other.get(path).text
    assert other.post(f"{about}/antwoord", {"gemeente": "GM0002", "antwoord": "asked"}).status_code == 404
    assert other.post(f"{about}/antwoord", {"gemeente": "GM0002", "antwoord": "joined"}).status_code == 303
    assert clerk.submit(f"{path}/indienen").status_code == 303
    assert "Gemeente 1, met Gemeente 2" in words_of(site.browser().get(LIST).text)
    assert other.post(f"{about}/antwoord", {"gemeente": "GM0002", "antwoord": "left"}).status_code == 303
    assert "met Gemeente 2" not in words_of(site.browser().get(LIST).text)


def test_advice_is_read_by_the_public_once_it_is_published(site: Site, scene: Scene) -> None:
    path = draft(scene, submit=True)
    about = path.replace("amendementen", "indieningen")
    board, guest, clerk = site.browser(scene.staff[Role.BOARD]), site.browser(), site.browser(scene.clerks[0])
    waits = "/secretariaat/vergaderingen/alv/preadviezen"
    assert path in board.get(waits).text
    assert clerk.post(f"{about}/preadvies", {"kind": "take_over", "body": "x"}).status_code == 403
    kept = board.post(f"{about}/preadvies", {"kind": "", "body": "Zonder keuze"})
    assert kept.status_code == 422
    assert "Zonder keuze" in kept.text
    board.post(f"{about}/preadvies", {"kind": "advise_against", "body": "Te duur volgens ons."})
    assert "Te duur" in board.get(path).text
    for browser in (guest, clerk):
        assert "Te duur" not in browser.get(path).text
    board.post(f"{about}/preadvies", {"kind": "take_over", "body": "Goed volgens ons."})
    stale = board.post(f"{about}/preadvies/publiceren", {"versie": "1"})
    assert stale.status_code == 303
    assert "Goed volgens ons." not in guest.get(path).text
    board.post(f"{about}/preadvies/publiceren", {"versie": "2"})
    assert "Goed volgens ons." in guest.get(path).text
    assert "Te duur" not in guest.get(path).text
    assert re.search(r"<del>.*Te duur.*</del>", board.get(path).text)
    assert "preadvies: overnemen" in words_of(guest.get(LIST).text)


def test_it_is_changed_taken_over_or_withdrawn_and_everybody_reads_that(
    site: Site, scene: Scene, sections: list[str]
) -> None:
    path, other = draft(scene, submit=True), draft(scene, submit=True)
    clerk, board = site.browser(scene.clerks[0]), site.browser(scene.staff[Role.BOARD])
    words = {"title": "Anders", "reason": "", "revision": "1", f"kop-{sections[0]}": "Wonen"}
    assert clerk.post(f"{path}/wijzigen", {**words, f"tekst-{sections[0]}": "Beter."}).status_code == 303
    guest = words_of(site.browser().get(path).text)
    assert "Amendement AM2" in guest
    assert "Gewijzigd, versie 2" in guest
    assert "De tekst van vóór deze wijziging Meer bouwen" in guest
    about = path.replace("amendementen", "indieningen")
    assert board.post(f"{about}/besluit", {"decision": "adopted", "note": "x"}).status_code == 422
    assert board.post(f"{about}/besluit", {"decision": "taken_over", "note": "Goed plan"}).status_code == 303
    assert state_of(path) is SubmissionState.TAKEN_OVER
    assert "Goed plan" in site.browser().get(path).text
    gone = other.replace("amendementen", "indieningen")
    assert clerk.post(f"{gone}/intrekken", {"why": "Opgelost"}).status_code == 303
    assert clerk.post(f"{gone}/intrekken", {"why": "Nog eens"}).status_code == 422
    shown = words_of(site.browser().get(f"{LIST}?staat=withdrawn").text)
    assert "1 van 3 amendementen" in shown


def test_the_text_of_a_title_that_is_too_long_is_told(site: Site, scene: Scene, sections: list[str]) -> None:
    words = {"title": "x" * 301, f"kop-{sections[0]}": "Wonen", f"tekst-{sections[0]}": "Wij slopen."}
    answer = site.browser(scene.clerks[0]).post(NEW, words)
    assert answer.status_code == 422
    assert "ten hoogste 300 tekens" in answer.text


def test_a_lapsed_one_is_recorded_by_the_secretariat_only(site: Site, scene: Scene) -> None:
    path = draft(scene, submit=True)
    with db.transaction():
        one = db.session.get_one(Submission, uuid.UUID(path.rsplit("/", 1)[1]))
        staff = get_actor(scene.staff[Role.SECRETARIAT].id)
        submissions.decide(one, SubmissionState.LAPSED, "De tekst ging een andere kant op", staff)
    assert "De tekst ging een andere kant op" in site.browser().get(path).text
