"""Words of enums: every one that people read carries its own, and nowhere else stands a table of them."""

import ast
import importlib
import re
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest

from config import ROOT
from tests.test_architecture import MODULES, dotted_name, relative, tree_of
from tracker.rules.labels import Labelled
from tracker.rules.verbs import Verb
from tracker.rules.workflow import Action

CHINESE = re.compile("[\u4e00-\u9fff]")
# Nobody reads these: what they decide is said in sentences, or by what follows from it.
NEVER_SHOWN = {
    "AlertState", "Ask", "Column", "DayKind", "Effect", "Level", "NameKind", "Outcome", "Part", "Reader",
    "RecalculationKind", "ReportKind",
}  # fmt: skip
# These read what others wrote: a notice's 放假, a ledger's headings.
READ_WORDS = ("tracker/reading/", "tracker/adapters/files/", "tracker/adapters/ledger/", "tracker/clock/notices.py")
TEMPLATES = sorted((ROOT / "templates").rglob("*.*"))


def enums() -> list[type[StrEnum]]:
    """Return every enum of the program that is stored or shown as text."""
    for path in MODULES:
        if "StrEnum" in path.read_text("utf-8") or "Labelled" in path.read_text("utf-8"):
            importlib.import_module(dotted_name(path).removesuffix(".__init__"))
    found = [*StrEnum.__subclasses__(), *Labelled.__subclasses__()]
    return [kind for kind in found if kind.__module__.startswith("tracker.") and kind is not Labelled]


def labelled() -> list[type[Labelled]]:
    return [kind for kind in enums() if issubclass(kind, Labelled)]


def test_every_enum_carries_its_words_but_those_that_nobody_reads() -> None:
    assert {kind.__name__ for kind in enums() if not issubclass(kind, Labelled)} == NEVER_SHOWN
    assert len(labelled()) > 20


def test_a_label_is_chinese_and_says_one_member_alone() -> None:
    for kind in labelled():
        labels = [member.label for member in kind]
        assert len(labels) == len(set(labels)), kind
        assert all(CHINESE.search(label) and label == label.strip() for label in labels), kind


def test_an_enum_without_a_label_is_not_made() -> None:
    with pytest.raises(TypeError, match="'two' has no label"):
        Labelled("Half", {"ONE": ("one", "一"), "TWO": "two"})


def test_what_is_done_to_a_duty_bears_one_word_on_its_button_and_in_the_trail() -> None:
    assert {action: action.label for action in Action} == {action: Verb(f"duty.{action}").label for action in Action}


def test_no_table_gives_members_of_an_enum_other_words() -> None:
    """A sentence may be chosen by a member; a word of its own belongs to the enum."""
    assert [line for path in MODULES for line in _tables(path)] == []


def test_no_template_has_a_table_of_words() -> None:
    keys = "|".join(sorted({re.escape(member.value) for kind in labelled() for member in kind}))
    table = re.compile(rf"""['"](?:{keys})['"]\s*:\s*['"][^'"]*[\u4e00-\u9fff]""")
    found = {relative(path): table.findall(path.read_text("utf-8")) for path in TEMPLATES}
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_no_label_is_compared_or_looked_up() -> None:
    labels = {member.label for kind in labelled() for member in kind}
    used = [
        f"{relative(path)}:{line} {word}"
        for path in MODULES
        if not relative(path).startswith(READ_WORDS)
        for line, word in _asked(tree_of(path))
        if word in labels
    ]
    assert used == []
    compared = re.compile(rf"""(?:[!=]=|\bin)\s*[(\[]?\s*['"](?:{"|".join(map(re.escape, sorted(labels)))})['"]""")
    in_pages = {relative(path): compared.findall(path.read_text("utf-8")) for path in TEMPLATES}
    assert {name: hits for name, hits in in_pages.items() if hits} == {}


def _tables(path: Path) -> Iterator[str]:
    """Yield each dictionary from members, or from what they are stored as, to words; a sentence ends with its stop."""
    names = {kind.__name__ for kind in labelled()}
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.Dict) or not any(_word(value) for value in node.values):
            continue
        keys = [key for key in node.keys if key is not None]
        stored = {key.value for key in keys if isinstance(key, ast.Constant) and key.value != ""}
        of_members = any(_member_of(key) in names for key in keys)
        of_stored = len(stored) > 1 and any(stored <= {m.value for m in kind} for kind in labelled())
        if of_members or of_stored:
            yield f"{relative(path)}:{node.lineno} {ast.unparse(node)[:100]}"


def _word(value: ast.expr) -> bool:
    found = value.value if isinstance(value, ast.Constant) else None
    return isinstance(found, str) and bool(CHINESE.search(found)) and not found.endswith(("。", "？"))


def _member_of(key: ast.expr) -> str:
    """Return the enum a key is a member of: State of State.OPEN and of State.OPEN.value."""
    if isinstance(key, ast.Attribute) and key.attr == "value":
        key = key.value
    return key.value.id if isinstance(key, ast.Attribute) and isinstance(key.value, ast.Name) else ""


def _asked(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield the Chinese words that are compared with something, looked for in it, or that a dictionary is asked by."""
    for node in ast.walk(tree):
        asked: list[ast.expr] = []
        if isinstance(node, ast.Compare):
            sides = (node.left, *node.comparators)
            asked = [
                part for side in sides for part in (side.elts if isinstance(side, ast.Tuple | ast.Set) else [side])
            ]
        elif isinstance(node, ast.Dict):
            asked = [key for key in node.keys if key is not None]
        elif isinstance(node, ast.Subscript):
            asked = [node.slice]
        for part in asked:
            if isinstance(part, ast.Constant) and isinstance(part.value, str) and CHINESE.search(part.value):
                yield part.lineno, part.value
