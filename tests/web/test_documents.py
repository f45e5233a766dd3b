"""Bringing a document of a writing program: what is found is shown, a refusal keeps what was typed, others go on."""

import io
import os
import sys
import threading
import time

import psutil
import pytest
from werkzeug.test import TestResponse

from tests.proposals.making import p, packed, run, word, word_parts
from tests.web.site import Browser, Scene, Site, snapshot
from vng_alv.domain.permissions import Role
from vng_alv.domain.refusals import Refusal
from vng_alv.errors import Refused
from vng_alv.proposals import reading

NEW = "/secretariaat/vergaderingen/alv/stukken/nieuw"
CHANGE = "<w:del/><w:ins>" + run("nieuw") + "</w:ins>"
WORD = word(p("Plan", "Titel") + p("Wonen", "Kop1") + p(run("Oud en ") + CHANGE))


@pytest.fixture
def secretariat(site: Site, scene: Scene) -> Browser:
    return site.browser(scene.staff[Role.SECRETARIAT])


def bring(browser: Browser, data: bytes, name: str) -> TestResponse:
    return browser.submit(NEW, code="R77", item_title="Mijn punt", file=(io.BytesIO(data), name))


def sleeping(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """A child that never answers and has a child of its own, and how long it gets."""
    sleep = f"import time; time.sleep(60)  # {os.getpid()}"
    code = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {sleep!r}]); {sleep}"
    monkeypatch.setattr(reading, "COMMAND", [sys.executable, "-c", code])
    monkeypatch.setattr(reading, "SECONDS", seconds)


def sleepers() -> list[str]:
    """Those of this test process that still run."""
    found = [process.info["cmdline"] or [""] for process in psutil.process_iter(["cmdline"])]
    return [line[-1] for line in found if line[-1].endswith(f"time.sleep(60)  # {os.getpid()}")]


def test_a_word_document_becomes_a_text_with_its_remarks(secretariat: Browser) -> None:
    answer = bring(secretariat, WORD, "plan.docx")
    assert answer.status_code == 303
    page = secretariat.get(answer.headers["Location"]).text
    assert "1 onderdeel gevonden" in page
    assert "Oud en nieuw" in page
    assert "alsof ze alle zijn aanvaard: 2." in page


def test_a_refused_document_changes_nothing_and_what_was_typed_stays(secretariat: Browser) -> None:
    before = snapshot()
    macros = packed({**word_parts(p("x")), "word/vbaProject.bin": b""})
    answer = bring(secretariat, macros, "plan.docm")
    assert answer.status_code == 422
    assert "zitten macro" in answer.text
    assert 'value="R77"' in answer.text
    assert 'value="Mijn punt"' in answer.text
    assert snapshot() == before


def test_others_are_answered_while_a_document_is_read_and_it_is_stopped_with_all_that_it_began(
    site: Site, secretariat: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    sleeping(monkeypatch, 5.0)
    answers: list[TestResponse] = []
    guest, began = site.browser(), time.monotonic()
    thread = threading.Thread(target=lambda: answers.append(bring(secretariat, WORD, "plan.docx")))
    thread.start()
    while len(sleepers()) < 2 and time.monotonic() - began < 5:
        time.sleep(0.05)
    assert guest.get("/leden").status_code == 200
    assert not answers
    thread.join(30)
    assert answers[0].status_code == 422
    assert "duurde te lang" in answers[0].text
    assert sleepers() == []


def test_two_are_read_at_once_and_a_third_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    sleeping(monkeypatch, 1.5)
    monkeypatch.setattr(reading, "PATIENCE", 0.2)
    said: list[Refusal] = []

    def read() -> None:
        with pytest.raises(Refused) as refused:
            reading.read(WORD, "")
        said.append(refused.value.refusal)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert said == [Refusal.READERS_BUSY, Refusal.READING_TOOK_TOO_LONG, Refusal.READING_TOOK_TOO_LONG]


@pytest.mark.parametrize("said", ['print(\'{"failed": "x"}\')', "print('nonsense')", "import os; os.abort()", ""])
def test_a_child_that_breaks_down_is_a_damaged_file(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setattr(reading, "COMMAND", [sys.executable, "-I", "-c", said])
    with pytest.raises(Refused) as refused:
        reading.read(WORD, "")
    assert refused.value.refusal is Refusal.DOCUMENT_DAMAGED
    assert reading.PLACES.acquire(blocking=False)
    reading.PLACES.release()
