"""The demonstration's five documents, read and ready to be taken in."""

from pathlib import Path

from tracker.adapters.disk.store import FileStore
from tracker.adapters.files.readers import read_source
from tracker.reading.extraction import read
from tracker.reading.rendering import as_json
from tracker.services.documents.intake import NewSource

# Which place's supervisor takes which document in; the first is published by the demonstration.
DOCUMENTS = (
    ("鞍山市", "anshan-burden-relief-measures.txt"),
    ("鞍山市", "anshan-policy-compilation.txt"),
    ("阳泉市城区", "yangquan-chengqu-relief-measures.txt"),
    ("阜康市", "fukang-implementation-plan.txt"),
    ("济宁市", "jining-resumption-opinions.txt"),
)


def read_demo_sources(store: FileStore, folder: Path) -> list[tuple[str, NewSource]]:
    """Read the documents, keep their bytes, and return them by place, the jurisdiction left open (0)."""
    made: list[tuple[str, NewSource]] = []
    for place, name in DOCUMENTS:
        data = (folder / name).read_bytes()
        source = read_source(data, name)
        found = as_json(read(source.text))
        plans, questions = found["plans"], found["questions"]
        key, size = store.put(data), len(data)
        made.append((place, NewSource(0, name, False, key, size, source.encoding, source.text, plans, questions)))
    return made
