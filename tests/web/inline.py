"""Finding what a strict policy forbids in a page, as a browser would read it."""

import re
from html.parser import HTMLParser

from werkzeug.test import TestResponse

ADDRESS = re.compile(r"\s*(javascript|data|vbscript):", re.IGNORECASE)


class _Inline(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = dict(attrs)
        if tag in {"style", "base", "iframe", "object", "embed"} or (tag == "script" and not a.get("src")):
            self.wrong.append(f"<{tag}>")
        for name, value in attrs:
            given = value or ""
            if name == "style" or name.startswith("on"):
                self.wrong.append(f"<{tag} {name}>")
            if name in {"href", "src", "action", "formaction", "xlink:href"} and ADDRESS.match(given):
                self.wrong.append(f"<{tag} {name}={given}>")
            if name == "src" and not given.startswith("/static/"):
                self.wrong.append(f"<{tag} {name}={given}>")


def inline_parts(answer: TestResponse) -> list[str]:
    """Scripts, styles and handlers that stand in a page itself, and what comes from elsewhere."""
    parser = _Inline()
    if answer.mimetype == "text/html":
        parser.feed(answer.text)
    return parser.wrong
