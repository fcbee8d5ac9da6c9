"""When a plan begins and ends to be in force (有效期), from its closing words, above a signature too."""

from datetime import date

import pytest

from tracker.reading.extraction import read

PLAN = "青溪县治理方案\n青政发〔2026〕19号\n一、查管网。县水务局每月25日前报送。\n二、查路网。县交通局要加强巡查。\n"
SIGNED = "青溪县人民政府\n2026年11月20日\n"


@pytest.mark.parametrize(
    ("closing", "expires"),
    [
        ("本方案有效期至2027年12月31日。", date(2027, 12, 31)),
        ("本方案自印发之日起施行，有效期至2027年12月31日。", date(2027, 12, 31)),
        ("本方案自2026年12月1日起施行，有效期5年。", date(2031, 12, 1)),
        ("本措施有效期自2026年12月1日至2027年12月31日。", date(2027, 12, 31)),
        ("本通知有效期三年。", date(2029, 11, 20)),
        # nobody has said when thirty days after its publication are
        ("本办法自发布之日起30日后施行，有效期五年。", None),
        # what is valid is something else
        ("本县许可证有效期至2027年12月31日。", None),
    ],
)
def test_the_end_of_a_plan_is_read_above_its_signature(closing: str, expires: date | None) -> None:
    assert read(f"{PLAN}{closing}\n{SIGNED}").plans[0].expires_on == expires
