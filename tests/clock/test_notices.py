"""Holiday notices as they are printed: read day by day, held against chinese_calendar, refused where they are wrong."""

from datetime import date, timedelta

import chinese_calendar
import pytest

from tests.kit.notices import NOTICES, XINJIANG_2025
from tracker.clock.notices import Mark, NoticedDay, NoticeError, read_days, read_notice, read_table

NUMBERS = {2014: "国办发明电〔2013〕28号", 2020: "国办发明电〔2019〕16号", 2025: "国办发明电〔2024〕12号",
           2026: "国办发明电〔2025〕7号"}  # fmt: skip
# 国办发明电〔2020〕1号 lengthened the Spring Festival afterwards: 31 January and 1 February off, 2 February as well.
CHANGED_LATER = {date(2020, 1, 31), date(2020, 2, 1)}


def unaided(text: str, year: int) -> dict[date, bool]:
    """Whether each day of a year is worked by the notice's own words and the weekends alone."""
    said = read_notice(text).days
    days = (date(year, 1, 1) + timedelta(days=n) for n in range((date(year + 1, 1, 1) - date(year, 1, 1)).days))
    return {day: said[day].mark is Mark.WORK if day in said else day.weekday() < 5 for day in days}


@pytest.mark.parametrize("year", NOTICES)
def test_a_notice_gives_every_day_of_its_year_as_chinese_calendar_has_it(year):
    wrong = {day for day, worked in unaided(NOTICES[year], year).items() if worked != chinese_calendar.is_workday(day)}
    assert wrong == (CHANGED_LATER if year == 2020 else set())


def test_days_given_by_a_second_notice_are_added_as_a_table():
    table = read_table("2020-01-31,放假,春节\n2020-02-01,放假,春节\n2020-02-02,放假,春节")
    said = {**read_notice(NOTICES[2020]).days, **table.days}
    assert all((said[day].mark is Mark.WORK) == chinese_calendar.is_workday(day) for day in said)
    assert dict(table.years) == {}


@pytest.mark.parametrize("year", NOTICES)
def test_a_whole_notice_settles_its_year_under_its_own_number(year):
    notice = read_notice(NOTICES[year])
    assert dict(notice.years) == {year: NUMBERS.get(year)}
    assert notice.lacking == ()


def test_days_before_new_year_belong_to_the_year_before():
    notice = read_notice(NOTICES[2023])
    assert notice.days[date(2022, 12, 31)] == NoticedDay(Mark.OFF, "元旦")
    plain = read_notice(NOTICES[2023].replace("2022年12月31日至2023年1月2日", "12月31日至1月2日"))
    assert plain.days == notice.days


def test_an_autonomous_regions_notice_adds_its_own_festivals_and_agrees_with_the_national_one_elsewhere():
    own = read_notice(XINJIANG_2025)
    added = {day: said.name for day, said in own.days.items() if said.mark is Mark.ADDED}
    ramadan = {date(2025, 3, day): "肉孜节" for day in (29, 30, 31)}
    assert added == ramadan | {date(2025, 6, day): "古尔邦节" for day in (6, 7, 8, 9, 10)}
    national = read_notice(NOTICES[2025]).days
    assert {day: said for day, said in own.days.items() if day not in added} == national
    assert dict(own.years) == {2025: None}  # the number in its text is the State Council's


# 新疆 2023: the festival's day is a Saturday, the Friday before it is given in its place.
def test_a_day_given_in_a_festivals_place_is_off_and_the_festival_itself_stays_a_weekend():
    notice = read_notice("关于2023年节假日放假安排的通知\n（四）肉孜节：4月22日是肉孜节，4月21日放假调休1天。")
    assert notice.days == {date(2023, 4, 21): NoticedDay(Mark.ADDED, "肉孜节")}


# 新疆 2014 let two national make-up days rest.
def test_a_make_up_day_may_be_left_a_day_of_rest():
    notice = read_notice(
        "关于2014年国庆节、古尔邦节放假的通知\n国庆节、古尔邦节：10月1日至8日放假。"
        "9月28日（星期日）、10月11日（星期六）正常休息。"
    )
    assert notice.days[date(2014, 9, 28)].mark is Mark.OFF
    assert notice.days[date(2014, 10, 8)] == NoticedDay(Mark.OFF, "国庆节、古尔邦节")
    assert dict(notice.years) == {}
    assert "春节" in notice.lacking


HEAD = "关于2026年部分节假日安排的通知\n"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("春节：2月15日（周一）至23日（周一）放假调休，共9天。", "2026年2月15日是周日，通知写的是周一"),
        ("春节：2月15日至23日放假调休，共8天。", "写的是8天，日期却是9天"),
        ("春节：2月15日至23日放假调休，共9天。2月23日上班。", "本来就是工作日"),
        ("春节：2月15日至23日放假调休，共9天。2月22日（周日）上班。", "2026年2月22日既放假又上班"),
        ("春节：2月23日至15日放假调休，共9天。", "起止日期不对"),
        ("春节：2月15日至6月23日放假。", "起止日期不对"),
        ("春节：2月30日放假。", "没有这一天"),
        ("春节：2029年2月15日放假。", "不在2026年前后"),
        ("春节：2月15日起休年假，放假时间另定。", "没有读懂"),
        ("春节：2月2日起正常上班。", "没有读懂"),
        ("春节：2月15日放假，将2月14日的公休日调至2月16日。", "没有读懂"),
        ("加强值班。", "没有读到放假安排"),
        ("春节：2月14日（周六）上班。", "没有读到放假的日期"),
    ],
)
def test_a_notice_that_contradicts_itself_is_refused_by_its_sentence(said, words):
    with pytest.raises(NoticeError, match=words) as refusal:
        read_notice(HEAD + said)
    if "：" in said:
        assert said.split("：")[1].split("。")[-2] in str(refusal.value) or "放假的日期" in words


def test_a_text_without_a_year_or_with_two_is_refused():
    with pytest.raises(NoticeError, match="没有找到年份"):
        read_notice("春节：2月15日至23日放假调休，共9天。")
    with pytest.raises(NoticeError, match="2025、2026"):
        read_notice(NOTICES[2025] + NOTICES[2026])


def test_a_table_gives_days_and_years():
    notice = read_days(
        "日期,安排,名称\n2027,放假通知,国办发明电〔2026〕7号\n2027-02-11,放假,春节\n2027/2/20，上班\n"
        "2026年5月27日\t本地假日\t古尔邦节\n\n"
    )
    assert notice.days == {
        date(2027, 2, 11): NoticedDay(Mark.OFF, "春节"),
        date(2027, 2, 20): NoticedDay(Mark.WORK),
        date(2026, 5, 27): NoticedDay(Mark.ADDED, "古尔邦节"),
    }
    assert dict(notice.years) == {2027: "国办发明电〔2026〕7号"}


def test_one_day_in_a_table_settles_no_year():
    assert dict(read_table("2027-02-11,放假,春节").years) == {}


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("2027-02-11,放假\n2027-02-30,放假", "第2行.*第一格不是日期"),
        ("2027-02-11,放假\n二月十二,放假", "第2行.*第一格不是日期"),
        ("2027-02-11,过年", "第1行.*第二格请写"),
        ("2027-02-11", "第1行.*第二格请写"),
        ("2027-02-11,本地假日", "第1行.*名称"),
        (f"2027-02-11,放假,{'长' * 31}", "第1行.*30字"),
        ("2027-02-11,放假\n2027-02-11,上班", "第2行.*前面已经写过"),
        ("日期,安排\n", "没有日期"),
    ],
)
def test_a_table_is_refused_by_its_line(table, words):
    with pytest.raises(NoticeError, match=words):
        read_table(table)


def test_what_is_pasted_decides_how_it_is_read():
    assert dict(read_days(NOTICES[2026]).years) == {2026: NUMBERS[2026]}
    assert len(read_days("2027-02-11,放假,春节\n2027-02-12,放假,春节").days) == 2
    with pytest.raises(NoticeError, match="没有找到年份"):
        read_days("随便写的一段话")
