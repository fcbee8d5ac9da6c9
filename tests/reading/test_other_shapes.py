"""Documents of shapes the annotated ones do not have are read in every layout as they are where they stand."""

from pathlib import Path

import pytest

from tests.reading.layouts.agreement import agreement, facts
from tests.reading.layouts.blocks import blocks_of
from tests.reading.layouts.files import FILE_LAYOUTS
from tests.reading.layouts.texts import TEXT_LAYOUTS
from tracker.adapters.files.readers import read_source
from tracker.reading.extraction import read

SHAPES = sorted((Path(__file__).parent / "layouts/shapes").glob("*.txt"))
# A table between short lines that were joined: blanks and TABs of so few words part nothing.
UNLIKE = {"table": 0.7}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda path: path.stem)
def test_a_document_of_another_shape_is_read_the_same_in_every_layout_of_text(shape: Path) -> None:
    text = shape.read_text("utf-8")
    here = facts(read(text))
    assert here
    for name, layout in TEXT_LAYOUTS.items():
        there = facts(read(layout(blocks_of(text))))
        assert agreement(here, there) >= UNLIKE.get(shape.stem, 1), (name, here - there, there - here)


def test_a_document_of_another_shape_is_read_the_same_out_of_a_file() -> None:
    makers = sorted(FILE_LAYOUTS.items())
    for n, shape in enumerate(SHAPES):
        if shape.stem in UNLIKE:
            continue
        text = shape.read_text("utf-8")
        name, (make, suffix) = makers[n % len(makers)]
        found = read(read_source(make(blocks_of(text)), f"document.{suffix}").text)
        assert facts(found) == facts(read(text)), (shape.stem, name)


def test_bodies_a_notice_is_copied_to_answer_for_nothing() -> None:
    text = next(path for path in SHAPES if path.stem == "cc").read_text("utf-8")
    units = {a.unit for m in read(text).plans[0].measures for item in m.items for a in item.assignments}
    assert "县财政局" in units
    assert not units & {"县政协办公室", "县纪委监委", "县人大常委会办公室"}


def test_a_time_limit_on_the_line_of_who_answers_is_read() -> None:
    text = "清单\n一、改造管网。\n责任单位：县水务局；完成时限：2025年8月底前。\n二、检测水质。\n责任单位：县卫健局。"
    (item,) = read(text).plans[0].measures[0].items
    assert [str(one.date) for one in item.deadlines] == ["2025-08-31"]
    assert [one.unit for one in item.assignments] == ["县水务局"]
