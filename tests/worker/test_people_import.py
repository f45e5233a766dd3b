"""Inviting many people survives the death of the worker, and a job that was lost."""

from sqlalchemy import func, select

from tests.worker.running import Site, until
from vng_alv import db, jobs
from vng_alv.accounts.models import Invitation, Person
from vng_alv.members.models import PeopleImport
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.secretariat import people_import

NUMBER = 300


def test_a_worker_that_is_killed_invites_everybody_once_after_all(site: Site) -> None:
    rows = "code,naam,e-mail,functie\n" + "".join(
        f"GM000{1 + n % 3},Mens {n},{site.port}-{n}@bulk.example,raadslid\n" for n in range(NUMBER)
    )
    with db.transaction():
        kept, faults = people_import.prepare(rows.encode(), "mensen.csv", None)
        assert not faults
        assert kept is not None
        people_import.start(kept, None)

    def done() -> int:
        with db.transaction(write=False):
            return db.session.execute(select(PeopleImport.done).where(PeopleImport.id == kept.id)).scalar_one()

    until(lambda: done() > 0, "the worker begins")
    site.worker.kill()
    half = done()
    assert 0 < half < NUMBER
    jobs.configure(jobs.producer, "")  # nobody asks for it again: the sweep finds it
    site.start()
    until(lambda: done() == NUMBER, "everybody is invited", 60)
    ours = Person.email.like(f"{site.port}-%@bulk.example")
    with db.transaction(write=False):
        people, invitations, notices = (
            db.session.execute(query).scalar_one()
            for query in (
                select(func.count()).select_from(Person).where(ours),
                select(func.count()).select_from(Invitation).join(Person).where(ours),
                select(func.count()).select_from(Notice).join(Person).where(
                    ours, Notice.kind == NoticeKind.INVITATION
                ),
            )
        )  # fmt: skip
        found = db.session.get_one(PeopleImport, kept.id)
    assert (people, invitations, notices) == (NUMBER,) * 3
    assert found.finished_at is not None
    assert not found.faults
