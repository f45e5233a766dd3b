"""`alv meeting decisions`: what a meeting decided, at the terminal or as a file."""

from pathlib import Path

import click

from vng_alv import db
from vng_alv.exports import decision_papers
from vng_alv.exports.decisions import decisions_of
from vng_alv.exports.pdf import NotMade
from vng_alv.exports.report import Grid, Head, Line, Prose, Report, Rows
from vng_alv.meetings.queries import get_meeting


@click.command("decisions")
@click.argument("meeting_code")
@click.option("--format", "form", type=click.Choice(["text", *decision_papers.DECISIONS]), default="text",
              show_default=True)  # fmt: skip
@click.option("--results", is_flag=True, help="De uitslagenlijst in plaats van de besluitenlijst.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="Schrijf naar dit bestand.")
def decisions(meeting_code: str, form: str, results: bool, output: Path | None) -> None:
    """Toon de besluitenlijst van een vergadering, of schrijf haar naar een bestand."""
    with db.transaction(write=False):
        found = decisions_of(get_meeting(meeting_code), "nl")
    papers = decision_papers
    if form == "text":
        made = _plain(papers.result_list(found) if results else papers.decision_list(found)).encode()
    else:
        try:
            lists = papers.RESULTS if results else papers.DECISIONS
            made = lists[form](found)
        except NotMade as error:
            raise click.ClickException(f"Het bestand kon niet worden gemaakt: {error}") from None
    if output:
        output.write_bytes(made)
        click.echo(f"{output}: {len(made)} bytes")
    else:
        click.echo(made, nl=False)


def _plain(paper: Report) -> str:
    lines = [paper.title, ""]
    for block in paper.blocks:
        match block:
            case Rows():
                lines += [f"{name}: {said}" for name, said in block.pairs]
            case Grid():
                lines += ["\t".join(row) for row in (block.header, *block.rows)]
            case Prose():
                lines.append(block.text)
            case Head():
                lines += ["", block.said]
            case Line():
                lines.append(block.said)
    return "\n".join(lines) + "\n"
