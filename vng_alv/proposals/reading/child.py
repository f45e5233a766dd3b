"""Reading a document in a process of its own, that can do nothing else and not for long.

``main`` reads the bytes of a document from standard input and writes JSON to standard output: the document, or why it
is refused. A process that dies or that is stopped has refused too; see ``reading.read``.
"""

import json
import logging
import resource
import sys
import traceback
import warnings

#: Bytes of memory (address space, so that what is really used stays under it) and seconds of the processor.
MEMORY = 192 * 2**20
SECONDS = 5


def limit() -> None:
    """Set what this process may use; it cannot raise these again."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def answer(data: bytes) -> dict[str, object]:
    """The document as JSON can hold it, or its refusal with the facts of the sentence."""
    from vng_alv.domain.refusals import Refusal  # noqa: PLC0415 - after the limits
    from vng_alv.errors import Refused  # noqa: PLC0415
    from vng_alv.proposals.reading.kinds import document_of  # noqa: PLC0415

    try:
        document = document_of(data)
    except Refused as refused:
        return {"refused": refused.refusal.value, "facts": refused.facts}
    except (MemoryError, RecursionError):
        return {"refused": Refusal.DOCUMENT_TOO_COMPLEX.value, "facts": {}}
    return {
        "title": document.title,
        "preamble": document.preamble,
        "sections": [list(vars(section).values()) for section in document.sections],
        "remarks": [list(vars(remark).values()) for remark in document.remarks],
    }


def main() -> None:
    """Read, answer, end."""
    limit()
    logging.disable()
    warnings.simplefilter("ignore")
    try:
        said = json.dumps(answer(sys.stdin.buffer.read()))
    except Exception as error:  # a fault of ours: the other side writes it in its log
        place = traceback.extract_tb(error.__traceback__)[-1]
        said = json.dumps({"failed": f"{type(error).__name__} at {place.name}, line {place.lineno}"})
    sys.stdout.write(said)
