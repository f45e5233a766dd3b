"""Motions on the site: writing without a script, submitting late, drafts of others, votes, and the account."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from tests import factories
from tests.web.site import Browser, Form, Scene, Site, bring_motion, count, forms_of, vote
from tests.web.test_queries import MOST, counting
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.domain.permissions import Role
from vng_alv.domain.submissions import SubmissionState
from vng_alv.meetings.models import Meeting
from vng_alv.motions import service
from vng_alv.motions.models import Motion
from vng_alv.submissions.models import Submission
from vng_alv.voting import service as rounds
from vng_alv.voting.models import Round

NEW = "/vergaderingen/alv/moties/nieuw?gemeente=GM0001"
XSS = '<script>alert("x")</script>'


@pytest.fixture
def clerk(site: Site, scene: Scene) -> Browser:
    """The clerk of the first member, while there is still time to submit."""
    with db.transaction():
        db.session.scalars(select(Meeting)).one().amendments_until = db.now() + timedelta(days=1)
    return site.browser(scene.clerks[0])


def written(browser: Browser, **more: str) -> str:
    """Save a draft; its address."""
    data = {"title": "Veilig fietsen", "noting-0": "Er wordt gefietst", "declares-0": "het beter moet",
            "requests-0": "dit te regelen", "requests-1": "te melden", "reason": "Daarom", **more}  # fmt: skip
    answer = browser.post(NEW, data)
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def the(title: str) -> Motion:
    """The motion with a title."""
    with db.transaction(write=False):
        return db.session.scalars(select(Motion).join(Motion.submission).where(Submission.title == title)).one()


# --- Writing


def test_items_are_added_moved_and_taken_away_without_a_script(clerk: Browser) -> None:
    typed = {"title": "T", "noting-0": "een", "noting-1": "twee", "requests-0": "drie", "reason": "R"}

    def values(doe: str) -> dict[str, str]:
        answer = clerk.post(NEW, {**typed, "doe": doe})
        assert answer.status_code == 200
        form = next(f for f in forms(answer) if "title" in f.values)
        assert (form.values["title"], form.values["reason"], form.values["requests-0"]) == ("T", "R", "drie")
        return {key: value for key, value in form.values.items() if key.startswith("noting")}

    assert values("erbij-noting") == {"noting-0": "een", "noting-1": "twee", "noting-2": ""}
    assert values("omlaag-noting-0") == {"noting-0": "twee", "noting-1": "een"}
    assert values("omhoog-noting-1") == {"noting-0": "twee", "noting-1": "een"}
    assert values("omhoog-noting-0") == {"noting-0": "een", "noting-1": "twee"}
    assert values("weg-noting-0") == {"noting-0": "twee"}
    for wrong in ("weg-noting-99", "weg-noting-x", "erbij-iets", "omlaag-", "zomaar"):
        assert values(wrong) == {"noting-0": "een", "noting-1": "twee"}
    with db.transaction(write=False):
        assert db.session.scalars(select(Submission.id).where(Submission.title == "T")).all() == []


def forms(answer: TestResponse) -> list[Form]:
    """The forms of an answer, without the line end that a browser leaves out at the start of a text area."""
    found = forms_of(answer, NEW)
    for form in found:
        for name in form.typed:
            form.values[name] = form.values[name].removeprefix("\r\n")
    return found


def test_a_pasted_motion_is_cut_and_nothing_is_lost(clerk: Browser) -> None:
    whole = "Een brief vooraf\nConstaterende dat:\n- A\n- B\nverzoekt het bestuur:\n- C\n"
    answer = clerk.post(NEW, {"title": "T", "noting-0": "eerst", "whole": whole, "doe": "verdeel"})
    values = next(f for f in forms(answer) if "title" in f.values).values
    assert [values[f"noting-{i}"] for i in range(3)] == ["eerst", "A", "B"]
    assert (values["requests-0"], values["reason"], values["whole"]) == ("C", "Een brief vooraf", "")
    none = clerk.post(NEW, {"title": "T", "whole": "Geen motie", "doe": "verdeel"})
    assert none.status_code == 422
    assert next(f for f in forms(none) if "title" in f.values).values["whole"] == "Geen motie"


@pytest.mark.parametrize(
    "wrong",
    [{"title": ""}, {"title": "x" * 301}, {"noting-1": "y" * 4_001}, {f"requests-{i}": "z" for i in range(40)}],
)
def test_bad_input_keeps_everything_that_was_typed(clerk: Browser, wrong: dict[str, str]) -> None:
    typed = {"title": "T", "noting-0": "een", "noting-1": "twee", "requests-0": "drie", "reason": "Waarom", **wrong}
    answer = clerk.post(NEW, typed)
    assert answer.status_code == 422
    values = next(f for f in forms(answer) if "title" in f.values).values
    assert {key: values.get(key) for key in typed} == typed
    assert "Er is niets bewaard" in answer.text


def test_what_is_typed_is_shown_as_text(clerk: Browser) -> None:
    path = written(clerk, title=XSS, reason=XSS, **{"noting-0": XSS, "requests-0": f"# kop\n\n{XSS}"})
    for page in (path, path + "/bewerken", path + "/indienen", "/vergaderingen/alv/moties"):
        answer = clerk.get(page)
        assert answer.status_code == 200
        assert "<script>alert" not in answer.text
        assert "alert(" in answer.text
    assert clerk.submit(path + "/indienen").status_code == 303
    for page in (path, "/vergaderingen/alv/moties", path + "/delen", path + "/wijzigen"):
        assert "<script>alert" not in clerk.get(page).text


def test_a_colleague_s_change_is_shown_beside_what_was_typed(site: Site, scene: Scene, clerk: Browser) -> None:
    path = written(clerk)
    data = {"title": "Mijne", "requests-0": "dit", "revision": "1"}
    assert site.browser(scene.official).post(path + "/bewerken", {**data, "title": "Van hem"}).status_code == 303
    answer = clerk.post(path + "/bewerken", data)
    assert answer.status_code == 409
    values = next(f for f in forms(answer) if "title" in f.values).values
    assert (values["title"], values["revision"]) == ("Mijne", "2")
    assert "Van hem" in answer.text
    assert clerk.post(path + "/bewerken", {**data, "revision": "2"}).status_code == 303
    assert the("Mijne")


def test_drafts_are_for_the_member_and_whom_it_asked(site: Site, scene: Scene, clerk: Browser) -> None:
    path = written(clerk)
    for name, person in scene.everybody():
        browser = site.browser(person)
        expected = 200 if name in {"own", "official"} else 404
        assert browser.get(path).status_code == expected, name
        assert ("Veilig fietsen" in browser.get("/vergaderingen/alv/moties").text) is (expected == 200), name
    own = site.browser(scene.official)
    assert own.get(path + "/indienen").status_code == 303
    assert "U mag dit niet doen." in own.post(path + "/indienen", {"seen": "1"}).text
    assert own.post(path + "/weggooien").status_code == 303
    assert clerk.get(path).status_code == 404


# --- Submitting


def test_submitting_after_a_look(site: Site, clerk: Browser) -> None:
    path = written(clerk)
    assert "Klopt de motie?" in clerk.get(path + "/indienen").text
    assert clerk.post(path + "/indienen", {"seen": "9"}).status_code == 409
    assert clerk.submit(path + "/indienen").status_code == 303
    answer = site.browser().get(path)
    assert answer.status_code == 200
    assert "te melden" in answer.text
    assert clerk.get(path + "/bewerken").headers["Location"].endswith("/wijzigen")


@pytest.mark.parametrize("reason", ["", "  ", "Dit bleek gisteren."])
def test_a_late_motion_says_why(site: Site, clerk: Browser, reason: str) -> None:
    path = written(clerk)
    with db.transaction():
        db.session.scalars(select(Meeting)).one().amendments_until = db.now() - timedelta(minutes=1)
    answer = clerk.submit(path + "/indienen", late=reason)
    if reason.strip():
        assert answer.status_code == 303
        assert reason in site.browser().get(path).text
    else:
        assert answer.status_code == 422
        assert "Schrijf erbij waarom dit niet eerder kon." in answer.text
        assert site.browser().get(path).status_code == 404


def test_a_motion_without_anything_to_decide_is_not_submitted(clerk: Browser) -> None:
    path = written(clerk, **{"declares-0": "", "requests-0": "", "requests-1": ""})
    answer = clerk.submit(path + "/indienen")
    assert answer.status_code == 422
    assert "Er is nog niets om in te dienen" in answer.text


# --- Until the vote


def test_changing_and_splitting_until_the_vote_opens(site: Site, scene: Scene, clerk: Browser) -> None:
    path = written(clerk)
    clerk.submit(path + "/indienen")
    assert clerk.submit(path + "/wijzigen", title="Veiliger fietsen").status_code == 303
    text = site.browser().get(path).text
    assert "Wat er veranderde sinds versie 1" in text
    assert clerk.submit(path + "/delen", **{"deel-0": "1", "deel-1": "2", "deel-2": "2"}).status_code == 303
    assert the("Veiliger fietsen").parts == [[0], [1, 2]]
    chair = site.browser(scene.staff[Role.CHAIR])
    with db.transaction(write=False):
        label = db.session.scalars(select(Submission).where(Submission.title == "Veiliger fietsen")).one().label
    assert chair.post("/secretariaat/vergaderingen/alv/voorbereiden", {"proposal": label}).status_code == 303
    with db.transaction():
        made = [r for r in db.session.scalars(select(Round)) if r.proposal_id == the("Veiliger fietsen").proposal_id]
        assert [r.title[:2] for r in sorted(made, key=lambda r: r.number)] == ["1.", "2."]
        rounds.open_rounds([r.id for r in made], None)
    typed = {"title": "Nog anders", "requests-0": "iets", "revision": "3"}
    for answer in (
        clerk.post(path + "/wijzigen", typed),
        clerk.post(path + "/delen", {"seen": "3", "deel-0": "1", "deel-1": "1", "deel-2": "1"}),
        clerk.post(path.replace("moties", "indieningen") + "/intrekken", {"why": "Toch niet"}),
    ):
        assert answer.status_code == 422
        assert "De stemming hierover is al geopend." in answer.text
    assert "Nog anders" in clerk.post(path + "/wijzigen", typed).text
    assert the("Veiliger fietsen").parts == [[0], [1, 2]]


def test_a_withdrawn_motion_leaves_the_console(site: Site, scene: Scene, clerk: Browser) -> None:
    path = written(clerk)
    clerk.submit(path + "/indienen")
    console, chair = "/secretariaat/vergaderingen/alv", site.browser(scene.staff[Role.CHAIR])
    offered = 'name="proposal" value="M6"'
    assert offered in chair.get(console).text
    answer = clerk.post(path.replace("moties", "indieningen") + "/intrekken", {"why": "Al geregeld"})
    assert answer.status_code == 303
    assert offered not in chair.get(console).text
    assert "Al geregeld" in site.browser().get(path).text


# --- Afterwards


def test_the_account_of_an_adopted_motion_comes_back_on_an_agenda(site: Site, scene: Scene, clerk: Browser) -> None:
    path = written(clerk)
    clerk.submit(path + "/indienen")
    with db.transaction():
        (one,) = rounds.prepare(db.session.get_one(Motion, the("Veilig fietsen").submission_id).proposal, None)  # type: ignore[arg-type]
        rounds.open_rounds([one.id], None)
        factories.meeting("najaar")
    vote(scene, 0, {one.id: "for"})
    count(one, publish=True)
    staff = site.browser(scene.staff[Role.SECRETARIAT])
    assert "aangenomen" in site.browser().get(path).text
    bad = staff.post(path + "/verantwoording", {"progress": "", "account": "Brief verstuurd"})
    assert bad.status_code == 422
    assert "Brief verstuurd" in bad.text
    good = staff.post(path + "/verantwoording", {"progress": "in_progress", "account": "Brief verstuurd"})
    assert good.status_code == 303
    key = path.rsplit("/", 1)[1]
    agenda = "/secretariaat/moties/agenda"
    assert staff.post(agenda, {"meeting": "najaar"}).status_code == 422
    assert staff.post(agenda, {"meeting": "najaar", "motie": [key]}).status_code == 303
    for page in ("/vergaderingen/najaar", "/moties", path, "/secretariaat/moties?stand=uitvoering"):
        text = (staff if page.startswith("/secr") else site.browser()).get(page).text
        assert "Brief verstuurd" in text, page
        assert "in uitvoering" in text, page
    assert "Verantwoording moties" in site.browser().get("/vergaderingen/najaar").text
    assert "Brief verstuurd" not in staff.get("/secretariaat/moties?stand=afgedaan").text


def test_the_lists_need_as_many_statements_for_200_motions_as_for_two(
    site: Site, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [("/vergaderingen/alv/moties", None), ("/moties", None), ("/vergaderingen/alv", None),
             ("/secretariaat/moties", scene.staff[Role.SECRETARIAT])]  # fmt: skip
    browsers = [(path, site.browser(person)) for path, person in pages]

    def numbers() -> list[int]:
        found = []
        for path, browser in browsers:
            browser.get(path)
            with counting(monkeypatch) as sent:
                assert browser.get(path).status_code == 200
            found.append(len(sent))
        return found

    def more(times: int) -> None:
        with db.transaction():
            meeting, member = db.session.get_one(Meeting, scene.meeting.id), db.session.merge(scene.members[0])
            staff = get_actor(scene.staff[Role.SECRETARIAT].id)
            made = [bring_motion(meeting, member, scene.clerks[0], SubmissionState.ADOPTED) for _ in range(times)]
            service.put_on_agenda(meeting, made, staff)

    more(2)
    few = numbers()
    more(98)
    many = numbers()
    assert many == few
    assert max(many) <= MOST
