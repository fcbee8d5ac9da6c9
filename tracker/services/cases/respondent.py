"""被投诉单位: the body complained of, as it was typed: a unit of the registry, or one that is in none."""

import re
import unicodedata
from dataclasses import dataclass

from tracker.reading.names.likeness import likeness, normalise
from tracker.store.registry.names import Known

NEARLY = 0.75  # 市住健局 is as near to 市住建局; of two companies the common 集团有限公司 makes 0.6
# A body that is in no registry is said to be so, lest a slip of the pen let the body complained of read the complaint.
_OUTSIDE = re.compile(r"\((?:库外|单位库外)\)$")


@dataclass(frozen=True, slots=True)
class Accused:
    """Who is complained of: a unit, or a name that is none of the registry's; else what is wrong with the name."""

    unit_id: int | None = None
    name: str | None = None
    wrong: str = ""


def accused_by_name(known: Known, printed: str) -> Accused:
    """Return whom a typed name means: the unit that goes by it, else a body of that name outside the registry.

    A name nearly that of a unit is asked about: taken as a text, that unit would see the complaint against it.
    """
    printed = printed.strip()
    said = unicodedata.normalize("NFKC", printed)
    outside = _OUTSIDE.sub("", said)
    if outside != said:
        return Accused(name=printed[: len(outside)].strip())
    unit_id, group_id = known.resolve(printed)
    if unit_id is not None:
        return Accused(unit_id)
    if group_id is not None or _nearly_known(known, printed):
        words = unknown_words(known, "被投诉单位", printed)
        return Accused(wrong=f"{words}；确实不是这些单位的，请在名称后加（库外）")
    if (whole := _whole_of(known, printed)) is not None:
        wrong = f"“{printed}”似是“{whole}”的一部分：是的，被投诉单位请填“{whole}”；不是的，请在名称后加（库外）"
        return Accused(wrong=wrong)
    return Accused(name=printed)


def unknown_words(known: Known, title: str, printed: str) -> str:
    """Say what a name that is no unit's may have meant."""
    if known.resolve(printed)[1] is not None:
        return f"“{title}”写的“{printed}”是单位组，请写具体单位"
    near = "、".join(name for name, _ in known.nearest(printed))
    return f"单位库中没有“{title}”写的“{printed}”" + (f"，相近的有：{near}" if near else "，请核对名称")


def _nearly_known(known: Known, printed: str) -> bool:
    near = known.nearest(printed, 1)
    return bool(near) and likeness(printed, near[0][0]) >= NEARLY


def _whole_of(known: Known, printed: str) -> str | None:
    """Return the unit's name with which a longer one begins (市财政局国库支付中心): of a part, the whole reads."""
    begun = [key for key in known.units if len(key) > 2 and normalise(printed).startswith(key)]
    return known.printed[max(begun, key=len)] if begun else None
