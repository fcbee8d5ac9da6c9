"""What documents, docstrings and comments name exists: a module that was moved is moved in them too."""

import ast
import io
import pkgutil
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from config import ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((ROOT / "docs").glob("*.md"))]
PACKAGE = ROOT / "tracker"
# Places of an installation, not of the checkout.
ELSEWHERE = {".venv/bin/tracker", "files/", "tracker.db", "TRACKER_DATA/imports", "var/"}
# In running text a name of ours begins with the package's; between backticks the package may be left out.
WHOLE = re.compile(r"(?<![\w./-])tracker[./][\w./-]*\w/?")
QUOTED = re.compile(r"`([^`\n]+)`")
FENCED = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"\.?[A-Za-z_][\w-]*(?:/[\w.-]*)+|\w+\.(?:py|toml|md)")
DOTTED = re.compile(r"[a-z_]\w*(?:\.\w+)+")
# In docstrings and comments nothing is between backticks: there a name begins with a layer.
LAYERED = re.compile(
    r"(?<![\w./-])(?:tracker[./])?(?:reading|clock|rules|store|adapters|services|web|cli)(?:\.[A-Za-z_]\w*|/\w+)+(?:\.py)?"
)
JINJA_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)


def named(text: str) -> Iterator[str]:
    """Yield the paths and dotted names of a document."""
    unfenced = FENCED.sub("", text)
    fenced = [word for block in FENCED.findall(text) for word in block.split()]
    words = [*QUOTED.findall(unfenced), *fenced]
    yield from (word for word in words if PATH.fullmatch(word) or DOTTED.fullmatch(word))
    yield from WHOLE.findall(text)


def exists(name: str) -> bool:
    """Whether a name is a place of the checkout, a module of ours or a name within one."""
    if PATH.fullmatch(name):
        return any((place / name).exists() for place in (ROOT, PACKAGE)) or ("/" not in name and _lies_below(name))
    try:
        pkgutil.resolve_name(f"tracker.{name.removeprefix('tracker.')}")
    except (ImportError, AttributeError):
        return False
    return True


def _lies_below(file_name: str) -> bool:
    return any(path.name == file_name for path in PACKAGE.rglob("*.py"))


def missing(document: Path) -> list[str]:
    return [
        f"{document.name}: {name}"
        for name in named(document.read_text("utf-8"))
        if name not in ELSEWHERE and not exists(name)
    ]


def remarks(source: str) -> str:
    """Return the docstrings and comments of a module, without its code."""
    tree = ast.parse(source)
    owners = (n for n in ast.walk(tree) if isinstance(n, ast.Module | ast.ClassDef | ast.FunctionDef))
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = (token.string for token in tokens if token.type == tokenize.COMMENT)
    return "\n".join([*(ast.get_docstring(n) or "" for n in owners), *comments])


def remarked(path: Path) -> str:
    text = path.read_text("utf-8")
    return remarks(text) if path.suffix == ".py" else "\n".join(JINJA_COMMENT.findall(text))


def known(name: str) -> bool:
    """Whether a name of a remark exists; a path may leave its ending out."""
    return exists(name) if "/" not in name else exists(name) or exists(f"{name}.py")


def test_every_module_named_in_a_docstring_or_a_comment_exists() -> None:
    files = [*PACKAGE.rglob("*.py"), *(ROOT / "templates").rglob("*.html")]
    names = [(path, name) for path in sorted(files) for name in LAYERED.findall(remarked(path))]
    assert names
    assert [f"{path.relative_to(ROOT)}: {name}" for path, name in names if not known(name)] == []


def test_remarks_are_docstrings_and_comments_and_no_code() -> None:
    source = '"""See store.gone."""\n\nclock = rules.gone  # as services/gone.py\n\n\ndef f():\n    """web.gone"""\n'
    assert LAYERED.findall(remarks(source)) == ["store.gone", "web.gone", "services/gone.py"]
    assert not any(known(name) for name in LAYERED.findall(remarks(source)))
    assert known("services/documents/publication")


def test_every_module_named_in_the_documents_exists() -> None:
    assert [name for document in DOCUMENTS for name in missing(document)] == []


def test_the_documents_name_many_modules() -> None:
    """An expression that finds no name would let every name pass."""
    found = set(named((ROOT / "docs" / "architecture.md").read_text("utf-8")))
    assert {"reading/", "tracker/serve.py", "tracker.worker.Worker", "rules.workflow.TRANSITIONS"} <= found
    assert len(found) > 80


def test_a_name_that_exists_nowhere_is_told(tmp_path: Path) -> None:
    gone = ["services.publication.publish", "services.documents.publication.publishes", "policy.extraction.read",
            "store/visible.py", "runtime.py"]  # fmt: skip
    document = tmp_path / "old.md"
    quoted = "".join(f"`{name}` and " for name in gone)
    document.write_text(f"{quoted}tracker/policy/plan.py, tracker.cli.Worker.\n\n```\npolicy/\n```\n")
    told = [name.removeprefix("old.md: ") for name in missing(document)]
    assert sorted(told) == sorted([*gone, "policy/", "tracker/policy/plan.py", "tracker.cli.Worker"])
    assert exists("services.documents.publication.publish")
