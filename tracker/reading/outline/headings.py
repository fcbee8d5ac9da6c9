"""Headings (标题句) that ran into their text, where the line ends are lost: 四、加大信贷投放力度鼓励银行机构…

Nothing is printed between the two, so words alone tell: what a heading ends with, what a sentence begins with, the
heading's own words said again.  Words that may stand inside one sentence as well count only where several headings
of one series run into their text that way.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tracker.reading.outline.markers import RANKS
from tracker.reading.outline.series import Entry
from tracker.reading.text.lazy import lazy

# What consists of usual words alone is a heading, whatever follows.
_USUAL = lazy(
    r"(?:总体|指导|基本|主要|重点|工作|试点|组织|保障|实施|进度|任务|责任|职责|适用|有关|政策|考核|自查|检查)"
    r"(?:要求|思想|原则|任务|目标|步骤|安排|保障|措施|实施|分工|机制|架构|体系|程序|内容|范围|对象|方式|落实)(?=[^。，：；（、和与及的])"
    r"|组织领导(?=成立|建立|各|由|[省市县区])"
)
_PURPOSE = r"(?:根据|按照|依据|为(?:了|贯彻|落实|进一步|加强|做好|确保|方便|推[进动]))"
# A part of a plan that says what, who or when, and the sentence that says it: 招生对象|2026年…, 抽查安排|省住建厅将…
_PART = lazy(
    r"[^。；：，（）]{0,14}?(?:对象|范围|目标|内容|方式|安排|时间|原则|任务|标准|程序|步骤|流程)"
    rf"(?=各(?!类|种|项)|《|到?20\d\d年|{_PURPOSE}"
    r"|[省市县区州](?:(?!的)[\u4e00-\u9fff]){1,8}?[局厅委办院](?:将|要|应|负责|组织|会同))"
)
_ENDS = (
    "工程|行动|计划|制度|机制|体系|体制|力度|范围|作用|建设|发展|培养|培育|供给|扶持|转型|升级|应用|开发|市场|平台"
    "|能力|水平|质量|服务|管理|监管|保障|安全|环境|创新|改革|改造|队伍|共享|政策|活动|对接|意义|办法|领导|配合|支持"
    "|引导|宣传|责任|监督|考核|评估|督导|基础|格局|模式|渠道|成本|负担|效能|产业|经济|结构|产品|品牌|衔接|攻坚战|优惠|资金|秩序|报送|场景|统筹|协调|督查|风险|信用|人才|氛围"
)
_TASK = lazy(
    rf"(?:{_ENDS})(?=(?:鼓励|支持|推动|推进|加快|加大|加强|建立|完善|健全|组织|开展|培育|扩大|围绕|深入|充分|积极"
    r"|全面|严格|落实|坚持|结合|通过|制定|实施|打造|统筹|强化|优化|深化|提升|提高|大力|着力|切实|进一步|认真|设立|编制|举办|出台|每[年季月周]|成立"
    rf"|对(?!象|接|外|口|标|策)|各(?!类|种|项)|[省市县区]级(?=[每对要统安设建])|{_PURPOSE}"
    r"|[\u4e00-\u9fff]{2}(?:时间|对象|地点|内容|方式)：)"
    r"(?!行动|工程|计划|机制|制度|体系|体制|能力|水平|质量|力度|方案|意见|办法|细则|情况|领导|架构|机构|发展|建设"
    r"|和|与|、|的))"
)
# A step, in one word, and the sentence that says who takes it: 录取|教育部门办幼儿园于6月5日…
_STEP = lazy(
    r"(?:公告|报名|公示|录取|注册|申报|申请|受理|审核|评审|公布|验收|拨付|兑现|审批|核查|复核|备案|登记|认定|评定|抽查"
    r"|整改|自查|总结|动员|部署|培训|考核|检查|评选|推荐)"
    r"(?=(?!期|时|材料|名单|结果|方式|内容|情况|信息|工作|资料|条件|程序|流程|标准|表|费|证|的|和|与|及)"
    r"(?:(?!的)[\u4e00-\u9fff]){2,20}?(?:负责|于\d|应当?|要|须|需|将))"
)
# What is to be done, in a few words, and the body that is to do it: 压实责任|各街道要…, 维护秩序|县市场监管局要…
_BODY = lazy(
    r"(?:加强|强化|压实|落实|做好|抓好|严格|维护|完善|健全|建立|明确|提高|提升|深化|优化|细化|注重|狠抓|夯实|严肃|确保)"
    r"(?:(?![的由请经向与和及])[\u4e00-\u9fff]){2,10}?"
    r"(?=(?:各(?!类|种|项)(?:(?!的)[\u4e00-\u9fff（）]){1,12}?|[省市县区州乡镇](?:(?!的)[\u4e00-\u9fff]){1,10}?"
    r"(?:局|委|办|厅|院|会|室|集团|公司|政府)"
    r"|(?:农发行|人民银行|供电公司|税务局|气象局|海关|消防)(?:(?!的)[\u4e00-\u9fff]){0,8}?)(?:要|应|须|将|负责|每|于\d|在|牵头|会同|组织|统筹|按))"
)
_STEP_ALONE = 8  # characters of a number with such a word alone
_LONGEST = 40
_STOPS = "。；：，！？"
_SAID_AGAIN = 4  # characters
_SHORTEST = 12  # characters of a heading with the clause it ran into


@dataclass(slots=True)
class _Series:
    """The numbers of one style that stand under one number, and where their headings may end."""

    told: int = 0  # how many have a text of their own
    short: bool = False  # whether one of them consists of a single word
    likely: list[int] = field(default_factory=list)
    steps: list[int] = field(default_factory=list)


def headings_in(bare: str, places: Sequence[int], numbers: Mapping[int, Entry]) -> Iterator[int]:
    """Where the text begins behind each heading it ran into, of the numbers that stand in these places."""
    series: defaultdict[tuple[int, int], _Series] = defaultdict(_Series)
    turns: list[int] = [0] * 16
    for n, place in enumerate(places[:-1]):
        entry = numbers.get(place)
        if entry is None or RANKS[entry.marker.style] > RANKS["han_paren"] or entry.marker.style == "article":
            continue
        depth = min(entry.depth, len(turns) - 2)
        if entry.marker.ordinal == 1:
            turns[depth] += 1
        begin, end = entry.marker.body, places[n + 1]
        one = series[depth, turns[depth]]
        usual = _USUAL.match(bare, begin) or _PART.match(bare, begin, end)
        if usual:
            yield usual.end()
        elif end - place <= _STEP_ALONE:
            one.short = True
        elif stop := _first_stop(bare, begin, end):
            one.told += 1
            body = _BODY.match(bare, begin, end)
            likely = _said_again(bare, begin, stop) or (body.end() if body else _task(bare, begin, stop))
            if likely:
                one.likely.append(likely)
            elif step := _STEP.match(bare, begin, end):
                one.steps.append(step.end())
    for one in series.values():
        if len(one.likely) > 1 and len(one.likely) * 2 >= one.told:
            yield from one.likely
        if one.short:
            yield from one.steps


def _first_stop(bare: str, begin: int, end: int) -> int:
    """Where the first clause behind a number ends; nought where that is a heading and nothing else."""
    stop = next((at for at in range(begin, end) if bare[at] in _STOPS), 0)
    return 0 if stop and bare[stop] == "。" and stop < end - 1 and stop - begin < _SHORTEST else stop


def _task(bare: str, begin: int, stop: int) -> int:
    """Where a heading ends that names a task, and the sentence about it begins; else nought."""
    limit = min(stop + 1, begin + _LONGEST)
    found = _TASK.search(bare, begin + 2, limit)
    place = 0
    while found:  # 政策|支持|各部门: what ends a heading may begin a sentence elsewhere
        place = found.end()
        found = _TASK.match(bare, place, limit)
    return place


def _said_again(bare: str, begin: int, stop: int) -> int:
    """Where the words that a heading begins with are said again at once, as a sentence's subject; else nought."""
    at = bare.find(bare[begin : begin + _SAID_AGAIN], begin + _SAID_AGAIN, min(stop, begin + _LONGEST))
    return max(at, 0)
