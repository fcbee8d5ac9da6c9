"""Prints how far every document is read the same in every layout.

python -m tests.reading.layouts [--show N] [WORD ...]

A word keeps the documents and the layouts whose names hold it.  Texts of files are kept between runs, under a key
of everything that made them, so that only the reading is done again.
"""

import hashlib
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from config import ROOT
from tests.reading.layouts.agreement import LAYOUTS, blocks, compared, typeset
from tests.reading.layouts.files import LIBREOFFICE, as_docx, by_libreoffice
from tests.reading.layouts.texts import TEXT_LAYOUTS
from tests.reading.scoring import DOCUMENTS
from tracker.adapters.files.readers import read_source

KEPT = Path(tempfile.gettempdir()) / "tracker-layouts"


def makers() -> bytes:
    """What makes and reads files, as it stands now."""
    sources = [*(ROOT / "tracker/adapters/files").glob("*.py"), *Path(__file__).parent.glob("*.py")]
    return b"".join(path.read_bytes() for path in sorted(sources))


def kept(document: str, layout: str, made_by: bytes) -> Path:
    """Where the text of a file is kept, from the last run where nothing that makes it has changed."""
    key = hashlib.sha256(made_by + layout.encode() + repr(blocks(document)).encode()).hexdigest()
    return KEPT / f"{key}.txt"


def make_at_once(documents: Sequence[str], made_by: bytes) -> None:
    """Set with LibreOffice, in one run of it, what is not yet kept."""
    wanted = [one for one in documents if not kept(one, LIBREOFFICE, made_by).exists()]
    if wanted:
        for one, data in zip(wanted, by_libreoffice([as_docx(blocks(one)) for one in wanted]), strict=True):
            kept(one, LIBREOFFICE, made_by).write_bytes(read_source(data, "document.pdf").text.encode())


def text_in(document: str, layout: str, made_by: bytes) -> str:
    """The text of a document in a layout."""
    if layout in TEXT_LAYOUTS:
        return typeset(document, layout)
    place = kept(document, layout, made_by)
    if not place.exists():
        place.write_bytes(typeset(document, layout).encode())
    return place.read_bytes().decode()


def main() -> None:
    words, show = sys.argv[1:], 0
    if "--show" in words:
        at = words.index("--show")
        show = int(words[at + 1])
        del words[at : at + 2]
    documents = [d for d in DOCUMENTS if any(w in d for w in words)] or DOCUMENTS
    layouts = [one for one in LAYOUTS if any(w in one for w in words)] or LAYOUTS
    made_by, figures = makers(), []
    KEPT.mkdir(exist_ok=True)
    if LIBREOFFICE in layouts:
        make_at_once(documents, made_by)
    for n, layout in enumerate(layouts, 1):
        print(f"{n:3d} {layout}")
    print(f"{'':38s}" + "".join(f"{n:>6d}" for n in range(1, len(layouts) + 1)))
    for document in documents:
        print(f"{document[:37]:38s}", end="", flush=True)
        wrong = []
        for layout in layouts:
            try:
                share, misses = compared(document, text_in(document, layout, made_by))
            except ValueError as refused:
                share, misses = 0.0, [str(refused)]
            figures.append(share)
            wrong += [f"    {layout}: {miss}" for miss in misses[:show]]
            print("     ." if share == 1 else f"{share:6.2f}", end="", flush=True)
        print()
        print("\n".join(wrong), end="\n" if wrong else "")
    same = sum(share >= 0.99 for share in figures)
    print(f"{same} of {len(figures)} pairs at least .99 ({same / len(figures):.3f}); the least {min(figures):.2f}")


if __name__ == "__main__":
    main()
