"""Pictures of the product: ``./run screenshots [--all] [--url URL]`` against a running demo.

Without options: the four pictures of the README, into ``docs/images``. With ``--all``: every page in every state that
the demo shows, at 360, 768 and 1280 px, light and dark, into the ignored folder ``screenshots``.
"""

import argparse
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).parents[1]
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WIDTHS = (360, 768, 1280)
MEETING = "/vergaderingen/alv-najaar"
DESK = "/secretariaat/vergaderingen/alv-najaar"

#: (name, whom to step in as or '', path)
PAGES: list[tuple[str, str, str]] = [
    ("demo", "", "/demo"),
    ("home-public", "", "/"),
    ("meetings", "", "/vergaderingen"),
    ("meeting", "", MEETING),
    ("document", "", f"{MEETING}/stukken/R1"),
    ("comments", "", f"{MEETING}/stukken/R1/reacties"),
    ("motion", "", f"{MEETING}/stukken/M1"),
    ("results", "", f"{MEETING}/uitslagen"),
    ("result", "", f"{MEETING}/uitslagen/1"),
    ("result-open", "", f"{MEETING}/uitslagen/2"),
    ("register", "", "/leden"),
    ("sign-in", "", "/inloggen"),
    ("not-found", "", "/bestaat-niet"),
    ("inbox", "", "/demo/postvak"),
    ("about", "", "/over"),
    ("home-delegate", "GM0599", "/"),
    ("ballot", "GM0599", "/stemmen/alv-najaar"),
    ("react", "GM0599", "/vergaderingen/alv-voorjaar/stukken/R1/reageren"),
    ("municipality", "GM0599", "/gemeente/GM0599"),
    ("mandate", "GM0599", "/gemeente/GM0599/stemkaart/alv-najaar"),
    ("colleague", "GM0599", "/gemeente/GM0599/collega"),
    ("intended", "GM0599", "/gemeente/GM0599/stemadvies/alv-najaar"),
    ("desk", "secretariaat", "/secretariaat"),
    ("console", "secretariaat", DESK),
    ("mandates", "secretariaat", f"{DESK}/stemkaarten"),
    ("people", "secretariaat", "/secretariaat/personen"),
    ("invite", "secretariaat", "/secretariaat/personen/uitnodigen"),
    ("import-people", "secretariaat", "/secretariaat/personen/importeren"),
    ("remind", "secretariaat", "/secretariaat/personen/herinneren"),
    ("rights", "secretariaat", "/secretariaat/rechten"),
    ("notices", "secretariaat", "/secretariaat/berichten"),
    ("audit", "secretariaat", "/secretariaat/logboek"),
    ("import-members", "secretariaat", "/secretariaat/leden/importeren"),
    ("association", "secretariaat", "/secretariaat/vereniging"),
    ("new-meeting", "secretariaat", "/secretariaat/vergaderingen/nieuw"),
    ("new-proposal", "secretariaat", f"{DESK}/stukken/nieuw"),
    ("console-chair", "voorzitter", DESK),
]
README = {"ballot": 360, "result": 1280, "document": 1280, "console": 1280}


@contextmanager
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window."""
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield found
        found.close()


def step_in(page: Page, url: str, key: str) -> None:
    """Sign in as one of the demo's people."""
    page.goto(f"{url}/demo")
    token = page.locator("input[name=csrf_token]").first.input_value()
    answer = page.request.post(f"{url}/demo/instappen", form={"csrf_token": token, "als": key}, headers={"Origin": url})
    assert answer.ok, answer.status


def pictures(url: str, folder: Path, wanted: dict[str, tuple[int, ...]], schemes: tuple[str, ...], full: bool) -> None:
    """Take the ``wanted`` pages at their widths."""
    folder.mkdir(parents=True, exist_ok=True)
    with browser() as chromium:
        for scheme in schemes:
            signed_in = None
            for name, key, path in PAGES:
                if name not in wanted:
                    continue
                if signed_in is None or signed_in[0] != key:
                    context = chromium.new_context(color_scheme=scheme, locale="nl-NL")  # type: ignore[arg-type]
                    page = context.new_page()
                    signed_in = (key, page)
                    if key:
                        step_in(page, url, key)
                page = signed_in[1]
                for width in wanted[name]:
                    page.set_viewport_size({"width": width, "height": 800})
                    answer = page.goto(url + path)
                    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                    note = f"  SIDEWAYS {wide}px" if wide > 0 else ""
                    status = answer.status if answer else 0
                    file = folder / (f"{name}-{width}-{scheme}.png" if full else f"{name}.png")
                    page.screenshot(path=file, full_page=full)
                    print(f"{file.name} {status}{note}")


def main() -> None:
    """Take them."""
    parser = argparse.ArgumentParser(prog="./run screenshots")
    parser.add_argument("--url", default=f"http://localhost:{os.environ.get('PORT', '8000')}")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--only", help="names, with commas")
    parser.add_argument("--light", action="store_true")
    options = parser.parse_args()
    if options.all:
        names = options.only.split(",") if options.only else [name for name, _, _ in PAGES]
        schemes = ("light",) if options.light else ("light", "dark")
        pictures(options.url, ROOT / "screenshots", dict.fromkeys(names, WIDTHS), schemes, True)
    else:
        pictures(options.url, ROOT / "docs" / "images", {n: (w,) for n, w in README.items()}, ("light",), False)


if __name__ == "__main__":
    main()
