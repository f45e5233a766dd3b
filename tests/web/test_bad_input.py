"""Bad input through the real pages: a clear sentence, nothing changed, and never a 500."""

import io
import uuid
import zipfile
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests.web.inline import inline_parts
from tests.web.site import BASE, Browser, Scene, Site, address_of, count, forms_of, snapshot
from tests.web.test_access import addresses
from vng_alv import db
from vng_alv.domain.permissions import Role
from vng_alv.domain.rounds import RoundState
from vng_alv.notifications.models import Notice
from vng_alv.voting import service as rounds
from vng_alv.voting.models import Ballot, Result

IMPORT = "/secretariaat/leden/importeren"
HEAD = b"code,naam,provincie,inwoners\n"


@pytest.fixture
def secretariat(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.staff[Role.SECRETARIAT])


@pytest.fixture
def own(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.clerks[0])


def upload(browser: Browser, path: str, data: bytes, name: str = "leden.csv", **more: str) -> TestResponse:
    return browser.post(path, {"file": (io.BytesIO(data), name), **more})


def stored(model: type) -> int:
    with db.transaction(write=False):
        return db.session.scalar(select(func.count()).select_from(model)) or 0


# --- Files


def bomb() -> bytes:
    """A small file that unpacks to more than anybody's register."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (101 * 2**20))
    return made.getvalue()


FAULTY: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "Het bestand is leeg."),
    "only white space": (b" \n\t\r\n\n", "Het bestand is leeg."),
    "only a header": (HEAD, "Onder de kopregel staan geen gemeenten."),
    "no column for inhabitants": (b"code,naam,provincie\nGM1,A,B\n", "De kolom met het aantal inwoners ontbreekt."),
    "an open quote": (HEAD + b'GM0009,"Nooit dicht,Utrecht,10\n', "De provincie ontbreekt."),
    "too few cells": (HEAD + b"GM0009,A\n", "Het aantal inwoners ontbreekt."),
    "the same code twice": (HEAD + b"GM0009,A,B,1\ngm0009,C,D,2\n", "Deze gemeentecode staat er al."),
    "negative inhabitants": (HEAD + b"GM0009,A,B,-5\n", "Het aantal inwoners kan niet kleiner zijn dan 0."),
    "missing inhabitants": (HEAD + b"GM0009,A,B,\n", "Het aantal inwoners ontbreekt."),
    "inhabitants in words": (HEAD + b"GM0009,A,B,veel\n", "Dit is geen heel aantal inwoners."),
    "a part of an inhabitant": (HEAD + b'GM0009,A,B,"10,5"\n', "Dit is geen heel aantal inwoners."),
    "inhabitants beyond counting": (HEAD + b"GM0009,A,B,999999999999\n", "Dit is geen heel aantal inwoners."),
    "no code": (HEAD + b",A,B,1\n", "De gemeentecode ontbreekt."),
    "a strange code": (HEAD + b"GM 9;DROP,A,B,1\n", "Deze gemeentecode kan niet."),
    "a name with a turn of direction": (HEAD + "GM0009,A\u202eB,C,1\n".encode(), "er staan vreemde tekens in"),
    "a name without end": (HEAD + b"GM0009," + b"A" * 201 + b",B,1\n", "Deze naam is te lang"),
    "a field without end": (HEAD + b'GM0009,"' + b"A" * 200_000 + b'",B,1\n', "Dit bestand kunnen we niet lezen."),
    "a NUL": (HEAD + b"GM0009,A\x00,B,1\n", "Dit bestand kunnen we niet lezen."),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "Dit bestand kunnen we niet lezen."),
    "a broken spreadsheet": (b"PK\x03\x04" + b"broken" * 50, "Dit bestand kunnen we niet lezen."),
    "too many rows": (HEAD + b"GM1,A,B,1\n" * 20_001, "Dit is te groot om te verwerken."),
    "a spreadsheet that bursts": (bomb(), "Dit is te groot om te verwerken."),
}


def test_a_faulty_register_is_told_and_nothing_of_it_is_kept(secretariat: Browser) -> None:
    before = snapshot()
    for what, (data, sentence) in FAULTY.items():
        answer = upload(secretariat, IMPORT, data)
        assert (answer.status_code, sentence in answer.text) == (422, True), what
    assert snapshot() == before


def test_a_faulty_row_among_good_ones_is_named_and_the_good_ones_wait_too(secretariat: Browser) -> None:
    before = snapshot()
    answer = upload(secretariat, IMPORT, HEAD + b"GM0011,Goed,Utrecht,5000\nGM0012,,Utrecht,x\nGM0013,Ook,Utrecht,1\n")
    assert answer.status_code == 422
    assert "Er zijn 2 fouten gevonden. Er is niets gewijzigd." in answer.text
    assert answer.text.count('scope="row">3</th>') == 2
    assert snapshot() == before


@pytest.mark.parametrize("how", ["no field", "no file chosen", "text in its place"])
def test_a_form_without_a_file_asks_for_one(secretariat: Browser, how: str) -> None:
    data = {"no field": {}, "no file chosen": {"file": (io.BytesIO(), "")}, "text in its place": {"file": "GM1,A,B,1"}}
    answer = secretariat.post(IMPORT, data[how])
    assert answer.status_code == 422
    assert "Kies een bestand." in answer.text


def test_an_upload_of_50_megabytes_is_refused_everywhere(site: Site, scene: Scene, secretariat: Browser) -> None:
    before = snapshot()
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="leden.csv"\r\n\r\n'
    body = part + b"x" * (50 * 2**20) + b"\r\n--x--\r\n"
    kind = "multipart/form-data; boundary=x"
    answer = secretariat.client.post(IMPORT, base_url=BASE, data=body, content_type=kind)
    assert answer.status_code == 413
    assert "groter dan 2 MB. Er is niets gewijzigd." in answer.text
    for browser in (secretariat, site.browser()):
        for endpoint, method in addresses(site.app):
            if method == "POST":
                path = address_of(site, endpoint, method, scene.address)
                length = {"CONTENT_LENGTH": str(len(body))}
                answer = browser.client.post(path, base_url=BASE, content_type=kind, environ_overrides=length)
                assert answer.status_code == 413, path
    assert snapshot() == before


def test_more_fields_than_any_form_has_are_refused(own: Browser) -> None:
    before = snapshot()
    body = b"".join(b'--x\r\nContent-Disposition: form-data; name="c%d"\r\n\r\n1\r\n' % n for n in range(6_000))
    kind = "multipart/form-data; boundary=x"
    answer = own.client.post("/stemmen/alv/controle", base_url=BASE, data=body + b"--x--\r\n", content_type=kind)
    assert answer.status_code == 413
    assert snapshot() == before


TEXT = "/secretariaat/vergaderingen/alv/stukken/R2/importeren"
FAULTY_TEXTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "Er staat nog geen tekst."),
    "white": (b"\n\n  \n", "Er staat nog geen tekst."),
    "binary": (b"%PDF-1.7\x00\x01\x02", "Dit bestand kunnen we niet lezen."),
    "too long": (b"a" * 400_001, "Dit is te groot om te verwerken."),
    "too many sections": (b"# T\n" + b"## kop\n\nx\n\n" * 501, "Dit is te groot om te verwerken."),
    "a heading without end": (b"# T\n\n## " + b"k" * 301 + b"\n", "Dit is te groot om te verwerken."),
    "a title without end": (b"# " + b"k" * 301 + b"\n\n## a\n", "Dit is te groot om te verwerken."),
}


def test_a_text_that_cannot_be_read_is_told_and_the_published_one_stays(secretariat: Browser) -> None:
    before = snapshot()
    for what, (data, sentence) in FAULTY_TEXTS.items():
        answer = upload(secretariat, TEXT, data, "tekst.md")
        assert (answer.status_code, sentence in answer.text) == (422, True), what
    answer = upload(secretariat, TEXT, b"# A\n\n## b\n", "tekst.md", text="# C")
    assert "Kies een bestand of plak de tekst, niet allebei." in answer.text
    assert snapshot() == before


NASTY = """# Titel <script>alert(1)</script>

<img src=x onerror=alert(1)> <iframe src="//evil.example"></iframe>

## Deel <b onclick=alert(1)>

### A1. Kop <script>alert(1)</script>

Tekst <script>alert(1)</script> [klik](javascript:alert(1)) ![beeld](https://evil.example/x.png)
<svg onload=alert(1)> [x](data:text/html,<script>alert(1)</script>) [y](//evil.example "t\\" onmouseover=\\"alert(1)")

<style>body{display:none}</style>

- <a href="javascript:alert(1)">x</a>
- `<script>`
"""


def test_scripts_in_a_text_are_shown_and_never_run(site: Site, scene: Scene, secretariat: Browser) -> None:
    answer = upload(secretariat, TEXT, NASTY.encode(), "tekst.md")
    assert answer.status_code == 303
    page = secretariat.get(answer.headers["Location"])
    assert "In de tekst staat HTML. Lezers zien die als gewone tekst" in page.text
    assert not inline_parts(page)
    assert secretariat.submit(TEXT, action="/publiceren").status_code == 303
    answer = site.browser().get("/vergaderingen/alv/stukken/R2")
    assert not inline_parts(answer)
    shown = answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<img" not in shown


# --- Forms sent twice


def test_a_ballot_sent_twice_is_one_vote_with_one_receipt(own: Browser, scene: Scene) -> None:
    review = own.submit("/stemmen/alv?gemeente=GM0001", action="/controle", preset="for")
    form = next(f for f in forms_of(review, "/") if f.action.endswith("/uitbrengen"))
    before = stored(Ballot)
    answers = [own.post(form.action, form.values) for _ in range(3)]
    assert {a.status_code for a in answers} == {303}
    assert len({a.headers["Location"] for a in answers}) == 1
    assert stored(Ballot) == before + len(scene.open)
    changed = form.values.copy()
    changed[f"choice-{scene.open[0].id}"] = "against"
    answer = own.post(form.action, changed)
    assert answer.status_code == 409
    assert "Dit formulier is al verstuurd, met andere keuzes." in answer.text
    assert stored(Ballot) == before + len(scene.open)


def test_what_was_done_is_not_done_again(site: Site, scene: Scene, secretariat: Browser) -> None:
    """Every button of the secretariat, pressed twice: the second time says so, and changes nothing."""
    console = "/secretariaat/vergaderingen/alv"
    invitation = {"name": "Nieuw", "email": "nieuw@test.example", "roles": "teller", "locale": "nl", "office": ""}
    steps: list[tuple[str, dict[str, str], str | None]] = [
        (f"{console}/voorbereiden", {"proposal": "R2"}, None),
        (f"{console}/openen", {"round": str(scene.draft.number)}, "Dat kan nu niet met stemming"),
        (f"{console}/sluiten", {"round": str(scene.draft.number), "sure": "1"}, "Dat kan nu niet met stemming"),
        (f"{console}/bekendmaken", {"round": str(scene.counted.number)}, "Dat kan nu niet met stemming"),
        (f"{console}/stemmingen/{scene.draft.number}/ongeldig", {"reason": "fout"}, "Dat kan nu niet met stemming"),
        (f"{console}/stukken/R2/consultatie/sluiten", {}, None),
        (f"{console}/stukken/V1/publiceren", {"hash": ""}, None),
        ("/secretariaat/personen/uitnodigen", invitation, "Er is al iemand met het e-mailadres"),
        ("/secretariaat/vergaderingen/nieuw", {"title": "T", "code": "twee", "kind": "alv", "day": "2030-01-02",
         "clock": "13:00", "place": "P"}, "De code twee is al in gebruik."),
    ]  # fmt: skip
    for path, data, sentence in steps:
        if path.endswith("publiceren"):
            data = {"hash": secretariat.forms(path.replace("publiceren", "importeren"))[0].values["hash"]}
        first = secretariat.post(path, data)
        assert first.status_code == 303, path
        before = snapshot()
        again = secretariat.post(path, data)
        assert snapshot() == before, path
        if sentence:
            assert again.status_code in {409, 422}, path
            assert sentence in again.text, path
        else:
            assert again.status_code == 303, path


def test_an_import_sent_twice_is_applied_once(scene: Scene, secretariat: Browser) -> None:
    path = f"{IMPORT}/{scene.address['import_id']}"
    form = secretariat.forms(path)[0]
    assert secretariat.post(path, form.values).headers["Location"] == "/leden"
    before = snapshot()
    answer = secretariat.post(path, form.values)
    assert answer.headers["Location"] == path
    assert "al verwerkt" in secretariat.get(path).text
    assert snapshot() == before


# --- Votes that are none


def test_a_vote_after_closing_is_not_recorded(own: Browser, scene: Scene) -> None:
    review = own.submit("/stemmen/alv?gemeente=GM0001", action="/controle", preset="for")
    form = next(f for f in forms_of(review, "/") if f.action.endswith("/uitbrengen"))
    with db.transaction():
        rounds.close([r.id for r in scene.open], None)
    before = snapshot()
    answer = own.post(form.action, form.values)
    assert answer.status_code == 422
    assert "Deze stemming is niet (meer) open. Uw stem is hier niet vastgelegd." in answer.text
    assert snapshot() == before


def test_a_ballot_of_which_a_part_was_closed_says_which(own: Browser, scene: Scene) -> None:
    review = own.submit("/stemmen/alv?gemeente=GM0001", action="/controle", preset="for")
    form = next(f for f in forms_of(review, "/") if f.action.endswith("/uitbrengen"))
    with db.transaction():
        rounds.close([scene.open[0].id], None)
    receipt = own.get(own.post(form.action, form.values).headers["Location"]).text
    assert "Een stem is niet vastgelegd" in receipt
    assert f"<li>{scene.open[0].number}. {scene.open[0].title}</li>" in receipt


def _casts(scene: Scene) -> Iterator[tuple[str, dict[str, str], str]]:
    good = {"gemeente": "GM0001", "key": str(uuid.uuid4()), f"choice-{scene.open[0].id}": "for"}
    yield "another choice", {**good, f"choice-{scene.open[0].id}": "misschien"}, "Kies voor, tegen of onthouding."
    yield "no key", {**good, "key": ""}, "Kies voor, tegen of onthouding."
    yield "a key that is none", {**good, "key": "1"}, "Kies voor, tegen of onthouding."
    yield "a round that is none", {**good, "choice-1": "for"}, "Kies voor, tegen of onthouding."
    unknown = {**good, f"choice-{uuid.uuid4()}": "for"}
    del unknown[f"choice-{scene.open[0].id}"]
    yield "an unknown round", unknown, "Deze stemming is niet (meer) open."
    yield "a round in draft", {**unknown, f"choice-{scene.draft.id}": "for"}, "stemlijst|niet (meer) open"
    yield "nothing", {"gemeente": "GM0001", "key": good["key"]}, "U heeft nog niets gekozen."
    yield "no member", {**good, "gemeente": ""}, "U heeft de stemkaart van deze gemeente niet."
    yield "a member that is none", {**good, "gemeente": "' OR 1=1 --"}, "U heeft de stemkaart van deze gemeente niet."
    yield "another member", {**good, "gemeente": "GM0002"}, "U heeft de stemkaart van deze gemeente niet."


def test_a_forged_ballot_is_refused_with_a_sentence(own: Browser, scene: Scene) -> None:
    before = snapshot()
    for what, data, sentence in _casts(scene):
        answer = own.post("/stemmen/alv/uitbrengen", data)
        assert answer.status_code == 422, what
        assert any(part in answer.text for part in sentence.split("|")), what
    assert snapshot() == before


def test_a_forged_weight_is_not_read(own: Browser, scene: Scene) -> None:
    one = scene.open[0]
    forged = dict.fromkeys(("weight", "gewicht", "stemmen", "votes", "member_id", "person_id", "version"), "9999")
    answer = own.post(
        "/stemmen/alv/uitbrengen",
        {**forged, "gemeente": "GM0001", "key": str(uuid.uuid4()), f"choice-{one.id}": "for"},
    )
    assert answer.status_code == 303
    count(one, publish=False)
    with db.transaction(write=False):
        result = db.session.get_one(Result, one.id)
    assert (result.weight_for, result.members_for) == (75, 1)


def test_the_review_never_records(own: Browser, scene: Scene) -> None:
    before = snapshot()
    review = own.submit("/stemmen/alv?gemeente=GM0001", action="/controle", preset="abstain")
    assert "Er is nog niets uitgebracht." in review.text
    form = next(f for f in forms_of(review, "/") if f.action.endswith("/uitbrengen"))
    back = own.post("/stemmen/alv/controle", {**form.values.to_dict(), "edit": "1"})
    kept = next(f for f in forms_of(back, "/") if any(k.startswith("choice-") for k in f.values))
    assert {v for k, v in kept.values.items() if k.startswith("choice-")} == {"abstain"}
    assert snapshot() == before


# --- Settings that cannot be


def test_rules_of_weight_that_cannot_be_are_refused(secretariat: Browser) -> None:
    before = snapshot()
    for field, value, sentence in (
        ("divisor", "0", "Vul een heel getal in van 1 tot en met"),
        ("divisor", "-1000", "Vul een heel getal in van 1 tot en met"),
        ("floor", "-1", "Vul een heel getal in van 0 tot en met"),
        ("cap", "0", "Vul een heel getal in van 1 tot en met"),
        ("cap", "1,5", "Vul een heel getal in van 1 tot en met"),
        ("cap", "", "Vul een heel getal in van 1 tot en met"),
        ("floor", "76", "Dit moet ten minste zoveel zijn als het minimum hierboven."),
        ("invitation_days", "1000", "Vul een heel getal in van 1 tot en met 90."),
    ):
        answer = secretariat.submit("/secretariaat/vereniging", save="1", **{field: value})
        assert answer.status_code == 422, (field, value)
        assert sentence in answer.text, (field, value)
    assert snapshot() == before


def test_a_clock_that_cannot_be_is_refused_and_no_round_opens(secretariat: Browser, scene: Scene) -> None:
    path = "/secretariaat/vergaderingen/alv/openen"
    before = snapshot()
    one = str(scene.draft.number)
    for data, status in (
        ({"round": one, "minutes": "-5"}, 422),
        ({"round": one, "minutes": "99999"}, 422),
        ({"round": one, "minutes": "5", "clock": "23:59"}, 422),
        ({"round": one, "clock": "25:99"}, 422),
        ({"round": one, "clock": "00:00"}, 422),
        ({}, 422),
        ({"round": "99999"}, 404),
        ({"round": "٣"}, 404),
        ({"round": str(scene.open[0].number)}, 409),
    ):
        answer = secretariat.post(path, data)
        assert answer.status_code == status, data
    assert snapshot() == before


def test_who_cannot_be_invited_is_told_and_nothing_is_half_made(secretariat: Browser) -> None:
    path = "/secretariaat/personen/uitnodigen"
    base = {"name": "N", "email": "n@test.example", "locale": "nl", "office": "", "member": "", "meeting": ""}
    before = snapshot()
    for change, sentence in (
        ({"email": "geen-adres"}, "Dit is geen e-mailadres"),
        ({"email": "a@b.example\r\nBcc: x@y.example"}, "kunnen gebruiken"),
        ({"name": ""}, "Vul de naam in."),
        ({}, "Kies een gemeente, of hieronder een rol bij de vereniging."),
        ({"member": "Nergens", "office": "clerk"}, "Deze gemeente staat niet in het ledenbestand."),
        ({"member": "GM0001"}, "Kies de functie bij deze gemeente."),
        (
            {"member": "GM0001", "office": "official", "meeting": "alv"},
            "Met deze functie kan iemand geen stemkaart",
        ),
        ({"roles": "koning"}, ""),
        ({"email": "GRIFFIER-GM0001@test.example", "roles": "teller"}, "Er is al iemand met het e-mailadres"),
    ):
        answer = secretariat.post(path, {**base, **change})
        assert answer.status_code == 422, change
        assert sentence in answer.text, change
    assert snapshot() == before
    assert stored(Notice) > 0


def test_a_refused_round_leaves_all_rounds_as_they_were(secretariat: Browser, scene: Scene) -> None:
    """Rules are changed before opening: when opening is refused, they are not."""
    before = snapshot()
    data = {
        "round": [str(scene.draft.number), str(scene.open[0].number)],
        f"rule-{scene.draft.number}": "two_thirds",
    }
    answer = secretariat.post("/secretariaat/vergaderingen/alv/openen", data)
    assert answer.status_code == 409
    assert "Er is niets gewijzigd" in answer.text
    assert snapshot() == before
    with db.transaction(write=False):
        assert db.session.get_one(type(scene.draft), scene.draft.id).state is RoundState.DRAFT


def test_the_making_of_a_site_needs_no_association(make_site: Callable[..., Site]) -> None:
    """A database that was only migrated: pages say so or show nothing, and never fail."""
    guest = make_site().browser()
    for path in ("/", "/leden", "/vergaderingen", "/inloggen", "/over", "/toegankelijkheid", "/geen", "/gezond"):
        assert guest.get(path).status_code < 500, path
