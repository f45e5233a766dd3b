"""Redlines on the site: lists, tables and emphasis in the place of marks, and safe whatever people wrote."""

import re
from datetime import timedelta

import pytest

from tests import factories
from tests.web.site import Browser, Scene, Site
from vng_alv import db
from vng_alv.accounts.queries import get_actor
from vng_alv.amendments import service
from vng_alv.amendments.service import SectionChange
from vng_alv.domain.amendments import Wording
from vng_alv.domain.permissions import Role
from vng_alv.meetings.models import Meeting
from vng_alv.proposals import service as proposals
from vng_alv.proposals.queries import get_proposal, published, sections_of

PAGE = "/vergaderingen/alv/stukken/R9"
OLD = """Wij **bouwen** snel.

- een punt
- nog een

| jaar | huizen |
| --- | --- |
| 2027 | 100 |
"""
NEW = """Wij **bouwen** *heel* snel.

- een punt
- <script>alert("x")</script> [klik](javascript:alert(1))
- nog een

| jaar | huizen |
| --- | --- |
| 2027 | 200 |
"""
TEXT = f"# Samen\n\n## Wonen\n\n{OLD}\n## Water\n\nWij houden het droog.\n"


@pytest.fixture
def shown(site: Site, scene: Scene) -> str:
    """The page of an amendment that makes the new text of the old one."""
    with db.transaction():
        meeting = db.session.get_one(Meeting, scene.meeting.id)
        meeting.amendments_until = db.now() + timedelta(days=1)
        proposal = factories.proposal(meeting, TEXT, "R9")
        version = published(proposal)
        assert version
        first = sections_of(version.id)[0]
        wanted = [SectionChange(first.section_id, Wording(first.heading, NEW.strip()))]
        actor = get_actor(scene.clerks[0].id)
        made = service.begin(proposal, db.session.merge(scene.members[0]), "Anders", "", wanted, actor)
        service.submit(made, 1, actor)
    return f"/amendementen/{made.submission_id}"


def redlines(browser: Browser, path: str) -> list[str]:
    """The redlines on a page, as HTML without what only a screen reader hears."""
    found = re.findall(r'<div class="alv-redline" lang="nl">(.*?)\n  </div>', browser.get(path).text, re.DOTALL)
    return [re.sub(r'<span class="alv-hidden">.*?</span>', "", one) for one in found]


def republish(scene: Scene, text: str) -> None:
    """Publish another version of R9."""
    with db.transaction():
        proposal = get_proposal(scene.meeting.id, "R9")
        proposals.import_text(proposal, proposals.read_text(text.encode()), None)
        proposals.publish(proposal, None)


def check(redline: str) -> None:
    """It shows what changed, and no mark of Markdown."""
    assert "Wij <strong>bouwen</strong><ins> <em>heel</em></ins> snel." in redline
    assert '<li class="alv-redline__in1">• een punt</li>' in redline
    assert '<li class="alv-redline__in1"><ins>• &lt;script&gt;' in redline
    assert "<td><del>100</del><ins>200</ins></td>" in redline
    assert "<td><strong>jaar</strong></td>" in redline
    assert not re.search(r"\*\*|^- |\| |---|<script|href=", redline, re.MULTILINE)
    assert "[klik](javascript:alert(1))" in redline  # no link, so it stands as it was written


def test_an_amendment_is_read_without_marks(site: Site, scene: Scene, shown: str) -> None:
    guest = site.browser()
    for path in (shown, f"{PAGE}/onderdelen/1"):
        (redline,) = redlines(guest, path)
        check(redline)


def test_two_versions_and_the_workbench_are_read_without_marks(site: Site, scene: Scene, shown: str) -> None:
    staff = site.browser(scene.staff[Role.SECRETARIAT])
    key = shown.rsplit("/", 1)[1]
    assert staff.post(f"/indieningen/{key}/besluit", {"decision": "adopted", "note": "Ja"}).status_code == 303
    bench = f"/secretariaat{PAGE}/verwerken-amendementen"
    assert staff.submit(bench).status_code == 303
    (redline,) = redlines(staff, f"{bench}/publiceren")
    check(redline)
    assert staff.submit(f"{bench}/publiceren").status_code == 303
    (redline,) = redlines(site.browser(), f"{PAGE}/vergelijk")
    check(redline)


def test_a_change_of_dress_alone_is_told(site: Site, scene: Scene, shown: str, own: Browser) -> None:
    with db.transaction(write=False):
        version = published(get_proposal(scene.meeting.id, "R9"))
        assert version
        key = sections_of(version.id)[1].section_id
    sent = {"title": "T", f"kop-{key}": "Water", f"tekst-{key}": "Wij houden het **droog**."}
    answer = own.post(f"{PAGE}/amendementen/bekijken", sent)
    assert "Alleen de opmaak is gewijzigd." in answer.text
    assert "<strong>droog</strong>" in answer.text
    same = own.post(f"{PAGE}/amendementen/bekijken", {**sent, f"tekst-{key}": "Wij houden het droog."})
    assert "Hier is nog niets gewijzigd." in same.text
    assert "Alleen de opmaak" not in same.text


def test_who_corrects_the_source_sees_the_source(site: Site, scene: Scene) -> None:
    with db.transaction():
        proposal = get_proposal(scene.meeting.id, "V1")
        proposals.import_text(proposal, proposals.read_text(TEXT.encode()), None)
    staff, path = site.browser(scene.staff[Role.SECRETARIAT]), "/secretariaat/vergaderingen/alv/stukken/V1/verbeteren"
    form = staff.forms(path)[0]
    assert staff.submit(path, text=TEXT.replace("snel", "**snel**")).status_code == 303
    answer = staff.post(path, {**form.values.to_dict(), "text": TEXT.replace("snel", "traag")})
    assert answer.status_code == 409
    assert '<div class="alv-redline alv-redline--source" lang="nl">' in answer.text
    source = answer.text.partition("alv-redline--source")[2].partition("</details>")[0]
    assert "# Samen" in source
    assert "- een punt" in source
