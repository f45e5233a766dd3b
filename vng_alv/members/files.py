"""Files that carry the register, for spreadsheets and programs."""

from collections.abc import Iterable, Sequence

from flask import Response

from vng_alv.members.queries import get_association
from vng_alv.web import csv_answer


def register_file(head: Sequence[str], rows: Iterable[Sequence[object]], name: str) -> Response:
    """A CSV file; in an example a column of its own says so, so that programs still read the others."""
    if get_association().example:
        return csv_answer([(*head, "voorbeeld"), *((*row, "ja") for row in rows)], f"{name}-voorbeeld.csv")
    return csv_answer([head, *rows], f"{name}.csv")
