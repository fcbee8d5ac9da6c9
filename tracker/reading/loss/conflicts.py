"""Conflicts (冲突): two limits for one act of one duty; equal ones are one, others are laid side by side and asked."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from tracker.reading.loss.inside import seen_around
from tracker.reading.plan import Deadline, Doubt, DoubtKind, Item, Measure, Span
from tracker.reading.text.lazy import lazy

_ALIKE = 0.6  # of the pairs of characters of two acts are shared
_MOST = 40  # limits of a measure that are compared; a list of more is a table of them
_BEFORE = 40
_STARTS = "。；！？，：、（\n"
# What is done again and again, whatever it is done about.
_VERB = lazy(
    r"报送|上报|报告|汇报|反馈|通报|调度|公示|公布|公开|总结|检查|巡查|督查|研判|考核|考评|评估|走访|联系|例会|会商|召开会议"
    r"|培训|更新|答复|办结|办理|审批|审核|受理|移送|转办|放行|拨付|支付|退还|返还|发布|备案|整改"
)
# 咨询类1日内: what the quote itself says of its case; not the preposition of a date.
_OF_QUOTE = lazy(r"(?![于在自从到应须原])[^\d一二两三四五六七八九十半每当次本下]{2,}(?=[\d一二两三四五六七八九十])")
_NUMBER = lazy(r"\d[\d.]*")
# Words that say when, how or who, and not of what sort a case is.
_COMMON = lazy(
    r"(?:应当?|要|须|必须|将|可|原则上|一般|自|从|在|于|并|对|由|其|也|均|都|力争|确保|实行|做到|及时|[^，。；]{0,20}(?:之日|后|起|时))+$"
)


@dataclass(frozen=True, slots=True)
class _Limit:
    """A limit as it is compared: what is to be done, and of which sort of case it is said."""

    deadline: Deadline
    act: str
    verb: str
    before: str


def without_echoes(flat: str, item: Item) -> Item:
    """An item without the rhythms that only say again what another of its limits says: 日报告, 每日, 日报告 are one."""
    limits = [_limit(flat, one) for one in item.deadlines[:_MOST]]
    dropped: set[int] = set()
    for (m, a), (n, b) in combinations(enumerate(limits), 2):
        if m in dropped or n in dropped or not _one_act(a, b):
            continue
        rhythms = a.deadline.kind == b.deadline.kind == "recurring"
        if rhythms and _finer(b.deadline, a.deadline):
            dropped.add(m)
        elif rhythms and _finer(a.deadline, b.deadline):
            dropped.add(n)
    if not dropped:
        return item
    return replace(item, deadlines=tuple(one for n, one in enumerate(item.deadlines) if n not in dropped))


def conflicts_in(printed: str, flat: str, measure: Measure) -> Iterator[Doubt]:
    """The limits of a measure that give one act two dates, each with those it stands against."""
    limits = [_limit(flat, one) for item in measure.items for one in item.deadlines][:_MOST]
    yield from _pairs(printed, flat, measure.key, limits)


def conflicts_between(printed: str, flat: str, measures: Sequence[Measure]) -> Iterator[Doubt]:
    """The limits of different measures that give one unit's same act, counted from the same event, two lengths."""
    seen: dict[tuple[str, str, str], list[tuple[Measure, _Limit]]] = {}
    for measure in measures:
        for item in measure.items:
            for one in item.deadlines:
                limit = _limit(flat, one)
                if one.kind == "relative" and one.trigger and len(limit.act) > 1:
                    for unit in {a.unit for a in item.assignments}:
                        seen.setdefault((unit, one.trigger, limit.act), []).append((measure, limit))
    for alike in seen.values():
        first, limit = alike[0]
        others = tuple(
            dict.fromkeys(o.deadline.span for m, o in alike if m is not first and _differ(limit.deadline, o.deadline))
        )
        if others:
            yield Doubt(DoubtKind.CONFLICT, limit.deadline.span, _seen(printed, limit, others), first.key, others)


def _pairs(printed: str, flat: str, key: str, limits: Sequence[_Limit]) -> Iterator[Doubt]:
    """Each limit with all that stand against it, and against those in turn: three that differ are one question."""
    left = list(limits)
    while left:
        group = [left.pop(0)]
        for one in group:
            against = [o for o in left if _is_against(flat, one, o)]
            left = [o for o in left if not any(o is taken for taken in against)]
            group.extend(against)
        others = tuple(dict.fromkeys(o.deadline.span for o in group[1:]))
        if others:
            first = min(group, key=lambda one: one.deadline.span.start)
            others = tuple(sorted(others, key=lambda span: span.start))
            yield Doubt(DoubtKind.CONFLICT, first.deadline.span, _seen(printed, first, others), key, others)


def _is_against(flat: str, one: _Limit, other: _Limit) -> bool:
    listed = _listed(flat, one.deadline, other.deadline) or _listed(flat, other.deadline, one.deadline)
    return not listed and _one_act(one, other) and _differ(one.deadline, other.deadline)


def _listed(flat: str, one: Deadline, other: Deadline) -> bool:
    """Whether two dates stand in one list, both meant: 每年6月底前、12月底前."""
    return one.kind != "relative" and "".join(flat[one.span.end : other.span.start].split()) in ("、", "和", "及", "与")


def _seen(printed: str, limit: _Limit, others: Sequence[Span]) -> str:
    return " ／ ".join(seen_around(printed, span) for span in (limit.deadline.span, *others))


def _limit(flat: str, one: Deadline) -> _Limit:
    start = max(one.span.start - _BEFORE, 0)
    before = flat[start : one.span.start]
    before = "".join(before[max(before.rfind(mark) for mark in _STARTS) + 1 :].split())
    quote = "".join(one.quote.split())
    own = _OF_QUOTE.match(quote)
    verb = _VERB.search(quote) or _VERB.search(one.act or "")
    act = "".join((one.act or quote).split())
    return _Limit(one, act, verb[0] if verb else "", _COMMON.sub("", own[0] if own else before))


def _one_act(a: _Limit, b: _Limit) -> bool:
    """Whether two limits are for the same thing to be done."""
    one, other = a.deadline, b.deadline
    if one.kind != other.kind or one.kind == "validity" or one.party != other.party or one.direction != other.direction:
        return False
    if one.extension or other.extension or (one.trigger and other.trigger and one.trigger != other.trigger):
        return False
    if one.bound and other.bound and set(one.bound) != set(other.bound):
        return False
    # 咨询类1日内答复, 投诉类10日内答复: what stands before tells the cases apart.
    same_sort = a.before == b.before or not (a.before and b.before) or _likeness(a.before, b.before) >= _ALIKE
    if one.kind == "recurring":
        # 日报告, 每日报告当日进展: the verb alone says what comes round.
        alike = _short(a) or _short(b) or _likeness(a.act, b.act) >= _ALIKE
        return same_sort and bool(a.verb) and a.verb == b.verb and alike
    same_verb = len(a.act) > 1 and a.act[:2] == b.act[:2]
    # 到2026年达到50%, 到2027年达到80%: steps of one aim.
    same_aim = _NUMBER.findall(a.act) == _NUMBER.findall(b.act)
    return same_sort and same_verb and same_aim and _likeness(a.act, b.act) >= _ALIKE


def _short(limit: _Limit) -> bool:
    return len(limit.act) <= len(limit.verb) + 2


def _likeness(a: str, b: str) -> float:
    """Twice the pairs of characters two texts share over all of theirs."""
    one, other = ({text[n : n + 2] for n in range(len(text) - 1)} for text in (a, b))
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else float(a == b)


def _value(one: Deadline) -> tuple[object, ...]:
    return one.amount, one.unit, one.date, one.date_from, _rule(one), one.offset, one.time


def _rule(one: Deadline) -> frozenset[str]:
    return frozenset(re.split(";", one.rrule or "")) - {"INTERVAL=1"}


def _differ(a: Deadline, b: Deadline) -> bool:
    """Whether two limits cannot both be kept by keeping the finer."""
    if a.kind == "recurring" and (_finer(a, b) or _finer(b, a)):
        return False
    return _value(a) != _value(b)


def _finer(a: Deadline, b: Deadline) -> bool:
    """Whether a rhythm says all that another says, and perhaps its day as well."""
    whole = {part for part in _rule(b) if not part.startswith("BY")}
    own = {part for part in _rule(a) if not part.startswith("BY")}
    return whole == own and (_rule(b) <= _rule(a)) and b.offset in (None, a.offset) and b.time in (None, a.time)
