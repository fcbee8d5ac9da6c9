"""What a measure says and nothing read (漏读): times that no limit took up, events left open, actors left out."""

import re
from collections.abc import Iterator, Sequence
from datetime import date as Day

from tracker.reading.loss.inside import ACTS, PRINTED, UNSURE, seen_around
from tracker.reading.loss.stretches import Held
from tracker.reading.loss.unusual import BEFORE_EVENT, UNUSUAL
from tracker.reading.names.bodies import is_actor, is_name
from tracker.reading.names.openers import heads_of_clauses
from tracker.reading.plan import Assignment, Deadline, Doubt, DoubtKind, Item, Measure, Plan, Role, Span
from tracker.reading.text.cleaning import Clean, fold
from tracker.reading.text.lazy import lazy

_N = r"[〇零一二两三四五六七八九十百\d]"
_BEFORE = r"(?:之|以)?前(?!期|后|台|端|款|述|景|沿|提|置|勤|方|往|来|瞻|列|科|年|\d{1,2}(?:名|位|项))"
_INSIDE = r"(?:之|以)?内(?!部|地|容|外|涵|控|设|需|陆|循|生|不得|未|高校|关税|累计|新|无|毕业)"
# Words that say when something is to be done, wherever they stand; what a limit took up is passed over.
# Every one of them begins with one of these, which is asked first: most places of a text are none.
_BEGINS = (
    rf"(?:(?=[{_N[1:-1]}前按每逐上下年第本当次时期节完隔用利为开放汛高中供两春入换后自从公季]"
    r"|[“、，。：；][日周旬月季年])|^(?=[日周旬月季]))"
)
_TIME = lazy(
    rf"{_BEGINS}(?:(?<![年\d]){_N}{{1,2}}月(?:{_N}{{1,3}}[日号]|[底末初]|[上中下]旬|份)?{_BEFORE}"
    rf"|20\d\d年(?:{_N}{{1,2}}月)?(?:{_N}{{1,3}}[日号]|[底末初]|[上中下]旬)?{_BEFORE}(?![^，。；]{{0,8}}的)"
    rf"|(?<![近超满过第]){_N}{{1,4}}个?(?:工作日|自然日|小时|分钟|[日天周]|个月|月|年){_INSIDE}(?![^，。；]{{0,6}}的(?!决定))"
    rf"|前{_N}{{1,3}}个?(?:工作日|小时|星期|月|[日天周])|(?<![近第]){_N}{{1,3}}个?(?:工作日|[日天])前(?!期|后)"
    r"|(?<![可入])按(?:日|周|旬|月|季度?|半年|年度?)(?!全额|免|减|享受|龄|计划|预算|[度末]?[度期])"
    rf"|[每逐]一?{_N}{{0,2}}个?(?:工作日|小时|学[期年]|半[年月]|季度?|[日天周旬月年场批期])(?![公亩人家名个]|[^，。；]{{0,16}}(?:%|不超过|享受|元|给予|有对|变化))"
    r"|(?<!20\d\d年)(?<!已)[上下]半年(?!已|考|度)|(?<![\d一二三四五两几])年内|(?<!20\d\d年)(?<!第)第?[一二三四]季度(?![社部税])|[本下]个?[月周](?![^，。；]{0,6}需求)"
    r"|(?<![含\d])(?:当[日天](?![前）工])|次[日月年周](?!前))"
    r"|(?<![-—至~])20\d\d年(?:\d{1,2}月)?(?:份|底|末|[上中下]旬)?(?=[^，。；的]{0,12}(?:建成|完成|实现|组织|启动|开展|达到|改造|投[产用])[^的]|）)"
    r"|(?:^|[“、，。：；])(?:[日周旬月季年](?:管控|排查|调度|报告|通报|研判|例会|检查|巡查|考核|督查|总结))"
    rf"|(?:时限|期限|时间)(?:为|是){_N}{{1,3}}个?(?:工作日|[日天])"
    # 8月下旬验收, 9月份完成, 10日（含）前, 6·30前: a day or a month without the words that make it a limit
    rf"|(?<![年\d])(?<!第)(?<!上年)(?:[1-9]|1[0-2]|[一二三四五六七八九十]{{1,2}})月(?:[上中下]旬|[初底末])(?!以来|已|印发)"
    rf"|(?<![年\d、至到个])(?:[1-9]|1[0-2])月份?(?=[^，。；的、\d个以]{{0,4}}(?:完成|报送|上报|验收|启动|开展|组织|召开|举办))"
    rf"|(?<!\d)\d{{1,2}}[日号]（[^（）]{{1,4}}）{_BEFORE}|(?<!\d)\d{{1,2}}·\d{{1,2}}”?{_BEFORE}"
    rf"|(?:时限|期限|节点|完成时间)：?20\d\d年\d{{1,2}}月"
    # 隔月报送, 每满3年评估, 用3个月时间, 原则上10天完成: rhythms and lengths in words of their own
    rf"|(?<![间相])隔[日周旬月季年](?=[^，。；]{{0,4}}(?:报|召开|开展|组织|检查|调度|通报|巡|评))|每满{_N}{{1,2}}(?:年|个月)"
    rf"|(?<![近])(?:用|利用|为期){_N}{{1,3}}个?(?:年|月|周|星期|[日天])(?:左右|的)?(?:时间)?(?=[^，。；的]{{0,6}}(?:完成|开展|整治|集中|建|实现|，))"
    rf"|(?<![近超满过第第\d.]){_N}{{1,3}}个?(?:工作日|[日天]|小时|分钟)(?=完成|办结|办完|答复|反馈|报送|整改|恢复|到场|到达|响应|处置)"
    r"|(?<![中])年中(?:之|以)?前|(?:开学|放假|汛期|高考|中考|供暖期?|两会”?|春耕|入冬|入汛|节假日|换届|期末)(?:到来|开始)?(?:之|以)?前"
    rf"(?!期|后|提|景|沿|{_N})"
    # 汛前, 节点前, 化解后第3个月, 每半小时, 年中、年末各一次, 从4月起每月
    r"|(?<![防主])(?:入?汛|节日?|节点)前(?!期|后|提|景|沿)|每半个?小时|年中(?=[、和])"
    rf"|后的?第{_N}{{1,2}}个?(?:工作日|[年月天日周])"
    r"|[自从](?:20\d\d年)?\d{1,2}月(?:\d{1,2}[日号])?(?:起|开始)，?(?=[^，。；]{0,8}[每按])"
    # 5月16日上午9：00笔试, 公示7个工作日, 2027年全面推进
    r"|(?:20\d\d年|(?<![年\d]))\d{1,2}月\d{1,2}[日号](?:（[^（）]{1,4}）)?(?:[上中下]午|晚上?)?\d{1,2}(?:：\d\d|[时点])"
    rf"|公[示告](?:时间|期)?(?:不少于|为)?{_N}{{1,2}}个?(?:工作日|自然日|[天日])(?![内后起期之以])"
    # 一般5个工作日、复杂15个工作日, 第1、3、7天, 季后15日, 年底清算
    rf"|(?<![近超满过第\d.]){_N}{{1,3}}个?(?:工作日|[日天]|小时)(?=、[^，。；、\d]{{1,6}}{_N}{{1,3}}个?(?:工作日|[日天]|小时))"
    rf"|第{_N}{{1,2}}(?:、第?{_N}{{1,2}})+个?(?:工作日|[天日周月])|(?<![去今半])[季年]后{_N}{{1,3}}个?(?:工作日|[日天]|月)(?!内)"
    r"|(?<![\d年每今当去到至本各])年[底末](?=(?:统一|集中|组织|进行|一次性)?(?:清算|结算|考核|考评|评选|评比|验收|总结|盘点|兑现))"
    r"|(?<=[，；。：])20\d\d年(?=[\u4e00-\u9fff]{2,10}[，。；]))"
)
# What is told of, not asked for: laws and papers of another day, the length of what somebody enjoys.
_TOLD = lazy(
    r"间隔[^，。；]{0,8}$|公示(?:时间|期)[^，。；]{0,4}$|保存[^，。；]{0,4}$|(?:用好|根据|按照|自|从|对|(?<![缩减短])至|印发于)$|（含$"
    r"|(?:会议?|时长|讲话|发言|会期)[^，。；]{0,4}控制在$"
)
_OLD = lazy(r"20(\d\d)年")
# An event that swallowed who acts on it: 住房城乡建设部门应当有效期届满, 奖励资金由市财政局表彰决定印发.
_MIXED_EVENT = lazy(
    r"应当?(?![急对用])|必须|^由|由[^，。；]{2,16}[局委办厅部]|[局委办厅部门构位]对|的(?!，|情况|事实|决定|申请)"
)
# Rules that take for a limit what often is none: how long something is shown at least, before which feast.
_GUESSES = frozenset(("floor", "before a festival"))
# （归口：区教育局联动：区公安分局）: a label of any sort before a body, at the end of a sentence.
_LABELLED = lazy(
    r"（[^（）：]{1,10}：(?P<who>[^（）]{2,200}(?:（[^（）]{1,20}）[^（）]{0,60}){0,3})）(?=[。；]?$|[。；])"
)
_BEFORE_COLON = lazy(r"(?:^|[。；])(?P<who>[^，。；：（）\d]{2,30})：(?=[^，。；：]{0,4}[^，。；：局委办部门])")
# 发生突发事件，考点主考须5分钟内: an event stands in the sentence and was not read as the limit's.
_EVENT_NEAR = lazy(r"(?:发生|发现|接到|接报|收到|收件|出现|遇有?|接获|获知|得知)[^。；]{1,60}$")
# 每日3万吨, 每年可提取一次: how much, or what somebody may do.
_MEASURED = lazy(r"(?:可(?![能行靠])|最多|不超过|[\d.]+(?:万|千|亿|吨|元|%|立方|度|辆|公里))")
# 由幼儿园另行通知, 由内部业务机构初审: often only says whose business something is.
_OFFICE = lazy(
    r"(?:[局委办厅部署处站队]|政府|公司|银行|中心|单位|部门|法院|检察院|支行|海关|[市县区镇乡]|办公室|工会|小组|指挥部|专班|）)$"
)
_A_SEASON = 200  # days
# 会同县公安局开展, A会同B制定: who helps, and so who leads, is read in two ways by two good readers.
_TOGETHER = lazy(
    r"(?:会同|(?<=[局委办厅署部院])会(?=[省市县区州])|商(?![务业贸会标城场户品家事]))(?=[^，。；会]{2,40}?(?:[局委办厅部署院]|部门|单位|政府|公司|大队))"
)
_NOT_PROSE = PRINTED | {"section", "heading", "unit first"}
# 考点主考须5分钟内报告: a sentence that names its own subject, which is none of the units.
_OWN_SUBJECT = lazy(
    r"(?:^|[，。；：\s]|第[一二三四五六七八九十百\d]{1,5}条|[一二三四五六七八九十]、|\d[.、]|（[一二三四五六七八九十\d]{1,2}）)"
    r"(?P<who>(?![对向经在自凡各]|有关|相关|以上|上述|所有|.{0,8}[后时前日天])[^，。；：、的\d（）]{1,9}?"
    r"(?:[员者人长师考生商户园]|主任|书记|经理|单位|企业|学校|机构|站点|班组))(?:应当?(?![急对用])|必须|须|要(?!求|素|件))"
    # 申请人应当委托…，并在开工7日前告知
    r"(?=[^，。；：]{0,6}$|[^。；：]{1,60}，并(?:应当?|须)?$)"
    # 从事回收的市场主体，应当在…后30日内备案
    r"|的(?P<whose>[^，。；：、的]{0,6}(?:主体|单位|企业|机构|[人者户]))，(?:应当?|必须|须)(?=[^，。；：]{0,6}$)"
)
_BACK = 90  # characters before a limit in which its sentence may name who acts
# 县委书记每年调研2次: what a post has to do is no office's.
_POST = lazy(r"(?:^|[，。；：])[^，。；：、的\d（）]{0,8}(?:书记|[省市县区乡镇旗州]长|主任)(?:应当?|要)?$")
# 12月31日前通过验收的，每台另行奖励: by when one has to be done to get something, not what anybody has to do.
_CONDITION = lazy(
    r"(?!未|仍|尚|不|没)[^，。；]{2,16}的，(?=[^。；]{0,24}(?:奖励|补助|补贴|奖补|给予|减[免征]|返还|可(?:以|享受|申请)))"
)
# 市、区财政按标准给予补助: whether a purse is charged with it or only named as where the money comes from.
_PURSE = lazy(
    r"(?:^|[，。；：])(?P<who>(?:[省市县区州]、)*(?:[省市县区州]级?|自治区|各级|同级|本级)(?:、?[省市县区州]级?)?财政)"
    r"(?=[^，。；的]{0,12}(?:按照?|给予|予以|拨付|负担)[^，。；]{0,24}(?:补助|补贴|奖励|奖补|拨付|支付|负担))"
)
_MOST = 6  # doubts of one sort about one measure: what is wrong with more is wrong with all


def unread_times(printed: str, cleans: Sequence[Clean], plan: Plan) -> Iterator[Doubt]:
    """The words of measures that say when and that no limit took up."""
    # A cell of a table that was not read is asked about already.
    asked = [span for one in plan.doubts if one.kind is DoubtKind.HALF_LIMIT for span in (one.span, *one.others)]
    for measure, clean in zip(plan.measures, cleans, strict=True):
        taken = Held([*_times_of(measure), *asked])
        found = 0
        for match in _times_in(clean.flat):
            span = clean.span(*match.span())
            if taken.touches(span.start, span.end) or _TOLD.search(
                clean.flat, max(match.start() - 12, 0), match.start()
            ):
                continue
            if _is_past(match[0], plan.issued_on) or _is_said_twice(match[0], measure):
                continue
            found += 1
            if found <= _MOST:
                yield Doubt(DoubtKind.HALF_LIMIT, span, seen_around(printed, span), measure.key)


def _times_in(flat: str) -> Iterator[re.Match[str]]:
    """The places that say when: those in usual words, then the unusual ones that touch none of them."""
    usual = list(_TIME.finditer(flat))
    yield from usual
    seen = Held(Span(*match.span()) for match in usual)
    for pattern in (UNUSUAL, BEFORE_EVENT):
        yield from (match for match in pattern.finditer(flat) if not seen.touches(*match.span()))


def _is_said_twice(words: str, measure: Measure) -> bool:
    """Whether a row of a table prints a limit in its task and in its column: it is one."""
    items = measure.items
    tabled = any(one.found_by == "table" for item in items for one in item.assignments)
    return tabled and any(words in fold(one.quote) for item in items for one in item.deadlines)


def _times_of(measure: Measure) -> Iterator[Span]:
    for item in measure.items:
        yield from (one.span for one in item.deadlines)
        yield from (one.span for one in item.assignments)


def _is_past(words: str, issued_on: Day | None) -> bool:
    """Whether a year printed in these words was over when the plan was issued."""
    year = _OLD.search(words)
    return year is not None and issued_on is not None and 2000 + int(year[1]) < issued_on.year


def open_limits(printed: str, flat: str, plan: Plan) -> Iterator[Doubt]:
    """Limits whose event is not printed beside them or is mixed with who acts, and dates before the plan's own."""
    for measure in plan.measures:
        for item in measure.items:
            for one in item.deadlines:
                if one.confidence >= UNSURE and (
                    _is_open(flat, one, plan.issued_on) or _is_of_another(flat, one, item)
                ):
                    yield Doubt(DoubtKind.HALF_LIMIT, one.span, seen_around(printed, one.span), measure.key)


def _is_open(flat: str, one: Deadline, issued_on: Day | None) -> bool:
    if one.extension or one.found_by in _GUESSES:
        return True
    if one.found_by == "range":
        # 汛期（4月15日至9月30日）, 集中整治（4月至10月）, 报名时间为4月26日至28日: a season, or a phase with its end.
        short = one.date and one.date_from and (one.date - one.date_from).days < _A_SEASON
        return bool(short) or flat[max(one.span.start - 1, 0) : one.span.start] == "（"
    if one.kind == "recurring":
        return _MEASURED.match(flat, one.span.end) is not None
    if one.kind == "relative":
        if one.amount == 0 and one.found_by != "same day":
            return True  # 0个工作日内: a slip of somebody's pen
        if one.found_by == "cap" and one.unit in ("month", "year"):
            return True  # 最长不得超过12个月: how long something may last
        if one.trigger is None:
            near = _EVENT_NEAR.search(flat, max(one.span.start - 80, 0), one.span.start)
            return one.found_by == "same day" or (one.found_by == "period" and near is not None)
        return _MIXED_EVENT.search(one.trigger) is not None
    if one.kind == "absolute" and _CONDITION.match(flat, one.span.end):
        return True
    # A date that was over on the day of issue: it tells of what was done, or its year is another one.
    return one.kind == "absolute" and one.date is not None and issued_on is not None and one.date < issued_on


def _is_of_another(flat: str, one: Deadline, item: Item) -> bool:
    """Whether the sentence of a limit names who must act, and that is none of the units it would be charged to."""
    if one.bound or one.party != "unit" or not item.assignments:
        return False
    if any(named.found_by in PRINTED for named in item.assignments):
        return False
    if one.kind == "recurring" and _POST.search(flat, max(one.span.start - 16, 0), one.span.start):
        return True
    match = _OWN_SUBJECT.search(flat, max(one.span.start - _BACK, 0), one.span.start)
    if match is None:
        return False
    end = max(match.end("who"), match.end("whose"))
    return not any(named.span.start < end and match.start() < named.span.end for named in item.assignments)


def left_out_actors(printed: str, cleans: Sequence[Clean], plan: Plan) -> Iterator[Doubt]:
    """Who acts in a measure of prose and is not among its units, and bodies in a bracket that was not read."""
    for measure, clean in zip(plan.measures, cleans, strict=True):
        named = [one for item in measure.items for one in item.assignments]
        taken = Held(one.span for one in named)
        for match in _LABELLED.finditer(clean.flat):
            span = clean.span(*match.span())
            first = match["who"].split("、")[0].split("；")[0]
            if is_name(first.removesuffix("等")) and not taken.touches(span.start, span.end):
                yield Doubt(DoubtKind.UNSURE_UNIT, span, seen_around(printed, span), measure.key)
        for one in named:
            if one.found_by == "由" and not _OFFICE.search(one.unit) and one.confidence >= UNSURE:
                yield Doubt(DoubtKind.UNSURE_UNIT, one.span, seen_around(printed, one.span), measure.key)
        if named and all(one.found_by not in PRINTED for one in named):
            yield from _with_colons(printed, clean, measure, taken)
        if named and all(one.found_by not in _NOT_PROSE for one in named):
            yield from _actors(printed, clean, measure, taken, named)
            yield from _heads(printed, clean, measure, taken, named)
            yield from _purses(printed, clean, measure, taken)
            if all(one.role is not Role.LEAD and one.found_by != "会同的主语" for one in named):
                yield from _together(printed, clean, measure)


def _with_colons(printed: str, clean: Clean, measure: Measure, taken: Held) -> Iterator[Doubt]:
    """市交通局：负责交通秩序。 in a list of who does what: each body before a colon that nobody took up."""
    found = 0
    for match in _BEFORE_COLON.finditer(clean.flat):
        span = clean.span(*match.span("who"))
        if found < _MOST and is_actor(match["who"]) and not taken.touches(span.start, span.end):
            found += 1
            yield Doubt(DoubtKind.UNSURE_UNIT, span, seen_around(printed, span), measure.key)


def _purses(printed: str, clean: Clean, measure: Measure, taken: Held) -> Iterator[Doubt]:
    """市、区财政给予补助, where nobody read it as charged."""
    match = _PURSE.search(clean.flat)
    span = clean.span(*match.span("who")) if match else None
    if span and not taken.touches(span.start, span.end):
        yield Doubt(DoubtKind.UNSURE_UNIT, span, seen_around(printed, span), measure.key)


def _together(printed: str, clean: Clean, measure: Measure) -> Iterator[Doubt]:
    """A会同B where nobody is read as the leader."""
    match = _TOGETHER.search(clean.flat)
    if match:
        span = clean.span(*match.span())
        yield Doubt(DoubtKind.UNSURE_UNIT, span, seen_around(printed, span), measure.key)


def _actors(printed: str, clean: Clean, measure: Measure, taken: Held, named: list[Assignment]) -> Iterator[Doubt]:
    found = 0
    for match in ACTS.finditer(clean.flat):
        words = match[0].lstrip("，。；：！）")
        span = clean.span(match.end() - len(words), match.end())
        known = any(one.unit in words or words in one.unit for one in named)
        if not known and not taken.touches(span.start, span.end):
            found += 1
            if found <= _MOST:
                yield Doubt(DoubtKind.UNSURE_UNIT, span, seen_around(printed, span), measure.key)


def _heads(printed: str, clean: Clean, measure: Measure, taken: Held, named: list[Assignment]) -> Iterator[Doubt]:
    """Bodies that stand first in a clause whose verb no rule knows, beside others that are charged."""
    found = 0
    for start, end in heads_of_clauses(clean.flat):
        words, span = clean.flat[start:end], clean.span(start, end)
        known = any(one.unit in words or words in one.unit for one in named)
        if not known and not taken.touches(span.start, span.end) and not ACTS.match(clean.flat, max(start - 1, 0)):
            found += 1
            if found <= _MOST:
                yield Doubt(DoubtKind.UNSURE_UNIT, span, seen_around(printed, span), measure.key)
