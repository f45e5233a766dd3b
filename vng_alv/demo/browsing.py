"""A browser as the acted demo uses it: cookies, pages, and forms that carry the page's token."""

import html
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from http.client import HTTPException
from http.cookiejar import CookieJar
from typing import Any

TIMEOUT = 30
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
#: Where a page says what went wrong: in an alert, or above a form.
PROBLEM = re.compile(
    r'(?:utrecht-alert--error.*?utrecht-alert__message"|class="alv-summary")[^>]*>(.*?)</div>', re.DOTALL
)


class Unexpected(RuntimeError):
    """The site did not answer as it should; a sentence for whoever acts the demo out."""


class Browser:
    """One person's browser. All of it raises ``Unexpected`` where the site refuses or does not answer."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.page = ""
        self.address = ""

    def get(self, path: str) -> str:
        """Load a page."""
        self.page = self._open(urllib.request.Request(self.base + path)).decode(errors="replace")
        return self.page

    def data(self, path: str) -> Any:
        """What an address answers as JSON; the page stays."""
        try:
            return json.loads(self.file(path))
        except ValueError:
            raise Unexpected(f"{self.address} is geen JSON.") from None

    def file(self, path: str) -> bytes:
        """Download a file; the page stays."""
        return self._open(urllib.request.Request(self.base + path))

    def post(self, path: str, **fields: str | Sequence[str]) -> str:
        """Send a form of the page that is open, and follow where it leads."""
        token = TOKEN.search(self.page)
        sent = {"csrf_token": token[1] if token else "", **fields}
        data = urllib.parse.urlencode(sent, doseq=True).encode()
        self.page = self._open(urllib.request.Request(self.base + path, data)).decode(errors="replace")
        return self.page

    def find(self, pattern: re.Pattern[str]) -> str:
        """What the first group of a pattern matches on the page, as people read it."""
        found = pattern.search(self.page)
        if found is None:
            raise Unexpected(f"Op {self.address} staat niet wat er hoort te staan: {pattern.pattern}")
        return html.unescape(found[1])

    def _open(self, request: urllib.request.Request) -> bytes:
        try:
            with self.opener.open(request, timeout=TIMEOUT) as answer:
                self.address = answer.geturl()
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            with error:
                said = _problem(error.read().decode(errors="replace"))
            raise Unexpected(f"{request.get_method()} {request.full_url}: {error.code}. {said}".rstrip()) from None
        except (OSError, HTTPException) as error:
            raise Unexpected(f"{request.full_url} antwoordt niet: {error}") from None

    def step_in(self, key: str) -> "Browser":
        """Become one of the demo's people."""
        self.get("/demo")
        self.post("/demo/instappen", als=key)
        return self


def _problem(page: str) -> str:
    """What a page says that went wrong, or ''."""
    found = PROBLEM.search(page)
    words = re.sub(r"<[^>]*>", " ", found[1]) if found else ""
    return html.unescape(" ".join(words.split()))
