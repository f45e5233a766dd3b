"""Reacting to a very long text takes as many statements as to a short one."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from tests import factories
from tests.web.site import Site
from tests.web.test_queries import MOST, counting
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.consultation import service
from vng_alv.consultation.models import Consultation, Position
from vng_alv.meetings.models import Meeting
from vng_alv.proposals.queries import sections_of


def text_of(sections: int) -> str:
    """A text of so many sections."""
    return "# Een besluit\n\n" + "".join(
        f"## {n}. Deel {n}\n\nWij doen nummer {n}.\n\n" for n in range(1, sections + 1)
    )


@pytest.mark.parametrize("page", ["", "/versturen", "/intrekken", "/bijlagen"])
def test_pages_of_two_hundred_sections_take_no_more_statements_than_of_two(
    site: Site, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    taken = []
    with db.transaction():
        factories.association()
        member = factories.member(1)
        clerk = factories.clerk(member)
        meeting: Meeting = factories.meeting()
        texts = [factories.proposal(meeting, text_of(n), f"R{n}") for n in (2, 200)]
        who = get_actor(clerk.id)
        for text in texts:
            found = service.open_consultation(text, db.now() + timedelta(hours=1), None)
            writer = service.Writer(found, member, who)
            for section in sections_of(found.version_id):
                writer.save(section.section_id, "Wij zijn het eens.", Position.AGREE, 0)
            service.send(found, member, who)
            writer = service.Writer(found, member, who)
            for section in sections_of(found.version_id):
                writer.save(section.section_id, "Wij zijn het *oneens*.", Position.DISAGREE, 2)
    browser = site.browser(clerk)
    for text in texts:
        with counting(monkeypatch) as sent:
            answer = browser.get(f"/vergaderingen/alv/stukken/{text.code}/reageren{page}")
        assert answer.status_code == 200
        taken.append(len(sent))
    assert taken[1] <= taken[0]
    assert taken[1] <= MOST
    with db.transaction():
        db.session.execute(update(Consultation).values(closes_at=db.now()))
    with counting(monkeypatch) as sent:
        assert browser.get("/vergaderingen/alv/stukken/R200/reageren").status_code == 200
    assert len(sent) <= MOST
