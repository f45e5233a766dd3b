"""Bad requests through the real pages: a clear sentence, nothing changed, and never a 500."""

import uuid
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import func, select

from tests.web.site import Browser, Scene, Site, count, forms_of, snapshot
from vng_alv import db
from vng_alv.domain.permissions import Role
from vng_alv.domain.rounds import RoundState
from vng_alv.notifications.models import Notice
from vng_alv.voting import service as rounds
from vng_alv.voting.models import Ballot, Result

IMPORT = "/secretariaat/leden/importeren"


@pytest.fixture
def secretariat(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.staff[Role.SECRETARIAT])


@pytest.fixture
def own(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.clerks[0])


def stored(model: type) -> int:
    with db.transaction(write=False):
        return db.session.scalar(select(func.count()).select_from(model)) or 0


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
        (f"{console}/stemmingen/{scene.draft.number}/ongeldig", {"reason": "fout"}, "Dat wacht op een tweede persoon"),
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


#: What is said of a ballot that is none.
UNKNOWN = "Kies een van de antwoorden die bij de vraag staan."


def _casts(scene: Scene) -> Iterator[tuple[str, dict[str, str], str]]:
    good = {"gemeente": "GM0001", "key": str(uuid.uuid4()), f"choice-{scene.open[0].id}": "for"}
    yield (
        "another choice",
        {**good, f"choice-{scene.open[0].id}": "misschien"},
        UNKNOWN,
    )
    yield "no key", {**good, "key": ""}, UNKNOWN
    yield "a key that is none", {**good, "key": "1"}, UNKNOWN
    yield "a round that is none", {**good, "choice-1": "for"}, UNKNOWN
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
