"""The convocation and the documents of a meeting, on the screens and in the mail."""

import io
import re
from datetime import timedelta

import pytest

from tests import factories
from tests.web.site import Browser, Scene, Site
from tests.web.test_attachments import pdf
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.convening import service
from vng_alv.convening.queries import documents_of
from vng_alv.domain.consultation import FileKind
from vng_alv.domain.permissions import Role
from vng_alv.meetings import service as meetings
from vng_alv.meetings.models import Meeting
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.voting.notices import composer

HERE, DESK = "/vergaderingen/alv", "/secretariaat/vergaderingen/alv"
HOLDER = "Wie de stemkaart van een gemeente heeft, brengt alle stemmen van die gemeente uit."


@pytest.fixture
def secretariat(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.staff[Role.SECRETARIAT])


def add(browser: Browser, title: str = "Begroting", **more: object) -> int:
    file = (io.BytesIO(pdf()), "begroting.pdf")
    return browser.submit(f"{DESK}/documenten", action="documenten", title=title, file=file, **more).status_code


def mails(kind: NoticeKind, locale: str) -> tuple[str, str]:
    """The first mail of a kind in a language: its text and its HTML."""
    with db.transaction(write=False):
        notice = db.session.query(Notice).filter_by(kind=kind).first()
        assert notice is not None
        notice.person.locale = locale
        message = composer("http://localhost:8000", "alv@vereniging.example", "x" * 40)(notice, notice.person)
        text, html = (part.get_content() for part in message.iter_parts())
        db.session.rollback()
        return f"{message['Subject']}\n{text}", html


def test_the_secretariat_sees_what_goes_out_and_everybody_reads_what_went_out(
    site: Site, scene: Scene, secretariat: Browser
) -> None:
    assert site.browser().get(f"{HERE}/convocatie").status_code == 404
    assert "Convocatie van" not in site.browser().get(HERE).text
    refused = secretariat.submit(f"{DESK}/convocatie", note="Kom naar <b>Utrecht</b>.")
    assert refused.status_code == 422  # the meeting is in a week, and fourteen days lie between
    assert "ten minste 14 dagen" in refused.text
    assert "Kom naar &lt;b&gt;Utrecht&lt;/b&gt;." in refused.text
    assert secretariat.submit(f"{DESK}/convocatie", note="Kom naar <b>Utrecht</b>.", late="y").status_code == 303
    again = secretariat.get(f"{DESK}/convocatie").text
    assert 'action="/secretariaat/vergaderingen/alv/convocatie"' not in again
    with db.transaction():
        meetings.add_agenda_item(db.session.get_one(Meeting, scene.meeting.id), "Kwam later", None)
    page = site.browser().get(f"{HERE}/convocatie").text
    assert HOLDER in page
    assert "Kom naar &lt;b&gt;Utrecht&lt;/b&gt;." in page
    assert "R1 Een besluit" in page
    assert "Kwam later" not in page
    assert "Stemmen kan al voor de vergadering" in page
    assert "Convocatie van" in site.browser().get(HERE).text


@pytest.mark.parametrize(
    ("locale", "said"),
    [("nl", ("Convocatie: ALV", HOLDER)), ("en", ("Convocation: ALV", "Whoever holds the mandate of a municipality"))],
)
def test_the_mail_says_when_where_what_and_how_is_voted(
    site: Site, scene: Scene, secretariat: Browser, locale: str, said: tuple[str, ...]
) -> None:
    secretariat.submit(f"{DESK}/convocatie", note="Eerste alinea.\n\n<i>Tweede</i>", late="y")
    text, html = mails(NoticeKind.CONVOCATION, locale)
    for words in (*said, "Utrecht", "R1 Een besluit", "http://localhost:8000/vergaderingen/alv/convocatie"):
        assert words in text
        assert words in html
    assert "<i>Tweede</i>" in text
    assert "&lt;i&gt;Tweede&lt;/i&gt;" in html


@pytest.mark.parametrize(("locale", "said"), [("nl", "een stuk bijgekomen"), ("en", "a paper was added")])
def test_the_mail_about_a_late_paper(site: Site, scene: Scene, secretariat: Browser, locale: str, said: str) -> None:
    secretariat.submit(f"{DESK}/convocatie", late="y")
    assert add(secretariat, "Herziene begroting") == 303
    assert "Binnen enkele minuten gaat er een mail" in secretariat.get(f"{DESK}/documenten").text
    assert "Nazending: na de convocatie gepubliceerd" in site.browser().get(HERE).text
    with db.transaction():
        assert service.announce(scene.meeting.id) == 1
    text, html = mails(NoticeKind.SUPPLEMENT, locale)
    for words in (said, "Herziene begroting", "http://localhost:8000/vergaderingen/alv"):
        assert words in text
        assert words in html


def test_a_document_is_for_everybody_from_its_moment_until_it_is_withdrawn(
    site: Site, scene: Scene, secretariat: Browser
) -> None:
    guest = site.browser()
    assert add(secretariat, day=(db.now() + timedelta(days=1)).date().isoformat(), clock="12:00", item="1") == 303
    with db.transaction(write=False):
        found = next(one for one in documents_of(scene.meeting.id) if one.title == "Begroting")
    path = f"{HERE}/documenten/{found.id}"
    assert guest.get(path).status_code == 404
    assert "Begroting" not in guest.get(HERE).text
    assert secretariat.get(path).data == pdf()
    desk = secretariat.get(f"{DESK}/documenten").text
    assert "Openbaar vanaf" in desk
    assert "agendapunt 1" in desk
    secretariat.submit(f"{DESK}/documenten", action=str(found.id), doe="publiceer")
    answer = guest.get(path)
    assert answer.data == pdf()
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert path in guest.get(HERE).text
    assert (
        secretariat.submit(f"{path.replace('/vergaderingen', '/secretariaat/vergaderingen')}/intrekken").status_code
        == 422
    )
    secretariat.submit(
        f"{path.replace('/vergaderingen', '/secretariaat/vergaderingen')}/intrekken", reason="Namen erin"
    )
    assert guest.get(path).status_code == secretariat.get(path).status_code == 404
    page = guest.get(HERE).text
    assert "Namen erin" in page
    assert path not in page


def test_what_was_typed_stays_when_a_document_is_refused(site: Site, scene: Scene, secretariat: Browser) -> None:
    answer = secretariat.submit(
        f"{DESK}/documenten", action="documenten", title="Mijn titel", file=(io.BytesIO(b"geen pdf"), "x.pdf")
    )
    assert answer.status_code == 422
    assert 'value="Mijn titel"' in answer.text
    assert "Een bijlage is een PDF of een Word-bestand" in answer.text
    past = secretariat.submit(
        f"{DESK}/documenten", action="documenten", title="Te laat", day="2020-01-01", file=(io.BytesIO(pdf()), "x.pdf")
    )
    assert past.status_code == 422
    assert "Dat moment is al voorbij" in past.text


def test_a_document_of_another_meeting_is_not_there(site: Site, scene: Scene, secretariat: Browser) -> None:
    with db.transaction():
        other = factories.meeting("anders")
        actor = get_actor(scene.staff[Role.SECRETARIAT].id)
        found = service.add_document(other, "Elders", "x.pdf", b"%PDF- elders", FileKind.PDF, None, actor)
    assert site.browser().get(f"{HERE}/documenten/{found.id}").status_code == 404
    assert secretariat.get(f"{DESK}/documenten/{found.id}/intrekken").status_code == 404
    assert re.search("Elders", secretariat.get(f"{DESK}/documenten").text) is None
