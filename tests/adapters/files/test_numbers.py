"""The numbers Word computes: their formats, their levels, where they begin again, and where a list is kept."""

import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from tracker.adapters.files.numbers import Numbering, numeral

W = nsdecls("w")


@pytest.mark.parametrize(
    ("form", "printed"),
    [
        ("decimal", {1: "1", 21: "21"}),
        ("decimalZero", {1: "01", 12: "12"}),
        ("chineseCounting", {1: "一", 10: "十", 21: "二十一", 1000: "1000"}),
        ("chineseLegalSimplified", {1: "壹", 23: "贰拾叁", 1000: "1000"}),
        ("ideographTraditional", {1: "甲", 10: "癸", 11: "11"}),
        ("ideographZodiac", {12: "亥", 13: "13"}),
        ("decimalEnclosedCircleChinese", {20: "⑳", 21: "21"}),
        ("upperLetter", {1: "A", 26: "Z", 27: "AA", 53: "AAA"}),
        ("lowerLetter", {2: "b", 0: "0"}),
        ("upperRoman", {4: "IV", 49: "XLIX", 399: "CCCXCIX", 400: "400"}),
        ("lowerRoman", {9: "ix", 90: "xc"}),
        ("none", {1: "", 7: ""}),
        ("of a Word yet to come", {7: "7"}),
    ],
)
def test_a_number_is_printed_as_word_prints_it(form: str, printed: dict[int, str]) -> None:
    assert {value: numeral(value, form) for value in printed} == printed


def labels(numbering: str, paragraphs: list[str], styles: str | None = None) -> list[str]:
    """Return what stands before each paragraph (given by the inside of its w:pPr) of a document."""
    made = Numbering(parse_xml(numbering), parse_xml(styles) if styles else None)
    return [made.label(parse_xml(f"<w:p {W}>{inner}</w:p>")) for inner in paragraphs]


def at(level: object, num: object = 1) -> str:
    return f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{num}"/></w:numPr></w:pPr>'


def level(depth: object, text: str, more: str = "", form: str = "decimal") -> str:
    return f'<w:lvl w:ilvl="{depth}"><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/>{more}</w:lvl>'


def lists(levels: str, num: str = "") -> str:
    return f"""<w:numbering {W}><w:abstractNum w:abstractNumId="7">{levels}</w:abstractNum>
        <w:num w:numId="1"><w:abstractNumId w:val="7"/>{num}</w:num></w:numbering>"""


TWO = level(0, "%1.", '<w:start w:val="1"/>') + level(1, "%1.%2", '<w:start w:val="1"/>')
CHAPTER = level(0, "第%1章", form="chineseCounting")


@pytest.mark.parametrize(
    ("levels", "paragraphs", "printed"),
    [
        (TWO, [at(0), at(1), at(1), at(0), at(1)], ["1.", "1.1", "1.2", "2.", "2.1"]),
        # Without a first value of its own a level begins with 1; with one that is no number, with 0.
        (level(0, "%1."), [at(0)], ["1."]),
        (level(0, "%1.", '<w:start w:val="x"/>'), [at(0), at(0)], ["0.", "1."]),
        (TWO + level(2, "%3)", '<w:lvlRestart w:val="0"/>'), [at(2), at(0), at(2)], ["1)", "1.", "2)"]),
        (
            TWO + level(2, "%3)", '<w:lvlRestart w:val="1"/>'),
            [at(0), at(1), at(2), at(1), at(2), at(0), at(2)],
            ["1.", "1.1", "1)", "1.2", "2)", "2.", "1)"],
        ),
        (CHAPTER + level(1, "%1.%2", "<w:isLgl/>"), [at(0), at(1)], ["第一章", "1.1"]),
        (CHAPTER + level(1, "%1.%2", '<w:isLgl w:val="0"/>'), [at(0), at(1)], ["第一章", "一.1"]),
        (level(0, "", form="bullet"), [at(0)], [""]),
        (TWO, [at(0, 0), at(0, 9), at(5), "", at("x")], ["", "", "", "", "1."]),
        (TWO, ["<w:pPr><w:numPr/></w:pPr>", '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'], ["", "1."]),
        ("<!-- a word on it -->" + level(0, "%1、", "<!-- and within -->"), [at(0)], ["1、"]),
    ],
    ids=[
        "two levels", "no first value", "a first value that is none", "never again", "again after the first level",
        "Arabic throughout", "not Arabic", "bullets", "no such list or level", "list without level", "comments",
    ],
)  # fmt: skip
def test_levels_are_counted_as_word_counts_them(levels: str, paragraphs: list[str], printed: list[str]) -> None:
    assert labels(lists(levels), paragraphs) == printed


def test_a_list_may_begin_elsewhere_and_change_a_level_of_the_list_it_is_made_of() -> None:
    begun = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    changed = f'<w:lvlOverride w:ilvl="1">{level(1, "（%2）")}</w:lvlOverride>'
    assert labels(lists(TWO, begun + changed), [at(0), at(1), at(0)]) == ["5.", "（1）", "6."]


def test_a_list_without_a_list_it_is_made_of_numbers_nothing() -> None:
    assert labels(f'<w:numbering {W}><w:num w:numId="1"/></w:numbering>', [at(0)]) == [""]


STYLED = f"""<w:styles {W}>
    <w:style w:type="paragraph" w:default="1" w:styleId="Normal"/>
    <w:style w:type="paragraph" w:styleId="Clause"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
    <w:style w:type="paragraph" w:styleId="Second"><w:basedOn w:val="Clause"/><w:pPr/></w:style>
    <w:style w:type="paragraph" w:styleId="Round"><w:basedOn w:val="Round"/></w:style>
    <w:style w:type="paragraph" w:styleId="Lost">
        <w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="99"/></w:numPr></w:pPr></w:style>
    <w:style w:type="numbering" w:styleId="Kept"><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr></w:style>
</w:styles>"""


def styled(name: str) -> str:
    return f'<w:pPr><w:pStyle w:val="{name}"/></w:pPr>'


def test_the_level_of_a_styled_paragraph_is_the_one_that_names_its_style() -> None:
    levels = level(0, "%1、") + level(1, "（%2）", '<w:pStyle w:val="Clause"/>')
    seen = [styled(name) for name in ("Clause", "Second", "Normal", "Round", "Lost", "Nobody's")]
    assert labels(lists(levels), seen, STYLED) == ["（1）", "（2）", "", "", "", ""]


def test_a_list_kept_in_a_style_has_the_levels_of_the_list_the_style_names() -> None:
    numbering = f"""<w:numbering {W}>
        <w:abstractNum w:abstractNumId="7">{TWO}</w:abstractNum>
        <w:abstractNum w:abstractNumId="8"><w:numStyleLink w:val="Kept"/></w:abstractNum>
        <w:abstractNum w:abstractNumId="9"><w:numStyleLink w:val="Nobody's"/></w:abstractNum>
        <w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>
        <w:num w:numId="2"><w:abstractNumId w:val="8"/></w:num>
        <w:num w:numId="3"><w:abstractNumId w:val="9"/></w:num></w:numbering>"""
    assert labels(numbering, [at(0, 2), at(1, 2), at(0, 3)], STYLED) == ["1.", "1.1", ""]


def test_numbers_of_a_document_without_any_are_none() -> None:
    assert Numbering(None, None).label(parse_xml(f"<w:p {W}>{at(0)}</w:p>")) == ""
