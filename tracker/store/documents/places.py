"""辖区: a plan that is another place's than the one it was uploaded for, by what its text says of itself."""

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from tracker.store.models import Jurisdiction, PlanReading, Source

_LEVEL = re.compile(r"(?:自治[区州县旗]|[省市县区州盟旗]|地区)$")
_INSIDE = re.compile(r"[市县区州盟旗]")


def other_places(session: Session, source_id: int, jurisdiction_id: int) -> dict[int, str]:
    """Return by plan of a source the place it is of, where that is another than the one it was uploaded for.

    A plan that names no place in its head is of another one where its source names that one, known here, and never its
    own.
    """
    own = session.get_one(Jurisdiction, jurisdiction_id).name
    rows = session.execute(
        select(PlanReading.id, PlanReading.reading["jurisdiction"].as_string())
        .where(PlanReading.source_id == source_id)
        .order_by(PlanReading.ordinal)
    ).all()
    found = {number: place for number, place in rows if place is not None and not same_place(place, own)}
    silent = [number for number, place in rows if place is None]
    if silent and (named := _named_instead(session, source_id, own)) is not None:
        found |= dict.fromkeys(silent, named)
    return found


def other_place_words(place: str, own: str) -> str:
    """Say that a text is another place's than the one it was uploaded for."""
    said = "国家的文件" if place == "全国" else f"“{place}”的文件"
    return f"正文像是{said}，上传时选的辖区是“{own}”"


def same_place(place: str, own: str) -> bool:
    """Whether two names are of one place: 山东省济宁市 is 济宁市, 广西 is 广西壮族自治区; 铁东区 is not its city."""
    if place.endswith(own) or own.endswith(place):
        return True
    short, long = sorted((_bare(place), _bare(own)), key=len)
    rest = long.removeprefix(short)
    return len(short) > 1 and (short == long or (rest != long and rest.endswith("族") and not _INSIDE.search(rest)))


def _bare(name: str) -> str:
    return _LEVEL.sub("", name)


def _named_instead(session: Session, source_id: int, own: str) -> str | None:
    """Return the place known here that a source names most, where it never names its own."""
    text = session.scalars(select(Source.text).where(Source.id == source_id)).one()
    if _times(text, own):
        return None
    others = session.scalars(select(Jurisdiction.name).where(Jurisdiction.name != own).order_by(Jurisdiction.id))
    count, _, place = max(((_times(text, name), -n, name) for n, name in enumerate(others)), default=(0, 0, ""))
    return place if count else None


def _times(text: str, place: str) -> int:
    """Return how often a text names a place, its level left out or not."""
    bare = _bare(place)
    return text.count(bare if len(bare) > 1 else place)
