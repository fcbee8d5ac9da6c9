"""Periods (期限) counted from an event: 自正式受理之日起3个工作日内, 公示30日后, 开庭三日前, 当日办结."""

import re
from collections.abc import Iterator
from dataclasses import replace

from tracker.reading.limits.caps import ENTITLED, EXTENDED_TO, HOW_LONG, capped
from tracker.reading.limits.context import Found, Wording
from tracker.reading.limits.words.amounts import AMOUNT, INSIDE, UNITS, counted_as, value_of
from tracker.reading.limits.words.day_hours import CLOCK, time_of
from tracker.reading.limits.words.triggers import trigger_before, trigger_of_sentence
from tracker.reading.text.lazy import lazy
from tracker.reading.text.numerals import NUMERAL, number

_ACTS = lazy(
    r"(?:办结|办理完毕|办理完成|审批|审结|审核|放款|对接|反馈|答复|放行|完成|受理|回复|响应|处置|处理|出证|拿证"
    r"|领证|发证|送达|解决|办好|办成|上报|报告|办理|核查|转办|交办)"
)

# 3分钟内响应 is what a service line promises its customers.
_ACTS_OF_MINUTES = lazy(
    r"[^，。；]{0,6}(?:办结|完成|答复|回复|反馈|上报|报告|报送|处置|受理|到场|到达|赶到|通报|转报)|转?报|[，。；）]|$"
)

_ACTS_OF_HOURS = lazy(r"(?:办结|反馈|答复|放行|完成|回复|处置|上报|报告|办理完毕|拿证|出证)")

_SAME_DAY = lazy(
    r"(?P<word>当日|当天|同日)(?:内|之内)?(?:予以|即|可|就|完成)?(?P<act>办结|受理|审批|指派|审核|反馈|办理|完成"
    r"|答复|报送|转办|上报|发放|出证|领取|拿证|办好|处理|分办|交办|转交|录入|公布|公示|通知|回复|送达|响应)"
)

_NEXT_DAY = lazy(
    rf"(?:次(?P<w1>一?工作)?日|第二[日天]|翌日|(?:下一个?|第二个)(?P<w2>工作)日)"
    rf"(?:{CLOCK}(?:之?前|以前)|之?内|之?前|(?=(?:上午|下午|一早)?(?:办结|反馈|答复|报送|完成|分发|转办|送达|公布|公示|通知|移交|上报|回复)))"
)

_THAT_DAY = lazy(rf"(?:当日|当天|同日){CLOCK}(?:之?前|以前)")

# 于当天在…平台发布: the act may stand far behind.
_ON_THAT_DAY = lazy(
    r"(?:于|在)(?P<word>当日|当天|同日)(?=[^。；，]{0,60}(?:公布|发布|公示|报送|报告|上报|办结|反馈|答复|通知|送达|完成))"
)

# 咨询类1日内答复，求助类10日内答复: the sort of matter tells one limit from the next.
_OF_A_SORT = lazy(r"(?:^|(?<=[到：、]))[^，。；、：到]{2,8}类$")

# 办理时限为十个工作日: the limit is stated, and nothing is done within it.
_STATED = lazy(
    r"(?:(?:办理|审批|承诺|办结|法定|受理|处理|答复|审核|审查|完成|办件|整改|反馈)(?:时限|期限|时间)|(?:^|(?<=[，；。：]))时限)"
    rf"(?:均?为|是|：)(?P<n>{NUMERAL})(?P<u>个?工作日|日(?!常)|天|小时)(?!(?:之|以)?内|以上|左右|至|到)"
)
_TERM_BEFORE = lazy(r"[^，。；、在于应须当可]{0,16}(?:届满|期满|到期)前$")
_RUN_OUT = lazy(r"(?:届满|期满|到期)(?:之?日)?$")

# 有效时间为…至解除封控后1个月: an offer that ends a while after an event.
_OFFER_AFTER = lazy(
    rf"(?:有效(?:时间|期)|优惠时间|实施(?:期|时间)|政策期限?)[^。；]{{0,40}}?(?:至"
    rf"|到)(?P<event>[^，。；至到]{{2,16}}?)后"
    rf"(?P<n>{NUMERAL})(?P<u>个月|日|天|年|个?工作日)"
)

_EXPIRY = lazy(
    r"在(?P<event>[^，。；在]{0,20}(?:有效期|期限|合同)?(?:届满|期满|到期))(?:之前|以前"
    r"|前)(?=[^\d一二三四五六七八九十，。；]{0,4}(?:作出|提出|办理|申请|完成|报|决定|书面))"
)

_FREE_AFTER = lazy(r"，?(?:方可|方能|才可|才能|可以|可|即可|方|无异议)")

_NOT_COUNTED_BEFORE = lazy(
    r"(?:每|第|近|满|过去|最近|连续|已|累计|逾|长达|前|这|(?<!原则)上|再|精确到|超过|未满|不满|为期|期限为|用|[年月\d.]|限期?为"
    r"|延缓|缓缴|免除|减免)$"
)

_EVENT_BEFORE = lazy(
    r"(?:届满|期满|到期|召开|举行|举办|开始|开学|启动|实施|施行|截止|活动|会议|开庭|放假|节日?|结束|开工|上市|生效|申报|变更"
    r"|停[水电气]|开标|投标|施工|作业)[^，。；]{0,6}前$"
)

# What follows a period that only describes (三年内2次以上), and what follows one that is due.
_NOT_DUE = lazy(r"期限|未|累计|新|又|有效|到期|.{0,6}(?:\d|[一二两三])次以上|的?(?:中长期|应届|毕业)")
# 大修的道路竣工后三年内，不得挖掘: how long something is forbidden is nothing to be done.
_FORBIDDEN = lazy(
    r"(?:，[^，。；]{2,24}(?:之|以)?内){0,4}，?(?:均|一律)?(?:不得(?!超过|少于|低于|多于|迟于|晚于)|禁止|严禁)"
)
_DUE = lazy(
    r"期限|(?:，[^，。；]{2,24}(?:之|以)?内)*，?(?:不得(?!超过|少于|低于|多于|迟于|晚于)|禁止|严禁)|未|累计|新|又|有效|到期|.{0,6}(?:\d|[一二两三])次以上|的?(?:中长期|应届|毕业)"
)

_DUE = lazy(
    r"[^，。；]{0,30}(?:完成|报送|制定|出台|建立|提出|作出|处理|审结|办结|缴|支付|办理|公布|编制|整改|反馈|落实|到位)"
)

_SHORTENED = lazy(r"(?:压缩|缩短|压减|缩减|控制|限)(?:至|到|在|为)")

_EXCEPTION = lazy(r"情况|确[需因]|特殊|复杂|需要|遇")

# 自…起30日内，情况发生变化的，应当及时补报: the period belongs to the condition, the duty has no measure.
_OF_CONDITION = lazy(r"，[^，。；]{2,30}的，应当?(?:及时|立即|尽快)")

# 催告书送达十日后当事人仍未履行的，行政机关可以申请: the words before a waiting period that are its event.
_DONE = lazy(r"[^，。；]{1,16}?(?:送达|届满|期满|发布|登记|结束|公告|公示)$")

_MARKED_EVENT = lazy(r"[自从在于起]")

_FREE_LATER = lazy(r"[^。；]{0,40}?(?:方可|方能|才可|才能|可以)")

# 开会15日前, 会议召开十日前: an event that opens its clause needs no 在 before it.
# 住房城乡建设部门应当有效期届满7日前作出决定: no 在 behind the modal.
_MODAL_EVENT = lazy(r"(?:应当|应|须|需|要|必须)([^，。；在于应须]{2,20})$")
# 须在考试开始前3天公布: the number stands behind the 前.
_BEFORE_N = lazy(
    r"(?P<event>召开|举行|举办|开始|开会|开庭|开标|开学|开工|开考|启动|届满|期满|到期|施工|考试|活动|会议|比赛|投票)前"
    rf"(?P<n>{NUMERAL})(?P<u>个?工作日|日(?!常)|天|小时)(?!(?:之|以)?内|以上|左右)"
)
_EVENT_HEAD = lazy(r"[^，。；、在于须应要]{0,12}$")
_BARE_EVENT = lazy(
    r"^((?:[^，。；、]{0,14}[^，。；、提之此])?(?:开会|开庭|开标|开学|开工|召开|举行|举办|届满|期满|到期|启动|开始|施行))$"
)

# 于4、7、10月及次年1月的10日前: months, and no event.
_MONTHS = lazy(r"[\d一二三四五六七八九十、和及以年月次翌每各逢的]+月的?")

_LATER_THAN = lazy(r"(?:提前|至少提前|须提前)(?:至少)?$")


def periods_in(wording: Wording) -> Iterator[Found]:
    """Every period of the text that somebody must keep."""
    last: Found | None = None
    for match in AMOUNT.finditer(wording.flat):
        found = _period(wording, match, last)
        if found:
            last = found
            yield found
    for match in _SAME_DAY.finditer(wording.flat):
        if wording.flat[max(0, match.start() - 2) : match.start()] not in ("每日", "每天"):
            yield _within(wording, match.start(), match.end(), 0, "day", None, "same day")
    for match in _BEFORE_N.finditer(wording.flat):
        amount, unit = number(match["n"]), UNITS[match["u"].removeprefix("个")]
        if amount:
            head = _EVENT_HEAD.search(wording.left_of(match.start(), limit=12))
            start = match.start() - len(head[0]) if head else match.start()
            back = _within(wording, start, match.end(), amount, unit, (start, match.end("event")), "前 a period")
            yield replace(back, direction="before")
    for match in _STATED.finditer(wording.flat):
        amount, unit = number(match["n"]), UNITS[match["u"].removeprefix("个")]
        if amount:
            yield _within(wording, match.start("n"), match.end(), amount, unit, None, "stated limit")
    for match in _ON_THAT_DAY.finditer(wording.flat):
        own = trigger_before(wording, match.start())
        yield _within(wording, match.start("word"), match.end(), 0, "day", own[1] if own else None, "same day")
    for match in _OFFER_AFTER.finditer(wording.flat):
        amount, unit = number(match["n"]), UNITS[match["u"].removeprefix("个")]
        yield Found(
            match.start(),
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
    amount, unit = value_of(match)
    if match["again"] and number(match["again"]) != number(match["n"]):
        return None
    if amount is None or (unit == "year" and amount >= 100):
        return None
    before = flat[max(wording.sentence(start)[0], start - 16) : start]
    if unit == "day" and before.endswith("月"):
        return None
    if flat.startswith(("以上", "以下", "左右", "及以上", "多", "余"), end):
        return None
    extended = EXTENDED_TO.search(before)
    if extended:
        if last is None or "。" in flat[last.end : start] or start - last.end > 120 or ENTITLED.search(before):
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
    cap = capped(wording, match, before, amount, unit, last)
    if cap is not None:
        return cap
    lead = _LATER_THAN.search(before)
    if lead:
        inside = INSIDE.match(flat, end)
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
    inside = INSIDE.match(flat, end)
    if inside:
        unanswered = unit == "minute" and not _ACTS_OF_MINUTES.match(flat, inside.end())
        if unanswered or (unit in ("minute", "hour") and HOW_LONG.search(before)):
            return None
        found = _inside(wording, match, inside.end(), before, amount, unit, last)
        return counted_as(flat, end, found) if found else None
    if flat.startswith(("前", "之前", "以前"), end) and not flat.startswith(("前期", "前后"), end):
        return _before_event(wording, match, amount, unit)
    if flat.startswith("后", end) and not flat.startswith("后续", end):
        return _waiting(wording, match, before, amount, unit)
    return _with_act(wording, match, before, amount, unit)


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
    if _NOT_DUE.match(after) or _OF_CONDITION.match(flat, end) or _FORBIDDEN.match(flat, end):
        return None
    if after.endswith("的") and not adjacent:
        return None
    term = _TERM_BEFORE.search(wording.left_of(start, limit=24)) if not adjacent and direction == "before" else None
    if term:
        head = start - len(term[0])
        event = (head, start - 1)
        return Found(
            head, end, "relative", "within", event, amount, unit, direction="until", found_by="window of a term"
        )
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
    sort = _OF_A_SORT.search(wording.left_of(start, limit=12))
    quoted = start - len(sort[0]) if sort else quoted
    trigger_far = trigger_of_sentence(wording, quoted)
    if trigger_far and last and trigger_far[0] < last.end < trigger_far[1] - 1:
        # 收到督办单24小时内说明原因，并一周之内整改: what is due within the first limit is no event of the second.
        is_event = flat.startswith(("后", "的", "之后", "以后", "时"), trigger_far[1])
        trigger_far = (last.end, trigger_far[1]) if is_event or not last.trigger else last.trigger
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
    lead = lead or _MODAL_EVENT.search(flat[clause:start]) or _BARE_EVENT.search(flat[clause:start])
    event = lead[1] if lead else ""
    if not event or unit == "year" or event.endswith(("近", "约")) or _MONTHS.fullmatch(event):
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
