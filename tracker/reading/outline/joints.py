"""Joints (段落接缝): places inside a run of words where a paragraph must begin, though nothing of the layout is left.

A signature with its date, a remark about publication, a list of attachments, the title of a plan before its
preamble, a number of a document behind a title, a labelled field.
"""

from collections.abc import Iterator

from tracker.reading.text.lazy import lazy
from tracker.reading.text.marks import LABEL_WORD

_KIND = r"(?:措施|方案|意见|办法|规划|计划|通知|细则|清单|规定|决定|条例|要点|举措|公告|通告|政策|分工|指引|指南)"
_PREAMBLE = r"为(?!了?什么|[主期准重例止])|根据|按照|依据|遵照|近年来|现将|现就"
_ORGAN = r"(?:政府|办公室|办公厅|委员会|管委会|领导小组|指挥部|国务院|委|局|厅|部|院|办|组)"
_DAY = r"20\d\d年\d{1,2}月\d{1,2}日"
_JOINT = lazy(
    rf"(?<=[。）])(?P<signature>[^。；，：（）\d、]{{2,60}}?{_ORGAN})(?P<signed>{_DAY})(?=（|附|$|[^前后起至以之，。、；内止）与和的])"
    rf"|(?<=[。）组室府厅局部委院办会])(?P<day>{_DAY})(?=（此|附件|$|[^。；：，前后起至以之、内止）与和的]{{6,60}}(?:{_KIND})(?:{_PREAMBLE}|（))"
    r"|(?P<remark>（(?:此件|本文)[^（）]{2,20}）)"
    r"|(?<=[。）日室府局会委])(?P<copied>抄[送报]：)"
    r"|(?P<listed>(?<![见详的如])附件：(?=\d[.、]|《))"
    r"|(?<=[。）：日人])(?P<attached>附件(?:：|\d{0,2}(?=[\u4e00-\u9fff《])))(?![的及和中])"
    rf"|(?<=[。）日》])(?P<title>(?:[^。；：，（）《》]|《[^《》]{{2,60}}》|（[^（）]{{1,14}}）){{4,60}}?{_KIND}(?:（[^（）]{{1,14}}）)?)"
    rf"(?={_PREAMBLE})"
    rf"|(?<=通知|意见|措施|方案|办法|决定|计划|规划)(?P<number>(?![的和及])[\u4e00-\u9fff]{{1,12}}（(?:19|20)\d\d）\d{{1,5}}号)"
)
# Without one of these words a stretch has no joint.
_HINT = lazy(
    r"20\d\d年\d|（此件|（本文|附件|（19\d\d）\d|（20\d\d）\d|"
    + "|".join(rf"{word}(?:（[^（）]{{1,14}}）)?(?:{_PREAMBLE})" for word in _KIND[3:-1].split("|"))
)
# Where the line ends are lost, a title may follow a telephone number, or a list of bodies: it begins with its place.
_TITLE = lazy(
    rf"(?:(?<=\d)(?=[\u4e00-\u9fff“《])|(?<=[局委办厅会行院司])(?=[\u4e00-\u9fff]{{2,3}}[省市县区州旗]))"
    # 人民银行鞍山市中心支行、…: a body of the list itself
    r"(?![\u4e00-\u9fff]{4,14}[局委办厅会行院司]、)"
    rf"(?:[^。；：，（）《\d]|《[^《》]{{2,60}}》|（[^（）]{{1,14}}）){{6,60}}?{_KIND}(?:（[^（）]{{1,14}}）)?(?={_PREAMBLE})"
)
# A step of the work with its time is a heading: （一）动员部署阶段（2025年3月）.
_STAGE = lazy(r"阶段（[^（）]{4,24}）(?=[\u4e00-\u9fff])")
_BEGINS_NEXT = frozenset(["remark", "day", "number"])
_LABEL = lazy(
    rf"(?P<label>享受主体|办理方式(?:及[\u4e00-\u9fff]{2, 8})?|申报方式|办理流程"
    rf"|政策内容|责任人|联系人|联系方式|联系电话|咨询电话|{LABEL_WORD})："
)
_OPEN = lazy(r"（[^（）]*$")


def joints_in(bare: str, start: int, end: int, *, joined: bool) -> Iterator[int]:
    """Where paragraphs begin between two places; `joined` where the line ends of this stretch were lost."""
    for match in _JOINT.finditer(bare, start, end) if _HINT.search(bare, start, end) else ():
        sort = match.lastgroup
        if sort == "signed":
            yield match.start("signature")
            yield match.start("signed")
            yield match.end("signed")
        elif sort in _BEGINS_NEXT or sort == "title":
            yield match.start()
            yield match.end()
        else:
            yield match.start()
    if joined:
        yield from (match.end() for match in _STAGE.finditer(bare, start, end))
        for match in _TITLE.finditer(bare, start, end):
            yield match.start()
            yield match.end()
        for match in _LABEL.finditer(bare, start, end):
            before = bare[match.start() - 1] if match.start() > start else "。"
            if before not in "（；、，和及" and not _OPEN.search(bare, max(start, match.start() - 120), match.start()):
                yield match.start()
