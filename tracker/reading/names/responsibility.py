"""Responsibility blocks (责任条目): who answers for a measure, and in which role, read from lists of names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tracker.reading.names.bodies import is_name, is_remark, names_in, top_level_cuts
from tracker.reading.plan import Role
from tracker.reading.text.lazy import lazy
from tracker.reading.text.marks import LABEL

# What else a bracket may say names nobody who answers: 适用范围：综合保税区, 督办：区委督查室.
NOT_CHARGED = (
    r"[\u4e00-\u9fff]{0,6}(?:范围|对象|内容|标准|依据|方式|地点|地址|备注|来源|标识码|邮箱|网址)"
    r"|(?:技术|业务)?(?:指导|支持|支撑)(?:单位|部门)?|(?:挂牌)?(?:督办|督导|督查|监督|验收|考核|审核|评价|评估|咨询|解释)(?:单位|部门|机构)?"
)
LABELS = lazy(
    rf"(?:（[一二三四五六七八九\d]）)?(?P<who>{LABEL})(?:：|(?<=单位)为|(?<=部门)为)|(?P<person>责任人|联系人"
    rf"|负责人|牵头领导|责任领导"
    rf"|分管领导)：|(?P<phone>联系方式|[监督举报咨询服务联系办公值班]{0, 4}电话)："
    r"|(?P<time>(?:完成|办理|落实)?(?:时限|时间|期限|节点)(?:要求)?|完成时间节点)："
    rf"|(?:{NOT_CHARGED})："
)
_LEAD_LABEL = lazy(r"牵头|主办|主责|主抓")
_SUPPORT_LABEL = lazy(r"配合|协办|协同|参与|参加|协助|联动")
# 列第一位者为牵头单位，下同: said once, it holds for every block from there on.
FIRST_LEADS = lazy(
    r"[，；。]?(?:各项任务|各任务|责任单位)?(?:中)?(?:列|排|居)(?:名|序)?(?:在|于)?(?:第一|首)(?:位|个|名)?(?:者"
    r"|的)?(?:单位|部门)?(?:均)?(?:为|是)"
    r"(?:牵头|主办|主责)(?:单位|部门)?(?:[，、]?(?:其他|其余)[^，。；）]{0,12})?(?:，?下同)?"
)
_SAME_BELOW = lazy(r"[，；。]?下同[。]?$")
TAIL = lazy(
    r"(?P<how>(?:等|均|共同|联合|具体|分别|各自|(?:按照?|依据?|依照|根据|结合)(?:各自|相关|工作|部门)?(?:职责|职能"
    r"|分工|权限|管辖|任务)+(?:分工|范围|要求|任务)?|分工|分头|统一)*)"
    r"(?P<verb>牵头|主办|主责|负责|落实|配合|协助|协同|协办|参与|参加|支持|承担|实施|办理|推进|指导|抓好|做好|组织)"
    r"(?:(?:负责|落实|办理|推进|实施|组织|抓好|做好|完成|抓|具体|工作|和|并|、)*)$"
)
_SPLIT_LEAD = lazy(r"牵头(?=[^单部负落抓组推实办制，。；、会商协机领指】）])|(?<=[^，；。、])(?:会同|商)(?=[^会店务])")
_WITH = lazy(r"(?:会同|商|联合)")
# 省级牵头单位：…；市级责任单位：…: the level belongs to the label.
_OF_LEVEL = lazy(r"(?:(?:省|市|县|区|州|国家)(?:级|直|本级)?|主要|直接|具体)$")
LEADING = lazy(r"(?:由|请|其中|以上|分别由|具体由|并由|原则上由)+")
# 县人社局（2-4月）, 县财政局（按季）: when, behind the name of who.
_WHEN_BEHIND = lazy(
    r"（(?:[按每逐][日周旬月季年]度?|[^（）]{0,6}\d{1,2}[日月](?:[底末初起前]|[上中下]旬)?[^（）]{0,8})）$"
)
# 市司法局（牵头）、市信访局, （牵头）市司法局: the part of one name is printed behind it or before it.
_PART = r"（(?P<part>(?:总?牵头|主办|主责|主抓|负责|责任|配合|协办|协同|协助|参与|承办|落实)(?:单位|部门)?)）"
_PART_BEHIND = lazy(rf"{_PART}$")
_PART_BEFORE = lazy(_PART)
# What fills a cell or a list where there is nobody to name.
_NOBODY = frozenset(("等", "各", "部门", "单位", "无", "/", "-", "--", "暂无"))
# 各县区。以下措施均需各县区落实，不再列出: the list ends where a remark on other lists begins.
_REMARK_BEHIND = lazy(r"。(?=以下|以上|上述|本(?:项|条|方案|措施|通知)|其余|各项|注：|不再|未(?:列|注)明)")


@dataclass(frozen=True, slots=True)
class Named:
    """One name in a block: where it stands in the clean text, its role, and the rule that found it."""

    start: int
    end: int
    role: Role
    rule: str


def read_list(flat: str, start: int, end: int, role: Role, rule: str, *, first_leads: bool = False) -> list[Named]:
    """The names and roles of a block's content, labels and closing verbs included."""
    first = FIRST_LEADS.search(flat, start, end)
    if first:
        end, first_leads = first.start(), True
    remark = _REMARK_BEHIND.search(flat, start, end)
    end = remark.start() if remark else end
    same = _SAME_BELOW.search(flat, start, end)
    end = same.start() if same else end
    found: list[Named] = []
    stretches = list(_labelled(flat, start, end, role))
    for n, (a, b, labelled) in enumerate(stretches):
        if labelled is None:
            continue
        names = list(_segment(flat, a, b, labelled, rule))
        # （持续推进，牵头单位：某局）: what stands before the first label names nobody unless it reads as names.
        if n or len(stretches) == 1 or all(is_name(flat[one.start : one.end]) for one in names):
            found.extend(names)
    if first_leads and found and all(named.role is not Role.LEAD for named in found):
        found[0] = Named(found[0].start, found[0].end, Role.LEAD, rule)
    return found


def _labelled(flat: str, start: int, end: int, role: Role) -> Iterator[tuple[int, int, Role | None]]:
    """The stretches between labels (牵头单位：A；责任单位：B), with the role that each label gives."""
    at, current = start, role
    here: Role | None = current
    for match in LABELS.finditer(flat, start, end):
        if match.start() > at:
            before = _OF_LEVEL.search(flat, at, match.start())
            yield at, before.start() if before else match.start(), here
        here = label_role(match["who"]) if match["who"] else None
        at = match.end()
    yield at, end, here


def label_role(label: str) -> Role:
    """The role that a label's own word gives: 牵头单位, 配合单位, 责任单位."""
    if _LEAD_LABEL.search(label):
        return Role.LEAD
    return Role.SUPPORT if _SUPPORT_LABEL.search(label) else Role.RESPONSIBLE


def _segment(flat: str, start: int, end: int, role: Role, rule: str) -> Iterator[Named]:
    """Names of one stretch: a verb behind some of them (A牵头，B、C配合) gives those their role."""
    waiting: list[tuple[int, int]] = []
    led = False
    for a, b, tail, after in _charged(flat, start, end):
        if tail is None:
            waiting.append((a, b))
            if after == "。":
                yield from _named(flat, waiting, role, rule)
                waiting = []
            continue
        given = tail_role(tail, role)
        shared = given is Role.EACH or given is Role.RESPONSIBLE or led
        yield from _named(flat, waiting, given if shared else role, rule)
        yield from _named(flat, [(a, b)], given, rule)
        waiting = []
        led = led or given is Role.LEAD
    yield from _named(flat, waiting, role, rule)


def tail_role(tail: str, default: Role) -> Role:
    """The role that the words behind a list give it (按职责分工负责: each; 牵头: lead)."""
    if _WITH.fullmatch(tail):
        return default
    if re.search(r"配合|协助|协同|协办|参与|参加|支持", tail):
        return Role.SUPPORT
    if re.search(r"牵头|主办|主责", tail):
        return Role.LEAD
    return Role.EACH if re.search(r"职责|职能|分工|分别|各自|分头", tail) else default


def _charged(flat: str, start: int, end: int) -> Iterator[tuple[int, int, str | None, str]]:
    """Stretches of names, each with the verb phrase that closes it (if any) and the mark after it."""
    with_partner = False
    for a, b in _clauses_of(flat, start, end):
        after = flat[b] if b < end else ""
        at = a
        for left, right in top_level_cuts(flat, a, b, "、"):
            tail = TAIL.search(flat, left, right)
            if tail is None or tail.start() == left == at:
                continue
            words = "配合" if with_partner and not re.search("配合|牵头", tail[0]) else tail[0]
            yield at, tail.start(), words, after
            with_partner = False
            at = right + 1
        if at < b:
            joined = next((w for w in ("会同", "联合", "商") if flat.startswith(w, b) and after not in "，。；"), None)
            if joined:
                yield at, b, joined, after
                with_partner = True
            elif with_partner:
                yield at, b, "配合", after
            else:
                yield at, b, None, after


def _clauses_of(flat: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The pieces between ，；。 and, where the comma was left out, behind 牵头 or before 会同."""
    for a, b in top_level_cuts(flat, start, end, "，；。"):
        at = a
        for match in _SPLIT_LEAD.finditer(flat, a, b):
            if flat.count("（", at, match.start()) != flat.count("）", at, match.start()):
                continue
            cut = match.end() if match[0] == "牵头" else match.start()
            if cut <= at or not _ends_with_name(flat, at, match.start()):
                continue
            yield at, cut
            at = match.end()
        yield at, b


def _ends_with_name(flat: str, start: int, end: int) -> bool:
    pieces = list(top_level_cuts(flat, start, end, "、"))
    return is_name(flat[slice(*pieces[-1])])


def _named(flat: str, stretches: list[tuple[int, int]], role: Role, rule: str) -> Iterator[Named]:
    for start, end in stretches:
        lead = LEADING.match(flat, start, end)
        here = role
        for first, b in names_in(flat, lead.end() if lead else start, end):
            before = _PART_BEFORE.match(flat, first, b)
            if before:  # it holds for every name of the list from here on
                here = label_role(before["part"])
            begin = before.end() if before else first
            colon = flat.rfind("：", begin, b)
            a = begin if colon < 0 else colon + 1
            if colon >= 0 and not is_name(flat[a:b]):
                continue
            when = _WHEN_BEHIND.search(flat, a, b)
            b = when.start() if when and is_name(flat[a : when.start()]) else b
            part = _PART_BEHIND.search(flat, a, b)
            b = part.start() if part else b
            if a < b and flat[a:b] not in _NOBODY and not is_remark(flat[a:b]):
                yield Named(a, b, label_role(part["part"]) if part else here, rule)
