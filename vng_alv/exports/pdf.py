"""PDFs: from plain data and a template in ``typst/``, for printing, for reading aloud and for the archive."""

import base64
import json
import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from vng_alv.domain.redline import redline
from vng_alv.exports.lasting import made_at
from vng_alv.exports.trees import tidy, tree
from vng_alv.proposals.reading import command

log = structlog.get_logger()

COMMAND = command("vng_alv.exports.typesetting")
#: Seconds that making PDFs may take.
PATIENCE = 60.0
#: What the fonts that come with typst have; tests/exports/test_pdf.py sets all of it. Another character would stop the
#: whole document, since a PDF for the archive must show every one.
_ABSENT = re.compile(
    r"[^\n\t\u0020-\u007e\u00a0-\u02ff\u0386\u0388-\u038a\u038c\u038e-\u03a1\u03a3-\u0482\u048a-\u04ff\u1e00-\u1f15"
    r"\u2002-\u200a\u2010-\u2027\u202f-\u205e\u2074-\u208e\u2090-\u209c\u20a0-\u20c0\u2100-\u2151\u2153-\u2184"
    r"\u2190-\u23ff\u2460-\u262f\u2638-\u268b\u2690-\u269c\u270c-\u2727\u2729-\u274b\u27b1-\u27bf\ufb01\ufb02]"
)
SHOWN_AS = "\u25af"


class NotMade(Exception):
    """A file could not be made, or not in time; the reason is for the log."""


@dataclass(frozen=True)
class Markdown:
    """Text of people, in the data of a template: becomes a list of blocks (``trees``), with its lines numbered from
    ``first`` if that is given."""

    text: str
    first: int | None = None


@dataclass(frozen=True)
class Redline:
    """Two texts, in the data of a template: become a list of (``same``, ``added`` or ``removed``; words)."""

    old: str
    new: str


def make(template: str, data: dict[str, Any]) -> bytes:
    """One PDF: PDF/UA-1 and PDF/A-2a. ``data`` holds what JSON can, and ``Markdown`` and ``Redline``; it has at least
    ``title``, ``author``, ``lang`` and ``example`` (what marks an invented one, or ''). Raises ``NotMade``."""
    return make_all([(template, data)])[0]


def make_all(wanted: Sequence[tuple[str, dict[str, Any]]]) -> list[bytes]:
    """Some PDFs, in their order. Raises ``NotMade`` when one of them could not be made or it all took too long."""
    made = {"made": list(made_at().timetuple()[:6])}
    asked = json.dumps([{"template": template, "data": dressed({**data, **made})} for template, data in wanted])
    try:
        answer = subprocess.run(
            COMMAND, input=asked.encode(), capture_output=True, timeout=PATIENCE, env={}, cwd="/", check=False
        )
        said = json.loads(answer.stdout)
    except subprocess.TimeoutExpired:
        raise NotMade(f"took longer than {PATIENCE} s") from None
    except ValueError:
        raise NotMade(f"ended with {answer.returncode}: {answer.stderr[-300:]!r}") from None
    if "failed" in said:
        raise NotMade(said["failed"])
    return [base64.b64decode(one) for one in said["made"]]


def dressed(value: Any) -> Any:
    """Data as a template gets it: blocks for Markdown, spans for a redline, and only characters that a font has."""
    match value:
        case Markdown():
            return dressed(tree(value.text, value.first))
        case Redline():
            return [[span.change.value, dressed(span.text)] for span in redline(tidy(value.old), tidy(value.new))]
        case str():
            return _ABSENT.sub(SHOWN_AS, tidy(value))
        case dict():
            return {key: dressed(one) for key, one in value.items()}
        case list() | tuple():
            return [dressed(one) for one in value]
    return value
