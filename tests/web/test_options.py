"""Questions with options on the screens: asking, voting, the outcome, a run-off and lots (docs/rules.md §5.11)."""

import re
from collections.abc import Sequence

import pytest
from werkzeug.test import TestResponse

from tests import factories
from tests.web.site import Browser, Scene, Site, count, forms_of, vote
from tests.web.test_queries import counting
from vng_alv import db
from vng_alv.domain.options import Even, OptionRule, Winning
from vng_alv.domain.permissions import Role
from vng_alv.domain.rounds import RoundKind
from vng_alv.meetings.queries import get_meeting
from vng_alv.members.queries import get_association
from vng_alv.members.service import change_association
from vng_alv.proposals.models import ProposalKind
from vng_alv.voting import choosing, queries, service
from vng_alv.voting.choosing import Option
from vng_alv.voting.models import Round

CONSOLE = "/secretariaat/vergaderingen/alv"
ASK = f"{CONSOLE}/stukken/R2/keuze"
RESULTS = "/vergaderingen/alv/uitslagen"
BALLOT = "/stemmen/alv?gemeente=GM0001"


@pytest.fixture
def chair(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.staff[Role.CHAIR])


@pytest.fixture
def delegate(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.clerks[0])


def rounds() -> Sequence[Round]:
    """Those of the meeting."""
    with db.transaction(write=False):
        return list(queries.rounds_of(get_meeting("alv").id))


def put(scene: Scene, rule: OptionRule, titles: str = "ABC", *, divides: bool = False) -> Round:
    """A question that is open."""
    with db.transaction():
        change_association(get_association(), None, divides_votes=divides)
        text = factories.proposal(db.session.merge(scene.meeting), "# V\n\nT.\n", "V8", ProposalKind.PROPOSAL)
        options = [Option(title, f"Over **{title}**") for title in titles]
        made = choosing.ask(text, RoundKind.TEXTS if rule.none else RoundKind.CANDIDATES, "Wie?", options, rule, None)
        service.open_rounds([made.id], None)
    return made


def shown(answer: TestResponse, about: str) -> str:
    """The part of a ballot that is about a question."""
    return next(part for part in re.split(r"<article ", answer.text) if about in part)


# --- Asking


def test_a_choice_between_texts_is_prepared_and_opened(chair: Browser, scene: Scene) -> None:
    answer = chair.submit(
        f"{ASK}/teksten", question="Welke?", title_1="Meer", body_1="Meer **geld**", title_2="Minder", winning="most"
    )
    assert answer.status_code == 303
    made = rounds()[-1]
    assert (made.title, made.kind, made.choices) == ("Welke?", RoundKind.TEXTS, "1,2,none,abstain")
    page = chair.get(CONSOLE)
    assert (
        "Nodig: de meeste stemmen, en meer dan ‘geen van alle’; bij gelijke stemmen een nieuwe stemming." in page.text
    )
    assert f'name="rule-{made.number}"' not in page.text


def test_candidates_stand_on_the_ballot_as_they_were_typed(chair: Browser, scene: Scene) -> None:
    chair.submit(f"{ASK}/kandidaten", question="Wie?", candidates="Bea\n\n  Ali \r\nCor", seats="2")
    made = rounds()[-1]
    assert (list(made.titles.values()), made.picks) == (["Bea", "Ali", "Cor"], 2)


@pytest.mark.parametrize(
    ("answers", "typed", "says"),
    [
        ("teksten", {"question": "Welke?", "title_1": "A", "title_2": "a"}, "heten hetzelfde"),
        ("teksten", {"question": "Welke?", "title_1": "A", "title_2": "B", "body_3": "Wees"}, "de derde tekst"),
        ("teksten", {"question": "", "title_1": "A", "title_2": "B"}, "Vraag"),
        ("kandidaten", {"question": "Wie?", "candidates": "Ali", "seats": "1"}, "ten minste twee mogelijkheden"),
        ("kandidaten", {"question": "Wie?", "candidates": "Ali\nBea", "seats": "2"}, "meer kandidaten dan plaatsen"),
        ("kandidaten", {"question": "Wie?", "candidates": "Ali\nBea", "seats": "0"}, "heel getal"),
        ("kandidaten", {"question": "Wie?", "candidates": "x" * 201 + "\nBea", "seats": "1"}, "te lang"),
        ("kandidaten", {"question": "Wie?", "candidates": "\n".join(map(str, range(50))), "seats": "1"}, "te veel"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_told_and_what_was_typed_stays(
    chair: Browser, scene: Scene, answers: str, typed: dict[str, str], says: str
) -> None:
    before = len(rounds())
    answer = chair.submit(f"{ASK}/{answers}", **typed)
    assert answer.status_code == 422
    assert says in answer.text
    form = next(f for f in forms_of(answer, f"{ASK}/{answers}") if "question" in f.values)
    assert {name: form.values[name].replace("\r\n", "\n").lstrip() for name in typed} == typed
    assert len(rounds()) == before


def test_a_void_question_is_asked_again_as_it_was(chair: Browser, scene: Scene) -> None:
    made = put(scene, OptionRule(Winning.MOST, Even.AGAIN, 1, True))
    with db.transaction():
        service.annul(db.session.get_one(Round, made.id), "Fout", None)
    link = f"/keuze/teksten?als={made.number}"
    assert link.replace("&", "&amp;") in chair.get(CONSOLE).text
    form = next(f for f in chair.forms(f"{CONSOLE}/stukken/V8{link}") if "question" in f.values)
    assert (form.values["question"], form.values["title_2"], form.values["body_2"].strip()) == (
        "Wie?",
        "B",
        "Over **B**",
    )
    assert (form.values["winning"], form.values["even"]) == ("most", "again")


def test_other_kinds_of_question_are_not_there(chair: Browser, scene: Scene) -> None:
    assert chair.get(f"{ASK}/vrij").status_code == 404


# --- Voting


def cast(delegate: Browser, **chosen: object) -> TestResponse:
    """From the ballot through the review to the receipt."""
    form = next(f for f in delegate.forms(BALLOT) if f.action.endswith("controle") and "preset" not in f.values)
    data = {"gemeente": "GM0001", **chosen}
    answer = delegate.post(form.action, data)
    if answer.status_code != 200:
        return answer
    last = next(f for f in forms_of(answer, BALLOT) if f.action.endswith("uitbrengen"))
    done = delegate.post(last.action, dict(last.values))
    assert done.status_code == 303
    return delegate.get(done.headers["Location"])


def test_a_ballot_shows_its_options_and_the_receipt_names_them(delegate: Browser, scene: Scene) -> None:
    made = put(scene, OptionRule(Winning.MOST, Even.LOTS, 2))
    part = shown(delegate.get(BALLOT), "Wie?")
    assert part.count('type="checkbox"') == 4
    assert "Kies er ten hoogste 2." in part
    assert "<strong>B</strong>" in part
    receipt = cast(delegate, **{f"choice-{made.id}": ["3", "1"]})
    assert "A en C" in receipt.text
    again = shown(delegate.get(BALLOT), "Wie?")
    assert again.count(" checked") == 2
    assert "U stemde eerder:" in again
    data = delegate.get(re.search(r"/stembewijs/[\w-]+\.json", receipt.text)[0]).json  # type: ignore[index]
    assert data["receipt"]["votes"][0]["vote"] == "optie 1 + optie 3"


def test_too_many_options_are_told_at_the_question_and_stay(delegate: Browser, scene: Scene) -> None:
    made = put(scene, OptionRule(Winning.MOST, Even.LOTS, 2))
    answer = cast(delegate, **{f"choice-{made.id}": ["1", "2", "3"], f"choice-{scene.open[0].id}": "for"})
    assert answer.status_code == 422
    part = shown(answer, "Wie?")
    assert "U koos er te veel. Kies er ten hoogste 2." in part
    assert part.count(" checked") == 3
    assert " checked" in shown(answer, scene.open[0].title)


def test_abstaining_goes_with_no_other(delegate: Browser, scene: Scene) -> None:
    made = put(scene, OptionRule(Winning.MOST, Even.LOTS, 2))
    answer = cast(delegate, **{f"choice-{made.id}": ["1", "abstain"]})
    assert (answer.status_code, "maar niet allebei" in answer.text) == (422, True)


def test_all_for_leaves_a_question_with_options_open(delegate: Browser, scene: Scene) -> None:
    made = put(scene, OptionRule(Winning.MOST, Even.LOTS))
    form = next(f for f in delegate.forms(BALLOT) if "preset" in f.values or "Alles voor" in delegate.get(BALLOT).text)
    answer = delegate.post(form.action, {"gemeente": "GM0001", "preset": "for"})
    last = next(f for f in forms_of(answer, BALLOT) if f.action.endswith("uitbrengen"))
    assert last.values[f"choice-{made.id}"] == ""
    assert last.values[f"choice-{scene.open[0].id}"] == "for"


def test_votes_are_divided_on_the_ballot(delegate: Browser, scene: Scene) -> None:
    made = put(scene, OptionRule(Winning.MOST, Even.LOTS), divides=True)
    assert "Samen precies 75 stemmen." in shown(delegate.get(BALLOT), "Wie?")
    chosen = {f"choice-{made.id}": "divided", f"votes-{made.id}-1": "40", f"votes-{made.id}-3": " 35 "}
    for wrong in ("34", "", "x", "1.5", "-1"):
        answer = cast(delegate, **{**chosen, f"votes-{made.id}-3": wrong})
        assert answer.status_code == 422, wrong
        assert "Verdeel precies al uw stemmen: samen 75" in shown(answer, "Wie?")
        assert 'value="40"' in shown(answer, "Wie?")
    assert "40 A, 35 C" in cast(delegate, **chosen).text


# --- The outcome


def outcome(scene: Scene, made: Round, *ballots: str) -> None:
    for who, ballot in enumerate(ballots):
        vote(scene, who, {made.id: ballot})
    count(made, publish=True)


def test_the_outcome_is_told_with_its_sums_and_who_voted_what(site: Site, scene: Scene) -> None:
    made = put(scene, OptionRule(Winning.MOST, Even.LOTS, 1, True))
    outcome(scene, made, "2", "none", "1")
    guest = site.browser()
    page = guest.get(f"{RESULTS}/{made.number}")
    assert "Gekozen: B (64,66%: 75 van de 116 stemmen)." in page.text
    assert "geen van alle" in page.text
    assert "alv-tiles" not in page.text
    csv = guest.get(f"{RESULTS}/{made.number}.csv").text
    assert "GM0001" in csv
    assert ",B,stemkaart," in csv
    assert guest.get(f"{RESULTS}/{made.number}.json").json["chosen"] == ["2"]
    english = site.browser()
    english.get("/?taal=en")
    assert made.title in english.get(RESULTS).text


def test_a_run_off_is_prepared_from_the_console(chair: Browser, scene: Scene) -> None:
    made = put(scene, OptionRule(Winning.MAJORITY, Even.LOTS, 2), "ABCD")
    outcome(scene, made, "1", "2+3")
    assert "Zet de herstemming klaar" in chair.get(CONSOLE).text
    answer = chair.submit(CONSOLE, action=f"{made.number}/herstemming")
    assert answer.status_code == 303
    assert rounds()[-1].title == "Herstemming: Wie?"
    assert "Zet de herstemming klaar" not in chair.get(CONSOLE).text
    twice = chair.post(f"{CONSOLE}/stemmingen/{made.number}/herstemming", {})
    assert twice.status_code == 409


def test_lots_are_kept_by_the_chair_and_shown_to_everybody(site: Site, chair: Browser, scene: Scene) -> None:
    made = put(scene, OptionRule(Winning.MOST, Even.LOTS, 3), "ABCD")
    outcome(scene, made, "1+2", "3+4")
    guest, page = site.browser(), f"{RESULTS}/{made.number}"
    assert "Het lot beslist." in guest.get(page).text
    lots = f"{CONSOLE}/stemmingen/{made.number}/loting"
    assert kinds_of_lots(chair, made) == ["radio", "radio"], "one seat"
    wrong = chair.submit(lots, drawn=["3", "4"])
    assert (wrong.status_code, "precies zoveel namen" in wrong.text) == (422, True)
    assert chair.submit(lots, drawn=["4"]).status_code == 303
    assert "Gekozen door het lot: D." in guest.get(page).text
    assert chair.post(lots, {"drawn": "3"}).status_code in {409, 422}
    assert "Gekozen door het lot: D." in guest.get(page).text


def test_for_several_seats_several_lots_are_ticked(chair: Browser, scene: Scene) -> None:
    made = put(scene, OptionRule(Winning.MOST, Even.LOTS, 3), "ABCD")
    outcome(scene, made, "1", "2+3+4")
    assert kinds_of_lots(chair, made) == ["checkbox"] * 3


def kinds_of_lots(chair: Browser, made: Round) -> list[str]:
    """What kind of field each name is chosen with."""
    page = chair.get(f"{CONSOLE}/stemmingen/{made.number}/loting").text
    return [re.findall(r'type="(\w+)"', tag)[0] for tag in re.findall(r'<input [^>]*name="drawn"[^>]*>', page)]


def test_nobody_else_draws_lots_or_asks(site: Site, scene: Scene) -> None:
    made = put(scene, OptionRule(Winning.MOST, Even.LOTS))
    delegate = site.browser(scene.clerks[0])
    for path in (f"{CONSOLE}/stemmingen/{made.number}/loting", f"{ASK}/kandidaten"):
        assert delegate.get(path).status_code == 403
    assert delegate.post(f"{CONSOLE}/stemmingen/{made.number}/herstemming", {}).status_code == 403


def test_the_console_asks_as_little_with_many_outcomes_as_with_one(
    chair: Browser, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What outcomes with options need is read of all of them together."""
    sent = []
    for code in ("V7", "V8", "V9"):
        with db.transaction():
            text = factories.proposal(db.session.merge(scene.meeting), "# V\n\nT.\n", code, ProposalKind.PROPOSAL)
            rule = OptionRule(Winning.MOST, Even.LOTS, 3)
            made = choosing.ask(text, RoundKind.CANDIDATES, code, [Option(n) for n in "ABCD"], rule, None)
            service.open_rounds([made.id], None)
        outcome(scene, made, "1+2", "3+4")
        with counting(monkeypatch) as statements:
            page = chair.get(CONSOLE).text
        sent.append(len(statements))
    assert page.count("Leg de loting vast") >= 3
    assert sent[0] == sent[2]
