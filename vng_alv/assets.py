"""The asset step: styles, scripts, files and translations, made ready before the site starts.

``python -m vng_alv.assets`` reads the locked packages in ``node_modules`` and our own ``static/`` folder and fills
``static/build/``: one style sheet, each script and file under a name that holds its hash, a ``.gz`` beside what
compresses, and ``manifest.json`` from logical to built name (``"app.css": "app.0123456789ab.css"``). Files are written
first, the manifest last, so that a reader never finds a name without its file. Catalogs are compiled to ``.mo``.
"""

import argparse
import gzip
import hashlib
import json
import os
import re
import sys
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from vng_alv.asset_modules import Modules

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "vng_alv" / "static"
BUILD = STATIC / "build"
CATALOGS = ROOT / "vng_alv" / "translations"
PACKAGES = ROOT / "node_modules"

THEME = "@nl-design-system-unstable/voorbeeld-design-tokens/dist/theme.css"
NOTICE = "/* NL Design System and Utrecht Design System components, EUPL-1.2; see package.json for the parts. */"
COMPRESSIBLE = {".css", ".js", ".json", ".svg", ".txt", ".webmanifest"}
GZIP_FROM = 500  # bytes; below this a compressed answer gains nothing

PLACEHOLDER = re.compile(r"%\((\w+)\)")
KEYWORDS: dict[str, Any] = {
    "_": None,
    "gettext": None,
    "lazy_gettext": None,
    "N_": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
SOURCES: list[tuple[str, list[tuple[str, str]]]] = [
    ("templates", [("**.html", "jinja2.ext:babel_extract"), ("**.txt", "jinja2.ext:babel_extract")]),
    ("vng_alv", [("**.py", "python")]),
    ("worker", [("**.py", "python")]),
]


class AssetError(Exception):
    """The assets cannot be made; the message says what to change."""


# Styles


def component_styles() -> list[Path]:
    """The style sheets of the component packages that ``package.json`` names, in its order."""
    names = json.loads((ROOT / "package.json").read_text())["dependencies"]
    return [PACKAGES / name / "dist" / "index.min.css" for name in names if name.endswith("-css")]


def squeeze(css: str) -> str:
    """The style sheet without comments, indentation and empty lines; nothing inside a line is touched."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL).replace('@charset "UTF-8";', "")
    return "\n".join(line.strip() for line in css.splitlines() if line.strip())


def used_tokens(theme: str, users: str) -> str:
    """The theme with only the tokens that ``users`` mention, directly or through other tokens: a third of them."""
    declared = dict(re.findall(r"^\s*(--[\w-]+):\s*(.+);$", theme, re.MULTILINE))
    found: set[str] = set()
    todo = set(re.findall(r"--[\w-]+", users)) & declared.keys()
    while todo:
        name = todo.pop()
        found.add(name)
        todo |= set(re.findall(r"--[\w-]+", declared[name])) & declared.keys() - found
    kept = []
    for line in theme.splitlines():
        token = re.match(r"\s*(--[\w-]+):", line)
        if not token or token[1] in found:
            kept.append(line)
    return "\n".join(kept)


def stylesheet(manifest: dict[str, str]) -> str:
    """Tokens, components, then our own files by name; ``url()`` of our own files becomes their built name."""

    def built(match: re.Match[str]) -> str:
        target = os.path.normpath(f"css/{match[2]}")
        if target not in manifest:
            raise AssetError(f"A style sheet points to {match[2]}, which is not in vng_alv/static.")
        return f'url("{manifest[target]}")'

    components = "\n".join(path.read_text("utf-8") for path in component_styles())
    own = "\n".join(path.read_text("utf-8") for path in sorted((STATIC / "css").glob("*.css")))
    own = re.sub(r"""url\((["']?)(?!data:|#)([^"')]+)\1\)""", built, own)
    scripts = "\n".join(path.read_text("utf-8") for path in (STATIC / "js").glob("*.js"))
    theme = used_tokens((PACKAGES / THEME).read_text("utf-8"), components + own + scripts)
    return f'@charset "UTF-8";\n{NOTICE}\n{squeeze(theme)}\n{squeeze(components)}\n{squeeze(own)}\n'


# Files


def write(path: Path, content: bytes) -> None:
    """Put ``content`` at ``path`` in one step, so that a reader never meets half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)


def publish(name: str, content: bytes) -> str:
    """Write ``content`` under ``name`` with its hash in it, compressed too where that helps; returns the built name."""
    target = Path(name)
    built = target.with_name(f"{target.stem}.{hashlib.sha256(content).hexdigest()[:12]}{target.suffix}")
    write(BUILD / built, content)
    if target.suffix in COMPRESSIBLE and len(content) >= GZIP_FROM:
        write(BUILD / f"{built}.gz", gzip.compress(content, 9, mtime=0))
    return built.as_posix()


def earlier() -> dict[str, str]:
    """The manifest of the build before this one; a running site still serves its files."""
    path = BUILD / "manifest.json"
    found: dict[str, str] = json.loads(path.read_bytes()) if path.exists() else {}
    return found


def build() -> dict[str, str]:
    """Fill the build folder; of older builds the last one stays. Returns the manifest. Raises :class:`AssetError`."""
    missing = [path for path in [PACKAGES / THEME, *component_styles()] if not path.is_file()]
    if missing:
        raise AssetError(f"{missing[0].relative_to(ROOT)} is missing: run ./run setup.")
    manifest: dict[str, str] = {}
    modules = Modules(PACKAGES, publish)
    for path in sorted(STATIC.rglob("*")):
        name = path.relative_to(STATIC)
        if not path.is_file() or name.parts[0] in {"build", "css", "verify"} or name.name.startswith("."):
            continue
        if path.suffix == ".js" and re.search(rb"""^\s*import\b.*["']\./""", path.read_bytes(), re.MULTILINE):
            raise AssetError(f"static/{name} imports another script: each script stands alone, for its name is hashed.")
        content = path.read_bytes()
        if path.suffix == ".js":
            try:
                content = modules.linked(content.decode("utf-8")).encode()
            except LookupError as error:
                raise AssetError(str(error)) from None
        manifest[name.as_posix()] = publish(name.as_posix(), content)
    manifest |= modules.manifest
    manifest["app.css"] = publish("app.css", stylesheet(manifest).encode())
    names = {*manifest.values(), *earlier().values()}
    current = {"manifest.json"} | names | {f"{name}.gz" for name in names}
    write(BUILD / "manifest.json", json.dumps(manifest, indent=1, sort_keys=True).encode())
    for path in BUILD.rglob("*"):
        if path.is_file() and path.relative_to(BUILD).as_posix() not in current:
            path.unlink()
    return manifest


# Translations


def catalogs() -> list[Path]:
    """The catalogs to translate; Dutch is the language of the source and needs none."""
    return sorted(CATALOGS.glob("*/LC_MESSAGES/*.po"))


def load(path: Path) -> Catalog:
    """One catalog from its ``.po`` file; the folder names the language."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3], abort_invalid=True)


def compile_catalogs() -> int:
    """Write the ``.mo`` beside each ``.po``; returns how many."""
    for path in catalogs():
        draft = path.with_name(f".{path.stem}.{os.getpid()}")
        with draft.open("wb") as file:
            write_mo(file, load(path))
        draft.replace(path.with_suffix(".mo"))
    return len(catalogs())


def extracted() -> Catalog:
    """Every sentence that templates and code mark for translation."""
    found = Catalog(charset="utf-8")
    options = {"**.html": {"encoding": "utf-8", "silent": "false"}, "**.txt": {"encoding": "utf-8", "silent": "false"}}
    for folder, methods in SOURCES:
        if not (ROOT / folder).is_dir():
            continue
        marked = extract_from_dir(  # by itself Babel passes over folders such as _macros
            ROOT / folder, methods, options, KEYWORDS, directory_filter=lambda _folder: True
        )
        for name, line, ids, comments, context in marked:
            found.add(ids, None, [(f"{folder}/{name}", line)], auto_comments=comments, context=context)
    return found


def key(message: Message) -> tuple[str, str]:
    """What makes a message the same one: its (singular) sentence and its context."""
    return (message.id if isinstance(message.id, str) else message.id[0], message.context or "")


def texts(value: object) -> list[str]:
    """The forms of a sentence or of its translation, one or more."""
    return [str(v) for v in value] if isinstance(value, list | tuple) else [str(value or "")]


def placeholders(value: object) -> set[str]:
    """The names that a sentence fills in, over all its forms."""
    return {name for text in texts(value) for name in PLACEHOLDER.findall(text)}


def message_fault(message: Message) -> str:
    """Why this translation cannot be used, or an empty string."""
    translations = texts(message.string)
    if not all(translations):
        return "not translated"
    if message.fuzzy:
        return "fuzzy"
    allowed, used = placeholders(message.id), placeholders(message.string)
    if used - allowed or (len(translations) == 1 and used != allowed):
        return "other placeholders than the sentence"
    return ""


def translation_faults() -> list[str]:
    """What is wrong with the catalogs: missing, fuzzy, unknown and obsolete sentences, other placeholders."""
    wanted = {key(m): m for m in extracted() if m.id}
    faults = [] if catalogs() or not wanted else ["vng_alv/translations holds no catalog"]
    for path in catalogs():
        language, catalog = path.parts[-3], load(path)
        have = {key(m): m for m in catalog if m.id}
        for identity, message in wanted.items():
            where = "{}:{}".format(*message.locations[0])
            fault = message_fault(have[identity]) if identity in have else "missing"
            if fault:
                faults.append(f"{language}: {fault}: {identity[0]!r} ({where})")
        faults += [f"{language}: unknown: {identity[0]!r}" for identity in have if identity not in wanted]
        faults += [f"{language}: obsolete: {key(m)[0]!r}" for m in catalog.obsolete.values()]
    return faults


def update_catalogs() -> None:
    """Write new sentences into each catalog, untranslated, and take out those that are no longer used."""
    template = extracted()
    for path in catalogs():
        catalog = load(path)
        catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
        with path.open("wb") as file:
            write_po(file, catalog, width=120, no_location=True, sort_output=True, ignore_obsolete=True)


def main() -> int:
    """The command line; answers with the exit code."""
    parser = argparse.ArgumentParser(prog="python -m vng_alv.assets", description=__doc__.splitlines()[0])
    choice = parser.add_mutually_exclusive_group()
    choice.add_argument("--check-translations", action="store_true", help="fail when a catalog is incomplete")
    choice.add_argument("--update-translations", action="store_true", help="add new sentences to the catalogs")
    args = parser.parse_args()
    try:
        if args.check_translations:
            faults = translation_faults()
            print("\n".join(faults) or "translations are complete")
            return 1 if faults else 0
        if args.update_translations:
            update_catalogs()
            return 0
        manifest, languages = build(), compile_catalogs()
    except AssetError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"{len(manifest)} files, {languages} catalogs")
    return 0


if __name__ == "__main__":
    sys.exit(main())
