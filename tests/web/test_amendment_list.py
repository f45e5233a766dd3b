"""The list of amendments on a text: what each line says, to whom, in which language, and as it is now."""

from datetime import timedelta

from tests.web.site import Browser, Scene, Site
from tests.web.test_amendments import LIST, words_of
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.amendments import service
from vng_alv.amendments.service import SectionChange
from vng_alv.domain.amendments import Wording
from vng_alv.domain.permissions import Role
from vng_alv.domain.submissions import AdviceKind, CoAnswer, SubmissionState
from vng_alv.meetings.models import Meeting
from vng_alv.proposals.queries import get_proposal, published, sections_of
from vng_alv.submissions import service as submissions
from vng_alv.submissions.models import Submission


def lines(browser: Browser) -> list[str]:
    """The amendments on the list, as they are read, with the headings above them."""
    text = browser.get(LIST).text
    found = text.partition('role="status"')[2].partition("</section>")[0].replace("<h3", "<li><h3").split("<li>")[1:]
    return [words_of(one.partition("</li>")[0].partition("<ul")[0]).strip() for one in found]


def bring(scene: Scene) -> Submission:
    """An amendment on both sections, with one more after the first, that two others submit along and the board advises
    on; the newest advice is not public yet."""
    with db.transaction():
        db.session.get_one(Meeting, scene.meeting.id).amendments_until = db.now() + timedelta(days=1)
        proposal, clerks = get_proposal(scene.meeting.id, "R2"), [get_actor(one.id) for one in scene.clerks]
        version = published(proposal)
        assert version
        one, two = sections_of(version.id)
        members = [db.session.merge(member) for member in scene.members]
        wanted = [
            SectionChange(one.section_id, None),
            SectionChange(two.section_id, Wording(two.heading, "Anders.")),
            SectionChange(None, Wording("Lucht", "Schoon."), after=one.section_id),
        ]
        made = service.begin(proposal, members[0], "Drie <dingen>", "", wanted, clerks[0])
        submission = made.submission
        submissions.ask_along(submission, members[1:4], clerks[0])
        for who, answer in ((2, CoAnswer.JOINED), (1, CoAnswer.JOINED), (3, CoAnswer.DECLINED)):
            submissions.answer_along(submission, members[who], answer, clerks[who])
        service.submit(made, 1, clerks[0])
        board = get_actor(scene.staff[Role.BOARD].id)
        for kind in (AdviceKind.HOLD_OVER, AdviceKind.TAKE_OVER):
            number = submissions.advise(submission, kind, "", board).number
            submissions.publish_advice(submission, number, board)
        submissions.advise(submission, AdviceKind.ADVISE_AGAINST, "", board)
        return submission


def test_a_line_says_who_where_what_was_advised_and_how_it_stands(site: Site, scene: Scene) -> None:
    submission = bring(scene)
    guest = site.browser()
    line = (
        "Gemeente 1, met Gemeente 2, Gemeente 3 · ook onderdeel A2 · met een nieuw onderdeel · "
        "preadvies: overnemen ingediend"
    )
    assert lines(guest) == ["A1 Wonen", "AM1 Meer bouwen Gemeente 1 ingediend", f"AM2 Drie <dingen> {line}"]
    guest.post("/taal", {"locale": "en"})
    assert "Gemeente 1, with Gemeente 2, Gemeente 3 · " in lines(guest)[2]
    assert lines(site.browser())[2] == f"AM2 Drie <dingen> {line}"
    with db.transaction():
        submissions.move(db.session.get_one(Submission, submission.id), SubmissionState.HELD_OVER, None)
    assert lines(site.browser())[2] == f"AM2 Drie <dingen> {line.replace('ingediend', 'aangehouden')}"


def test_drafts_stand_apart_for_those_who_may_read_them(site: Site, scene: Scene, own: Browser) -> None:
    with db.transaction():
        proposal, clerks = get_proposal(scene.meeting.id, "R2"), [get_actor(one.id) for one in scene.clerks]
        version = published(proposal)
        assert version
        wanted = [SectionChange(sections_of(version.id)[1].section_id, None)]
        member = db.session.merge(scene.members[0])
        made = service.begin(proposal, member, "Geheim plan", "", wanted, clerks[0])
        submissions.ask_along(made.submission, [db.session.merge(scene.members[1])], clerks[0])
    for person, reads in ((None, False), (scene.clerks[0], True), (scene.clerks[1], True), (scene.clerks[2], False)):
        text = words_of(site.browser(person).get(LIST).text)
        assert ("Geheim plan Gemeente 1 concept" in text) is reads
        assert "1 van 1 amendement" in text


def test_a_draft_of_the_advice_goes_with_one_button_and_what_everybody_reads_stays(site: Site, scene: Scene) -> None:
    board = site.browser(scene.staff[Role.BOARD])
    page = f"/amendementen/{bring(scene).id}"
    away = next(one for one in board.forms(page) if one.action.endswith("/preadvies/publiceren")).values
    path = f"/indieningen/{page.rpartition('/')[2]}/preadvies/weggooien"
    assert f'formaction="{path}"' in board.get(page).text
    assert board.post(path, {**away, "versie": "2"}).status_code == 303
    assert "versie 3, nog niet openbaar" in board.get(page).text, "it is about another version"
    assert board.post(path, away).status_code == 303
    told = board.get(page).text
    assert "Het concept van het preadvies is weggegooid." in told
    assert "<strong>Overnemen</strong>" in told
    assert "Gooi dit concept weg" not in told, "what is published is not taken back"
    assert board.post(path, {**away, "versie": "2"}).status_code == 303
    assert "Er is niets weggegooid." in board.get(page).text
