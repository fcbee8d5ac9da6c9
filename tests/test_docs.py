"""What the documents name exists: a module that was moved is moved in them too."""

import re
from importlib.util import find_spec

from config import ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "README.zh-CN.md", *sorted((ROOT / "docs").glob("*.md"))]
LAYERS = "reading|clock|rules|store|adapters|services|web|cli"


def exists(dotted: str) -> bool:
    """Whether a dotted name below tracker/ is a module, or a name in one."""
    parts = dotted.split(".")
    for end in range(len(parts), 0, -1):
        path = ROOT.joinpath("tracker", *parts[:end])
        if path.is_dir() or path.with_suffix(".py").is_file():
            rest = parts[end:]
            module = path.with_suffix(".py") if path.with_suffix(".py").is_file() else path / "__init__.py"
            return not rest or re.search(rf"\b{rest[0]}\b", module.read_text("utf-8")) is not None
    return False


def test_every_module_named_in_the_documents_exists() -> None:
    missing = []
    for document in DOCUMENTS:
        for quoted in re.findall(r"`([^`\n]+)`", document.read_text("utf-8")):
            if re.fullmatch(rf"(?:{LAYERS})(?:\.\w+)+", quoted) and not exists(quoted):
                missing.append(f"{document.name}: {quoted}")
            if re.fullmatch(rf"(?:tracker/)?(?:{LAYERS}|tests|templates|seeds|migrations)/[\w/.-]*", quoted):
                place = (
                    quoted
                    if quoted.startswith(("tracker/", "tests", "templates", "seeds", "migr"))
                    else f"tracker/{quoted}"
                )
                if not (ROOT / place).exists():
                    missing.append(f"{document.name}: {quoted}")
    assert missing == []


def test_a_name_that_exists_nowhere_is_told() -> None:
    assert exists("services.documents.publication.publish")
    assert not exists("services.publication.publish")
    assert find_spec("tracker.services.documents.publication") is not None
