"""Paragraphs that belong to no measure and need not (说明): each kind known by a rule of its own, with its name."""

from collections.abc import Iterator

from tracker.reading.names.bodies import is_name
from tracker.reading.text.lazy import lazy
from tracker.reading.text.marks import CLOSING

_NUMERAL = "[一二三四五六七八九十]{1,3}"
_DATE = rf"(?:20\d\d|[二〇○零一二三四五六七八九]{{4}})年(?:\d{{1,2}}|{_NUMERAL})月(?:(?:\d{{1,2}}|{_NUMERAL})日)?"
_PLAN_WORD = r"(?:措施|方案|意见|办法|规定|细则|计划|政策|举措|通知|制度|规则|要点|清单|安排|公告|条例|任务)"
# 为…，制定本办法: it says why, and ends in what follows.
_WHY = lazy(
    rf"(?:现?(?:特|就)?(?:制定|制订|提出|出台|实施|明确|作出|推出)[^。；]{{0,40}}(?:{_PLAN_WORD}|规定|公告)|(?:如下|以下)[^。；]{{0,12}}"
    r"|(?:现)?(?:就|将)[^。；]{0,60}(?:通知|公告|函复|批复|报告|安排|分工)如下)[。：:]?$"
)
_BEGINS_WHY = lazy(r"(?:为|按照|根据|依据|遵照|鉴于|结合|近年来|今年以来|党的|当前|自20)")
_ADDRESSEE = "(?:政府|部门|单位|机构|厅|局|委|办|会|公司|院|校|园|企业|街道|中心|[市县区镇乡]|处室|人)"
_PAGE_WORD = "(?:来源|发布时间|发布日期|发布机构|浏览次数|【?字[号体]|打印|关闭|分享|索引号|主题词|原文链接|责任编辑)"
_RULES = (
    ("文号", lazy(r"（?[^，。；：\s]{1,24}（20\d\d）\d{1,4}号）?")),
    ("日期", lazy(rf"（?{_DATE}(?:印发|发布)?）?")),
    ("主送机关", lazy(rf"[^。；]{{2,400}}{_ADDRESSEE}：")),
    ("附件目录", lazy(r"附件?\d{0,2}[：.]?[^。；]{0,960}")),
    ("公开属性", lazy(r"（?(?:此件|本文|信息)?(?:公开(?:属性|发布|方式)?|主动公开|依申请公开|不予公开)[^。]{0,12}）?")),
    ("抄送", lazy(r"(?:抄送|抄报|分送|报送)：.{0,400}")),
    ("承办与印发", lazy(rf".{{2,40}}{_DATE}印发|(?:承办|经办)(?:单位|部门|处室)：.{{0,60}}|共印\d+份")),
    ("目录", lazy(r"目录|.{2,80}(?:\t|…|\.{3,}).{0,6}\d{1,4}.?")),
    ("页面文字", lazy(rf"{_PAGE_WORD}：.{{0,120}}")),
)  # fmt: skip
_ISSUES = lazy(
    r"印发(?:给)?(?:你们|各|执行)|请(?:你们|各[^，。]{0,12})?(?:认真|结合实际|遵照|抓好|按照|参照)?[^，。；]{0,12}(?:执行|落实|实施)[。.]?$"
    r"|(?:已经|业经|经)[^。；]{2,60}(?:同意|审议通过|批准)"
)
_REASONS = {
    "目录": "目录",
    "页面文字": "页面文字",
    "总体要求": "总体要求",
    "任务表（与正文重复）": "任务表（与正文重复）",
    "任务表的表头": "任务表的表头",
}
# 关于…的通知, printed above the plan itself; a line of it where it is broken.
_TITLED = lazy(r"[^。；：]{0,120}关于[^。；：]{2,120}(?:通知|意见|决定|公告|函|批复|办法|方案|通报)")
_CONTACT = lazy(
    r"（?[^。；]{0,30}(?:联系(?:人|科室|单位|部门|方式|电话)|咨询电话|电话|传真|地址|邮编|邮箱|电子邮箱)[：:][^。；]{1,60}(?:[，；][^。；]{1,60}){0,3}）?"
)
_SIGNED = lazy(rf"(?P<who>[^，。；：\d]{{2,60}}?)(?:{_DATE})?(?:（[^（）]{{2,20}}）)?")
_ENDS_BODY = lazy(r"(?:国务院|办公[厅室]|[厅局委办署院组会部府处司])$")
_PERSON = lazy(
    r"(?:(?:组长|副组长|组员|成员|主任|副主任|召集人|副召集人|成员单位)：)?[\u4e00-\u9fff·]{2,4}(?:（[^（）]{1,12}）)?(?:[^，。；]{0,40}(?:长|任|员|理|记|席|人|师))?"
)
_SHORT = 60


def rule_of(flat: str, reason: str) -> str | None:
    """The name of the rule that explains a paragraph (folded, without blanks); None where none does."""
    if reason in _REASONS:
        return _REASONS[reason]
    for name, pattern in _RULES:
        if pattern.fullmatch(flat):
            return name
    return next(_by_sense(flat, reason), None)


def _by_sense(flat: str, reason: str) -> Iterator[str]:
    if _ISSUES.search(flat) and len(flat) < 400:
        yield "印发语"
    if _WHY.search(flat) or (reason == "引言" and _BEGINS_WHY.match(flat)):
        yield "制定缘由"
    if CLOSING.search(flat):
        yield "施行与解释"
    if _CONTACT.fullmatch(flat):
        yield "联系方式"
    if reason != "标题" and _TITLED.fullmatch(flat):
        yield "印发通知的标题"
    signed = _SIGNED.fullmatch(flat) if len(flat) < 2 * _SHORT else None
    if signed and reason and (is_name(signed["who"]) or _ENDS_BODY.search(signed["who"])):
        yield "署名"
    if reason == "附件" and len(flat) < _SHORT and _PERSON.fullmatch(flat):
        yield "名单"
