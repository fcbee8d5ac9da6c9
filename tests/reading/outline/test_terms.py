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
        ("本办法自发布之日起30日后施行，有效期五年。", date(2031, 12, 21)),
        ("本规定自公布之日起一个月后实施，有效期为2年。", date(2028, 12, 21)),
        ("以上政策执行至2027年12月31日。", date(2027, 12, 31)),
        ("上述措施实施期限至2027年6月30日，国家另有规定的从其规定。", date(2027, 6, 30)),
        ("本措施自印发之日起施行，执行期限至2027年底。", date(2027, 12, 31)),
        ("本措施自2026年12月1日起实施，至2027年12月31日止。", date(2027, 12, 31)),
        ("本政策执行期限为2026年12月1日至2027年11月30日。", date(2027, 11, 30)),
        ("本办法自2026年12月1日起试行，试行期一年。", date(2027, 12, 1)),
        ("本办法自2026年12月1日起施行，试行两年。", date(2028, 12, 1)),
        ("本措施自印发之日起施行，有效期至2027年2月底。", date(2027, 2, 28)),
        ("本办法自印发之日起施行，有效期18个月。", date(2028, 5, 20)),
        # one policy of the plan, not the plan
        ("稳岗补贴政策执行至2027年12月31日。", None),
        ("对上述企业的贷款贴息执行至2027年12月31日。", None),
        # what is valid is something else
        ("本县许可证有效期至2027年12月31日。", None),
    ],
)
def test_the_end_of_a_plan_is_read_above_its_signature(closing: str, expires: date | None) -> None:
    assert read(f"{PLAN}{closing}\n{SIGNED}").plans[0].expires_on == expires


@pytest.mark.parametrize(
    ("closing", "effective"),
    [
        ("本办法自发布之日起30日后施行，有效期五年。", date(2026, 12, 21)),
        ("本规定自公布之日起一个月后实施。", date(2026, 12, 21)),
        ("本办法自印发之日起30日后起施行。", date(2026, 12, 21)),
        ("本办法自2026年12月1日起试行，试行期一年。", date(2026, 12, 1)),
        ("本办法从2026年12月1日起施行。", date(2026, 12, 1)),
        ("本办法自下发之日起执行。", date(2026, 11, 20)),
        ("本方案自2026年12月起实施。", date(2026, 12, 1)),
        ("本政策执行期限为2026年12月1日至2027年11月30日。", date(2026, 12, 1)),
        # counted in workdays of a calendar that nobody has chosen yet
        ("本办法自发布之日起30个工作日后施行。", None),
    ],
)
def test_the_day_a_plan_takes_effect_is_read_from_its_closing_words(closing: str, effective: date | None) -> None:
    assert read(f"{PLAN}{closing}\n{SIGNED}").plans[0].effective_on == effective


LETTER = "青溪县人民政府办公室关于印发两个方案的通知\n青政办发〔2026〕7号\n各乡镇：\n"


def test_a_number_behind_the_title_on_its_line_is_without_the_title() -> None:
    read_one = read(
        f"青溪县人民政府关于印发治理措施的通知青政发〔2026〕19号\n各乡镇：\n一、查管网。县水务局每月25日前报送。\n{SIGNED}"
    )
    assert read_one.plans[0].doc_no == "青政发〔2026〕19号"
    read_two = read(
        f"关于印发治理措施的通知 青市监垄〔2026〕19号 各乡镇：\n一、查管网。县水务局每月25日前报送。\n{SIGNED}"
    )
    assert read_two.plans[0].doc_no == "青市监垄〔2026〕19号"


def test_two_plans_of_one_letter_both_have_its_number_and_its_date() -> None:
    named = "《青溪县管网治理方案》《青溪县路网治理方案》已经县政府同意。\n青溪县人民政府办公室\n2026年3月2日\n"
    first = "青溪县管网治理方案\n一、查管网。县水务局6月底前完成普查。\n二、修管网。县水务局负责改造。\n"
    second = "青溪县路网治理方案\n一、查路网。县交通局6月底前完成普查。\n二、修路网。县交通局负责改造。\n"
    plans = read(f"{LETTER}{named}{first}{second}").plans
    assert [(one.title, one.doc_no, one.issued_on) for one in plans] == [
        ("青溪县管网治理方案", "青政办发〔2026〕7号", date(2026, 3, 2)),
        ("青溪县路网治理方案", "青政办发〔2026〕7号", date(2026, 3, 2)),
    ]


def test_a_plan_that_a_letter_does_not_name_has_no_number_of_it() -> None:
    named = "《青溪县管网治理方案》已经县政府同意，现印发给你们。\n青溪县人民政府办公室\n2026年3月2日\n"
    first = "青溪县管网治理方案\n一、查管网。县水务局6月底前完成普查。\n二、修管网。县水务局负责改造。\n"
    second = "清河市路网治理方案\n一、查路网。市交通局6月底前完成普查。\n二、修路网。市交通局负责改造。\n"
    assert [one.doc_no for one in read(f"{LETTER}{named}{first}{second}").plans] == ["青政办发〔2026〕7号", None]
