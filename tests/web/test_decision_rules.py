"""Rules of the association's own, from the form to the outcome; and who is there (docs/rules.md §5, §6)."""

import pytest
from sqlalchemy import select

from tests.web.site import Browser, Scene, Site, count, vote
from vng_alv import db
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.permissions import Role
from vng_alv.domain.rulebook import RULES
from vng_alv.meetings.models import Attendance
from vng_alv.members.models import Association, DecisionRule
from vng_alv.voting import service as rounds
from vng_alv.voting.models import Round

RULES_PAGE = "/secretariaat/vereniging/besluitregels"
HERE = "/secretariaat/vergaderingen/alv/aanwezigheid"
CONSOLE = "/secretariaat/vergaderingen/alv"


@pytest.fixture
def secretariat(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.staff[Role.SECRETARIAT])


def own() -> list[DecisionRule]:
    """The rules that a test made, besides the one of the scene."""
    with db.transaction(write=False):
        return list(db.session.scalars(select(DecisionRule).where(DecisionRule.name != "Benoemingen")))


def acts(of: str) -> list[str]:
    """What the log says was done, in order."""
    with db.transaction(write=False):
        return list(db.session.scalars(
            select(AuditEntry.act).where(AuditEntry.act.startswith(of + ".")).order_by(AuditEntry.id)
        ))  # fmt: skip


def test_a_rule_is_made_chosen_for_a_round_and_decides(site: Site, scene: Scene, secretariat: Browser) -> None:
    typed = {"name": "Voordrachten", "numerator": "1", "denominator": "2", "second": "y",
             "second_numerator": "1", "second_denominator": "2"}  # fmt: skip
    assert secretariat.submit(RULES_PAGE, action="besluitregels", **typed).status_code == 303
    (made,) = own()
    assert "Voordrachten" in secretariat.get(RULES_PAGE).text
    number = scene.draft.number
    answer = secretariat.post(CONSOLE + "/regels", {f"rule-{number}": made.id.hex})
    assert answer.status_code == 303
    with db.transaction():
        rounds.open_rounds([scene.draft.id], None)
    vote(scene, 0, {scene.draft.id: "for"})  # 75 votes
    vote(scene, 1, {scene.draft.id: "against"})  # 40 votes
    count(scene.draft, publish=True)
    page = site.browser().get(f"/vergaderingen/alv/uitslagen/{number}").text
    assert "Verworpen met 65,22% voor: 75 van de 115 stemmen voor en tegen, en 50,00% voor: 1 van de 2 leden" in page
    data = site.browser().get(f"/vergaderingen/alv/uitslagen/{number}.json").get_json()
    assert [(one["of"], one["measure"], one["reached"]) for one in data["calculation"]] == [
        ("threshold", "weight", True), ("threshold", "members", False),
    ]  # fmt: skip
    assert secretariat.post(f"{RULES_PAGE}/{made.id}/verwijderen").status_code == 303
    assert own() == []
    assert acts("rule") == ["rule.make", "rule.make", "rule.remove"]
    with db.transaction(write=False):
        assert "second" in db.session.get_one(Round, scene.draft.id).rule


def test_a_share_is_of_the_threshold_by_weight_whichever_comes_first(
    site: Site, scene: Scene, secretariat: Browser
) -> None:
    """Of votes for and against by members, and of all votes cast by weight: then abstentions have a share."""
    typed = {"name": "Eerst leden", "measure": "members", "second": "y", "second_base": "valid",
             "second_numerator": "1", "second_denominator": "2"}  # fmt: skip
    assert secretariat.submit(RULES_PAGE, action="besluitregels", **typed).status_code == 303
    number, (made,) = scene.draft.number, own()
    secretariat.post(CONSOLE + "/regels", {f"rule-{number}": made.id.hex})
    with db.transaction():
        rounds.open_rounds([scene.draft.id], None)
    vote(scene, 0, {scene.draft.id: "for"})  # 75 votes
    vote(scene, 1, {scene.draft.id: "abstain"})  # 40 votes
    count(scene.draft, publish=True)
    sums = site.browser().get(f"/vergaderingen/alv/uitslagen/{number}.json").get_json()["sums"]
    assert {key: one["share-of-base"] for key, one in sums.items()} == {
        "for": "65.22", "against": "0.00", "abstain": "34.78",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"numerator": "1", "denominator": "3"}, "Minder dan de helft kan niet"),
        ({"numerator": "3", "denominator": "2"}, "Een breuk ligt tussen"),
        ({"comparison": "more_than", "numerator": "2", "denominator": "2"}, "Meer dan alles kan nooit"),
        ({"base": "valid", "tie": "tied"}, "Staken kan alleen"),
        ({"quorum": "y", "quorum_numerator": "1", "quorum_denominator": "2", "quorum_base": "present",
          "taking": "present"}, "onder de aanwezigen is er altijd"),
        ({"quorum": "y"}, "Vul een heel getal in."),
        ({"numerator": "0"}, "Vul een heel getal in van 1"),
        ({"numerator": "9" * 30}, "Vul een heel getal in van 1"),
        ({"numerator": "half"}, "getal"),
        ({"name": ""}, "Vul de naam in."),
        ({"base": "everybody"}, "keuze"),
    ],
)  # fmt: skip
def test_an_impossible_rule_is_refused_with_the_reason_and_keeps_what_was_typed(
    secretariat: Browser, typed: dict[str, str], said: str
) -> None:
    usual = {"name": "Bijzonder", "numerator": "1", "denominator": "2"}
    answer = secretariat.submit(RULES_PAGE, action="besluitregels", **{**usual, **typed})
    assert answer.status_code == 422
    assert said.lower() in answer.text.lower()
    assert "Bijzonder" in answer.text or "name" in typed
    assert own() == []


def test_a_rule_keeps_its_name_to_itself_and_stays_while_it_is_set(scene: Scene, secretariat: Browser) -> None:
    typed = {"name": "Zwaar", "comparison": "at_least", "numerator": "4", "denominator": "5"}
    assert secretariat.submit(RULES_PAGE, action="besluitregels", **typed).status_code == 303
    again = secretariat.submit(RULES_PAGE, action="besluitregels", **typed)
    assert again.status_code == 422
    assert "De naam Zwaar is al in gebruik." in again.text
    (made,) = own()
    answer = secretariat.submit("/secretariaat/vereniging", statute_rule=made.id.hex, save="1")
    assert answer.status_code == 303
    with db.transaction(write=False):
        assert db.session.get_one(Association, 1).statute_rule == made.id.hex
    kept = secretariat.post(f"{RULES_PAGE}/{made.id}/verwijderen")
    assert kept.status_code == 422
    assert "Kies daar eerst een andere" in kept.text
    assert len(own()) == 1


def test_members_arrive_and_leave_and_both_stay_on_record(site: Site, scene: Scene, secretariat: Browser) -> None:
    page = secretariat.get(HERE).text
    assert "0 van de 3 gemeenten zijn aanwezig" in page
    assert secretariat.post(HERE, {"gemeente": ["GM0001", "GM0004"]}).status_code == 303
    page = secretariat.get(HERE).text
    assert "1 van de 3 gemeenten is aanwezig" in page  # the advisory one counts apart
    assert "75 van de 116 stemmen" in page
    secretariat.post(HERE, {"gemeente": ["GM0001"]})
    secretariat.post(HERE, {"gemeente": ["GM0001"], "doe": "vertrokken"})
    secretariat.post(HERE, {"gemeente": ["GM0001"]})
    with db.transaction(write=False):
        rows = db.session.scalars(select(Attendance).order_by(Attendance.since)).all()
        mine = [row.until for row in rows if row.member_id == scene.members[0].id]
    assert [until is None for until in mine] == [False, True]
    both = ["attendance.arrive", "attendance.arrive"]  # of GM0001 and GM0004
    assert acts("attendance") == [*both, "attendance.leave", "attendance.arrive"]
    assert secretariat.post(HERE, {"gemeente": ["GM9999"]}).status_code == 404
    nothing = secretariat.post(HERE)
    assert nothing.status_code == 422
    assert "Kruis eerst" in nothing.text
    assert site.browser(scene.staff[Role.AUDITOR]).get(HERE).status_code == 200
    assert site.browser(scene.staff[Role.AUDITOR]).post(HERE, {"gemeente": ["GM0001"]}).status_code == 403


def test_every_rule_that_comes_along_can_be_set(secretariat: Browser) -> None:
    for name in RULES:
        assert secretariat.submit("/secretariaat/vereniging", rule=name, save="1").status_code == 303
