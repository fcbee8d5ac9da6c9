"""Marks (标记) that show, before anything is read closely, whether a stretch of text hands out duties."""

from tracker.reading.text.lazy import lazy

# What a responsibility block calls the bodies it names.
_WHO = r"(?:单位|部门|主体|机构|处室|科室|股室|责任单位|责任部门)"
_SORT = (
    r"(?:牵头|责任|主要责任|主办|协办|配合|落实|承办|实施|参与|主管|主责|负责|指导|协同|协助|参加|责任落实|牵头责任"
    r"|任务|承担|办理|执行|组织|监管|推进|包联|包保|承接|归口)"
)
# What they are asked to do may stand between: 牵头考核单位, 责任监管部门.
_FOR = r"(?:考核|监管|监督|审核|验收|整改|推进|管理|建设|工作|落实)?"
LABEL_WORD = rf"{_SORT}(?:及|和|、)?(?:{_SORT})?{_FOR}{_WHO}"

# A label without 单位, where a bracket or a line of its own holds it: （主责：区公安分局；协同：区教育局）.
SHORT_LABEL = (
    r"(?:总?牵头|主责|主办|主抓|协办|承办|经办|配合|协同|联动|参与|协助|执行|归口|落实|实施|责任|推进|包联|包保"
    r"|(?:任务|责任|工作)?(?:认领|分工)|完成)"
)
LABEL = rf"(?:{LABEL_WORD}|{SHORT_LABEL})"

TAIL_WORD = r"(?:负责|牵头|配合|落实|参与|承担|协助|协同|主办|协办|实施|办理|推进|指导)"
BLOCK = lazy(rf"（{SHORT_LABEL}：|[（；，][^（）：。；]{{0,16}}{LABEL_WORD}(?:：|为)|{TAIL_WORD}[。.]?）|下同）")
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
DUTY = lazy(
    r"应当|不得|负责|由[^，。；]{2,40}牵头|必须|(?:于|在)[^，。；]{0,12}[月日底]前[^。；]{0,30}(?:报|反馈|完成)"
    r"|(?:20\d\d年|每[年季月]|\d月)[^，。；]{0,6}前[^。；]{0,40}(?:完成|报送|上报|反馈|出台|制定|印发|落实)"
    r"|要(?:及时|按时|定期|抓紧)*(?:报送|报告|上报|反馈)"
)


# Who is charged in prose: a body, and right behind it what it has to do.
CHARGED = lazy(
    r"(?:政府|办公室|委员会|局|委|部门|单位|公司|中心|街道|镇|乡|院|站|所|办|组|联|队|处|县|区|市|）)"
    r"(?:要|应当?|负责|须|必须|牵头|会同|尽快|及时|抓紧|定期|统筹|组织|协调|配合|制定|建立|每[年月季周]|于\d)"
    r"|由[^。，；：]{2,60}?(?:牵头|负责|分别|承担|组织|会同|配合|实施|落实)|^请|责成"
)
# A time limit as it is worded most often; only for telling a heading from a duty.
LIMIT = lazy(
    r"到20\d\d年|(?:\d{1,2}月(?:\d{1,2}[日号]|[底末中初上旬]{1,2})?|年底|年末|季度[末底]?|\d{4}年底?|\d{1,2}[日号])(?:之?前|以前|完成)"
    r"|[\d一二两三四五六七八九十]{1,3}个?(?:工作|自然)?(?:日|天|小时|周|月)之?(?:以)?内"
    r"|每(?:半?年|季度?|半?月|[一二两三四五六七八九十\d]{0,2}个?[周天日月年])(?!度?均)"
)


def hands_out(flat: str, start: int, end: int) -> bool:
    """Whether a stretch holds a responsibility block, in brackets or as labelled lines."""
    return BLOCK.search(flat, start, end) is not None or LABEL_LINE.match(flat, start, end) is not None


# What our readers of files write where a source holds words they could not read: a scanned page, a formula.
UNREADABLE = lazy(r"［[^［］]{1,60}请对照原件补录］|（[^（）]{1,60}请对照原件补录）")
