"""Periods (期限) counted from an event: 自正式受理之日起3个工作日内, 公示30日后, 开庭三日前, 当日办结."""

import re
from collections.abc import Iterator
from dataclasses import replace

from tracker.reading.limits.context import Found, Wording
from tracker.reading.limits.day_hours import CLOCK, time_of
from tracker.reading.limits.days_off import bracket_unit, moved_by
from tracker.reading.limits.triggers import trigger_before, trigger_of_sentence
from tracker.reading.text.lazy import lazy
from tracker.reading.text.numerals import NUMERAL, number

_UNITS = {
    "工作日": "workday", "自然日": "day", "日历日": "day", "日": "day", "天": "day", "小时": "hour", "分钟": "minute",
    "周": "week", "星期": "week", "月": "month", "年": "year", "季度": "quarter",
}  # fmt: skip
_AMOUNT = lazy(
    rf"(?P<n>{NUMERAL}|半)(?:（(?P<again>{NUMERAL})）)?(?P<u>个?(?:工作日|自然日|日历日|小时|星期)|个月|分钟|个?(?P<plus>半)小时|个季度|日(?!常|均|报|益|期|程|志|前期|间"
    rf"|照)|天(?!然|津|池|桥|河|府|水|地|上)|周(?!年|岁|边|期|转|末|报|调|转)|年(?!度|级|限|龄|报|产|均|检|审|化|轻"
    rf"|代|款|期))"
)
_INSIDE = lazy(r"(?:（[^（）]{1,16}）)?(?:之内|以内|内(?!部|地|容|外|涵|控|设|需|陆))")
_ACTS = lazy(
    r"(?:办结|办理完毕|办理完成|审批|审结|审核|放款|对接|反馈|答复|放行|完成|受理|回复|响应|处置|处理|出证|拿证"
    r"|领证|发证|送达|解决|办好|办成|上报|报告|办理|核查|转办|交办)"
)
# 3分钟内响应 is what a service line promises its customers.
_ACTS_OF_MINUTES = lazy(
    r"[^，。；]{0,6}(?:办结|完成|答复|回复|反馈|上报|报告|报送|处置|受理|到场|到达|赶到|通报)|[，。；）]|$"
)
_ACTS_OF_HOURS = lazy(r"(?:办结|反馈|答复|放行|完成|回复|处置|上报|报告|办理完毕|拿证|出证)")
_SAME_DAY = lazy(
    r"(?P<word>当日|当天|同日)(?:内|之内)?(?:予以|即|可|就|完成)?(?P<act>办结|受理|审批|指派|审核|反馈|办理|完成"
    r"|答复|报送|转办|上报|发放|出证|领取|拿证|办好|处理|分办|交办|转交|录入|公布|公示|通知|回复|送达|响应)"
)
_NEXT_DAY = lazy(
    rf"(?:次(?P<w1>一?工作)?日|第二[日天]|翌日|(?:下一个?|第二个)(?P<w2>工作)日)"
    rf"(?:{CLOCK}(?:之?前|以前)|之?内|之?前|(?=办结|反馈|答复|报送|完成))"
)
_THAT_DAY = lazy(rf"(?:当日|当天|同日){CLOCK}(?:之?前|以前)")
_RUN_OUT = lazy(r"(?:届满|期满|到期)(?:之?日)?$")
# 有效时间为…至解除封控后1个月: an offer that ends a while after an event.
_OFFER_AFTER = lazy(
    rf"(?:有效(?:时间|期)|优惠时间|实施(?:期|时间)|政策期限?)[^。；]{{0,40}}?(?:至"
    rf"|到)(?P<event>[^，。；至到]{{2,16}}?)后"
    rf"(?P<n>{NUMERAL})(?P<u>个月|日|天|年|个?工作日)"
)
_EXTENDED_TO = lazy(r"延长(?:期限|时间)?[至到]$")
_EXPIRY = lazy(
    r"在(?P<event>[^，。；在]{0,20}(?:有效期|期限|合同)?(?:届满|期满|到期))(?:之前|以前"
    r"|前)(?=[^\d一二三四五六七八九十，。；]{0,4}(?:作出|提出|办理|申请|完成|报|决定|书面))"
)
_CAP = lazy(r"(?:最长|最多|一般|均|总共|合计|原则上)*(?:不得超过|不能超过|不得多于|不应超过)$")
_SOFT_CAP = lazy(
    r"(?:最长|最多|一般|均|原则上)*(?:不超过|不多于|控制在|限定在|(?:压缩|压减|缩短|缩减|减少|精简|提速|减|缩|降"
    r"|压)[至到为]|调整[至为]|限时)(?:了)?(?:法定)?$"
)
_FLOOR = lazy(r"(?:最短|一般)?(?:不得少于|不少于|不得低于|不能少于|不短于|不得短于)$")
_HANDLING = lazy(
    r"时限|时间|办理|审批|审核|审查|办结|答复|流程|手续|备案|放款|受理|核验|评审|验收|处理|检测|周期|工时|付款期限"
    r"|保全|期限"
)
_ENTITLED = lazy(
    r"贷款|缓缴|延期|展期|免[征税收]|优惠|额度|补贴|享受|租金|折旧|扣除|劳动合同|缓交|还本|宽限|停工|融资|续贷"
)
_NOTICE = lazy(r"公示|公告|公布|征求意见|发售|催告|听证|公开|张贴")
_FREE_AFTER = lazy(r"，?(?:方可|方能|才可|才能|可以|可|即可|方|无异议)")
_NOT_COUNTED_BEFORE = lazy(
    r"(?:每|第|近|满|过去|最近|连续|已|累计|逾|长达|前|这|上|再|精确到|超过|未满|不满|为期|期限为|用|[年月\d.]|限期?为"
    r"|延缓|缓缴|免除|减免)$"
)
_EVENT_BEFORE = lazy(
    r"(?:届满|期满|到期|召开|举行|举办|开始|开学|启动|实施|施行|截止|活动|会议|开庭|放假|节日?|结束|开工|上市|生效|申报|变更"
    r"|停[水电气]|开标|投标|施工|作业)[^，。；]{0,6}前$"
)
# What follows a period that only describes (三年内2次以上), and what follows one that is due.
_NOT_DUE = lazy(r"期限|不得再|未|累计|新|又|有效|到期|.{0,6}(?:\d|[一二两三])次以上|的?(?:中长期|应届|毕业)")
_DUE = lazy(
    r"[^，。；]{0,30}(?:完成|报送|制定|出台|建立|提出|作出|处理|审结|办结|缴|支付|办理|公布|编制|整改|反馈|落实|到位)"
)
_SHORTENED = lazy(r"(?:压缩|缩短|压减|缩减|控制|限)(?:至|到|在|为)")
_EXCEPTION = lazy(r"情况|确[需因]|特殊|复杂|需要|遇")
# 自受理之日起不得超过三十日, 自文件发出之日起至截止之日止，最短不得少于二十日: the event before a cap or a floor.
_FROM_TO = lazy(r"自(?P<event>[^，。；自]{2,40}?)(?:之日)?起至[^，。；]{2,40}?止，?$")
# 自…起30日内，情况发生变化的，应当及时补报: the period belongs to the condition, the duty has no measure.
_OF_CONDITION = lazy(r"，[^，。；]{2,30}的，应当?(?:及时|立即|尽快)")
# 催告书送达十日后当事人仍未履行的，行政机关可以申请: the words before a waiting period that are its event.
_DONE = lazy(r"[^，。；]{1,16}?(?:送达|届满|期满|发布|登记|结束|公告|公示)$")
_MARKED_EVENT = lazy(r"[自从在于起]")
_FREE_LATER = lazy(r"[^。；]{0,40}?(?:方可|方能|才可|才能|可以)")
# 开会15日前, 会议召开十日前: an event that opens its clause needs no 在 before it.
_BARE_EVENT = lazy(
    r"^((?:[^，。；、]{0,14}[^，。；、提之此])?(?:开会|开庭|开标|开学|开工|召开|举行|举办|届满|期满|到期|启动|开始|施行))$"
)
_LATER_THAN = lazy(r"(?:提前|至少提前|须提前)(?:至少)?$")


def periods_in(wording: Wording) -> Iterator[Found]:
    """Every period of the text that somebody must keep."""
    last: Found | None = None
    for match in _AMOUNT.finditer(wording.flat):
        found = _period(wording, match, last)
        if found:
            last = found
            yield found
    for match in _SAME_DAY.finditer(wording.flat):
        if wording.flat[max(0, match.start() - 2) : match.start()] not in ("每日", "每天"):
            yield _within(wording, match.start(), match.end(), 0, "day", None, "same day")
    for match in _OFFER_AFTER.finditer(wording.flat):
        amount, unit = number(match["n"]), _UNITS[match["u"].removeprefix("个")]
        yield Found(
            match.start("event"),
            match.end(),
            "validity",
            "span",
            match.span("event"),
            amount,
            unit,
            found_by="offer until after an event",
        )
    for match in _EXPIRY.finditer(wording.flat):
        yield Found(
            match.start(),
            match.end(),
            "relative",
            "within",
            match.span("event"),
            direction="before",
            found_by="before an expiry",
        )
    for match in _NEXT_DAY.finditer(wording.flat):
        unit = "workday" if match["w1"] or match["w2"] else "day"
        hour = time_of(match)
        found = _within(wording, match.start(), match.end(), 1, unit, None, "next day")
        yield replace(found, time=hour, understood=hour is not None)
    for match in _THAT_DAY.finditer(wording.flat):
        hour = time_of(match)
        found = _within(wording, match.start(), match.end(), 0, "day", None, "same day")
        yield replace(found, time=hour, understood=hour is not None)


def _period(wording: Wording, match: re.Match[str], last: Found | None) -> Found | None:
    flat, start, end = wording.flat, match.start(), match.end()
    amount, unit = _value(match)
    if match["again"] and number(match["again"]) != number(match["n"]):
        return None
    if amount is None or (unit == "year" and amount >= 100):
        return None
    before = flat[max(wording.sentence(start)[0], start - 16) : start]
    if unit == "day" and before.endswith("月"):
        return None
    if flat.startswith(("以上", "以下", "左右", "及以上", "多", "余"), end):
        return None
    extended = _EXTENDED_TO.search(before)
    if extended:
        if last is None or "。" in flat[last.end : start] or start - last.end > 120 or _ENTITLED.search(before):
            return None
        return Found(
            start - len(extended[0]),
            end,
            "relative",
            "within",
            None,
            amount,
            unit,
            extension=True,
            found_by="extended to",
        )
    capped = _capped(wording, match, before, amount, unit, last)
    if capped is not None:
        return capped
    lead = _LATER_THAN.search(before)
    if lead:
        inside = _INSIDE.match(flat, end)
        return Found(
            start - len(lead[0]),
            inside.end() if inside else end,
            "relative",
            "within",
            None,
            amount,
            unit,
            direction="before",
            found_by="提前 a period",
        )
    inside = _INSIDE.match(flat, end)
    if inside:
        if unit == "minute" and not _ACTS_OF_MINUTES.match(flat, inside.end()):
            return None
        found = _inside(wording, match, inside.end(), before, amount, unit, last)
        return _counted_as(flat, end, found) if found else None
    if flat.startswith(("前", "之前", "以前"), end) and not flat.startswith(("前期", "前后"), end):
        return _before_event(wording, match, amount, unit)
    if flat.startswith("后", end) and not flat.startswith("后续", end):
        return _waiting(wording, match, before, amount, unit)
    return _with_act(wording, match, before, amount, unit)


def _counted_as(flat: str, end: int, found: Found) -> Found:
    """A period of days as the bracket before or behind its 内 has them counted: 3日内（工作日）."""
    if found.unit not in ("day", "workday"):
        return found
    for place in (end, found.end):
        said = bracket_unit(flat, place)
        if said:
            stop = max(found.end, said[0])
            return replace(found, end=stop, unit=said[1] if found.unit == "day" else "workday", understood=True)
    moved = moved_by(flat, end) if flat.startswith("（", end) else None
    return replace(found, day_off=moved[1], understood=True) if moved else found


def _value(match: re.Match[str]) -> tuple[int | None, str]:
    if match["plus"]:
        hours = number(match["n"])
        return (hours * 60 + 30 if hours else None), "minute"
    unit = _UNITS[match["u"].removeprefix("个")]
    amount = number(match["n"])
    if match["n"] == "半":
        halves = {"month": (15, "day"), "year": (6, "month"), "hour": (30, "minute")}
        return halves.get(unit, (None, unit))
    if unit == "quarter":
        return (amount * 3 if amount else None), "month"
    return amount, unit


def _capped(
    wording: Wording, match: re.Match[str], before: str, amount: int, unit: str, last: Found | None
) -> Found | None:
    """不得超过60日, 缩短至5个工作日, 不得少于30日: a cap or a floor on how long something may take."""
    flat, start, end = wording.flat, match.start(), match.end()
    sentence = wording.sentence(start)[0]
    clause = max(wording.clause(start)[0], start - 80)
    inside = _INSIDE.match(flat, end)
    stop = inside.end() if inside else end
    extends = re.search(r"延长(?:期限|的期限|办理期限|时间)?[^，。；]{0,10}$", flat[clause:start])
    if extends and not extends[0].endswith(("延长", "延长期限")) and "不" not in extends[0]:
        extends = None
    if extends and (before.endswith("延长") or _CAP.search(before) or _SOFT_CAP.search(before)):
        return _extension(wording, match, before, amount, unit)
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
    if _ENTITLED.search(flat[max(clause, start - len(cap[0]) - 12) : start]) or not (_HANDLING.search(near) or hard):
        return None
    if not hard and unit == "month" and "时限" not in near:
        return None
    own = trigger_before(wording, start - len(cap[0])) if hard else None
    if own and flat[own[1][1] : own[1][1] + 2] in ("之日", "起不"):
        return Found(own[0], stop, "relative", "within", own[1], amount, unit, found_by="event and cap")
    near_last = last is not None and hard and wording.sentence(last.start)[0] >= sentence - 80
    trigger = last.trigger if last and near_last else None
    return Found(start - len(cap[0]), stop, "relative", "within", trigger, amount, unit, found_by="cap")


def _extension(wording: Wording, match: re.Match[str], before: str, amount: int, unit: str) -> Found | None:
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


def _inside(
    wording: Wording, match: re.Match[str], end: int, before: str, amount: int, unit: str, last: Found | None
) -> Found | None:
    """N日内: from the event right before it, or from the one the sentence speaks of."""
    flat, start = wording.flat, match.start()
    adjacent = trigger_before(wording, start)
    if before.endswith("前") and not _EVENT_BEFORE.search(before):
        return None
    direction = "before" if before.endswith("前") else "after"
    if not adjacent and _NOT_COUNTED_BEFORE.search(before) and not before.endswith("前"):
        return None
    stop = wording.clause(end)[1]
    after = flat[end : min(stop, end + 80)]
    if _NOT_DUE.match(after) or _OF_CONDITION.match(flat, end):
        return None
    if after.endswith("的") and not adjacent:
        return None
    if not adjacent and unit == "year":
        return None
    if not adjacent and unit in ("month", "week") and not _DUE.match(after):
        return None
    if adjacent:
        quoted, trigger = adjacent
        # 对2020年2月10日起一个月内复工的企业: a window of dates that says who qualifies.
        if flat[trigger[0]].isdigit() and wording.left_of(quoted).startswith(("对", "凡", "符合", "在")):
            return None
        if direction == "before" and flat[trigger[1] - 1] == "前":
            trigger = (trigger[0], trigger[1] - 1)
            # 届满前30日内 is a window that ends with the term; before a meeting nobody can tell which is meant.
            direction = "until" if _RUN_OUT.search(flat, *trigger) else direction
        return Found(
            quoted, end, "relative", "within", trigger, amount, unit, direction=direction, found_by="event and period"
        )
    quoted = start - 1 if before.endswith(("在", "于")) else start
    trigger_far = trigger_of_sentence(wording, quoted)
    if trigger_far and last and trigger_far[0] < last.end < trigger_far[1] - 1:
        trigger_far = (last.end, trigger_far[1])
    if trigger_far and _EXCEPTION.match(flat, *trigger_far) and last:
        trigger_far = last.trigger
    if trigger_far is None and last and last.start >= wording.sentence(start)[0]:
        trigger_far = last.trigger
    return Found(quoted, end, "relative", "within", trigger_far, amount, unit, confidence=0.8, found_by="period")


def _before_event(wording: Wording, match: re.Match[str], amount: int, unit: str) -> Found | None:
    """开庭三日前: counted back from the event."""
    flat, start, end = wording.flat, match.start(), match.end()
    clause = max(wording.clause(start)[0], start - 40)
    lead = re.search(r"(?:应当?在|须在|要在|于|在|应当?于|最迟在)([^，。；在于]{2,20})$", flat[clause:start])
    lead = lead or _BARE_EVENT.search(flat[clause:start])
    event = lead[1] if lead else ""
    if not event or unit == "year" or event.endswith(("近", "约")):
        return None
    at = clause + (lead.start(1) if lead else 0)
    start -= event.endswith("的")
    quoted = at - (flat[at - 1] in "在于" if at else 0)
    stop = end + (1 if flat[end] == "前" else 2)
    return Found(
        quoted, stop, "relative", "within", (at, start), amount, unit, direction="before", found_by="before an event"
    )


def _waiting(wording: Wording, match: re.Match[str], before: str, amount: int, unit: str) -> Found | None:
    """公示30日后，可以申请: nothing may happen before it is over."""
    flat, start, end = wording.flat, match.start(), match.end()
    notice = re.search(r"(?:公示|公告|公布|催告)(?:满|期满)?$", before)
    if notice:
        head = start - len(notice[0])
        return Found(head, end + 1, "relative", "not_before", (head, head + 2), amount, unit, found_by="waiting period")
    done = _DONE.search(wording.left_of(start))
    if done and _FREE_LATER.match(flat, end + 1) and not _MARKED_EVENT.search(done[0]):
        at = start - len(done[0])
        return Found(at, end + 1, "relative", "not_before", (at, start), amount, unit, found_by="waiting period")
    adjacent = trigger_before(wording, start)
    if adjacent is None or not _FREE_AFTER.match(flat, end + 1):
        return None
    return Found(adjacent[0], end + 1, "relative", "not_before", adjacent[1], amount, unit, found_by="waiting period")


def _with_act(wording: Wording, match: re.Match[str], before: str, amount: int, unit: str) -> Found | None:
    """3个工作日审批, 24小时办结: the act follows at once."""
    flat, start, end = wording.flat, match.start(), match.end()
    if unit not in ("workday", "day", "hour", "minute") or _NOT_COUNTED_BEFORE.search(before):
        return None
    acts = (_ACTS_OF_HOURS if unit in ("hour", "minute") else _ACTS).match(flat, end)
    if not acts and flat[end : end + 1] in ("，", "。", "；"):
        # 支付时间压缩至收到发票后5个工作日。
        event = trigger_before(wording, start)
        if event and _SHORTENED.search(flat, max(0, event[0] - 6), event[0] + 6):
            return Found(event[0], end, "relative", "within", event[1], amount, unit, found_by="event and period")
    if not acts or flat.startswith(("制", "时限", "期限"), acts.end()):
        return None
    adjacent = trigger_before(wording, start)
    if unit == "day" and not adjacent:
        return None
    quoted = adjacent[0] if adjacent else start
    trigger = adjacent[1] if adjacent else trigger_of_sentence(wording, start)
    return Found(
        quoted, acts.end(), "relative", "within", trigger, amount, unit, confidence=0.75, found_by="period and act"
    )


def _within(
    wording: Wording, start: int, end: int, amount: int, unit: str, trigger: tuple[int, int] | None, rule: str
) -> Found:
    return Found(
        start,
        end,
        "relative",
        "within",
        trigger or trigger_of_sentence(wording, start),
        amount,
        unit,
        confidence=0.8,
        found_by=rule,
    )
