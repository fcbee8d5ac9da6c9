"""What the reader of a file could not read is asked at its place: a scanned page, a formula without a result."""

import io

import openpyxl
import pytest

from tracker.adapters.files.pdf import unread_page
from tracker.adapters.files.readers import read_source
from tracker.adapters.files.xlsx import NO_RESULT
from tracker.reading.extraction import read
from tracker.reading.plan import DoubtKind

TEXT = "云岭县供水若干措施\n一、推进改造。（县水务局）\n{}\n二、开展检查。（县住建局）\n"


@pytest.mark.parametrize("words", [unread_page(2), NO_RESULT])
def test_a_place_without_words_is_a_question_where_it_stands(words: str) -> None:
    text = TEXT.format(words)
    found = [doubt for plan in read(text).plans for doubt in plan.doubts if doubt.kind is DoubtKind.NO_TEXT]
    assert [text[one.span.start : one.span.end] for one in found] == [words]
    assert [m.text for m in read(text).plans[0].measures][1] == "开展检查。（县住建局）"


def test_a_formula_without_a_result_in_a_table_is_a_question() -> None:
    book = openpyxl.Workbook()
    for row in (["任务", "责任单位"], ["推进改造", "=A1"], ["开展检查", "县住建局"]):
        book.active.append(row)
    saved = io.BytesIO()
    book.save(saved)
    reading = read(read_source(saved.getvalue(), "a.xlsx").text)
    kinds = [doubt.kind for plan in reading.plans for doubt in plan.doubts] + [one.kind for one in reading.doubts]
    assert DoubtKind.NO_TEXT in kinds
    units = [[a.unit for i in m.items for a in i.assignments] for plan in reading.plans for m in plan.measures]
    assert units == [[], ["县住建局"]]
