"""The import rule of the house, read from the source of every module."""

import ast
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from config import ROOT
from tests.kit.unmeasured import environment

PACKAGE = ROOT / "tracker"
MODULES = sorted(PACKAGE.rglob("*.py"))
PURE = {"reading", "clock", "rules", "now"}
# What each layer may use of ours; nothing leads back up.
MAY_USE = {
    **{layer: PURE for layer in PURE},
    "store": {*PURE, "store", "config"},
    "adapters": {*PURE, "adapters", "config"},
    "services": {*PURE, "store", "adapters", "services"},
    "web": {*PURE, "store", "adapters", "services", "web", "config"},
    "app": {*PURE, "store", "adapters", "services", "web", "app", "logs", "config"},
    "serve": {"config"},
    "logs": set(),
    "worker": {*PURE, "store", "adapters", "services", "worker", "logs", "config"},
    "cli": {*PURE, "store", "adapters", "services", "web", "app", "serve", "worker", "logs", "cli", "config"},
    "__init__": set(),
}
# The rooms, the same on every floor, and their order: a room uses what stands before it.
ROOMS = [
    "core", "people", "registry", "calendars", "deadlines", "duties", "case_types", "cases", "documents", "editions",
    "ledger_import", "reminders", "boards", "demo",
]  # fmt: skip
FLOORS = {
    "store": ROOMS,
    "services": ROOMS,
    "web": ["kit", *ROOMS],
    "adapters": ["disk", "files", "mail", "ledger"],
    "reading": ["text", "outline", "names", "limits", "tables", "loss"],
}
# What belongs to no room: the rows every room reads and writes, how templates of pages and mails are laid out, the
# values and the verb of a reading, what create_app puts together.
APART = {
    "adapters": {"line_breaks"},
    "store": {"models"},
    "reading": {
        "plan",
        "measures",
        "extraction",
        "explaining",
        "rendering",
        "restoring",
        "comparison",
        "pairing",
        "slips",
    },
    "web": {"blueprints", "requests"},
}
MOST_IN_A_ROOM = 13
READS_TIME = {
    ("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"),
    ("time", "time"), ("time", "time_ns"), ("time", "localtime"), ("time", "gmtime"), ("time", "ctime"),
    ("time", "strftime"), ("func", "now"), ("func", "current_timestamp"), ("func", "current_date"),
}  # fmt: skip
DATABASE_WRITES = {"add", "add_all", "delete", "merge", "bulk_save_objects", "bulk_insert_mappings"}


def layer_of(path: Path) -> str:
    """Return the layer a module belongs to: its package under tracker/, or its own name."""
    parts = path.relative_to(PACKAGE).parts
    return parts[0].removesuffix(".py")


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def imported(path: Path) -> Iterator[str]:
    """Yield the dotted name of everything a module imports, inside functions and for types as well."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def ours(dotted: str) -> str | None:
    """Return the layer a dotted name of ours lies in; None for anybody else's."""
    parts = dotted.split(".")
    if parts[0] == "config":
        return "config"
    return parts[1] if parts[0] == "tracker" and len(parts) > 1 else None


def dotted_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def modules_of(*layers: str) -> list[Path]:
    found = [path for path in MODULES if layer_of(path) in layers]
    assert found, layers
    return found


def room(dotted: str) -> tuple[str, str] | None:
    """Return the floor and the room of a dotted name of ours: (services, cases); None where there are no rooms."""
    parts = dotted.split(".")
    if parts[0] != "tracker" or len(parts) < 3 or parts[1] not in FLOORS:
        return None
    return parts[1], parts[2]


def test_every_module_lies_on_a_floor_of_the_house_and_in_a_room_of_it() -> None:
    assert {layer_of(path) for path in MODULES} == set(MAY_USE)
    assert (PACKAGE / "__init__.py").read_text() == ""
    strange = [
        relative(path)
        for path in MODULES
        if (place := room(dotted_name(path))) is not None
        and place[1] not in {*FLOORS[place[0]], *APART.get(place[0], ()), "__init__"}
    ]
    assert strange == []


def test_a_room_holds_about_ten_modules() -> None:
    rooms = Counter(path.parent for path in MODULES if path.name != "__init__.py" and path.parent != PACKAGE)
    pure = {PACKAGE / "clock"}  # one subject, seventeen short modules
    full = {relative(folder): n for folder, n in rooms.items() if n > MOST_IN_A_ROOM and folder not in pure}
    assert full == {}


def test_templates_and_tests_bear_the_names_of_the_rooms() -> None:
    folders = {path.name for path in (ROOT / "templates").iterdir() if path.is_dir()}
    assert folders <= set(FLOORS["web"])
    for floor, names in FLOORS.items():
        tested = {p.name for p in (ROOT / "tests" / floor).iterdir() if p.is_dir() and list(p.glob("test_*.py"))}
        assert tested <= set(names), floor


def test_imports_lead_only_downwards() -> None:
    upward = [
        f"{relative(path)} -> {dotted}"
        for path in MODULES
        for dotted in imported(path)
        if ours(dotted) not in {None, *MAY_USE[layer_of(path)]}
    ]
    assert upward == []


def test_a_room_uses_only_rooms_that_stand_before_it() -> None:
    backwards = []
    for path in MODULES:
        here = room(dotted_name(path))
        if here is None or here[1] not in FLOORS[here[0]]:
            continue
        order = FLOORS[here[0]]
        for dotted in imported(path):
            there = room(dotted)
            if there is None or there[0] != here[0] or there[1] not in order:
                continue
            if order.index(there[1]) > order.index(here[1]):
                backwards.append(f"{relative(path)} -> {dotted}")
    assert backwards == []


def test_a_class_name_means_one_thing_in_the_house() -> None:
    """What is read, and the row it becomes, bear one name; nothing else does."""
    same = {"Assignment", "Contact", "Item", "Measure"}
    homes: dict[str, list[str]] = {}
    for path in MODULES:
        for node in tree_of(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, []).append(relative(path))
    assert {name: places for name, places in homes.items() if len(places) > 1 and name not in same} == {}


@pytest.mark.parametrize(
    ("library", "layers"),
    [
        ("flask", {"web", "app"}),
        ("flask_login", {"web", "app"}),
        ("flask_wtf", {"web", "app"}),
        ("flask_bootstrap", {"app"}),
        ("wtforms", {"web"}),
        ("sqlalchemy", {"store", "services", "web", "app", "cli"}),
        ("alembic", {"store"}),
        ("apscheduler", {"worker"}),
        ("waitress", {"serve"}),
        ("click", {"cli"}),
        ("structlog", {"logs"}),
        ("smtplib", {"adapters"}),
        ("mailbox", {"adapters"}),
    ],
)
def test_a_library_is_known_only_where_it_belongs(library: str, layers: set[str]) -> None:
    users = {layer_of(path) for path in MODULES for name in imported(path) if name.split(".")[0] == library}
    assert users <= layers
    if library in {"flask", "sqlalchemy", "alembic", "wtforms", "click"}:
        assert users, f"{library} is used nowhere: is the name right?"


def test_time_is_read_in_one_place() -> None:
    readers = {
        (relative(path), node.lineno)
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Attribute) and _names(node) in READS_TIME
    }
    assert {path for path, _ in readers} == {"tracker/now.py"}
    stolen = {
        (relative(path), name)
        for path in MODULES
        for name in imported(path)
        if name in {"time.time", "time.time_ns", "time.localtime", "time.gmtime"}
    }
    assert stolen == set()


# What an Act holds, by the names such values bear.
CARRIED = {"session", "actor", "now", "calendar", "calendars"}


def test_no_function_stands_within_another_to_carry_what_an_act_holds() -> None:
    """A verb is handed one Act; pages ask `this_act()`.  In a page `act` may be another thing: an act of a case."""
    carrying = [
        f"{relative(path)}:{line}"
        for path in MODULES
        for line in _carriers(tree_of(path), CARRIED if layer_of(path) == "web" else {*CARRIED, "act"})
    ]
    assert carrying == []


def test_a_closure_over_a_session_or_an_act_is_told() -> None:
    told = "def f(session, act, n):\n    def g(x):\n        return session.get(x)\n    return g, lambda: act, lambda: n"
    own = "def f(n):\n    def g(session):\n        now = n\n        return session.get(now)\n    return g\n"
    assert list(_carriers(ast.parse(told), {*CARRIED, "act"})) == [2, 4]
    assert list(_carriers(ast.parse(own), {*CARRIED, "act"})) == []


def _carriers(tree: ast.Module, carried: set[str]) -> Iterator[int]:
    """Yield the lines of functions and lambdas that take one of these names from the function around them."""
    for outer in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
        for inner in ast.walk(outer):
            if inner is not outer and isinstance(inner, ast.FunctionDef | ast.Lambda):
                read = {n.id for n in ast.walk(inner) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
                if read & carried & _bound(outer) - _bound(inner):
                    yield inner.lineno


def _bound(function: ast.FunctionDef | ast.Lambda) -> set[str]:
    """Return the names a function has of its own: what it is handed and what it sets."""
    body = function.body if isinstance(function.body, list) else [function.body]
    given = {n.arg for n in ast.walk(function.args) if isinstance(n, ast.arg)}
    return given | {
        n.id for part in body for n in ast.walk(part) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }


def test_services_never_commit() -> None:
    """A request or a job opens one transaction and commits once; only the dispatcher commits its claim first."""
    committing = {relative(path) for path in modules_of("services") for node in _calls(path) if node.attr == "commit"}
    assert committing <= {"tracker/services/reminders/dispatch.py"}


def test_one_place_refuses_for_good_and_no_page_does_it_by_itself() -> None:
    """Who may is asked of the tables; `Act.require` and what stands beside it say no."""
    raising = [
        f"{relative(path)}:{node.lineno}"
        for path in MODULES
        for node in ast.walk(tree_of(path))
        if (isinstance(node, ast.Raise) and "NotPermitted" in ast.dump(node))
        or (isinstance(node, ast.Call) and ast.unparse(node).startswith("abort(403"))
    ]
    assert [place.partition(":")[0] for place in raising] == ["tracker/services/core/act.py"]


def test_pages_and_commands_write_only_through_services() -> None:
    """They neither add, delete or merge rows of a session, nor build an INSERT, UPDATE or DELETE."""
    writes = [
        f"{relative(path)}:{node.lineno} {ast.unparse(node)}"
        for path in modules_of("web", "app", "cli")
        for node in _calls(path)
        if node.attr in DATABASE_WRITES and _is_session(node.value)
    ]
    assert writes == []
    built = [
        f"{relative(path)} {name}"
        for path in modules_of("web", "app", "cli")
        for name in imported(path)
        if name.startswith("sqlalchemy") and name.split(".")[-1] in {"insert", "update", "delete", "text"}
    ]
    assert built == []


# Who may know the trail: its table, the one who writes it, the queries of pages, and the pages that show them.
KNOW_THE_TRAIL = {
    "tracker/store/models/__init__.py", "tracker/store/models/trail.py",
    "tracker/services/core/trail.py",
    "tracker/store/core/trail.py", "tracker/store/core/history.py", "tracker/store/core/visible.py",
    "tracker/web/kit/histories.py", "tracker/web/duties/page.py", "tracker/web/core/trail.py",
}  # fmt: skip
SHOW_THE_TRAIL = {"tracker/web/core/trail.py", "tracker/web/duties/page.py", "tracker/web/cases/page.py"}
QUERIES_OF_THE_TRAIL = (
    "tracker.store.core.trail",
    "tracker.store.core.history",
    "tracker.store.core.visible.visible_audit",
)


def test_the_trail_is_asked_by_pages_alone() -> None:
    """It is written and shown; what the program has to know stands in columns of its own.

    Neither a service, a job nor a query of anything else may read it, not by a column, by SQL or through its queries.
    """
    know = {relative(path) for path in MODULES if _mentions(path, "AuditEntry", "audit_entries")}
    assert know - KNOW_THE_TRAIL == set()
    shown = {
        relative(path)
        for path in MODULES
        for name in imported(path)
        if name.startswith(QUERIES_OF_THE_TRAIL) and layer_of(path) != "store"
    }
    assert shown - SHOW_THE_TRAIL == set()


def test_who_writes_the_trail_reads_none_of_it() -> None:
    """Its writer makes entries and names no column of theirs, nor a statement."""
    path = PACKAGE / "services" / "core" / "trail.py"
    made = {id(node.func) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call)}
    made |= {id(node.returns) for node in ast.walk(tree_of(path)) if isinstance(node, ast.FunctionDef)}
    uses = [
        node.lineno
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Name) and node.id == "AuditEntry" and id(node) not in made
    ]
    assert uses == []
    assert not [name for name in imported(path) if name.split(".")[0] == "sqlalchemy" and "Session" not in name]


def test_adapters_know_no_database() -> None:
    assert not [n for path in modules_of("adapters") for n in imported(path) if n.split(".")[0] == "sqlalchemy"]


def test_the_pure_packages_load_neither_web_nor_database_nor_scheduler() -> None:
    """In a fresh interpreter: what they import is theirs, and what that imports in turn."""
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in modules_of(*PURE)]
    code = f"""
import importlib, sys
for name in {[n.removesuffix(".__init__") for n in names]!r}:
    importlib.import_module(name)
heavy = ("flask", "werkzeug", "jinja2", "sqlalchemy", "alembic", "apscheduler", "wtforms")
print(sorted(m for m in sys.modules if m.split(".")[0] in heavy))
print(sorted(m for m in sys.modules if m.startswith(("tracker.store", "tracker.web", "tracker.services", "config"))))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, timeout=60, env=environment()
    )
    assert (done.stderr, done.stdout) == ("", "[]\n[]\n")


@pytest.mark.parametrize(
    "name", ["tracker", "migrations", "seeds", "templates", "tests", "config.py", "pyproject.toml"]
)
def test_a_top_level_name_fixed_by_the_owner_exists(name: str) -> None:
    place = ROOT / name
    assert place.is_file() if "." in name else any(place.iterdir())


@pytest.mark.parametrize("name", ["sqlalchemy", "alembic", "flask", "flask-login", "apscheduler", "wtforms", "pytest"])
def test_a_library_fixed_by_the_owner_is_declared_and_used(name: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared = [*project["dependencies"], *(d for extra in project["optional-dependencies"].values() for d in extra)]
    line = next(d for d in declared if d.split(">")[0].split("[")[0] == name)
    assert name != "apscheduler" or line.endswith("<4")
    sources = [*MODULES, *(ROOT / "tests").rglob("*.py")]
    assert any(dotted.split(".")[0] == name.replace("-", "_") for path in sources for dotted in imported(path))


def test_a_module_says_at_its_head_what_it_is() -> None:
    silent = [path for path in MODULES if path.name != "__init__.py" and not ast.get_docstring(tree_of(path))]
    assert silent == []


def _mentions(path: Path, *words: str) -> bool:
    """Whether a module names one of these, as an import, a name, or within a text of its own."""
    return any(
        any(word in found for word in words)
        for node in ast.walk(tree_of(path))
        for found in (
            [name.name for name in node.names]
            if isinstance(node, ast.ImportFrom)
            else [node.value]
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
            else [node.attr]
            if isinstance(node, ast.Attribute)
            else []
        )
    )


def _names(node: ast.Attribute) -> tuple[str, str]:
    """Return the last two names of a dotted expression: datetime.datetime.now is (datetime, now)."""
    owner = node.value
    if isinstance(owner, ast.Attribute):
        return owner.attr, node.attr
    return (owner.id if isinstance(owner, ast.Name) else "", node.attr)


def _calls(path: Path) -> Iterator[ast.Attribute]:
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func


def _is_session(owner: ast.expr) -> bool:
    """Whether an expression is a database session by the names this house gives one."""
    if isinstance(owner, ast.Call):
        return ast.unparse(owner.func).split(".")[-1] in {"db", "read", "write"}
    last = ast.unparse(owner).split(".")[-1]
    return last in {"db", "session", "writing", "reading"} and "flask" not in last
