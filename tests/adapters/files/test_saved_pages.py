"""A saved page is read whole or refused aloud: hidden pages, furniture that is not named as such, hostile tables."""

import re

import pytest

from tracker.adapters.files.grid import Grid
from tracker.adapters.files.readers import ReadError, read_source
from tracker.reading.extraction import read

MEASURES = "".join(
    f"<p>{n}.推行首问负责制，对咨询事项自收到之日起{n}个工作日内答复。（责任单位：青溪市财政局）</p>"
    for n in range(1, 9)
)
TITLE = "<h1>青溪市优化服务若干措施</h1>"


def page(body: str, *, html: str = "", attributes: str = "") -> bytes:
    return (
        f"<!DOCTYPE html><html {html}><head><meta charset=utf-8><title>青溪市优化服务若干措施_青溪市人民政府</title>"
        f"</head><body {attributes}>{body}</body></html>"
    ).encode()


def text_of(data: bytes) -> str:
    return read_source(data, "a.html").text


def refused(data: bytes) -> str:
    with pytest.raises(ReadError) as caught:
        text_of(data)
    return str(caught.value)


@pytest.mark.parametrize("style", ["visibility: hidden", "display:none"])
@pytest.mark.parametrize("where", ["html", "attributes"])
def test_a_page_that_hides_itself_until_its_script_runs_is_read(where: str, style: str) -> None:
    plain = page(TITLE + MEASURES)
    assert len(read(text_of(plain)).plans[0].measures) == 8
    assert text_of(page(TITLE + MEASURES, **{where: f'style="{style}"'})) == text_of(plain)


def test_what_a_page_hides_by_its_attribute_stays_out() -> None:
    assert "看不见" not in text_of(page(TITLE + MEASURES + "<p hidden>责任单位：看不见的局</p>"))
    assert "看得见" in text_of(page(TITLE + MEASURES + "<p hidden=until-found>看得见的字</p>"))


def test_what_a_page_hides_within_itself_stays_out() -> None:
    copies = f'<div style="visibility:hidden">{MEASURES}</div><p style="display:none">看不见的字</p>'
    hidden = page(TITLE + MEASURES + copies, attributes="style='visibility: hidden'")
    assert text_of(hidden) == text_of(page(TITLE + MEASURES))


@pytest.mark.parametrize(
    "body",
    [
        f"<nav><ul><li>首页</li><li>公开</li></ul>{TITLE}{MEASURES}",
        f'<div id=app style="visibility:hidden">{TITLE}{MEASURES}</div><p>正在加载</p>',
        f"<p>当前位置：首页</p><aside>{MEASURES}</aside>",
    ],
    ids=["a menu never closed", "a frame shown by script", "an article set aside"],
)
def test_a_page_hardly_read_is_refused_with_how_much_was_read_and_the_way_out(body: str) -> None:
    said = refused(page(body))
    assert re.search(r"只读出了约 [047] 字，页面上的正文约 344 字，读出的不到五分之一", said), said
    assert "粘贴正文" in said


def test_a_page_that_holds_nothing_but_its_title_is_no_document() -> None:
    assert "没有文字内容" in refused(page("<div id=app></div><script>load()</script>"))


def test_a_short_document_under_a_long_menu_is_read() -> None:
    menu = "".join(f'<li><a href="/{n}">关于{n}年度政府信息公开工作年度报告的通知公告</a></li>' for n in range(400))
    labels = "".join(f"<span>栏目导航第{n}号</span>" for n in range(400))
    notice = "<p>各科室：</p><p>请于2026年12月25日前报送总结。</p>"
    for furniture in (f"<nav>{menu}</nav>", f"<div><ul>{menu}</ul></div>", f"<nav>{labels}</nav>"):
        assert "请于2026年12月25日前报送总结。" in text_of(page(furniture + TITLE + notice))


FOOTERS = {
    "named": '<div class="footer-warp"><p>主办单位：青溪市人民政府办公室</p><p>联系方式：0412-5551234</p></div>',
    "nameless": "<div><p>主办单位：青溪市人民政府办公室　承办：青溪市数据局</p><p>地址：青溪市中心路1号</p>"
    "<p>网站标识码：2103000001 辽ICP备05000001号</p></div><div>返回顶部</div>",
    "in one line": "<div>主办单位：青溪市人民政府办公室 网站标识码：2103000001</div>",
}


@pytest.mark.parametrize("footer", FOOTERS.values(), ids=FOOTERS)
def test_the_imprint_of_a_site_is_no_part_of_the_document(footer: str) -> None:
    assert text_of(page(TITLE + MEASURES + footer)) == text_of(page(TITLE + MEASURES))


def test_an_organiser_that_the_document_itself_names_is_kept() -> None:
    named = "<p>主办单位：青溪市文化和旅游局</p><div class=article-foot><p>联系人：张三，负责报名。</p></div>"
    text = text_of(page(TITLE + MEASURES + named))
    assert "主办单位：青溪市文化和旅游局" in text
    assert "联系人：张三" in text


def test_a_table_whose_spans_are_absurd_is_refused_and_not_filled() -> None:
    cell = "<td colspan=1000 rowspan=1000>任务</td>"
    table = f"<table>{('<tr>' + cell * 4 + '</tr>') * 1000}</table>"
    assert len(table) < 165_000
    assert "合并单元格" in refused(page(table))


def test_ordinary_spans_of_a_long_table_are_filled() -> None:
    grid = Grid()
    for n in range(3000):
        grid.begin_row()
        if n % 300 == 0:
            grid.add("做好服务" * 20, down=300)
        grid.add(str(n), across=3)
        grid.end_row()
    assert grid.rows[2999] == ["做好服务" * 20, "2999", "", ""]
