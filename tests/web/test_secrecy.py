"""Until an outcome is pronounced nobody learns a choice, a sum or a verdict (docs/rules.md §4.7, §10.1)."""

import re
import uuid
from typing import Any

from sqlalchemy import select, text

from tests.web.site import Browser, Scene, Site, address_of, snapshot, vote
from tests.web.test_access import addresses
from tests.web.test_unsent import words_of
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.ballots import Choice
from vng_alv.domain.permissions import Role
from vng_alv.domain.rounds import RoundState
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.voting.models import Ballot, Round
from vng_alv.voting.notices import facts
from vng_alv.voting.preparing import Preparer
from vng_alv.voting.preparing_models import IntendedVote, IntendedVoteRevision
from vng_alv.voting.queries import standing
from vng_alv.voting.summary import summaries

#: What differs from one moment to the next and says nothing.
MOVING = re.compile(
    r'data-now="[^"]*"|class="alv-code">[0-9A-F]{8}<|"instance": "[0-9A-F]{8}"|Stand van \d\d:\d\d|nog \d+ minu\w+|'
    r'"seconds_since_sign_of_life": [^,}]*|name="(?:key|shown)" value="[^"]*"'
)

#: Pages without a word on any vote.
TELL_NOTHING = {
    "web.about",
    "web.accessibility",
    "identity.sign_in",
    "identity.accept",
    "members.index",
    "members.download",
    "voting.secret_ballot",  # no vote of the scene is secret
}
#: Taking these along stands in the log, which looking must not change; what is in them is on the pages beside them.
LOGGED = {f"desk_tables.{name}" for name in ("audit_log", "mandates", "notices", "people", "silent")}
#: What every open ballot asks for, with nothing of any member.
QUESTIONS = "/stemmen/alv/vragen"
#: What was prepared, which holds no ballot.
ADVICE = "/stemmen/alv/stemadvies"
#: Who may see exactly what another kind of visitor may: a board member, or whoever has an account.
SAME_AS_OTHERS = {Role.TELLER, "nobody"}


def seen(site: Site, scene: Scene, browsers: dict[str, Browser]) -> dict[str, str]:
    """All that each kind of visitor can get."""
    found = {}
    extra = [f"/vergaderingen/alv/uitslagen/{r.number}{kind}" for r in [*scene.open, scene.counted]
             for kind in ("", ".csv", ".json", "/bundel.json")]  # fmt: skip
    extra += [f"/stembewijs/{code}{kind}" for code in scene.receipts for kind in ("", ".json")]
    extra += ["/stemmen/alv?gemeente=GM0001", "/stemmen/alv"]
    extra += [
        "/secretariaat/logboek?controle=1",
        "/secretariaat/berichten?soort=receipt",
        "/vergaderingen/alv/stukken/R1",
    ]
    paths = [address_of(site, endpoint, "GET", scene.address) for endpoint, method in addresses(site.app)
             if method == "GET" and endpoint not in TELL_NOTHING | LOGGED]  # fmt: skip
    for name, browser in browsers.items():
        for path in [*paths, *extra]:
            answer = browser.get(path)
            found[f"{name} {path}"] = f"{answer.status_code} {MOVING.sub('', words_of(answer.data))}"
    with db.transaction(write=False):
        found["stream"] = str(standing(db.session.get_one(type(scene.meeting), scene.meeting.id)))
        rounds = list(db.session.scalars(select(Round).order_by(Round.number)))
        hidden = [r for r in rounds if r.state is not RoundState.PUBLISHED]
        found["read model"] = str(summaries(hidden, "nl", with_ballots=True))
        for notice in db.session.scalars(select(Notice).order_by(Notice.created_at, Notice.id)):
            found[f"notice {notice.id}"] = str(notice.context)
            if notice.kind is NoticeKind.RECEIPT:
                mail = facts(notice, notice.person, "http://x", "s")
                found[f"mail {notice.id}"] = str(mail)
        for entry in db.session.scalars(select(AuditEntry)):
            if entry.act != "session.start":
                found[f"log {entry.id}"] = f"{entry.act} {entry.subject} {entry.data}"
    return found


OTHERWISE = {Choice.FOR: Choice.ABSTAIN, Choice.AGAINST: Choice.FOR, Choice.ABSTAIN: Choice.AGAINST}


def turn_round(scene: Scene) -> None:
    """Turn every choice in every open round into another one, behind the application's back."""
    ids = [r.id for r in scene.open]
    with db.transaction():
        if db.is_sqlite():
            db.session.execute(text("DROP TRIGGER ballot_no_update"))
        else:
            db.session.execute(text("ALTER TABLE ballot DISABLE TRIGGER USER"))
        for ballot in db.session.scalars(select(Ballot).where(Ballot.round_id.in_(ids))):
            ballot.choice = OTHERWISE[ballot.choice]


def prepare(scene: Scene) -> None:
    """What the first member intends to vote on each question, open or in draft."""
    with db.transaction():
        here = db.session.merge(scene.meeting), db.session.merge(scene.members[0])
        preparer = Preparer(*here, get_actor(scene.official.id))
        for key, asked in preparer.asked.items():
            if asked.closed is None:
                preparer.save(key, Choice.FOR, "Omdat het kan", 0)


def think_again(scene: Scene) -> None:
    """Another choice and reason in every intended vote, now and before, behind the application's back."""
    with db.transaction():
        if db.is_sqlite():
            db.session.execute(text("DROP TRIGGER intended_vote_revision_no_update"))
        else:
            db.session.execute(text("ALTER TABLE intended_vote_revision DISABLE TRIGGER USER"))
        for kind in (IntendedVote, IntendedVoteRevision):
            for one in db.session.scalars(select(kind)):
                one.choice, one.reason = OTHERWISE[one.choice or Choice.FOR], "Omdat het moet"


def for_own_colleagues(name: str) -> bool:
    """Whether a page is for those who prepare together, for the delegate among them, or is what somebody wrote."""
    who, _, path = name.partition(" ")
    if path == "/account/gegevens":
        return who == "official"
    ballot = who == "own" and path.startswith("/stemmen/alv") and path != QUESTIONS
    return ballot or (who in {"own", "official"} and path.startswith("/gemeente/GM0001/stemadvies"))


def for_own_people(name: str, scene: Scene) -> bool:
    """Whether a page is a member's own view of its own choices."""
    who, _, path = name.partition(" ")
    if path in {f"/stembewijs/{scene.receipts[0]}", f"/stembewijs/{scene.receipts[0]}.json"}:
        return who in {"own", "official"}
    if path in {f"/stembewijs/{scene.receipts[1]}", f"/stembewijs/{scene.receipts[1]}.json"}:
        return who == "other"
    if path == "/account/gegevens":  # what somebody cast, for themselves
        return who in {"own", "other"}
    if path in {QUESTIONS, ADVICE}:
        return False
    return (who == "own" and path.startswith("/stemmen/alv")) or (who == "other" and path == "/stemmen/alv")


def test_the_choices_in_open_rounds_change_nothing_that_anybody_else_sees(site: Site, scene: Scene) -> None:
    browsers = {name: site.browser(person) for name, person in scene.everybody() if name not in SAME_AS_OTHERS}
    before = seen(site, scene, browsers)
    turn_round(scene)
    after = seen(site, scene, browsers)
    assert before.keys() == after.keys()
    differs = {name for name in before if before[name] != after[name]}
    own = {name for name in before if for_own_people(name, scene)}
    assert differs == own, differs ^ own


def test_what_a_member_intends_to_vote_changes_nothing_that_anybody_else_sees(site: Site, scene: Scene) -> None:
    """Not that of the association, nor of other members: no page, file, stream, mail or entry of the log."""
    prepare(scene)
    browsers = {name: site.browser(person) for name, person in scene.everybody() if name not in SAME_AS_OTHERS}
    before = seen(site, scene, browsers)
    think_again(scene)
    after = seen(site, scene, browsers)
    assert before.keys() == after.keys()
    differs = {name for name in before if before[name] != after[name]}
    own = {name for name in before if for_own_colleagues(name)}
    assert differs == own, differs ^ own


def test_a_changed_vote_changes_no_turnout(site: Site, scene: Scene) -> None:
    guest = site.browser()
    before = guest.get("/vergaderingen/alv/stand.json").text
    vote(scene, 0, {r.id: "for" for r in scene.open})
    assert guest.get("/vergaderingen/alv/stand.json").text == before
    vote(scene, 2, {r.id: "for" for r in scene.open})
    assert guest.get("/vergaderingen/alv/stand.json").text != before


ALLOWED_KEYS = {
    "item",
    "announcement",
    "meeting",
    "rounds",
    "rehearsals",
    "number",
    "state",
    "closes_at",
    "members",
    "members_total",
    "weight",
    "weight_total",
}


def keys_of(data: Any) -> set[str]:
    if isinstance(data, dict):
        return set(data) | {key for value in data.values() for key in keys_of(value)}
    return {key for value in data for key in keys_of(value)} if isinstance(data, list) else set()


def test_the_stream_carries_states_and_turnout_only(site: Site, scene: Scene) -> None:
    data = site.browser().get("/vergaderingen/alv/stand.json").json
    assert keys_of(data) == ALLOWED_KEYS
    assert data is not None
    assert scene.draft.number not in {r["number"] for r in data["rounds"]}


def test_an_outcome_that_was_counted_is_known_to_those_who_pronounce_it_only(site: Site, scene: Scene) -> None:
    """Counted and not published: the verdict stands on the console of chair and secretariat, and nowhere else."""
    where = ("results.", "console.", "secretariat.index", "secretariat.audit_log", "secretariat.notices", "meetings.")
    pages = [address_of(site, endpoint, "GET", scene.address) for endpoint, method in addresses(site.app)
             if method == "GET" and endpoint.startswith(where)]  # fmt: skip
    pages += [f"/vergaderingen/alv/uitslagen/{scene.counted.number}", "/vergaderingen/alv/stukken/M2"]
    for name, person in scene.everybody():
        browser = site.browser(person)
        for path in pages:
            page = re.sub(r'<meta property="og:[^>]*>', "", browser.get(path).text)  # says it again
            told = re.findall(r"(Aangenomen|Verworpen) met [\d,]+% voor", page)
            published = page.count("Aangenomen met 65,22% voor")
            knows = name in {Role.CHAIR, Role.SECRETARIAT} and path == "/secretariaat/vergaderingen/alv"
            assert (len(told) > max(published // 2, 1)) <= knows, (name, path, told)


def test_the_log_says_what_was_counted_only_when_it_is_pronounced(site: Site, scene: Scene) -> None:
    with db.transaction(write=False):
        told = {}
        for one in (db.session.get_one(Round, scene.counted.id), db.session.get_one(Round, scene.published.id)):
            entries = db.session.scalars(select(AuditEntry).where(AuditEntry.subject == f"round:{one.id}"))
            told[one.state] = {key for entry in entries for key in entry.data} & {"weight", "members", "verdict"}
    assert told[RoundState.COUNTED] == set()
    assert "verdict" in told[RoundState.PUBLISHED]


def test_the_log_never_holds_a_choice(site: Site, scene: Scene) -> None:
    with db.transaction(write=False):
        casts = list(db.session.scalars(select(AuditEntry).where(AuditEntry.act == "ballot.cast")))
        contexts = [n.context for n in db.session.scalars(select(Notice).where(Notice.kind == NoticeKind.RECEIPT))]
    assert casts
    assert {frozenset(entry.data) for entry in casts} == {frozenset({"receipt", "rounds"})}
    assert {frozenset(context) for context in contexts} == {frozenset({"receipt", "member", "meeting"})}


def test_an_annulled_round_that_was_not_pronounced_keeps_its_secret(site: Site, scene: Scene) -> None:
    chair = site.browser(scene.staff[Role.CHAIR])
    path = f"/secretariaat/vergaderingen/alv/stemmingen/{scene.counted.number}/ongeldig"
    assert chair.post(path, {"reason": "Storing in de zaal"}).status_code == 303
    assert site.browser(scene.staff[Role.SECRETARIAT]).post(path + "/bevestigen").status_code == 303
    for kind, status in (("", 200), (".csv", 404), (".json", 404), ("/bundel.json", 404)):
        answer = site.browser().get(f"/vergaderingen/alv/uitslagen/{scene.counted.number}{kind}")
        assert answer.status_code == status
        assert "65,22" not in answer.text
    assert "Storing in de zaal" in site.browser().get("/vergaderingen/alv/uitslagen").text


def test_an_annulled_round_that_was_pronounced_stays_as_it_was_with_the_reason(site: Site, scene: Scene) -> None:
    chair = site.browser(scene.staff[Role.CHAIR])
    path = f"/secretariaat/vergaderingen/alv/stemmingen/{scene.published.number}/ongeldig"
    assert chair.post(path, {"reason": "Fout in de tekst"}).status_code == 303
    assert site.browser(scene.staff[Role.SECRETARIAT]).post(path + "/bevestigen").status_code == 303
    page = site.browser().get(f"/vergaderingen/alv/uitslagen/{scene.published.number}").text
    assert "Deze stemming is ongeldig verklaard. Zij telt niet mee." in page
    assert "Fout in de tekst" in page
    assert "Aangenomen met" in page


def test_a_receipt_cannot_be_guessed_or_looked_up_by_another_spelling(site: Site, scene: Scene) -> None:
    own, other = site.browser(scene.clerks[0]), site.browser(scene.clerks[1])
    code = scene.receipts[0]
    typed = code.lower().replace("-", " ")
    assert own.get("/stembewijs", query_string={"code": typed}).headers["Location"].endswith(code)
    for wrong in (code[:-1], "A" * 16, "%", code + "A", str(uuid.uuid4())):
        assert own.get(f"/stembewijs/{wrong}").status_code == 404, wrong
    assert other.get(f"/stembewijs/{typed}").status_code == 404
    assert snapshot()["ballot"]
