"""The archive of a meeting on the page of what is left after it: asked for, made by the worker, and kept."""

import hashlib
import io
import zipfile

import pytest
from sqlalchemy import select, update

from tests.web.site import Browser, Scene, Site
from vng_alv import db
from vng_alv.audit.models import AuditEntry
from vng_alv.domain.permissions import Role
from vng_alv.exports import meeting_archive
from vng_alv.exports.pdf import NotMade
from vng_alv.meetings import archives
from vng_alv.meetings.archives import SILENCE, MeetingArchive
from vng_alv.signing import service as signing

PAGE = "/secretariaat/vergaderingen/alv/afronding"


@pytest.fixture
def staff(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.staff[Role.SECRETARIAT])


def waits() -> list[object]:
    with db.transaction(write=False):
        return list(archives.waiting())


def make(site: Site, scene: Scene) -> None:
    """What the worker does."""
    where = signing.place(site.settings.signing_key, site.settings.data)
    meeting_archive.make(site.settings.data, scene.meeting.id, where)


def test_it_is_asked_for_made_and_downloaded(site: Site, scene: Scene, staff: Browser) -> None:
    for path in (f"{PAGE}/archief.json", f"{PAGE}/archief.zip"):
        assert staff.get(path).status_code == 404
    assert waits() == []
    assert staff.submit(PAGE, action=f"{PAGE}/archief").headers["Location"] == f"{PAGE}#archief"
    assert staff.post(f"{PAGE}/archief").status_code == 303  # one that waits is asked for once
    assert waits() == [scene.meeting.id]
    assert "Het archief wordt zo gemaakt." in staff.get(PAGE).text
    assert staff.get(f"{PAGE}/archief.json").json == {"done": 0, "total": 0, "finished": False}
    make(site, scene)
    state = staff.get(f"{PAGE}/archief.json").json
    assert state["finished"]
    assert state["done"] == state["total"] > 0
    auditor = site.browser(scene.staff[Role.AUDITOR])
    page = auditor.get(PAGE).text
    assert "Maak het archief" not in page
    assert f"{PAGE}/archief.zip" in page
    kept = auditor.get(f"{PAGE}/archief.zip", buffered=True)
    sha256 = hashlib.sha256(kept.data).hexdigest()
    assert (kept.status_code, kept.mimetype, sha256 in page) == (200, "application/zip", True)
    assert kept.headers["Content-Disposition"] == "attachment; filename=archief-alv.zip"
    with zipfile.ZipFile(io.BytesIO(kept.data)) as pack:
        number = f"{scene.published.number:03}"
        assert f"uitslagen/stemming-{number}.csv" in pack.namelist()
        assert f"uitslagen/stemming-{scene.counted.number:03}.csv" not in pack.namelist()
    with db.transaction(write=False):
        acts = db.session.scalars(select(AuditEntry).where(AuditEntry.act.like("meeting.archive%"))).all()
    assert [(one.act, one.actor_id, one.data.get("sha256")) for one in acts] == [
        ("meeting.archive", scene.staff[Role.SECRETARIAT].id, None), ("meeting.archived", None, sha256),
    ]  # fmt: skip
    # Made anew, while the one before it is not offered any more.
    assert staff.post(f"{PAGE}/archief").status_code == 303
    assert staff.get(f"{PAGE}/archief.zip", buffered=True).status_code == 404
    make(site, scene)
    assert hashlib.sha256(staff.get(f"{PAGE}/archief.zip", buffered=True).data).hexdigest() == sha256


def test_what_fails_or_dies_can_be_made_after_all(
    site: Site, scene: Scene, staff: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        assert waits() == []  # no other worker begins with it
        raise NotMade("no")

    staff.post(f"{PAGE}/archief")
    with monkeypatch.context() as patch, pytest.raises(NotMade):
        patch.setattr(meeting_archive, "write", fails)
        make(site, scene)
    assert "Het archief is er niet" in staff.get(PAGE).text
    assert staff.get(f"{PAGE}/archief.zip", buffered=True).status_code == 404
    staff.post(f"{PAGE}/archief")
    with db.transaction():
        assert archives.take(scene.meeting.id) == "alv"  # by a worker that dies
    make(site, scene)
    assert staff.get(f"{PAGE}/archief.json").json["finished"] is False
    with db.transaction():
        db.session.execute(update(MeetingArchive).values(heard_at=db.now() - SILENCE * 1.01))
    assert waits() == [scene.meeting.id]
    make(site, scene)
    assert staff.get(f"{PAGE}/archief.zip", buffered=True).status_code == 200
    meeting_archive.archive_path(site.settings.data, scene.meeting.id).unlink()
    assert "Het archief is er niet" in staff.get(PAGE).text
