"""What a wording says of days off (节假日): 遇节假日顺延, 不含节假日, and brackets that say how a 日 is counted."""

from dataclasses import replace

from tracker.reading.limits.context import Found, Wording
from tracker.reading.text.lazy import lazy

_DAYS = r"(?:国家|法定|公共|公众)*(?:节假日|休息日|节日|假期|假日|公休日|双休日|周末|周六、?日|星期六、?日)"
_ANY_DAYS = rf"{_DAYS}(?:[和、或及与]{_DAYS})*"
_MOVES = lazy(
    rf"[，、；（]?(?:如|若|凡|逢|时间|期限|截止日|最后一日|届满日)*(?:遇到?|逢|为|是){_ANY_DAYS}(?:的|时)?，?(?:则|可|均)?"
    r"(?:自动|相应|依次|顺次|依法)?(?P<how>不顺延|不再顺延|顺延|往后顺延|延后|后延|推迟|提前)"
    r"(?:至?(?:节后|节前|其|假期?[前后])?(?:下|上|后|前|第|最后|的)?一?个?(?:工作日)?)?(?P<end>）)?"
)
_WORKDAYS = lazy(
    rf"（(?:均?[为指按以]?工作日(?:计算?)?|[均]?(?:不[含包计]括?算?|除去?|扣除|剔除){_ANY_DAYS}|{_ANY_DAYS}(?:除外|不计算?(?:在内)?))）"
)
_ALL_DAYS = lazy(rf"（(?:均?[为指按以]?(?:自然日|日历日)(?:计算?)?|[均]?(?:含|包含|包括){_ANY_DAYS})）")
_HOW = {"提前": "previous", "不顺延": "as_printed", "不再顺延": "as_printed"}


def bracket_unit(flat: str, place: int) -> tuple[int, str] | None:
    """Where a bracket that says how days are counted ends, and the unit it makes of a 日."""
    if not flat.startswith("（", place):
        return None
    workdays = _WORKDAYS.match(flat, place)
    if workdays:
        return workdays.end(), "workday"
    every = _ALL_DAYS.match(flat, place)
    return (every.end(), "day") if every else None


def moved_by(flat: str, place: int) -> tuple[int, str] | None:
    """Where a wording on days off that stands at a place ends, and what it does with a date."""
    match = _MOVES.match(flat, place)
    if not match or (flat.startswith("（", place) and not match["end"]):
        return None
    return match.end(), _HOW.get(match["how"], "next")


def with_days_off(wording: Wording, found: list[Found]) -> list[Found]:
    """The limits of each sentence with what it says of days off, which may stand behind the act."""
    kept: list[Found] = []
    for one in found:
        said = moved_by(wording.flat, one.end)
        if said is None and one.day_off is None and one.kind != "validity":
            stop = wording.sentence(one.end)[1]
            for match in _MOVES.finditer(wording.flat, one.end, min(stop, one.end + 80)):
                if match["end"] is None or match[0].startswith("（"):
                    said = match.end(), _HOW.get(match["how"], "next")
        kept.append(replace(one, day_off=said[1]) if said and one.day_off is None else one)
    return kept
