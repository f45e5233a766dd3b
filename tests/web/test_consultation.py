"""Reacting: drafts among colleagues, sent once for the municipality, public after closing (docs/rules.md §3)."""

import uuid
from collections.abc import Mapping
from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests import factories
from tests.web.inline import inline_parts
from tests.web.second_steps import logged
from tests.web.site import Browser, Scene, Site, forms_of, snapshot
from vng_alv import db
from vng_alv.consultation import service
from vng_alv.consultation.models import Comment, Consultation, Position
from vng_alv.domain.permissions import Role
from vng_alv.errors import Refused
from vng_alv.members.models import OfficeKind
from vng_alv.members.service import give_office

R2 = "/vergaderingen/alv/stukken/R2"
REACT = R2 + "/reageren"
DRAFT, EARLY = "Geheim concept van GM0001", "Vroege reactie van GM0002"


def running() -> Consultation:
    """The consultation that is open."""
    return db.session.scalars(select(Consultation).order_by(Consultation.closes_at.desc()).limit(1)).one()


def over(scene: Scene) -> None:
    """Let the deadline of the open consultation pass."""
    with db.transaction():
        found = running()
        found.opened_at, found.closes_at = db.now() - timedelta(hours=2), db.now() - timedelta(seconds=1)


def everything(site: Site, scene: Scene, name: str) -> str:
    """All that a visitor can read about the text."""
    browser = site.browser(dict(scene.everybody())[name])
    paths = (R2, REACT, REACT + "/versturen", R2 + "/reacties.csv", "/", R2 + "/reacties")
    return "".join(browser.get(path).text for path in paths)


def test_a_draft_is_seen_by_people_of_the_same_member_only(site: Site, scene: Scene) -> None:
    for name, _ in scene.everybody():
        assert (DRAFT in everything(site, scene, name)) is (name in {"own", "official"}), name


def test_a_draft_that_was_not_sent_stays_hidden_after_closing(site: Site, scene: Scene) -> None:
    over(scene)
    for name, _ in scene.everybody():
        assert (DRAFT in everything(site, scene, name)) is (name in {"own", "official"}), name


def test_what_was_sent_is_for_those_who_answer_until_closing_and_then_for_everybody(site: Site, scene: Scene) -> None:
    early = {"other", Role.RAPPORTEUR, Role.SECRETARIAT, Role.AUDITOR, Role.ADMINISTRATOR}
    for name, _ in scene.everybody():
        assert (EARLY in everything(site, scene, name)) is (name in early), name
    over(scene)
    for name, _ in scene.everybody():
        assert EARLY in everything(site, scene, name), name
    assert "Alle verstuurde" not in site.browser().get(R2).text
    for list_of_all in ("/reacties", "/reacties.csv"):
        assert site.browser().get(R2 + list_of_all).status_code == 200


def test_a_draft_goes_from_colleague_to_secretary_and_is_sent_once(site: Site, scene: Scene, own: Browser) -> None:
    colleague = site.browser(scene.official)
    assert "Versturen doet de gemeentesecretaris of griffier: Griffier-Gm0001" in colleague.get(REACT).text
    assert colleague.submit(REACT, body__geheel="Namens de wethouder", position__geheel="disagree").status_code == 303
    assert "Namens de wethouder" in own.get(REACT).text
    assert own.submit(REACT, save="versturen").headers["Location"] == REACT + "/versturen"
    form = own.forms(REACT + "/versturen")[0]
    assert own.post(form.action, form.values).status_code == 303
    before = snapshot()
    again = own.post(form.action, form.values)
    assert again.headers["Location"] == REACT
    assert "Er is geen concept dat nog verstuurd moet worden." in own.get(REACT).text
    assert snapshot() == before
    with db.transaction(write=False):
        found = [c for c in db.session.scalars(select(Comment)) if c.member_id == scene.members[0].id and c.sent_at]
    assert {c.sent_body for c in found} >= {DRAFT, "Namens de wethouder"}


def test_only_the_secretary_or_the_clerk_sends(site: Site, scene: Scene) -> None:
    before = snapshot("login_session", "audit_entry")
    colleague = site.browser(scene.official)
    assert colleague.get(REACT + "/versturen").status_code == 403
    assert colleague.post(REACT + "/versturen", {"seen": "x"}).status_code == 403
    assert snapshot("login_session", "audit_entry") == before
    for kind in OfficeKind:
        with db.transaction():
            give_office(db.session.merge(scene.official), db.session.merge(scene.members[0]), kind, None)
        expected = 200 if kind in {OfficeKind.SECRETARY, OfficeKind.CLERK} else 403
        assert site.browser(scene.official).get(REACT + "/versturen").status_code == expected, kind


def test_a_change_of_a_colleague_stops_the_sending_and_is_shown(site: Site, scene: Scene, own: Browser) -> None:
    form = own.forms(REACT + "/versturen")[0]
    site.browser(scene.official).submit(REACT, body__geheel="Nog iets")
    before = snapshot()
    answer = own.post(form.action, form.values)
    assert answer.status_code == 409
    assert "Er is niets verstuurd." in answer.text
    assert "Nog iets" in answer.text
    assert snapshot() == before


def first_key(browser: Browser) -> str:
    form = browser.forms(REACT)[0]
    return next(n for n in form.values if n.startswith("body-") and form.values[n] == DRAFT).removeprefix("body-")


def test_two_at_one_draft_both_keep_their_words(site: Site, scene: Scene, own: Browser) -> None:
    """Who saves second sees both texts and decides; nobody's words are lost or overwritten unseen."""
    key, colleague = first_key(own), site.browser(scene.official)
    mine, theirs = own.forms(REACT)[0], colleague.forms(REACT)[0]
    theirs.values[f"body-{key}"] = "Woorden van de ambtenaar"
    assert colleague.post(theirs.action, theirs.values).status_code == 303
    before = snapshot()
    mine.values[f"body-{key}"] = "Woorden van de griffier"
    answer = own.post(mine.action, mine.values)
    assert answer.status_code == 422
    assert "Dit bewaarde Ambtenaar" in answer.text
    assert "Woorden van de ambtenaar" in answer.text
    shown = next(f for f in forms_of(answer, REACT) if f"body-{key}" in f.values)
    assert shown.values[f"body-{key}"] == "Woorden van de griffier"
    assert snapshot() == before
    assert own.post(shown.action, shown.values).status_code == 303
    assert "Woorden van de griffier" in own.get(REACT).text


def test_a_field_that_was_left_alone_does_not_undo_a_colleagues_change(site: Site, scene: Scene, own: Browser) -> None:
    key, colleague = first_key(own), site.browser(scene.official)
    mine = own.forms(REACT)[0]
    theirs = colleague.forms(REACT)[0]
    theirs.values[f"body-{key}"] = "Nieuw van de ambtenaar"
    assert colleague.post(theirs.action, theirs.values).status_code == 303
    mine.values["body-geheel"] = "Over het geheel"
    assert own.post(mine.action, mine.values).status_code == 303
    page = own.get(REACT).text
    assert "Nieuw van de ambtenaar" in page
    assert "Over het geheel" in page


def test_after_the_deadline_nothing_is_kept_and_the_typed_words_stay_on_the_page(scene: Scene, own: Browser) -> None:
    form, sending = own.forms(REACT)[0], own.forms(REACT + "/versturen")[0]
    over(scene)
    before = snapshot()
    form.values["body-geheel"] = "Net te laat getypt"
    answer = own.post(form.action, form.values)
    assert answer.status_code == 422
    assert "De consultatie is gesloten" in answer.text
    assert "Net te laat getypt</textarea>" in answer.text
    late = own.post(sending.action, sending.values)
    assert late.status_code == 409
    assert "De consultatie is gesloten" in late.text
    assert snapshot() == before


def test_the_moment_of_the_deadline_itself_is_too_late(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with db.transaction():
        factories.association()
        member = factories.member(1)
        clerk = factories.clerk(member)
        made = factories.proposal(factories.meeting())
        found = service.open_consultation(made, db.now() + timedelta(hours=1), None)
        moment, who = found.closes_at, factories.get_actor(clerk.id)
        monkeypatch.setattr(db, "now", lambda: moment)
        with pytest.raises(Refused, match="consultation_closed"):
            service.save_draft(found, member, None, "x", Position.AGREE, 0, who)
        monkeypatch.setattr(db, "now", lambda: moment - timedelta(microseconds=1))
        assert service.save_draft(found, member, None, "x", Position.AGREE, 0, who) is not None


def sent(own: Browser) -> None:
    """Send all drafts of the municipality."""
    form = own.forms(REACT + "/versturen")[0]
    assert own.post(form.action, form.values).status_code == 303


def secretariat_reads(site: Site, scene: Scene) -> str:
    return site.browser(scene.staff[Role.SECRETARIAT]).get(R2 + "/reacties").text


def test_what_was_sent_stands_until_it_is_sent_again(site: Site, scene: Scene, own: Browser) -> None:
    key = first_key(own)
    sent(own)
    assert own.submit(REACT, **{f"body__{key}": "Toch heel anders"}).status_code == 303
    page = own.get(REACT).text
    assert DRAFT in page
    assert "Wat verstuurd is blijft gelden" in page
    assert "Toch heel anders" not in secretariat_reads(site, scene)
    review = own.get(REACT + "/versturen").text
    assert "vervangt wat verstuurd is" in review
    assert "<del>" in review
    assert "<ins>" in review
    sent(own)
    assert "Toch heel anders" in secretariat_reads(site, scene)
    assert DRAFT not in secretariat_reads(site, scene)


def test_withdrawing_takes_all_back_and_is_in_the_log(site: Site, scene: Scene, own: Browser) -> None:
    colleague = site.browser(scene.official)
    assert own.get(REACT + "/intrekken").headers["Location"] == REACT
    sent(own)
    assert colleague.get(REACT + "/intrekken").status_code == 403
    assert colleague.post(REACT + "/intrekken").status_code == 403
    assert own.submit(REACT + "/intrekken").status_code == 303
    assert DRAFT not in secretariat_reads(site, scene)
    assert DRAFT in own.get(REACT).text
    assert [entry.actor_id for entry in logged("comments.withdraw")] == [scene.clerks[0].id]
    assert own.post(REACT + "/intrekken").status_code == 409


def test_what_was_not_sent_before_the_deadline_is_shown_as_such_and_what_was_sent_stands(
    site: Site, scene: Scene, own: Browser
) -> None:
    key = first_key(own)
    sent(own)
    own.submit(REACT, **{f"body__{key}": "Net niet verstuurd"})
    over(scene)
    page = own.get(REACT).text
    assert "Niet verstuurd" in page
    assert "Net niet verstuurd" in page
    for path in (R2, R2 + "/onderdelen/A1"):
        assert "Net niet verstuurd" not in site.browser().get(path).text
    assert DRAFT in site.browser().get(R2 + "/onderdelen/A1").text
    assert "Net niet verstuurd" not in site.browser().get(R2 + "/reacties.csv").text


def test_changes_of_two_people_to_other_words_are_put_together_and_told(site: Site, scene: Scene, own: Browser) -> None:
    colleague, text = site.browser(scene.official), "Wij steunen dit voorstel. Er is wel meer geld nodig."
    own.submit(REACT, body__geheel=text)
    mine, theirs = own.forms(REACT)[0], colleague.forms(REACT)[0]
    theirs.values["body-geheel"] = text.replace("steunen", "omarmen")
    assert colleague.post(theirs.action, theirs.values).status_code == 303
    mine.values["body-geheel"] = text.replace("geld", "tijd")
    assert own.post(mine.action, mine.values).status_code == 303
    page = own.get(REACT).text
    assert "samengevoegd bij: het geheel" in page
    assert "Wij omarmen dit voorstel. Er is wel meer tijd nodig." in page


def by_script(browser: Browser, values: Mapping[str, str]) -> TestResponse:
    """What the script sends while somebody types."""
    return browser.post(REACT, values, headers={"Accept": "application/json"})


def test_what_is_typed_is_saved_by_the_script_and_a_clash_is_told_to_it(site: Site, scene: Scene, own: Browser) -> None:
    form = own.forms(REACT)[0].values
    mine = {name: form[f"{name}-geheel"] for name in ("body", "position", "revision", "seen")}
    first = by_script(own, {f"{k}-geheel": v for k, v in {**mine, "body": "Half"}.items()})
    assert first.status_code == 200
    known = first.json["saved"]["geheel"] if first.json else {}
    assert known["revision"] == 1
    assert known["merged"] is None
    site.browser(scene.official).submit(REACT, body__geheel="Heel anders")
    values = {"body": "Halverwege", "position": "", "revision": known["revision"], "seen": known["seen"]}
    again = by_script(own, {f"{k}-geheel": str(v) for k, v in values.items()})
    assert again.status_code == 409
    assert again.json
    assert again.json["saved"] == {}
    assert "Ambtenaar" in again.json["problems"]["geheel"]
    assert "Heel anders" in own.get(REACT).text


def test_a_preview_saves_nothing_and_keeps_what_was_typed(scene: Scene, own: Browser) -> None:
    before = snapshot()
    answer = own.submit(REACT, body__geheel="Dit is **vet**", save="voorbeeld:geheel")
    assert answer.status_code == 200
    assert "<strong>vet</strong>" in answer.text
    assert "Dit is **vet**</textarea>" in answer.text
    said = by_script(own, {"body-geheel": "Dit is *schuin*", "save": "voorbeeld:geheel"})
    assert said.json == {"html": "<p>Dit is <em>schuin</em></p>\n"}
    assert snapshot() == before


def test_the_history_tells_who_changed_what_and_an_earlier_text_comes_back(
    site: Site, scene: Scene, own: Browser
) -> None:
    key, colleague = first_key(own), site.browser(scene.official)
    path = f"{REACT}/geschiedenis/{key}"
    colleague.submit(REACT, **{f"body__{key}": "Geheim besluit van GM0001"})
    page = own.get(path).text
    assert "Ambtenaar" in page
    assert "Griffier-Gm0001" in page
    assert "<del>" in page
    form = own.forms(path)[0]
    assert own.post(form.action, {**form.values.to_dict(), "revision": "99"}).status_code == 404
    assert own.post(form.action, form.values).status_code == 303
    assert DRAFT in own.get(REACT).text
    stale = own.post(form.action, form.values)
    assert stale.status_code == 409
    assert site.browser(scene.clerks[1]).get(path).status_code == 200, "their own, where nothing was saved but that"
    assert "Geheim besluit" not in site.browser(scene.clerks[1]).get(path).text
    assert own.get(f"{REACT}/geschiedenis/{uuid.uuid4()}").status_code == 404


# --- Words are never more than words

NASTY = (
    "[klik](javascript:alert(1))",
    "[klik](JaVaScRiPt&colon;alert(1))",
    "[klik](java\tscript:alert(1))",
    "[klik](\u2028javascript:alert(1))",
    "[klik](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[klik](vbscript:x)",
    "[klik]( &#106;avascript:alert(1) )",
    "<javascript:alert(1)>",
    '<https://example.org/"onmouseover=alert(1)>',
    '![x](https://example.org/x.png"onerror=alert(1))',
    "[![x](javascript:1)](javascript:2)",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "- <svg/onload=alert(1)>\n  - > <iframe src=javascript:alert(1)>",
    "`</textarea><script>alert(1)</script>`",
    "</textarea><script>alert(1)</script>",
    "[a]: javascript:alert(1)\n\n[a]",
    "\uff1cscript\uff1ealert(1)\uff1c/script\uff1e",
    "|a|\n|-|\n|<style>*{}</style>|",
)


def test_no_reaction_ever_becomes_more_than_words(site: Site, scene: Scene, own: Browser) -> None:
    wrong: list[tuple[str, object]] = []
    for body in NASTY:
        assert own.submit(REACT, body__geheel=body).status_code == 303, body
        pages = [own.get(path) for path in (REACT, REACT + "/versturen", REACT + "/geschiedenis/geheel")]
        pages.append(own.submit(REACT, body__geheel=body + " ", save="voorbeeld:geheel"))
        wrong += [(body, found) for page in pages if (found := inline_parts(page))]
        wrong += [(body, "script") for page in pages if "<script>alert" in page.text]
        said = by_script(own, {"body-geheel": body, "save": "voorbeeld:geheel"})
        html = said.json["html"] if said.json else ""
        wrong += [(body, html) for bad in ("javascript:", "data:", "vbscript:") if f'href="{bad}' in html.lower()]
    sent(own)
    over(scene)
    assert not inline_parts(site.browser().get(R2))
    assert not wrong


def test_an_emptied_draft_is_taken_away(own: Browser, scene: Scene) -> None:
    key = first_key(own)
    values = own.forms(REACT)[0].values
    values[f"body-{key}"], values[f"position-{key}"] = "  ", ""
    assert own.post(REACT, values).status_code == 303
    assert DRAFT not in own.get(REACT).text
    assert DRAFT not in own.get(REACT + "/versturen").text
    assert DRAFT in own.get(f"{REACT}/geschiedenis/{key}").text


def test_a_reaction_too_long_is_refused_and_kept_on_the_page(own: Browser, scene: Scene) -> None:
    before = snapshot()
    answer = own.submit(REACT, body__geheel="lang " * 5_000)
    assert answer.status_code == 422
    assert "Dit is te groot om te verwerken." in answer.text
    assert answer.text.count("lang") >= 5_000
    assert snapshot() == before
