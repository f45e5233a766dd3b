"""Everything that an address, a query or a form can name, and what finds that the table of scopes misses a row."""

import ast
import inspect
import sys
from collections.abc import Iterator
from functools import cache

from flask import Flask
from wtforms.fields.core import UnboundField

from tests.web.site import Site
from tests.web.test_access import ADDRESSES, addresses
from tests.web.test_access_scopes import SCOPES
from vng_alv.web import BaseForm

#: Whose is what stands in an address. A new name without a row here fails.
PARTS = {
    "member_code": "member", "code": "member", "comment_id": "member", "submission_id": "member",
    "section_key": "member", "attachment_id": "member", "question_key": "member",
    "section_number": "", "section_id": "",
    "person_id": "person", "session_id": "person", "passkey_id": "person", "reset_id": "person", "notice_id": "person",
    "meeting_code": "", "proposal_code": "", "theme_id": "", "number": "", "import_id": "", "name": "", "token": "",
    "kind": "", "rule_id": "", "answers": "", "document_id": "", "item_id": "", "form": "", "program": "",
    "listed": "", "other": "",
}  # fmt: skip
#: What in a query or a form names a member, or what belongs to one.
OF_MEMBERS = {"gemeente"}
#: The same, for names that elsewhere mean something else, by module.
OF_MEMBERS_HERE = {("voting.views", "code")}
#: The fields of forms that name a member, or somebody's office there.
FIELDS_OF_MEMBERS = {
    ("AskAlongForm", "municipality"), ("HolderForm", "person"), ("ProxyForm", "receiver"), ("InviteForm", "member"),
}  # fmt: skip
#: What reads the member of a query or form for a view of another module.
READERS = {"chosen_seat"}
SENT = {"args", "form", "values", "files", "view_args", "json", "data"}


def _is_request(node: ast.AST, others: set[str]) -> bool:
    """Whether this is ``request.form`` or its like, or a name that stands for it."""
    if isinstance(node, ast.Name):
        return node.id in others
    return (
        isinstance(node, ast.Attribute)
        and node.attr in SENT
        and isinstance(node.value, ast.Name)
        and node.value.id == "request"
    )


def _name(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else "*"


def names_read(tree: ast.AST) -> Iterator[str]:
    """The names of a query or form that this code reads; ``*`` for what it hands on whole, or reads by another name."""
    others = {
        target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and _is_request(node.value, set())
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    known: set[ast.AST] = {node.value for node in ast.walk(tree) if isinstance(node, ast.Assign)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _is_request(node.func.value, others):
            known.add(node.func.value)
            yield _name(node.args[0]) if node.func.attr in {"get", "getlist"} else "*"
        elif isinstance(node, ast.Subscript) and _is_request(node.value, others):
            known.add(node.value)
            yield _name(node.slice)
        elif isinstance(node, ast.Compare) and _is_request(node.comparators[0], others):
            known.add(node.comparators[0])
            yield _name(node.left)
    for node in ast.walk(tree):
        if _is_request(node, others) and node not in known and not isinstance(getattr(node, "ctx", None), ast.Store):
            yield "*"


@cache
def _module(name: str) -> tuple[ast.Module, dict[str, ast.AST]]:
    """A module as it was written, and its functions, methods and classes by name."""
    tree = ast.parse(inspect.getsource(sys.modules[name]))
    kinds = (ast.FunctionDef, ast.ClassDef)
    return tree, {node.name: node for node in ast.walk(tree) if isinstance(node, kinds)}


def reach_of(app: Flask, endpoint: str) -> tuple[str, list[ast.AST]]:
    """The module of a view, and the functions in it that the view comes to."""
    view = inspect.unwrap(app.view_functions[endpoint])
    _tree, functions = _module(view.__module__)
    found, todo = {view.__name__}, [view.__name__]
    while todo:
        for node in ast.walk(functions[todo.pop()]):
            name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
            if name in functions and name not in found:
                found.add(name)
                todo.append(name)
    return view.__module__, [functions[name] for name in found]


def names_somebodys(app: Flask, endpoint: str) -> bool:
    """Whether an address, its query or its form names what belongs to a member or a person."""
    if any(PARTS[part] for rule in app.url_map.iter_rules(endpoint) for part in rule.arguments):
        return True
    module, functions = reach_of(app, endpoint)
    short = module.removeprefix("vng_alv.")
    read = {name for function in functions for name in names_read(function)}
    if read & OF_MEMBERS or {(short, name) for name in read} & OF_MEMBERS_HERE:
        return True
    used = {node.id for function in functions for node in ast.walk(function) if isinstance(node, ast.Name)}
    return bool(used & ({form for form, _field in FIELDS_OF_MEMBERS} | READERS))


def _forms(kind: type[BaseForm] = BaseForm) -> Iterator[type[BaseForm]]:
    for found in kind.__subclasses__():
        yield found
        yield from _forms(found)


# --- The tables are complete


def test_every_part_of_an_address_says_whose_it_is(site: Site) -> None:
    parts = {part for rule in site.app.url_map.iter_rules() if rule.endpoint != "static" for part in rule.arguments}
    assert parts == set(PARTS)


def test_every_field_that_names_a_member_is_one(site: Site) -> None:
    fields = {
        (form.__name__, name)
        for form in _forms()
        if form.__module__.startswith("vng_alv")
        for name in dir(form)
        if isinstance(getattr(form, name), UnboundField)
    }
    assert fields >= FIELDS_OF_MEMBERS


def test_every_address_that_names_what_is_somebodys_has_a_scope(site: Site) -> None:
    named = {
        (endpoint, method)
        for endpoint, method in addresses(site.app)
        if ADDRESSES[endpoint] != "public" and names_somebodys(site.app, endpoint)
    }
    assert named == {pair for pair in SCOPES if ADDRESSES[pair[0]] != "public"}
