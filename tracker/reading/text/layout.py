"""Lines (行) of a source: where they stand, and which of them are page furniture rather than policy."""

import re
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from tracker.reading.text.cleaning import Clean
from tracker.reading.text.lazy import lazy
from tracker.reading.text.markers import markers_in
from tracker.reading.text.numbering import Number
from tracker.reading.text.numerals import HAN
from tracker.reading.text.outline import Entry, best_outline

_LINE = lazy(r"[^\s](?:[^\n\f\v\x1c-\x1e\x85\u2028\u2029]*[^\s])?")
_INDENT = lazy(r"[\u3000\xa0 ]*\u3000[\u3000 ]+")
# Four blanks or more inside a line stood for a line break, if the words before them end one.
_GAP = lazy(r"[ \t]{4,}")
_TITLED = lazy(r"(?:通知|意见|措施|方案|办法|决定|计划|要点)$")
TERMINAL = "。；：！？）”…"
# A paragraph this long was never set as one: its numbering is looked for inside it.
_LONG = 240

_FURNITURE = lazy(
    r"[-—－·•\s]*\d{1,4}[-—－·•\s]*"
    r"|第\s*\d+\s*页(?:\s*[共/／]\s*\d+\s*页)?|\d+\s*/\s*\d+"
    r"|(?:MENU|TOP|更多|首页|返回顶部|返回|打印|关闭|收藏|分享|上一篇|下一篇|相关附件|相关文档|相关解读|相关稿件"
    r"|附件下载|服务指南"
    r"|打印本页|关闭窗口|【?打印】?|无障碍|长者模式|登录|注册|搜索|网站地图|联系我们)"
    r"|(?:当前位置|您的位置|您现在的位置|发布日期|发布时间|发文日期|成文日期|浏览次数|阅读次数|访问量|点击数|来源"
    r"|信息来源|文章来源|作者|字体|字号"
    r"|责任编辑|索引号|主题分类|发布机构|发文机关|有效性|分享到|扫一扫|打印|标签|关键词|网站标识码|版权所有|备案号"
    r"|原文链接"
    r"|上一篇|下一篇|相关链接|信息分类|公开方式|公文时效)：.*"
    r"|(?:首页|当前位置).{0,4}[»>＞→].*|[>＞»].*|\d{4}-\d{1,2}-\d{1,2}.*(?:来源|浏览|阅读|字体).*"
    r"|【字体.*|(?:https?|www)[:：.]\S*|扫一扫.*|.*ICP备.*|.{0,12}公网安备.*|（?法宝引证码）?.*",
    re.IGNORECASE,
)
# 主办单位 is a responsibility label too: only beside what a page's footer says it is the site's own.
_SITE_OWNER = lazy(r"(?:网站)?(?:主办|承办|运维|维护)(?:单位)?：.*")
_SITE = lazy(r"网站标识码|政府网站|版权所有|ICP备|备案号|公网安备|技术支持|(?:网站|站点)地图")
_CONTENTS_LINE = lazy(r".*?(?:\t\s*（?\d{1,3}）?|[.…·﹒．]{4,}\s*（?\d{1,3}）?|…{1,}\s*\d{1,3})")
_ENTRY = lazy(rf"第?[{HAN}\d]{{1,4}}[、.章节条]|（[{HAN}\d]{{1,3}}）")
_CONTENTS_HEAD = lazy(r"目\s*录|目\s*次")


@dataclass(frozen=True, slots=True)
class Line:
    """One line (or a part of one that begins with its own number), without its outer blanks."""

    start: int
    end: int
    number: Number | None
    indented: bool
    furniture: str | None = None  # why it is no part of the policy


def lines_of(flat: str, outside: Container[int] = ()) -> list[Line]:
    """Every line that bears a character and begins in none of the places `outside`, cut where paragraphs begin."""
    rough: list[Line] = []
    in_contents = False
    for match in _LINE.finditer(flat):
        if match.start() in outside:
            continue
        for start, end in _unjoined(flat, match.start(), match.end()):
            reason, in_contents = _furniture(flat, start, end, in_contents)
            rough.append(Line(start, end, None, start > 0 and flat[start - 1] == "\u3000", reason))
    return list(_numbered(flat, rough))


def _numbered(flat: str, rough: Sequence[Line]) -> Iterator[Line]:
    """The lines, each cut where the outline of all of them has a number."""
    clean = Clean(flat, flat, [(line.start, line.end) for line in rough if not line.furniture])
    entries = best_outline(markers_in(clean, flat))
    numbers = [(clean.source(entry.marker.start), _number(clean, entry)) for entry in entries]
    at = 0
    for line in rough:
        if line.furniture:
            yield line
            continue
        start, number = line.start, None
        while at < len(numbers) and numbers[at][0] < line.end:
            place, following = numbers[at]
            at += 1
            if place > start:
                yield Line(start, place - _trailing(flat, start, place), number, line.indented)
            start, number = place, following
        yield Line(start, line.end, number, line.indented)


def _number(clean: Clean, entry: Entry) -> Number:
    marker = entry.marker
    body = clean.source(marker.body) if marker.body < len(clean.flat) else clean.source(marker.body - 1) + 1
    return Number(marker.style, marker.ordinal, marker.path, body, entry.depth, entry.jump)


def _unjoined(flat: str, start: int, end: int) -> list[tuple[int, int]]:
    """The paragraphs of a line in which indents stand for line breaks (two full-width blanks after a stop)."""
    full = flat.find("\u3000\u3000", start, end) >= 0
    indents = list(_INDENT.finditer(flat, start, end)) if full else []
    many = len(indents) >= 3 and end - start > _LONG
    if flat.find("    ", start, end) >= 0:
        indents = sorted([*indents, *_GAP.finditer(flat, start, end)], key=lambda match: match.start())
    places = [start]
    for indent in indents:
        if indent.start() >= places[-1] and (many or _ends_paragraph(flat, start, indent.start())):
            places.extend((indent.start(), indent.end()))
    places.append(end)
    pairs = zip(places[::2], places[1::2], strict=False)
    return [(a, b - _trailing(flat, a, b)) for a, b in pairs if flat[a:b].strip()]


def _ends_paragraph(flat: str, start: int, place: int) -> bool:
    return flat[place - 1] in TERMINAL or _TITLED.search(flat, max(start, place - 4), place) is not None


def _trailing(flat: str, start: int, end: int) -> int:
    part = flat[start:end]
    return len(part) - len(part.rstrip())


def _furniture(flat: str, start: int, end: int, in_contents: bool) -> tuple[str | None, bool]:
    """Why a line is no policy text, and whether a table of contents is open after it."""
    if end - start > 200:
        return None, False
    line = flat[start:end]
    if _CONTENTS_HEAD.fullmatch(line):
        return "目录", True
    if _CONTENTS_LINE.fullmatch(line):
        return "目录", True
    if in_contents and _ENTRY.match(flat, start):
        # An entry wrapped over two lines carries its page number on the second.
        following = flat[end : end + 80].lstrip()
        if _CONTENTS_LINE.match(following.split("\n", 1)[0]):
            return "目录", True
    if _FURNITURE.fullmatch(line):
        return "页面文字", in_contents
    if _SITE_OWNER.fullmatch(line):
        following = flat[end : end + 120].lstrip().split("\n", 1)[0]
        if _SITE.search(line) or _SITE.match(following):
            return "页面文字", in_contents
    return None, False
