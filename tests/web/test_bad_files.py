"""Files that cannot be: a register, a text, a flood. A clear sentence, nothing changed, and never a 500."""

import io
import zipfile

import pytest
from werkzeug.test import TestResponse

from tests.web.inline import inline_parts
from tests.web.site import BASE, Browser, Scene, Site, address_of, snapshot
from tests.web.test_access import addresses
from vng_alv.domain.permissions import Role
from vng_alv.members.importing import MAX_PARTS

IMPORT = "/secretariaat/leden/importeren"
HEAD = b"code,naam,provincie,inwoners\n"


@pytest.fixture
def secretariat(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.staff[Role.SECRETARIAT])


@pytest.fixture
def own(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.clerks[0])


def upload(browser: Browser, path: str, data: bytes, name: str = "leden.csv", **more: str) -> TestResponse:
    return browser.post(path, {"file": (io.BytesIO(data), name), **more})


def bomb() -> bytes:
    """A small file that unpacks to more than anybody's register."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (101 * 2**20))
    return made.getvalue()


def crowd() -> bytes:
    """A small file with more files in it than any spreadsheet has."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number in range(MAX_PARTS + 1):
            archive.writestr(f"xl/{number}", b"")
    return made.getvalue()


def from_the_future() -> bytes:
    """A file that says it was packed in a way that nobody knows yet."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("xl/workbook.xml", b"<x/>")
    data = bytearray(made.getvalue())
    data[data.rindex(b"PK\x01\x02") + 6] = 200
    return bytes(data)


FAULTY: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "Het bestand is leeg."),
    "only white space": (b" \n\t\r\n\n", "Het bestand is leeg."),
    "only a header": (HEAD, "Onder de kopregel staan geen gemeenten."),
    "no column for inhabitants": (b"code,naam,provincie\nGM1,A,B\n", "De kolom met het aantal inwoners ontbreekt."),
    "an open quote": (HEAD + b'GM0009,"Nooit dicht,Utrecht,10\n', "De provincie ontbreekt."),
    "too few cells": (HEAD + b"GM0009,A\n", "Het aantal inwoners ontbreekt."),
    "the same code twice": (HEAD + b"GM0009,A,B,1\ngm0009,C,D,2\n", "Deze gemeentecode staat er al."),
    "negative inhabitants": (HEAD + b"GM0009,A,B,-5\n", "Het aantal inwoners kan niet kleiner zijn dan 0."),
    "missing inhabitants": (HEAD + b"GM0009,A,B,\n", "Het aantal inwoners ontbreekt."),
    "inhabitants in words": (HEAD + b"GM0009,A,B,veel\n", "Dit is geen heel aantal inwoners."),
    "a part of an inhabitant": (HEAD + b'GM0009,A,B,"10,5"\n', "Dit is geen heel aantal inwoners."),
    "inhabitants beyond counting": (HEAD + b"GM0009,A,B,999999999999\n", "Dit is geen heel aantal inwoners."),
    "no code": (HEAD + b",A,B,1\n", "De gemeentecode ontbreekt."),
    "a strange code": (HEAD + b"GM 9;DROP,A,B,1\n", "Deze gemeentecode kan niet."),
    "a name with a turn of direction": (HEAD + "GM0009,A\u202eB,C,1\n".encode(), "er staan vreemde tekens in"),
    "a name without end": (HEAD + b"GM0009," + b"A" * 201 + b",B,1\n", "Deze naam is te lang"),
    "a field without end": (HEAD + b'GM0009,"' + b"A" * 200_000 + b'",B,1\n', "Dit bestand kunnen we niet lezen."),
    "a NUL": (HEAD + b"GM0009,A\x00,B,1\n", "Dit bestand kunnen we niet lezen."),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "Dit bestand kunnen we niet lezen."),
    "a broken spreadsheet": (b"PK\x03\x04" + b"broken" * 50, "Dit bestand kunnen we niet lezen."),
    "a spreadsheet from the future": (from_the_future(), "Dit bestand kunnen we niet lezen."),
    "too many rows": (HEAD + b"GM1,A,B,1\n" * 20_001, "Dit is te groot om te verwerken."),
    "a spreadsheet that bursts": (bomb(), "Dit is te groot om te verwerken."),
    "a spreadsheet of a thousand files": (crowd(), "Dit is te groot om te verwerken."),
}


def test_a_faulty_register_is_told_and_nothing_of_it_is_kept(secretariat: Browser) -> None:
    before = snapshot()
    for what, (data, sentence) in FAULTY.items():
        answer = upload(secretariat, IMPORT, data)
        assert (answer.status_code, sentence in answer.text) == (422, True), what
    assert snapshot() == before


def test_a_faulty_row_among_good_ones_is_named_and_the_good_ones_wait_too(secretariat: Browser) -> None:
    before = snapshot()
    answer = upload(secretariat, IMPORT, HEAD + b"GM0011,Goed,Utrecht,5000\nGM0012,,Utrecht,x\nGM0013,Ook,Utrecht,1\n")
    assert answer.status_code == 422
    assert "Er zijn 2 fouten gevonden. Er is niets gewijzigd." in answer.text
    assert answer.text.count('scope="row">3</th>') == 2
    assert snapshot() == before


@pytest.mark.parametrize("how", ["no field", "no file chosen", "text in its place"])
def test_a_form_without_a_file_asks_for_one(secretariat: Browser, how: str) -> None:
    data = {"no field": {}, "no file chosen": {"file": (io.BytesIO(), "")}, "text in its place": {"file": "GM1,A,B,1"}}
    answer = secretariat.post(IMPORT, data[how])
    assert answer.status_code == 422
    assert "Kies een bestand." in answer.text


def test_an_upload_of_50_megabytes_is_refused_everywhere(site: Site, scene: Scene, secretariat: Browser) -> None:
    before = snapshot()
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="leden.csv"\r\n\r\n'
    body = part + b"x" * (50 * 2**20) + b"\r\n--x--\r\n"
    kind = "multipart/form-data; boundary=x"
    answer = secretariat.client.post(IMPORT, base_url=BASE, data=body, content_type=kind)
    assert answer.status_code == 413
    assert "groter dan 2 MB. Er is niets gewijzigd." in answer.text
    for browser in (secretariat, site.browser()):
        for endpoint, method in addresses(site.app):
            if method == "POST":
                path = address_of(site, endpoint, method, scene.address)
                length = {"CONTENT_LENGTH": str(len(body))}
                answer = browser.client.post(path, base_url=BASE, content_type=kind, environ_overrides=length)
                assert answer.status_code == 413, path
    assert snapshot() == before


def test_more_fields_than_any_form_has_are_refused(own: Browser) -> None:
    before = snapshot()
    body = b"".join(b'--x\r\nContent-Disposition: form-data; name="c%d"\r\n\r\n1\r\n' % n for n in range(6_000))
    kind = "multipart/form-data; boundary=x"
    answer = own.client.post("/stemmen/alv/controle", base_url=BASE, data=body + b"--x--\r\n", content_type=kind)
    assert answer.status_code == 413
    assert snapshot() == before


TEXT = "/secretariaat/vergaderingen/alv/stukken/R2/importeren"
FAULTY_TEXTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "Er staat nog geen tekst."),
    "white": (b"\n\n  \n", "Er staat nog geen tekst."),
    "binary": (b"\x7fELF\x00\x01\x02", "Dit bestand kunnen we niet lezen."),
    "the beginning of a PDF": (b"%PDF-1.7\x00\x01\x02", "Dit bestand is beschadigd of niet af."),
    "too long": (b"a" * 400_001, "Dit is te groot om te verwerken."),
    "too many sections": (b"# T\n" + b"## kop\n\nx\n\n" * 501, "Dit is te groot om te verwerken."),
    "a heading without end": (b"# T\n\n## " + b"k" * 301 + b"\n", "Dit is te groot om te verwerken."),
    "a title without end": (b"# " + b"k" * 301 + b"\n\n## a\n", "Dit is te groot om te verwerken."),
}


def test_a_text_that_cannot_be_read_is_told_and_the_published_one_stays(secretariat: Browser) -> None:
    before = snapshot()
    for what, (data, sentence) in FAULTY_TEXTS.items():
        answer = upload(secretariat, TEXT, data, "tekst.md")
        assert (answer.status_code, sentence in answer.text) == (422, True), what
    answer = upload(secretariat, TEXT, b"# A\n\n## b\n", "tekst.md", text="# C")
    assert "Kies een bestand of plak de tekst, niet allebei." in answer.text
    assert snapshot() == before


NASTY = """# Titel <script>alert(1)</script>

<img src=x onerror=alert(1)> <iframe src="//evil.example"></iframe>

## Deel <b onclick=alert(1)>

### A1. Kop <script>alert(1)</script>

Tekst <script>alert(1)</script> [klik](javascript:alert(1)) ![beeld](https://evil.example/x.png)
<svg onload=alert(1)> [x](data:text/html,<script>alert(1)</script>) [y](//evil.example "t\\" onmouseover=\\"alert(1)")

<style>body{display:none}</style>

- <a href="javascript:alert(1)">x</a>
- `<script>`
"""


def test_scripts_in_a_text_are_shown_and_never_run(site: Site, scene: Scene, secretariat: Browser) -> None:
    answer = upload(secretariat, TEXT, NASTY.encode(), "tekst.md")
    assert answer.status_code == 303
    page = secretariat.get(answer.headers["Location"])
    assert "In de tekst staat HTML. Lezers zien die als gewone tekst" in page.text
    assert not inline_parts(page)
    assert secretariat.submit(TEXT, action="/publiceren").status_code == 303
    answer = site.browser().get("/vergaderingen/alv/stukken/R2")
    assert not inline_parts(answer)
    shown = answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in shown
    assert "<img" not in shown
