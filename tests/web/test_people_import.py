"""Inviting from a file: every faulty row named, nothing before somebody said yes, each person once; and reminding."""

import io
import uuid
from datetime import timedelta

import pytest
import xlsxwriter
from sqlalchemy import func, select
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse

from tests import factories
from tests.database.test_cast import together
from tests.web.second_steps import logged
from tests.web.site import Browser, Scene, Site, snapshot
from vng_alv import db
from vng_alv.accounts.models import Invitation, Person
from vng_alv.accounts.queries import find_person_by_email
from vng_alv.accounts.service import invitation_token, invite
from vng_alv.domain.mandates import OfficeKind
from vng_alv.domain.permissions import Role
from vng_alv.members.importing import cells
from vng_alv.members.models import Office, PeopleImport
from vng_alv.members.queries import all_members
from vng_alv.notifications.models import Notice, NoticeKind
from vng_alv.secretariat import people_import
from vng_alv.secretariat.reminding import remind

ADDRESS = "/secretariaat/personen/importeren"
SECRET = "x" * 40
GOOD = (
    "gemeentecode;gemeentenaam;naam;e-mail;functie;telefoon;taal\n"
    "GM0001;Gemeente 1;Anna Ähl;Anna@Een.example;Wethouder;06 1;nl\n"
    "GM0002;Gemeente 2;Ben;ben@twee.example;burgemeester;;en\n"
    "GM0003;Gemeente 3;;;;;\n"
    "Gemeente 4;;Cor;cor@vier.example;ambtenaar;;\n"
)


def staff(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.staff[Role.SECRETARIAT])


def send(browser: Browser, data: bytes, name: str = "mensen.csv") -> TestResponse:
    return browser.post(ADDRESS, MultiDict({"file": FileStorage(io.BytesIO(data), name)}))


def book() -> bytes:
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        for n, line in enumerate(GOOD.splitlines()):
            sheet.write_row(n, 0, line.split(";"))
    return made.getvalue()


def run(import_id: uuid.UUID) -> None:
    """What the worker does."""
    more = True
    while more:
        with db.transaction():
            more = people_import.invite_some(import_id, SECRET)


def only_import() -> PeopleImport:
    with db.transaction(write=False):
        return db.session.scalars(select(PeopleImport)).one()


def person(email: str) -> Person:
    with db.transaction(write=False):
        found = find_person_by_email(email)
    assert found is not None
    return found


@pytest.mark.parametrize(
    "data",
    [
        GOOD.encode(),
        GOOD.encode("utf-8-sig"),
        GOOD.encode("cp1252"),
        GOOD.replace(";", ",").encode(),
        GOOD.replace("\n", "\r\n").encode(),
        book(),
    ],
    ids=["utf-8", "bom", "windows-1252", "comma", "crlf", "xlsx"],
)
def test_a_file_is_shown_first_and_then_everybody_is_invited_once(site: Site, scene: Scene, data: bytes) -> None:
    browser = staff(site, scene)
    before = snapshot("people_import")
    shown = send(browser, data)
    assert shown.status_code == 303
    path = shown.headers["Location"]
    text = browser.get(path).text
    for words in ("Er is nog niemand uitgenodigd", "Anna Ähl", "krijgt een uitnodiging", "Verwerk 3 rijen"):
        assert words in text, words
    assert snapshot("people_import") == before
    for _ in range(2):  # pressing twice is pressing once
        assert browser.post(path).headers["Location"] == path
    assert "0 van de 3 rijen gedaan" in browser.get(path).text
    kept = only_import()
    assert browser.get(path + "/stand.json").json == {"done": 0, "total": 3, "finished": False}
    run(kept.id)
    run(kept.id)
    assert browser.get(path + "/stand.json").json == {"done": 3, "total": 3, "finished": True}
    text = browser.get(path).text
    for words in ("Alle 3 rijen zijn gedaan", "uitgenodigd", "Anna Ähl", "GM0004"):
        assert words in text, words
    anna, ben = person("anna@een.example"), person("ben@twee.example")
    assert (anna.name, anna.phone, anna.locale, ben.locale) == ("Anna Ähl", "06 1", "nl", "en")
    with db.transaction(write=False):
        offices = dict(
            db.session.execute(select(Person.email, Office.kind).join(Office, Office.person_id == Person.id)).all()  # type: ignore[arg-type]
        )
        assert offices["anna@een.example"] is OfficeKind.ALDERMAN
        assert offices["cor@vier.example"] is OfficeKind.OFFICIAL
        told = db.session.scalars(
            select(Notice.person_id).where(Notice.kind == NoticeKind.INVITATION, Notice.created_at > kept.created_at)
        ).all()
    assert sorted(told) == sorted([anna.id, ben.id, person("cor@vier.example").id])
    assert "anna@een.example" not in str(only_import().rows)
    (entry,) = logged("people.import")
    assert (entry.actor_id, entry.data["rows"]) == (scene.staff[Role.SECRETARIAT].id, 3)


def test_every_faulty_row_is_named_with_its_reason_and_nobody_is_invited(site: Site, scene: Scene) -> None:
    rows = [
        "code,naam,e-mail,functie,telefoon,taal",
        "GM0001,Goed,goed@een.example,griffier,,",
        ",Zonder,a@een.example,griffier,,",
        "GM0099,Onbekend,b@een.example,griffier,,",
        "GM0001,,c@een.example,griffier,,",
        "GM0001,Adres,geen adres,griffier,,",
        "GM0001,Adres,,griffier,,",
        "GM0001,Twee,GOED@een.example,griffier,,",
        "GM0001,Functie,d@een.example,directeur,,",
        "GM0001,Functie,e@een.example,,,",
        f"GM0001,Telefoon,f@een.example,griffier,{'1' * 41},",
        "GM0001,Taal,g@een.example,griffier,,fr",
    ]
    browser = staff(site, scene)
    before = snapshot()
    answer = send(browser, "\n".join(rows).encode())
    assert answer.status_code == 422
    assert "Er zijn 10 fouten gevonden. Er is niemand uitgenodigd." in answer.text
    for row, words in (
        (3, "De gemeentecode ontbreekt."), (4, "staat niet in het ledenbestand"), (5, "De naam ontbreekt."),
        (6, "Dit is geen e-mailadres"), (7, "Het e-mailadres ontbreekt."), (8, "Dit adres staat er bij deze gemeente"),
        (9, "Deze functie kennen we niet"), (10, "De functie ontbreekt."), (11, "Dit telefoonnummer"),
        (12, "Deze taal kennen we niet"),
    ):  # fmt: skip
        line = answer.text.split(f'scope="row">{row}</th>')[1].split("</tr>")[0]
        assert words in line, (row, words)
    assert snapshot() == before


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "Het bestand is leeg."),
        (b"code,naam,e-mail,functie\n", "Onder de kopregel staat niemand."),
        (b"naam,e-mail,functie\nA,a@b.nl,griffier", "De kolom met de gemeentecode ontbreekt"),
        (b"code,naam,functie\nGM0001,A,griffier", "De kolom met het e-mailadres ontbreekt"),
        (b"code,naam,e-mail\nGM0001,A,a@b.nl", "De kolom met de functie ontbreekt"),
    ],
)
def test_a_file_without_people_or_columns_says_which(site: Site, scene: Scene, data: bytes, words: str) -> None:
    answer = send(staff(site, scene), data)
    assert answer.status_code == 422
    assert words in answer.text


def test_the_file_to_fill_in_names_every_member_and_is_read_again(site: Site, scene: Scene) -> None:
    browser = staff(site, scene)
    file = browser.get(ADDRESS + "/invullen.csv").data
    found = cells(file)
    assert [row[:2] for row in found[1:]] == [[f"GM000{n}", f"Gemeente {n}"] for n in (1, 2, 3, 4)]
    assert all(row[2:] == [""] * 5 for row in found[1:])
    with db.transaction(write=False):
        assert people_import.read(found, all_members())[1][0].what == "no_people"
    filled = file.decode("utf-8-sig").replace("Gemeente 2,,,,,", "Gemeente 2,Ben,ben@twee.example,griffier,,")
    assert send(browser, filled.encode()).status_code == 303


def test_who_is_known_keeps_their_name_and_is_not_invited_again(site: Site, scene: Scene) -> None:
    clerk = scene.clerks[1]
    rows = f"code,naam,e-mail,functie\nGM0001,Ander,{clerk.email},wethouder\nGM0002,Ander,{clerk.email},griffier\n"
    browser = staff(site, scene)
    path = send(browser, rows.encode()).headers["Location"]
    text = browser.get(path).text
    assert "krijgt deze functie erbij" in text
    assert "er verandert niets" in text
    browser.post(path)
    run(only_import().id)
    assert person(clerk.email).name == clerk.name
    with db.transaction(write=False):
        kinds = db.session.scalars(select(Notice.kind).where(Notice.person_id == clerk.id)).all()
    assert NoticeKind.INVITATION not in kinds
    assert list(kinds).count(NoticeKind.OFFICE_GIVEN) == 1


def test_what_cannot_be_done_after_all_is_told_and_the_others_are_done(site: Site, scene: Scene) -> None:
    """Whoever pressed the button lost the right to meanwhile."""
    browser = staff(site, scene)
    path = send(browser, GOOD.encode()).headers["Location"]
    browser.post(path)
    with db.transaction():
        db.session.merge(scene.staff[Role.SECRETARIAT]).roles.clear()
    run(only_import().id)
    text = site.browser(scene.staff[Role.ADMINISTRATOR]).get(path).text
    assert "Met 3 rijen lukte het niet" in text
    assert "Rij 2:" in text
    with db.transaction(write=False):
        assert find_person_by_email("ben@twee.example") is None


def test_several_workers_at_once_invite_everybody_once(site: Site, scene: Scene) -> None:
    rows = "code,naam,e-mail,functie\n" + "".join(
        f"GM000{1 + n % 4},Mens {n},mens{n}@test.example,raadslid\n" for n in range(60)
    )
    with db.transaction():
        kept, _ = people_import.prepare(rows.encode(), "mensen.csv", None)
        assert kept is not None
        assert people_import.start(kept, None)
    answers = together([lambda: run(kept.id)] * 4)
    assert set(answers) == {None}, answers
    run(kept.id)
    with db.transaction(write=False):
        invited = db.session.execute(
            select(func.count(), func.count(Invitation.person_id.distinct()))
            .join(Person).where(Person.email.like("mens%"))
        ).one()  # fmt: skip
        assert tuple(invited) == (60, 60)
        assert only_import().done == 60


# --- The list and reminding


def make_waiting(site: Site, scene: Scene) -> tuple[Person, Person]:
    """Two who have no account: one with a link that works and one whose link expired, both mailed days ago."""
    with db.transaction():
        db.session.query(Notice).delete()
        db.session.query(Invitation).delete()
        for p in db.session.scalars(select(Person).where(Person.password_hash.is_(None))):
            p.password_hash = "!"
        people = [factories.person(name) for name in ("wacht", "verlopen")]
        for p in people:
            invite(p, None, days=14, secret=SECRET)
        late = db.session.scalars(select(Invitation).where(Invitation.person_id == people[1].id)).one()
        late.expires_at = db.now() - timedelta(days=1)
    return people[0], people[1]


def test_the_list_is_narrowed_to_who_accepted_waits_or_whose_link_expired(site: Site, scene: Scene) -> None:
    make_waiting(site, scene)
    browser = staff(site, scene)
    for stage, here, not_here in (
        ("accepted", {"Griffier-Gm0001"}, {"Wacht", "Verlopen"}),
        ("waiting", {"Wacht", "Verlopen"}, {"Griffier-Gm0001"}),
        ("expired", {"Verlopen"}, {"Wacht", "Griffier-Gm0001"}),
    ):
        text = browser.get(f"/secretariaat/personen?staat={stage}").text.split('<ul class="alv-rows">')[1]
        assert all(name in text for name in here), stage
        assert not any(name in text for name in not_here), stage


def test_reminding_sends_a_link_that_works_and_nobody_is_reminded_twice_in_a_day(site: Site, scene: Scene) -> None:
    waiting, late = make_waiting(site, scene)
    browser = staff(site, scene)
    page = "/secretariaat/personen/herinneren"
    with db.transaction(write=False):
        before = {i.person_id: i.id for i in db.session.scalars(select(Invitation))}
    assert "Stuur 2 herinneringen" in browser.get(page).text
    assert browser.submit(page).status_code == 303
    with db.transaction(write=False):
        after = {i.person_id: i for i in db.session.scalars(select(Invitation))}
        told = [n.person_id for n in db.session.scalars(
            select(Notice).where(Notice.kind == NoticeKind.INVITATION_REMINDER)
        )]  # fmt: skip
    assert sorted(told) == sorted([waiting.id, late.id])
    assert after[waiting.id].id == before[waiting.id]
    assert after[late.id].id != before[late.id]
    assert site.browser().get(f"/uitnodiging/{invitation_token(after[late.id].id, SECRET)}").status_code == 200
    assert "Er is nu niemand om te herinneren" in browser.get(page).text
    browser.post(page)
    with db.transaction(write=False):
        assert db.session.execute(select(func.count()).select_from(Notice)).scalar_one() == 2
    assert [entry.data for entry in logged("people.remind")] == [{"number": 2}], "nothing was done the second time"


def test_reminding_at_once_reminds_once(site: Site, scene: Scene) -> None:
    make_waiting(site, scene)

    def again() -> int:
        with db.transaction():
            return remind(SECRET, None)

    assert sorted(together([again] * 4)) == [0, 0, 0, 2]  # type: ignore[type-var]
