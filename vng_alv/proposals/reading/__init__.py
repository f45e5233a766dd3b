"""Reading a resolution or motion from the file that somebody has: Word, OpenDocument, PDF or Markdown.

What is read comes from outside. All but short plain text is read in a process of its own (``child``), that has little
memory and time and nothing else; here is what starts it, waits for it and stops it. Waiting leaves other threads free.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from vng_alv.domain.refusals import Refusal
from vng_alv.domain.sections import SectionText
from vng_alv.errors import Refused
from vng_alv.proposals.markdown import Document, Remark, parse
from vng_alv.proposals.reading.kinds import is_text, text_of

#: Bytes of a file.
MAX_BYTES = 10 * 2**20
#: Plain text up to this many bytes is read here: the slowest that we know takes a twentieth of a second.
SMALL = 4_000
#: Seconds that a reading may take, and that a person waits for a place.
SECONDS = 5.0
PATIENCE = 3.0
#: Bytes of an answer: a text of the largest size, each character written as six.
MAX_ANSWER = 4 * 2**20
#: Readings at the same time in one process of the site.
PLACES = threading.BoundedSemaphore(2)
#: Plain text goes by these names; other kinds are known by their content.
TEXT_NAMES = {"", ".md", ".markdown", ".txt", ".text"}


def command(module: str) -> list[str]:
    """What starts a process that runs ``main`` of a module of ours, which has to set its limits first."""
    begin = f"import sys; sys.path.append(sys.argv[1]); from {module} import main; main()"
    return [sys.executable, "-I", "-B", "-c", begin, str(Path(__file__).parents[3])]


COMMAND = command("vng_alv.proposals.reading.child")


def read(data: bytes, file_name: str) -> Document:
    """The document in a file, by its content; the name only says which plain text is no text to vote on.

    Raises ``Refused`` with a reason for whatever cannot be read safely and soon, see ``domain.refusals``.
    """
    if len(data) > MAX_BYTES:
        raise Refused(Refusal.DOCUMENT_TOO_LARGE, megabytes=MAX_BYTES // 2**20)
    if is_text(data):
        if os.path.splitext(file_name)[1].lower() not in TEXT_NAMES:
            raise Refused(Refusal.NOT_DOCUMENT)
        if len(data) <= SMALL:
            return parse(text_of(data))
    return _document(ask(data, COMMAND))


def ask(data: bytes, start: Sequence[str]) -> dict[str, Any]:
    """What a process says about these bytes, once there is a place for it. Raises ``Refused`` where there is none, and
    where it refused, was stopped or broke down."""
    if not PLACES.acquire(timeout=PATIENCE):
        raise Refused(Refusal.READERS_BUSY)
    try:
        answer = _ask(data, start)
    finally:
        PLACES.release()
    if "refused" in answer:
        raise Refused(Refusal(answer["refused"]), **answer["facts"])
    return answer


def _ask(data: bytes, start: Sequence[str]) -> dict[str, Any]:
    with tempfile.TemporaryFile() as given:
        given.write(data)
        given.seek(0)
        child = subprocess.Popen(
            start, stdin=given, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/",
            start_new_session=True,
        )  # fmt: skip
    late = threading.Event()

    def stop() -> None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)

    def stop_late() -> None:
        late.set()
        stop()

    timer = threading.Timer(SECONDS, stop_late)
    timer.start()
    try:
        with child:
            said = child.stdout.read(MAX_ANSWER + 1) if child.stdout else b""
            stop()  # it has said all, and is still ours until it is waited for
    finally:
        timer.cancel()
        timer.join()
    if late.is_set() or child.returncode == -signal.SIGXCPU:
        raise Refused(Refusal.READING_TOOK_TOO_LONG)
    try:
        answer: dict[str, Any] = json.loads(said)
    except ValueError:
        answer = {"failed": f"ended with {child.returncode} after {len(said)} bytes"}
    if "failed" in answer:
        import structlog  # noqa: PLC0415 - takes longer to load than the rest of what the child needs

        structlog.get_logger().warning("document_not_read", reason=answer["failed"])
        raise Refused(Refusal.DOCUMENT_DAMAGED)
    return answer


def _document(answer: dict[str, Any]) -> Document:
    return Document(
        answer["title"],
        answer["preamble"],
        tuple(SectionText(*section) for section in answer["sections"]),
        tuple(Remark(*remark) for remark in answer["remarks"]),
    )
