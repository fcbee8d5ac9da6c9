"""Doubts (疑问) about measures themselves: limits read by half, unsure units, a task that names nobody."""

from collections.abc import Iterator, Sequence

from tracker.reading.names.bodies import is_actor, kind_of
from tracker.reading.names.charges import charges_in
from tracker.reading.names.likeness import same_body
from tracker.reading.names.openers import heads_of_clauses
from tracker.reading.names.subjects import is_place, is_proper
from tracker.reading.plan import Doubt, DoubtKind, Measure, NameKind, Span
from tracker.reading.text.cleaning import Clean, fold
from tracker.reading.text.lazy import lazy

# Below this a person has to look at what was read.
UNSURE = 0.6
_AROUND = 12  # characters of the text on either side of a doubted quote
_BEFORE_COLON = 30  # characters that may name a body before a colon
_NEARLY_ALL = 0.95  # of a plan's measures name a unit where one that does not is asked
# Rules that take units from where they are printed for that purpose, not from sentences.
PRINTED = frozenset(("bracket", "label", "table"))
# 每日巡查2次各镇, 市教育局（牵头）: no body's name holds a number, but for a telephone's, or says what it is to be.
_NO_NAME = lazy(r"(?<!\d)\d{1,2}(?!\d)|（(?:牵头|主办|负责|配合|协办|参与)")
# A sentence or clause that begins with an office's own name: the only ones in which one can be charged.
_OFFICE_ACTS = lazy(
    r"(?:^|[，。；：）由])(?:[省市县区镇乡州]|属地)[^，。；：、的（）]{1,20}(?:[局委办厅院站所队]|中心)"
    r"(?=要|应|须|必须|将|负责|牵头|会同|按|对|在|每|于|\d|[\u4e00-\u9fff]{2})"
)
# An office, or the word for who is responsible, in a measure that charges nobody: 由市教育局等部门分头落实.
_OFFICE_NAMED = lazy(
    r"(?:^|[，。；：、（）由请—【〔<〈|\uff5c的]|--?)(?:[省市县区镇乡州]|属地)[^，。；：、的（）]{1,20}(?:[局委办厅院站所队]|中心)(?![员公])"
    r"|(?:责任|牵头|配合|主办|承办|协办)(?:单位|部门)(?:[：为是]|(?=[省市县区]))"
)
# What a measure says that somebody has to do.
_ORDERS = lazy(
    r"应当?(?![急对用])|要(?![点素求件闻])|必须|须|负责|牵头|会同|组织|开展|推[动进行]|建立|完善|落实|加[强快大]|实施|制定"
    r"|出台|做好|完成|报送"
)
# What a clause may begin with and says who acts in it.
_ACTOR = (
    r"(?![报向经并对将把与和按以在从为给])(?:[^，。；：、的]{0,18}(?:部门|单位|机构|机关|组织|政府|办公[厅室]|指挥部|专班|小组|委员会|中心|厅|局|园|校"
    r"|院|所|站|队|处室|科室|医生|联体|地区|[市县区州旗镇乡]|街道)|各[^，。；：、的]{1,16})"
)
# A clause that begins with somebody who acts: 幼儿园要建立, 指挥部办公室定期下达, 责成专门部门.
ACTS = lazy(
    rf"(?:^|[，。；：！）])(?:(?:\d{{1,2}}[.、]|（\d{{1,2}}）)?{_ACTOR}(?:（[^（）]{{1,20}}）)?(?:、{_ACTOR}){{0,8}}"
    r"(?=要|应(?![急对用])|必须|须|需|负责(?!人|同志)|能够|可以|可(?![能行靠持])|将(?![^，。；]{0,12}纳入)|于(?=[\d每])|统筹|统一|分级|定期|及时|予以|立即|汇总|审核|为其|对[^，。；]{1,30}进行)"
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
            if one.confidence < UNSURE or (one.found_by not in PRINTED and _NO_NAME.search(fold(one.unit))):
                yield Doubt(DoubtKind.UNSURE_UNIT, one.span, seen_around(printed, one.span), measure.key)


def unlisted_units(printed: str, clean: Clean, measure: Measure) -> Iterator[Doubt]:
    """The offices that the sentences of a measure charge by name, though its printed block leaves them out."""
    listed = [one for item in measure.items for one in item.assignments]
    if not listed or any(one.found_by not in PRINTED for one in listed):
        return
    if not _OFFICE_ACTS.search(clean.flat):
        return
    names = [fold(one.unit) for one in listed]
    blocks = [(one.span.start, one.span.end) for one in listed]
    for charge in charges_in(clean.flat, 0, len(clean.flat)):
        for one in charge.names:
            name, span = clean.flat[one.start : one.end], clean.span(one.start, one.end)
            if not is_proper(name) or is_place(name) or kind_of(name) is not NameKind.UNIT:
                continue
            if any(a < span.end and span.start < b for a, b in blocks):
                continue
            if not any(same_body(name, other) or same_body(other, name) for other in names):
                yield Doubt(DoubtKind.UNSURE_UNIT, span, f"{seen_around(printed, span)}（责任单位里没有）", measure.key)


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
        elif _OFFICE_NAMED.search(flat) or _heads(flat) or (usual and _ORDERS.search(flat)):
            yield Doubt(DoubtKind.NO_UNIT, measure.span, _short(measure.title or measure.text), measure.key)


def _heads(flat: str) -> bool:
    """Whether a body stands first in one of the clauses, or before a colon."""
    before = flat[: max(flat.find("：", 0, _BEFORE_COLON), 0)]
    return next(heads_of_clauses(flat), None) is not None or is_actor(before)


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
