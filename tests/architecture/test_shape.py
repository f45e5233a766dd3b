"""The shape of the code: which room knows which, and what has to be complete in each of them."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from flask import Flask
from jinja2 import meta
from sqlalchemy import inspect, text

from tests.conftest import settings_for
from vng_alv import db, schema
from vng_alv.access import access_of
from vng_alv.app import create_app
from vng_alv.domain.permissions import Permission, Role, permissions
from vng_alv.domain.refusals import Refusal
from vng_alv.jobs import Job
from vng_alv.notifications.mail import _environment
from vng_alv.notifications.models import NoticeKind
from vng_alv.refusals import SENTENCES
from vng_alv.secretariat.forms import NOTICE_KINDS, NOTICE_STATES, ROLES

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
LONGEST = 400  # lines
MARKUP = [p for p in TEMPLATES.rglob("*.html") if "email" not in p.relative_to(TEMPLATES).parts]


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        # What is served to be run elsewhere is no part of the product.
        yield from (path for path in sorted((ROOT / folder).rglob("*.py")) if "static" not in path.parts)


def calls(*names: str) -> Iterator[tuple[Path, ast.Call]]:
    """Every call of a function with one of these names in the product."""
    for path in sources("vng_alv", "worker"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in names:
                    yield path, node


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application with every address, on an empty database."""
    folder = tmp_path_factory.mktemp("shape")
    (folder / "x.sqlite3").touch()
    yield create_app(settings_for(f"sqlite:///{folder / 'x.sqlite3'}", folder, demo=True))
    db.engine().dispose()


# --- Rooms and sizes


def test_rooms_know_only_the_rooms_below_them() -> None:
    check = "from importlinter.cli import lint_imports_command as check; check()"
    done = subprocess.run(
        [sys.executable, "-c", check, "--no-cache"], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout


def test_no_file_outgrows_its_noun() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in [*sources("vng_alv", "worker", "bench", "tests"), ROOT / "config.py", *TEMPLATES.rglob("*.*")]
        if (lines := len(path.read_text().splitlines())) > LONGEST
    }
    assert not long


def test_only_the_database_room_commits() -> None:
    found = {
        str(path.relative_to(ROOT)): [line.strip() for line in path.read_text().splitlines() if ".commit(" in line]
        for path in sources("vng_alv", "worker")
        if ".commit(" in path.read_text()
    }
    assert set(found) <= {"vng_alv/db.py", *(name for name, lines in found.items() if set(lines) == {"db.commit()"})}
    assert {name for name in found if name != "vng_alv/db.py"} <= {"vng_alv/app.py"}  # the door of the web


def test_statements_of_our_own_commit_in_one_place() -> None:
    found = {p.name for p in sources("vng_alv", "worker") if re.search(r"[\"'](COMMIT|ROLLBACK)\b", p.read_text())}
    assert found <= {"direct.py"}


def test_what_is_public_says_what_it_is() -> None:
    """Every public function and class outside nested ones has a docstring."""
    missing = []
    for path in [*sources("vng_alv", "worker"), ROOT / "config.py"]:
        tree = ast.parse(path.read_text())
        classes = [c for c in tree.body if isinstance(c, ast.ClassDef) and not c.name.startswith("_")]
        for node in [*tree.body, *(member for c in classes for member in c.body)]:
            named = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
            if named and node.name not in {"Meta", "handle_DATA"} and not ast.get_docstring(node):
                missing.append(f"{path.relative_to(ROOT)}: {node.name}")
    assert not missing


# --- Jobs


def test_every_job_has_a_task_and_every_task_is_a_job(tmp_path: Path) -> None:
    show = (
        "import worker.tasks; from worker.celery import app; from worker.schedule import TABLE;"
        "print(*sorted(n for n in app.tasks if not n.startswith('celery.')));"
        "print(*sorted(entry['task'] for entry in TABLE.values()))"
    )
    environ = {**os.environ, "ALV_DATA": str(tmp_path), "DATABASE_URL": "", "REDIS_URL": "", "ALV_DEMO": "0"}
    done = subprocess.run(
        [sys.executable, "-c", show], cwd=ROOT, env=environ, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    tasks, beat = (set(line.split()) for line in done.stdout.splitlines()[-2:])
    assert tasks == {job.value for job in Job}
    assert beat <= tasks


def test_jobs_take_keys_only() -> None:
    for path, call in calls("defer"):
        if path.name != "jobs.py":
            assert isinstance(call.args[0], ast.Attribute), path
            for keyword in call.keywords:
                assert (keyword.arg or "").endswith("_id"), (path, keyword.arg)


# --- Database


def test_there_is_one_newest_migration(database: str) -> None:
    assert len(schema.heads(db.engine())) == 1


def test_models_and_migrations_say_the_same(database: str) -> None:
    command.check(schema.configuration(db.engine()))


def shape_of_database() -> dict[str, object]:
    engine = db.engine()
    found = inspect(engine)
    with engine.connect() as connection:
        query = (
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            if db.is_sqlite()
            else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        )
        triggers = sorted(row[0] for row in connection.execute(text(query)))
    return {
        "triggers": triggers,
        **{
            table: (
                [(c["name"], str(c["type"]), c["nullable"]) for c in found.get_columns(table)],
                sorted(str(u["column_names"]) for u in found.get_unique_constraints(table)),
                sorted(str(c["name"]) for c in found.get_check_constraints(table)),
                sorted(str(i["name"]) for i in found.get_indexes(table)),
            )
            for table in found.get_table_names()
        },
    }


def test_migrations_go_down_and_up_again_to_the_same(database: str) -> None:
    config, before = schema.configuration(db.engine()), shape_of_database()
    assert len(before) > 15
    command.downgrade(config, "base")
    assert set(shape_of_database()) <= {"triggers", "alembic_version"}
    assert shape_of_database()["triggers"] == []
    command.upgrade(config, "head")
    assert shape_of_database() == before


def test_upgrading_twice_changes_nothing(database: str) -> None:
    before = shape_of_database()
    schema.upgrade(db.engine())
    assert shape_of_database() == before


# --- Templates and addresses


def test_every_template_compiles(app: Flask) -> None:
    for path in MARKUP:
        app.jinja_env.get_template(path.relative_to(TEMPLATES).as_posix())
    for path in (TEMPLATES / "email").rglob("*.*"):
        _environment("nl").get_template(path.relative_to(TEMPLATES / "email").as_posix())


def test_every_template_is_used(app: Flask) -> None:
    used = {
        str(call.args[0].value)
        for _, call in calls("page", "get_template_attribute")
        if call.args and isinstance(call.args[0], ast.Constant)
    }
    assert app.jinja_env.loader is not None
    for path in MARKUP:
        tree = app.jinja_env.parse(path.read_text())
        used |= {name for name in meta.find_referenced_templates(tree) if name}
    pages = {name for name in used if not name.startswith("email/")}  # a page may say a part of a mail
    assert {path.relative_to(TEMPLATES).as_posix() for path in MARKUP} == pages


ENDPOINT = re.compile(r"""url_for\(\s*["']([a-z_]+\.?[a-z_.]*)["']([^()]*(?:\([^()]*\)[^()]*)*)\)""")


def test_every_address_that_is_linked_to_exists_with_its_parts(app: Flask) -> None:
    parts = {rule.endpoint: rule.arguments for rule in app.url_map.iter_rules()}
    linked = 0
    for path in [*MARKUP, *sources("vng_alv")]:
        for endpoint, given in ENDPOINT.findall(path.read_text()):
            linked += 1
            assert endpoint in parts, (path.name, endpoint)
            if "**" not in given:
                missing = [part for part in parts[endpoint] if f"{part}=" not in given]
                assert not missing, (path.name, endpoint, missing)
    assert linked > 100


def test_scripts_and_styles_that_pages_ask_for_are_built(app: Flask) -> None:
    for path in MARKUP:
        for name in re.findall(r"""asset\(["']([^"']+)["']\)""", path.read_text()):
            address = app.jinja_env.globals["asset"](name)  # type: ignore[operator]
            assert (ROOT / "vng_alv" / address.removeprefix("/")).is_file(), (path.name, name)


def test_every_view_asks_for_something_or_is_public(app: Flask) -> None:
    with app.app_context():
        for rule in app.url_map.iter_rules():
            if rule.endpoint != "static":
                assert access_of(rule.endpoint) == "public" or isinstance(access_of(rule.endpoint), Permission), rule


def test_every_kind_of_mail_has_its_texts() -> None:
    for kind in NoticeKind:
        for name in ("subject.txt", "body.txt", "body.html"):
            assert (TEMPLATES / "email" / kind.value / name).is_file(), (kind, name)


# --- Words


def test_every_refusal_has_a_sentence_and_is_used() -> None:
    assert set(SENTENCES) == set(Refusal)
    everything = "".join(p.read_text() for p in sources("vng_alv") if p.name != "refusals.py")
    assert {refusal.name for refusal in Refusal if f"Refusal.{refusal.name}" not in everything} == set()


def test_every_refusal_brings_the_facts_of_its_sentence() -> None:
    seen = set()
    for path, call in calls("Refused", "Conflict"):
        first = call.args[0] if call.args else None
        if isinstance(first, ast.Attribute) and getattr(first.value, "id", "") == "Refusal":
            needed = set(re.findall(r"%\((\w+)\)s", str(SENTENCES[Refusal[first.attr]])))
            assert needed <= {keyword.arg for keyword in call.keywords}, (path, first.attr)
            seen.add(first.attr)
    assert len(seen) > 20


def test_every_role_and_kind_has_words_and_every_permission_a_role() -> None:
    assert set(ROLES) == set(Role)
    assert set(NOTICE_KINDS) == set(NoticeKind)
    assert len(NOTICE_STATES) == 3
    assert frozenset().union(*(permissions(frozenset({role})) for role in Role)) == frozenset(Permission)


@pytest.mark.parametrize("sheet", sorted((ROOT / "vng_alv/static/css").glob("*.css")), ids=lambda sheet: sheet.stem)
def test_a_style_sheet_closes_what_it_opens(sheet: Path) -> None:
    """What is left open takes all that follows in the built sheet with it."""
    words = re.sub(r"/\*.*?\*/|\"[^\"]*\"|'[^']*'", "", sheet.read_text(), flags=re.S)
    assert words.count("{") == words.count("}")
