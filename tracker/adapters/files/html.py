"""Saved web pages (.html, .mht): the main text found, navigation left out, tables as lines of TAB-parted cells.

trafilatura says which words are the article; the page's own elements that hold them are then written out whole,
so that nothing inside the article is lost, merged cells included. No network is used. Of a page hardly read
nothing is kept: it is refused, with how much was read.
"""

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any

from tracker.adapters.files.grid import Grid, cell_text, lines_of_rows
from tracker.adapters.files.readers import ReadError
from tracker.reading.text.numerals import in_han

# fmt: off
_NO_TEXT = {
    "script", "style", "noscript", "template", "iframe", "object", "svg", "button", "select", "input",
    "textarea", "head", "video", "audio", "map",
}
# fmt: on
_STRUCK = {"del", "s", "strike"}
_FURNITURE = {"nav", "footer", "aside"}
# fmt: off
_BLOCKS = {
    "p", "div", "section", "article", "main", "header", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li",
    "dl", "dt", "dd", "blockquote", "center", "form", "fieldset", "table", "tbody", "thead", "tfoot", "tr",
    "td", "th", "caption", "pre", "figure", "figcaption", "body", "html", "address", "hr", "ucapcontent",
}
# fmt: on
_LINK_LISTS = {"ul", "ol", "div", "dl", "p", "td", "span", "section", "header", "table", "li", "form"}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_LINE_THROUGH = re.compile(r"text-decoration[^;]*line-through", re.IGNORECASE)
_NAMED_FOOTER = re.compile(r"foot|copyright", re.IGNORECASE)
# The numbers under which a site is registered: no document bears them.
_SITE_NUMBER = re.compile(r"ICP备\s*\d{5}|公网安备\s*\d{5}|网站标识码\W{0,2}\w{8}", re.IGNORECASE)
# Who keeps a site; of a document, only together with such a number or in a footer, since events have hosts too.
_SITE_KEEPER = re.compile(
    r"\W*(?:(?:网站)?(?:主办|承办|协办|维护|管理|建设|运维|技术支持)(?:单位|部门)?\s*[:：]|版权所有|Copyright)",
    re.IGNORECASE,
)
_SITE_CONTACT = re.compile(r"\W*(?:联系|办公|单位)?(?:地址|电话|方式|邮箱|邮编|传真|邮政编码)\s*[:：]")
_BLANKS = re.compile(r"[ \t\r\n\f\v\xa0\u200b]+")
_LEADING = re.compile(r"^[ \xa0\u3000\u2002\u2003]*")
_SITE = re.compile(r"\s*[_|\uff5c]\s*[^_|\uff5c]*$|\s+-+\s+[^-]*(?:网|政府|门户)[^-]*$")
_POINTS = re.compile("[，。；：、,;]")
_IN_HAN = re.compile(r"list-style[^;]*(?:cjk-|-chinese-)", re.IGNORECASE)
_UNNUMBERED = re.compile(r"list-style[^;]*none", re.IGNORECASE)
_PRINTED_NUMBER = re.compile(
    r"[（(]?(?:\d{1,3}|[一二三四五六七八九十百]{1,4})[）)、.．]|第[一二三四五六七八九十百\d]{1,5}[章节条]"
)
_MOST_IN_HAN = 1000
_SURE = 20  # an extracted passage of this length is no menu entry
_CELL_LIMIT = 3000
_FOOTER_LIMIT = 500  # characters; an element named so that holds more may hold the article
_IMPRINT_LINES = 12  # at the end of a page
_HARDLY_MORE_THAN_A_TITLE = 200  # characters
_HARDLY_READ = (
    "这个网页只读出了约 {read} 字，页面上的正文约 {whole} 字，读出的不到五分之一。为免遗漏，没有采用。"
    "请在浏览器中打开这个网页，选中并复制全文，粘贴到“或者粘贴正文”一栏。"
)


def text_of(data: bytes) -> str:
    """The main text of a page in UTF-8, a paragraph or a table row to the line."""
    root = _root(data.decode("utf-8", "surrogatepass"))
    if root is None:
        return ""
    title = _title(root)
    _take_out(root, lambda element: element.tag in _NO_TEXT or _is_struck(element))
    body = root.find("body")
    body = body if body is not None else root
    whole = _prose(body)
    _take_out(root, _is_hidden)
    # Words that a page hides are none of its own, unless it shows hardly any: then a script was to show them.
    shown = _prose(body)
    whole = shown if shown >= _HARDLY_MORE_THAN_A_TITLE else whole
    _take_out(root, _is_furniture)
    region = _region(root, body)
    _without_menus(region)
    lines = _without_imprint([line for line in _lines(region) if line.strip()])
    read = sum(len(_squeezed(line)) for line in lines)
    if 5 * read < whole:
        raise ReadError(_HARDLY_READ.format(read=read, whole=whole))
    flat = re.sub(r"\s", "", "".join(lines[:40]))
    if lines and title and re.sub(r"\s", "", title) not in flat:
        lines.insert(0, title)
    return "\n".join(lines)


def main_part(data: bytes) -> bytes | None:
    """The page inside a web archive (.mht); None where the archive holds none."""
    import email
    import email.policy

    message = email.message_from_bytes(data, policy=email.policy.default)
    for part in message.walk():
        if part.get_content_type() == "text/html":
            found = part.get_payload(decode=True)
            return found if isinstance(found, bytes) else None
    return None


def _root(markup: str) -> Any | None:
    from lxml import etree, html

    parser = html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    bare = re.sub(r"^\s*<\?xml[^>]*\?>", "", markup)
    try:
        return html.document_fromstring(bare, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def _take_out(root: Any, unwanted: Callable[[Any], bool]) -> None:
    for element in list(root.iter()):
        if not isinstance(element.tag, str) or unwanted(element):
            _remove(element)


def _is_struck(element: Any) -> bool:
    return element.tag in _STRUCK or _LINE_THROUGH.search(element.get("style") or "") is not None


def _is_hidden(element: Any) -> bool:
    """Whether an element is hidden by style or attribute; a page hidden whole waits for a script to show it."""
    if element.tag in ("html", "body"):
        return False
    # What is hidden until found is shown to whoever searches the page.
    by_attribute = (element.get("hidden") or "until-found").lower() != "until-found" or element.get("hidden") == ""
    return by_attribute or _HIDDEN.search(element.get("style") or "") is not None


def _is_furniture(element: Any) -> bool:
    """Whether an element is furniture by its tag, or a footer by its name and what it says of the site."""
    if element.tag in _FURNITURE:
        return True
    if element.tag in ("html", "body") or not _NAMED_FOOTER.search(f"{element.get('class')} {element.get('id')}"):
        return False
    text = element.text_content()
    lines = [line for line in _lines(element) if line] if len(text) < _FOOTER_LIMIT else []
    return any(_is_imprint(line) for line in lines)


def _prose(body: Any) -> int:
    """How many characters of running text a page holds: long lines with a comma or stop, links left out.

    So the longest menu counts for nothing, whatever its elements are called, while an article counts wherever it
    stands: in a menu that was never closed, too.
    """
    bare = copy.deepcopy(body)
    for link in list(bare.iter("a")):
        if link.get("href"):
            link.drop_tree()
    lengths = (len(_squeezed(line)) for line in _lines(bare) if _POINTS.search(line))
    return sum(length for length in lengths if length >= _SURE)


def _without_imprint(lines: list[str]) -> list[str]:
    """The lines of a page without who keeps the site, which stands at its end around the site's number."""
    start = max(len(lines) - _IMPRINT_LINES, 0)
    number = next((n for n in range(start, len(lines)) if _SITE_NUMBER.search(lines[n])), None)
    if number is None:
        return lines
    first = above = number
    while above and (_SITE_KEEPER.match(lines[above - 1]) or _SITE_CONTACT.match(lines[above - 1])):
        above -= 1
        # A telephone above all this may be the document's own.
        first = above if _SITE_KEEPER.match(lines[above]) else first
    return [*lines[:first], *(line for line in lines[number:] if "。" in line)]


def _remove(element: Any) -> None:
    """Take an element out; the text behind it stays."""
    parent = element.getparent()
    if parent is not None:
        element.drop_tree()


def _title(root: Any) -> str:
    """The document's title: the field that government sites must fill, a first heading, or the page's title."""
    for meta in root.iter("meta"):
        if (meta.get("name") or "").lower() in ("articletitle", "meta-articletitle"):
            content = cell_text(meta.get("content") or "")
            if content:
                return content
    for heading in root.iter("h1"):
        text = cell_text(heading.text_content())
        if len(text) > 6:
            return text
    page = root.find(".//title")
    text = cell_text(page.text_content()) if page is not None else ""
    return _SITE.sub("", text)


def _squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def _region(root: Any, body: Any) -> Any:
    """The smallest element that holds every passage of the article; the whole body where none is recognised."""
    passages = _passages(root)
    whole = _squeezed(body.text_content())
    if sum(map(len, passages)) < 0.2 * len(whole):  # hardly anything was recognised
        return body
    texts: dict[Any, str] = {body: whole}
    # The beginning of a passage tells where it stands; its end may have been cleaned.
    known = [passage[:60] for passage in passages if passage[:60] in whole]
    here = body
    while known:
        for child in here:
            text = texts.setdefault(child, _squeezed(child.text_content()))
            if len(text) >= 0.1 * len(whole) and all(passage in text for passage in known):
                here = child
                break
        else:
            return _out_of_table(here)
    return body


def _out_of_table(element: Any) -> Any:
    """The element itself, or the table it is only a part of."""
    while element.tag in ("tbody", "thead", "tr") and element.getparent() is not None:
        element = element.getparent()
    return element


def _passages(root: Any) -> list[str]:
    """What the extractor takes for the article, in passages long enough to be told apart."""
    from lxml import etree, html
    from trafilatura import bare_extraction

    # It is shown neither what is left out nor menus: it takes a list of long headlines for an article.
    bare = copy.deepcopy(root)
    _without_menus(bare)
    try:
        found = bare_extraction(
            html.tostring(bare, encoding="unicode"),
            include_comments=False,
            include_tables=True,
            favor_recall=True,
            with_metadata=False,
            fast=True,
        )
    except (ValueError, TypeError, AttributeError, RecursionError, etree.LxmlError):
        return []
    body = getattr(found, "body", None)
    if body is None:
        return []
    texts = [_squeezed("".join(block.itertext())) for block in body.iter("p", "item", "cell", "head", "quote")]
    return [text for text in texts if len(text) >= _SURE and not _is_imprint(text)]


def _is_imprint(text: str) -> bool:
    return bool(_SITE_NUMBER.search(text) or _SITE_KEEPER.match(text))


def _without_menus(region: Any) -> None:
    """Take lists of links out of the region: several links, and hardly a word besides them.

    Inner ones come first, lest a short document go with the long menu that stands beside it.
    """
    for element in reversed(list(region.iter())):
        if element is region or element.tag not in _LINK_LISTS or element.getparent() is None:
            continue
        links = [cell_text(a.text_content()) for a in element.iter("a")]
        if len(links) < 3:
            continue
        text = _squeezed(element.text_content())
        if sum(len(_squeezed(link)) for link in links) > 0.75 * len(text) and not re.search(r"[。；]", text):
            _remove(element)


def _lines(region: Any) -> Iterator[str]:
    """The text of a region by lines: blocks and breaks part them, data tables come by rows."""
    open_line: list[str] = []
    numbers: dict[Any, str] = {}
    number = ""
    stack: list[tuple[Any, str]] = [(region, "enter")]
    while stack:
        element, step = stack.pop()
        if step == "tail":
            open_line.append(_BLANKS.sub(_kept, element.tail or ""))
            continue
        if not isinstance(element.tag, str):
            continue
        if step == "leave" or element.tag == "br" or element.tag in _BLOCKS:
            line = _finished(open_line)
            # The number that a browser prints before an item stands before its first words.
            yield _numbered(number, line) if line else line
            number = "" if line or element.tag == "li" else number
            open_line = []
        if step == "leave":
            continue
        if element.tag == "ol":
            numbers.update(_numbers(element))
        number = numbers.get(element, number)
        if element.tag == "table" and _is_data(element):
            yield from lines_of_rows(_grid(element))
            continue
        if element.tag in _BLOCKS:
            stack.append((element, "leave"))
        text = element.text or ""
        open_line.append(text if element.tag == "pre" else _BLANKS.sub(_kept, text))
        for child in reversed(element):
            stack.append((child, "tail"))
            stack.append((child, "enter"))
    yield _finished(open_line)


def _numbers(ordered: Any) -> Iterator[tuple[Any, str]]:
    """The items of an ordered list with the numbers a browser gives them (`start`, `value`, `reversed`)."""
    items = [item for item in ordered if item.tag == "li"]
    step = -1 if ordered.get("reversed") is not None else 1
    at = _whole(ordered.get("start"), len(items) if step < 0 else 1)
    in_words = _IN_HAN.search(ordered.get("style") or "") is not None
    bare = _UNNUMBERED.search(ordered.get("style") or "") is not None
    for item in items:
        at = _whole(item.get("value"), at)
        if at > 0 and not bare:
            yield item, f"{in_han(at)}、" if in_words and at < _MOST_IN_HAN else f"{at}."
        at += step


def _whole(text: str | None, otherwise: int) -> int:
    return int(text) if text and re.fullmatch(r"-?\d{1,6}", text.strip()) else otherwise


def _numbered(number: str, line: str) -> str:
    """A line with its item's number before it, unless it prints one itself."""
    words = line.lstrip()
    return line if not number or _PRINTED_NUMBER.match(words) else f"{number}{' ' * words[:1].isdigit()}{words}"


def _kept(blank: "re.Match[str]") -> str:
    """A run of blanks as one; a run of &nbsp; as many blanks as it is wide, since pages indent with it."""
    return "\xa0" * blank[0].count("\xa0") or " "


def _finished(parts: list[str]) -> str:
    """A line without outer blanks, an indent of two characters or more written as two full-width blanks."""
    line = "".join(parts)
    lead = _LEADING.match(line)
    indent = lead[0] if lead else ""
    wide = sum(2 if char == "\u3000" else 1 for char in indent if char != " ")
    text = _BLANKS.sub(" ", line[len(indent) :]).rstrip(" \u3000")
    return ("　　" if wide >= 3 else "") + text if text else ""


def _is_data(table: Any) -> bool:
    """Whether a table holds data: several columns, no table inside, no cell as long as an article."""
    if any(inner is not table for inner in table.iter("table")):
        return False
    rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
    if max((len(row) for row in rows), default=0) < 2:
        return False
    return all(len(cell.text_content()) < _CELL_LIMIT for row in rows for cell in row)


def _grid(table: Any) -> list[list[str]]:
    grid = Grid()
    for row in table.iter("tr"):
        grid.begin_row()
        for cell in row:
            if cell.tag in ("td", "th"):
                words = cell_text(" ".join(line.strip() for line in _lines(cell) if line.strip()))
                grid.add(words.strip("\u3000"), down=_count(cell, "rowspan"), across=_count(cell, "colspan"))
        grid.end_row()
    return grid.rows


def _count(cell: Any, name: str) -> int:
    text = (cell.get(name) or "1").strip()
    return min(max(int(text), 1), 1000) if text.isdecimal() else 1
