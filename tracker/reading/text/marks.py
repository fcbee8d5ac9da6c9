"""Marks (标记) that show, before anything is read closely, whether a stretch of text hands out duties."""

from tracker.reading.text.lazy import lazy

# What a responsibility block calls the bodies it names.
_WHO = r"(?:单位|部门|主体|机构|处室|科室|股室|责任单位|责任部门)"
_SORT = (
    r"(?:牵头|责任|主要责任|主办|协办|配合|落实|承办|实施|参与|主管|主责|负责|指导|协同|参加|责任落实|牵头责任"
    r"|任务|承担|办理|执行|组织)"
)
# What they are asked to do may stand between: 牵头考核单位, 责任监管部门.
_FOR = r"(?:考核|监管|监督|审核|验收|整改|推进|管理|建设|工作|落实)?"
LABEL_WORD = rf"{_SORT}(?:及|和|、)?(?:{_SORT})?{_FOR}{_WHO}"

TAIL_WORD = r"(?:负责|牵头|配合|落实|参与|承担|协助|协同|主办|协办|实施|办理|推进|指导)"
BLOCK = lazy(rf"[（；][^（）：。；]{{0,8}}{LABEL_WORD}(?:：|为)|{TAIL_WORD}[。.]?）|下同）")
LABEL_LINE = lazy(rf"\s*(?:\d[.、]|（\d）|[①-⑳]|（)?\s*{LABEL_WORD}\s*：")

# Paragraphs that set the scene: they hold no measure unless they charge a body by a date.
BACKGROUND = lazy(
    r"(?:总体|指导|基本|主要|工作|发展|行动|目标|建设|改革|有关|重要|充分认识.{0,10}|提高.{0,6}|平台.{0,4}"
    r"|[^。，；：]{0,8})?"
    r"(?:要求和目标|思想|原则|思路|目标|总体要求|适用范围|试点范围|实施范围|支持对象|适用对象|支持范围|背景"
    r"|现有基础|现状|形势|重要意义|重大意义|名词解释|术语)"
    r"(?![的任])"
)
OVERALL = lazy(r"(?:总体要求|指导思想|基本原则|总体思路|总体目标|工作目标|发展目标|主要目标|工作原则|目标要求)")

# How a plan takes leave: force, interpretation, repeal.
CLOSING = lazy(
    r"(?:本|上述|以上)(?:\S{0,4}?)(?:措施|方案|意见|办法|通知|细则|规定|计划|政策|条款?).{0,60}?(?:施行|执行|实施"
    r"|解释|有效|生效|为准)"
    r"|有效期|由\S{2,40}负责解释|此前.{0,30}(?:不一致|为准)|同时废止|执行期"
)


def hands_out(flat: str, start: int, end: int) -> bool:
    """Whether a stretch holds a responsibility block, in brackets or as labelled lines."""
    return BLOCK.search(flat, start, end) is not None or LABEL_LINE.match(flat, start, end) is not None
