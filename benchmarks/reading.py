"""How fast the whole reading is beside jionlp's time extraction, on the same text, in one run.

    pip install -e '.[bench]' && python benchmarks/reading.py [FILE ...]

Prints characters per second of both, whether our cost is linear in the length, and as its last line `ratio N`:
our characters per second for the whole reading (structure, units and time) over jionlp's for time alone.
"""

import contextlib
import io
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tracker.reading.extraction import read

DOCUMENTS = Path(__file__).resolve().parent.parent / "seeds" / "documents"
ROUNDS = 3
TIME_BASE = 1_650_000_000.0  # a timestamp: with any other type it quietly finds nothing


def seconds(act: Callable[[], object]) -> float:
    """Return the median time of a few rounds, after one to warm up."""
    act()
    taken = []
    for _ in range(ROUNDS):
        start = time.process_time()
        act()
        taken.append(time.process_time() - start)
    return statistics.median(taken)


def extractor() -> Callable[[str], object]:
    """Return jionlp's time extraction; it prints on import and on some inputs, which is kept off the screen."""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            import jionlp
        except ImportError:
            sys.exit("jionlp is not installed: pip install -e '.[bench]'")
    return lambda paragraph: jionlp.ner.extract_time(paragraph, time_base=TIME_BASE)


def main(names: list[str]) -> None:
    files = [Path(n) for n in names] or sorted(DOCUMENTS.glob("*.txt"))
    texts = [file.read_text("utf-8") for file in files]
    paragraphs = [line for text in texts for line in text.splitlines() if line.strip()]
    characters = sum(map(len, paragraphs))
    extract = extractor()

    def theirs() -> None:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            for paragraph in paragraphs:
                extract(paragraph)

    ours_s = seconds(lambda: [read(text) for text in texts])
    theirs_s = seconds(theirs)
    print(f"text: {characters:,} characters in {len(texts)} documents")
    print(f"ours, whole reading: {characters / ours_s:,.0f} characters/s")
    print(f"jionlp, time alone:  {characters / theirs_s:,.0f} characters/s")

    unit = "\n".join(texts)
    small = (unit * 2)[:100_000]
    large = (unit * 40)[: 20 * len(small)]
    growth = seconds(lambda: read(large)) / seconds(lambda: read(small))
    print(f"linear: a text {len(large) / len(small):.0f} times as long takes {growth:.1f} times as long")
    print(f"ratio {theirs_s / ours_s:.2f}")


if __name__ == "__main__":
    main(sys.argv[1:])
