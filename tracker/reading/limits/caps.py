"""Caps and floors (上限与下限) on how long something may take: 不得超过60日, 压减至5个工作日, 延长十五日."""

import re

from tracker.reading.limits.context import Found, Wording
from tracker.reading.limits.words.amounts import INSIDE
from tracker.reading.limits.words.triggers import trigger_before
from tracker.reading.text.lazy import lazy

EXTENDED_TO = lazy(r"延长(?:期限|时间)?[至到]$")

_CAP = lazy(
    r"(?:最长|最多|最迟|最晚|一般|均|总共|合计|原则上)*(?:不得超过|不能超过|不得多于|不应超过|(?<=最[迟晚])不超过)$"
)

_SOFT_CAP = lazy(
    r"(?:最长|最多|最迟|最晚|一般|均|原则上)*(?:不超过|不多于|控制在|限定在|(?:压缩|压减|缩短|缩减|减少|精简|提速|减|缩|降"
    r"|压)[至到为]|调整[至为]|限时)(?:了)?(?:法定)?$"
)

_FLOOR = lazy(r"(?:最短|一般)?(?:不得少于|不少于|不得低于|不能少于|不短于|不得短于)$")

_HANDLING = lazy(
    r"时限|时间|办理|审批|审核|审查|办结|答复|流程|手续|备案|放款|受理|核验|评审|验收|处理|检测|周期|工时|付款期限"
    r"|保全|期限"
)

ENTITLED = lazy(
    r"贷款|预收|押金|缓缴|延期|展期|免[征税收]|优惠|额度|补贴|享受|租金|折旧|扣除|劳动合同|缓交|还本|宽限|停工|融资|续贷"
)

# 会议控制在90分钟内: how long a thing may be, and nothing due.
HOW_LONG = lazy(r"(?:会议?|时长|讲话|发言|汇报|培训|演练|会期)[^，。；]{0,8}(?:控制|压缩|限制?|压减)(?:在|到|至)$")

_TERM = lazy(r"时限|(?:整改|办理|处理|答复|审批|完成|建设)期限")

_NOTICE = lazy(r"公示|公告|公布|征求意见|发售|催告|听证|公开|张贴")

# 自受理之日起不得超过三十日, 自文件发出之日起至截止之日止，最短不得少于二十日: the event before a cap or a floor.
_FROM_TO = lazy(r"自(?P<event>[^，。；自]{2,40}?)(?:之日)?起至[^，。；]{2,40}?止，?$")


def capped(
    wording: Wording, match: re.Match[str], before: str, amount: int, unit: str, last: Found | None
) -> Found | None:
    """不得超过60日, 缩短至5个工作日, 不得少于30日: a cap or a floor on how long something may take."""
    flat, start, end = wording.flat, match.start(), match.end()
    sentence = wording.sentence(start)[0]
    clause = max(wording.clause(start)[0], start - 80)
    inside = INSIDE.match(flat, end)
    stop = inside.end() if inside else end
    extends = re.search(r"延长(?:期限|的期限|办理期限|时间)?[^，。；]{0,10}$", flat[clause:start])
    if extends and not extends[0].endswith(("延长", "延长期限")) and "不" not in extends[0]:
        extends = None
    if extends and (before.endswith("延长") or _CAP.search(before) or _SOFT_CAP.search(before)):
        return extension(wording, match, before, amount, unit)
    floor = _FLOOR.search(before)
    if floor:
        near = flat[max(sentence, start - 30) : start]
        shown = _NOTICE.search(near) and re.search("期|时间|[公示告]", near)
        if unit == "year" or not (shown or "之日止" in near):
            return None
        from_to = _FROM_TO.search(flat, max(sentence, start - 90), start - len(floor[0]))
        event = from_to.span("event") if from_to else None
        return Found(start - len(floor[0]), stop, "relative", "not_before", event, amount, unit, found_by="floor")
    hard = _CAP.search(before)
    cap = hard or _SOFT_CAP.search(before)
    if not cap or unit == "year" or flat.startswith(("的延", "的贷", "的优", "的个"), end):
        return None
    near = flat[max(sentence, start - 36) : start]
    if ENTITLED.search(flat[max(clause, start - len(cap[0]) - 12) : start]) or not (_HANDLING.search(near) or hard):
        return None
    if not hard and unit == "month" and not _TERM.search(near):
        return None
    own = trigger_before(wording, start - len(cap[0])) if hard else None
    if own and flat[own[1][1] : own[1][1] + 2] in ("之日", "起不"):
        return Found(own[0], stop, "relative", "within", own[1], amount, unit, found_by="event and cap")
    near_last = last is not None and hard and wording.sentence(last.start)[0] >= sentence - 80
    trigger = last.trigger if last and near_last else None
    return Found(start - len(cap[0]), stop, "relative", "within", trigger, amount, unit, found_by="cap")


def extension(wording: Wording, match: re.Match[str], before: str, amount: int, unit: str) -> Found | None:
    """可以延长十五日, 延长期限不得超过30日: time added with approval."""
    flat, start, end = wording.flat, match.start(), match.end()
    first, stop = wording.sentence(start)
    # The approval may stand before a semicolon: 经批准，可以适当延长；但是延长期限最多不得超过三十日.
    first = max(flat.rfind("。", 0, first) + 1, start - 160)
    whole = flat[first : min(stop, end + 160)]
    allowed = re.search(r"批准|同意|负责人|可以(?:适当)?延长|可延长", whole)
    if not allowed or flat.startswith(("办理期限", "期限", "承租", "的"), end):
        return None
    lead = _CAP.search(before) or _SOFT_CAP.search(before)
    length = len(lead[0]) if lead else 2
    return Found(start - length, end, "relative", "within", None, amount, unit, extension=True, found_by="extension")
