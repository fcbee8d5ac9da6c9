"""Columns (栏) of task tables: what a header says a column holds, and whether a cell looks like it."""

import re
from enum import StrEnum
from functools import lru_cache

from tracker.reading.names.bodies import is_name, names_in
from tracker.reading.text.lazy import lazy
from tracker.reading.text.marks import LABEL_WORD


class Column(StrEnum):
    """What a column of a task table holds."""

    NUMBER = "number"  # 序号
    SECTION = "section"  # 类别
    TASK = "task"  # 任务, 措施, 工作内容
    WHO = "who"  # 责任单位, 牵头单位, 配合单位
    TIME = "time"  # 完成时限
    PERSON = "person"  # 责任人
    PHONE = "phone"  # 联系电话
    OTHER = "other"  # 备注, 目标


_OF_TASK = (
    "重点|主要|具体|工作|年度|改革|目标|落实|政策|整改|建设|推进|实施|服务|支持|创新|细化"
    "|任务|措施|举措|内容|事项|要点|清单|[及和与、/]"
)
_ACTS = "完成|办理|办结|落实|推进|实施|整改|工作|启动|报送|反馈|见效|开工|竣工|投用|验收"
_SORTS = "任务|工作|事项|措施|政策|重点|项目"
_PATTERNS = (
    (Column.NUMBER, r"序号?|编号|号|No\.?|NO\.?|项次"),
    (
        Column.WHO,
        rf"(?:[省市县区州旗](?:级|直)?|主要|具体|联合)?{LABEL_WORD}(?:[及和与、/]{LABEL_WORD})?|(?:责任|任务|职责)分工|责任落实|责任方"
        r"|主办|协办|牵头|配合|责任主体",
    ),
    (
        Column.TIME,
        rf"(?:计划|预计|拟|要求)?(?:{_ACTS})*的?(?:时限|期限|时间|节点|进度|时序)+(?:节点|进度|要求|安排)*",
    ),
    (Column.PERSON, r"(?:责任|联系|经办|负责|具体责任)人(?:员|姓名)?|(?:牵头|责任|分管|包保|[市县区]级)领导"),
    (Column.PHONE, r"联系方式|(?:联系|办公|咨询)?电话"),
    (Column.SECTION, rf"(?:{_SORTS})?(?:类别|类型|分类|领域|方面|板块|大类|种类)|一级(?:任务|指标)|指标类别"),
    (
        Column.TASK,
        rf"(?:{_OF_TASK})*(?:任务|措施|举措|内容|事项|要点|工作|项目|条款)(?:分解|名称|内容|清单|要求|细化|描述)*"
        r"|(?:具体|工作|落实)要求|[二三四](?:级|层)(?:任务|指标|事项|措施)",
    ),
)
_KINDS = tuple((kind, re.compile(pattern)) for kind, pattern in _PATTERNS)
# A header whose own words are not known, but one of them is: the cells under it must bear it out.
_LIKELY = (
    (Column.PERSON, lazy(r".{0,6}(?:姓名|人员|领导)")),
    (Column.WHO, lazy(r".{0,8}(?:单位|部门|处室|科室|股室|主体|责任方|由谁)(?:名称|全称)?")),
    (Column.TIME, lazy(r".{0,8}(?:时限|时间|期限|日期|节点|进度|何时)(?:要求|安排)?")),
    (Column.TASK, lazy(r".{0,8}(?:任务|措施|举措|事项|工作|内容|要求|做法|目标)(?:名称|内容|清单|分解|要求|描述|数)?")),
)  # fmt: skip
BRACKETS = re.compile(r"（[^（）]*）")
_NUMBER = lazy(r"（?(?:[\d.]{1,7}|[〇零一二三四五六七八九十百]{1,4})[）.、]?")
# What stands in a cell where there is nothing to say.
_STROKE = 3  # characters
_NOTHING = lazy(r"(?:/|-{1,3}|无|暂无|\\|×)")
_TIME = lazy(
    r"(?:20\d\d[-./年]|\d{1,2}月|年[底内末中]|[上下]半年|季度|每[年季月周旬日半学]|个?(?:工作日|月|天|年|小时)内?前?$|\d+日[内前])"
    r"|^(?:长期|持续|立即|即时|常态|全年|立行|适时|按时序|已完成|近期|本月|当[年月]|随时|及时|[〇一二三四五六七八九十]{1,3}月)"
)
# What the words of a limit consist of; a cell that says hardly more is one.
_OF_TIME = lazy(
    r"[\d\s年月日号周旬季度天时分]|学[期年]|[上下]半|工作日|小时|个|[〇零一二三四五六七八九十两]|[每前内后底末初中起至到~、，；。（）.\-/第]|完成|办结|完工"
    r"|开工|启动|取得|阶段性?|明显|成效|并|长期|持续|推进|坚持|立即|常态|立行|立改|全部|全|次|本|当|今|明|即|印发|之|截|适时|按|时序|已"
)
_SENTENCE = lazy(r"[。；！]|.{60}")
_PARTS = lazy(r"[、，；\s]")
_TIME_LIMIT, _PERSON_LIMIT, _NAMES_LIMIT = 40, 30, 400
_BESIDE_TIME = 4  # characters


@lru_cache(maxsize=1024)
def kind_of_column(header: str) -> Column:
    """What the column under this header (folded) holds; remarks in brackets do not count."""
    bare = re.sub(r"\s", "", BRACKETS.sub("", header)) or re.sub(r"[\s（）]", "", header)
    for kind, pattern in _KINDS:
        if pattern.fullmatch(bare):
            return kind
    return Column.OTHER


@lru_cache(maxsize=1024)
def likely_column(header: str) -> Column:
    """What the column under an unknown header may hold, if its cells do not say otherwise."""
    kind = kind_of_column(header)
    if kind is not Column.OTHER:
        return kind
    bare = re.sub(r"\s", "", BRACKETS.sub("", header))
    return next((kind for kind, pattern in _LIKELY if pattern.fullmatch(bare)), Column.OTHER)


def is_number(words: str) -> bool:
    """Whether a cell holds a running number."""
    return _NUMBER.fullmatch(words) is not None


def says_nothing(words: str) -> bool:
    """Whether a cell is empty but for a stroke."""
    return not words or (len(words) <= _STROKE and _NOTHING.fullmatch(words) is not None)


def is_time(words: str) -> bool:
    """Whether a cell holds a time limit and no more."""
    if len(words) > _TIME_LIMIT or not _TIME.search(words):
        return False
    return len(_OF_TIME.sub("", words)) <= _BESIDE_TIME


@lru_cache(maxsize=4096)
def names_bodies(words: str) -> bool:
    """Whether a cell holds names of bodies and nothing else."""
    if len(words) > _NAMES_LIMIT or not words or "。" in words:
        return False
    bare = BRACKETS.sub("", words)
    pieces = [bare[a:b] for a, b in names_in(bare, 0, len(bare))]
    pieces = [part for piece in pieces for part in _PARTS.split(piece) if part]
    named = sum(is_name(piece) and len(piece) <= 24 for piece in pieces)
    return bool(pieces) and named * 2 > len(pieces)


def fit(words: str, kind: Column) -> int:
    """How well a cell's words suit a column: above 0 they do, below 0 they do not, 0 says nothing."""
    if says_nothing(words):
        return 0 if kind is not Column.NUMBER or not words else -2
    sort = _sort_of(words)
    if kind is Column.OTHER:
        # 备注 may hold anything, but hardly a number or what other columns are for.
        return -1 if sort is Column.NUMBER else 0
    if kind in (Column.TASK, Column.SECTION):
        return {Column.TASK: 2, Column.OTHER: 1}.get(sort, -2)
    if sort is kind or (kind is Column.PERSON and sort is Column.OTHER and len(words) <= _PERSON_LIMIT):
        return 3
    return -3 if sort is not Column.OTHER else -1


@lru_cache(maxsize=4096)
def _sort_of(words: str) -> Column:
    """What a cell's words look like by themselves: TASK a sentence, OTHER cannot be told."""
    if is_number(words):
        return Column.NUMBER
    if re.fullmatch(r"[\d\s、，；/-]{7,60}", words):
        return Column.PHONE
    if names_bodies(words):
        return Column.WHO
    if is_time(words) and not _SENTENCE.search(words):
        return Column.TIME
    return Column.TASK if _SENTENCE.search(words) or len(words) > 8 else Column.OTHER


__all__ = [
    "BRACKETS", "Column", "fit", "is_number", "is_time", "kind_of_column", "likely_column", "names_bodies",
    "says_nothing",
]  # fmt: skip
