"""Setting PDFs in a process of its own, that can be stopped and has little memory.

``main`` reads JSON from standard input: for each PDF the name of its template and its data. It writes JSON: each PDF in
base64, or why it could not be made. ``pdf.make_all`` starts it. Nothing of what people wrote is ever code here: data
reaches a template as a value, and templates evaluate none.
"""

import base64
import json
import resource
import sys
from pathlib import Path
from typing import Any

TEMPLATES = Path(__file__).parent / "typst"
#: Bytes of memory (address space) and seconds of the processor.
MEMORY = 3 * 2**30
SECONDS = 60


def limit() -> None:
    """Set what this process may use; it cannot raise these again."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def typeset(template: str, data: dict[str, Any]) -> bytes:
    """A PDF with only the fonts that come with typst. Raises ``typst.TypstError``, also where it would not conform."""
    import typst  # noqa: PLC0415 - after the limits

    compiler = typst.Compiler(
        str(TEMPLATES / f"{template}.typ"),
        root=str(TEMPLATES),
        font_paths=typst.Fonts(include_system_fonts=False),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(data)},
    )
    # PDF/UA-1, for who listens to it, and PDF/A-2a, for the archive.
    made = compiler.compile(format="pdf", pdf_standards=["ua-1", "a-2a"])
    if not isinstance(made, bytes):
        raise TypeError(f"typst gave {type(made).__name__} for {template}")
    return made


def main() -> None:
    """Set what is asked, answer, end."""
    limit()
    try:
        made = [typeset(one["template"], one["data"]) for one in json.load(sys.stdin)]
        said: dict[str, object] = {"made": [base64.b64encode(one).decode() for one in made]}
    except Exception as error:  # the other side writes it in its log
        said = {"failed": f"{type(error).__name__}: {error}"[:500]}
    sys.stdout.write(json.dumps(said))
