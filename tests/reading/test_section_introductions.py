"""The paragraph between a section's heading and its first point is never dropped in silence."""

from tests.reading.text.test_document_layout import HEAD, only

POINTS = "（一）自查。各医院要开展自查。\n（二）评估。市卫生健康委要组织评估。\n"


def test_an_introduction_that_charges_by_a_date_is_a_measure_of_its_section() -> None:
    intro = "考核按年度实施。2021年起，每年3月底前各县区完成辖区考核，4月底前市卫生健康委完成复核。\n"
    plan = only(HEAD + "一、考核程序\n" + intro + POINTS)
    assert [m.key for m in plan.measures] == ["一#1", "一.一", "一.二"]
    first = plan.measures[0]
    assert [a.unit for i in first.items for a in i.assignments] == ["各县区", "市卫生健康委"]
    assert [d.rrule for i in first.items for d in i.deadlines] == [
        "FREQ=YEARLY;BYMONTH=3;BYMONTHDAY=31",
        "FREQ=YEARLY;BYMONTH=4;BYMONTHDAY=30",
    ]


def test_an_introduction_with_a_limit_for_nobody_is_suspect() -> None:
    plan = only(HEAD + "一、考核程序\n2021年6月底前完成首次考核，结果要及时报送市政府。\n" + POINTS)
    assert [m.key for m in plan.measures] == ["一.一", "一.二"]
    assert [one.suspect for one in plan.unassigned if one.reason == "说明"] == [True]


def test_an_introduction_that_only_describes_is_not_suspect() -> None:
    plan = only(HEAD + "一、考核程序\n考核是推动发展的重要手段。\n" + POINTS)
    assert [one.suspect for one in plan.unassigned if one.reason == "说明"] == [False]
