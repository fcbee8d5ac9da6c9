"""Names of responsible units (责任单位): normal form, sort, likeness."""

import re
import unicodedata
from collections.abc import Iterable
from difflib import SequenceMatcher

from tracker.policy.plan import NameKind

_BRACKETS = str.maketrans("〔〕[]【】〈〉<>{}", "()()()()()()")
_BLANKS = re.compile(r"\s+")


def normalise(name: str) -> str:
    """The key under which a registry looks a name up: widths and brackets unified, blanks removed."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", name)).translate(_BRACKETS)


def nearest(name: str, known: Iterable[str], limit: int = 3) -> list[str]:
    """The known names most like this one, best first."""
    key = normalise(name)
    scored = [(SequenceMatcher(None, key, normalise(other)).ratio(), other) for other in known]
    return [other for score, other in sorted(scored, key=lambda pair: (-pair[0], pair[1]))[:limit] if score > 0.4]


def same_body(named: str, printed: str) -> bool:
    """Whether a name used inside a sentence means the unit printed in the list."""
    return normalise(named) in normalise(printed)


def kind_of(name: str) -> NameKind:
    """Whether a printed name is one body, a group or a collective."""
    return NameKind.UNIT
