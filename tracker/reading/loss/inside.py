"""Doubts (疑问) about measures themselves: limits read by half, unsure units, a task that names nobody."""

from collections.abc import Iterator, Sequence

from tracker.reading.plan import Doubt, DoubtKind, Measure, Span
from tracker.reading.text.cleaning import fold
from tracker.reading.text.lazy import lazy

# Below this a person has to look at what was read.
UNSURE = 0.6
_AROUND = 12  # characters of the text on either side of a doubted quote
_NEARLY_ALL = 0.95  # of a plan's measures name a unit where one that does not is asked
# What a measure says that somebody has to do.
_ORDERS = lazy(
    r"应当?(?![急对用])|要(?![点素求件闻])|必须|须|负责|牵头|会同|组织|开展|推[动进行]|建立|完善|落实|加[强快大]|实施|制定"
    r"|出台|做好|完成|报送"
)
_ACTOR = (
    r"(?:[^，。；：、的]{0,18}(?:部门|单位|机构|机关|组织|政府|办公[厅室]|指挥部|专班|小组|领导|干部|人员|委员会|中心|厅|局|园|校"
    r"|院|所|站|队|处室|科室|医生|联体|地区|[市县区州旗镇乡]|街道)|各[^，。；：、的]{1,16})"
)
# A clause that begins with somebody who acts: 幼儿园要建立, 指挥部办公室定期下达, 责成专门部门.
ACTS = lazy(
    rf"(?:^|[，。；：！）])(?:(?:\d{{1,2}}[.、]|（\d{{1,2}}）)?{_ACTOR}(?:（[^（）]{{1,20}}）)?(?:、{_ACTOR}){{0,8}}"
    r"(?=要|应(?![急对用])|必须|须|需|负责|能够|将(?![^，。；]{0,12}纳入)|于(?=[\d每])|统筹|统一|分级|定期|及时|予以|立即|汇总|审核|为其|对[^，。；]{1,30}进行)"
    rf"|责成{_ACTOR})"
)


def half_limits(printed: str, measure: Measure) -> Iterator[Doubt]:
    """The limits of a measure beside which something was left unread."""
    for item in measure.items:
        for limit in item.deadlines:
            if limit.confidence < UNSURE:
                yield Doubt(DoubtKind.HALF_LIMIT, limit.span, seen_around(printed, limit.span), measure.key)


def unsure_units(printed: str, measure: Measure) -> Iterator[Doubt]:
    """The units of a measure that were read with little confidence."""
    for item in measure.items:
        for one in item.assignments:
            if one.confidence < UNSURE:
                yield Doubt(DoubtKind.UNSURE_UNIT, one.span, seen_around(printed, one.span), measure.key)


def without_units(measures: Sequence[Measure]) -> Iterator[Doubt]:
    """The measures that name nobody though they set a limit, or somebody acts in them, or nearly all others do."""
    named = sum(_names_somebody(measure) for measure in measures)
    usual = named >= _NEARLY_ALL * len(measures)
    for measure in measures:
        if _names_somebody(measure):
            continue
        flat = fold(measure.text)
        acts = ACTS.search(flat)
        due = [one for item in measure.items for one in item.deadlines if one.kind != "validity"]
        if due:
            yield Doubt(DoubtKind.NO_UNIT, measure.span, _short(measure.title or measure.text), measure.key)
        elif acts:
            yield Doubt(
                DoubtKind.NO_UNIT, measure.span, _short(flat[acts.start() :].lstrip("，。；：！）")), measure.key
            )
        elif usual and _ORDERS.search(flat):
            yield Doubt(DoubtKind.NO_UNIT, measure.span, _short(measure.title or measure.text), measure.key)


def _names_somebody(measure: Measure) -> bool:
    return any(item.assignments for item in measure.items)


def seen_around(printed: str, span: Span) -> str:
    """The words of a span with a few on either side, as one line."""
    before = printed[max(span.start - _AROUND, 0) : span.start]
    behind = printed[span.end : span.end + _AROUND]
    # No further than the sentence's own ends.
    before = before[max(before.rfind(mark) for mark in "。；\n") + 1 :]
    ends = [at for at in (behind.find(mark) for mark in "。；\n") if at >= 0]
    behind = behind[: min(ends) + 1] if ends else behind
    return "".join((before + printed[span.start : span.end] + behind).split())


def _short(words: str) -> str:
    return words if len(words) <= 40 else words[:39] + "…"
