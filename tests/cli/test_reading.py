"""`tracker parse`, `phrases` and `due`: a document read and a limit counted at a terminal."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from config import ROOT
from tests.cli.conftest import run

ANSHAN = ROOT / "seeds" / "documents" / "anshan-burden-relief-measures.txt"


def test_parse_prints_a_table_a_person_can_check() -> None:
    printed = run("parse", str(ANSHAN)).output
    assert "四.2" in printed
    assert "市减负办" in printed
    assert "自正式受理之日起3个工作日内" in printed


def test_parse_cuts_at_the_level_that_is_asked_for() -> None:
    whole = json.loads(run("parse", str(ANSHAN), "--json", "--level", "han").output)["plans"][0]
    assert [measure["key"] for measure in whole["measures"]] == ["一", "二", "三", "四", "五", "六"]


def test_parse_refuses_a_level_that_does_not_occur_and_names_those_that_do() -> None:
    answer = run("parse", str(ANSHAN), "--level", "article")
    assert answer.exit_code == 1
    assert answer.output.strip() == "这份文件里没有“第X条”这一级编号。可选：han（一、）、arabic（1.）。"


def test_parse_json_has_the_shape_of_an_annotation() -> None:
    plans = json.loads(run("parse", str(ANSHAN), "--json").output)["plans"]
    measures = plans[0]["measures"]
    assert len(measures) == 32
    text = ANSHAN.read_text("utf-8")
    start, end = measures[0]["span"]
    assert text[start:end].startswith("组织银企对接活动")
    assert measures[0]["items"][0]["assignments"][0]["unit"] == "市金融发展局"


def test_parse_says_what_is_wrong_with_a_picture_named_txt(tmp_path: Path) -> None:
    file = tmp_path / "假的.txt"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    answer = run("parse", str(file))
    assert answer.exit_code == 1
    assert "PNG" in answer.output


@pytest.mark.parametrize(
    ("wording", "event", "field", "expected"),
    [
        # 鞍山 四.2; 14 February 2026 is a make-up workday (国办发明电〔2025〕7号)
        ("自正式受理之日起3个工作日内", "2026-02-13", "due_on", "2026-02-25"),
        ("自正式受理之日起3个工作日内", "2026-02-14", "due_on", "2026-02-26"),
        # 鞍山 五.6: the day after the thirtieth full day
        ("公示30日后", "2026-03-01", "earliest_on", "2026-04-01"),
        ("48小时内", "2026-03-02T09:30", "due_at", "2026-03-04T09:30:00+08:00"),
    ],
)
def test_due_counts_from_the_event_and_says_why(wording: str, event: str, field: str, expected: str) -> None:
    answer = json.loads(run("due", wording, "--from", event, "--json").output)
    assert answer[field] == expected
    assert answer["explanation"]


def test_due_refuses_words_that_are_no_time_limit() -> None:
    answer = run("due", "加强宣传", "--from", "2026-03-02")
    assert answer.exit_code == 1
    assert "没有读到时限" in answer.output


def test_due_refuses_a_date_it_cannot_read() -> None:
    answer = run("due", "3个工作日内", "--from", "明天")
    assert answer.exit_code == 1
    assert "看不懂日期" in answer.output


def test_parse_starts_in_half_a_second_and_loads_no_web_or_database_library() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from tracker.cli import main;"
        f"CliRunner().invoke(main, ['parse', {str(ANSHAN)!r}]);"
        "print([m for m in ('flask', 'sqlalchemy', 'apscheduler') if m in sys.modules])"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"


def test_parse_explains_each_finding_by_its_confidence_and_its_rule() -> None:
    printed = run("parse", str(ANSHAN), "--explain").output.splitlines()
    limit = next(line for line in printed if "“自正式受理之日起3个工作日内”" in line)
    assert "把握 0.90  规则 event and period（标注文件中 " in limit
    assert limit.endswith(" 对）")


def test_phrases_prints_the_limits_of_every_line_and_what_starts_them(tmp_path: Path) -> None:
    file = tmp_path / "句子.md"
    file.write_text("自正式受理之日起3个工作日内转办。\n加强宣传。\n每月25日公布。\n", "utf-8")
    assert run("phrases", str(file)).output.splitlines() == [
        "自正式受理之日起3个工作日内转办。",
        "  “自正式受理之日起3个工作日内” → 3个工作日，自正式受理（relative，within，unit）",
        "加强宣传。",
        "每月25日公布。",
        "  “每月25日” → FREQ=MONTHLY;BYMONTHDAY=25（recurring，on，unit）",
    ]
    as_json = json.loads(run("phrases", str(file), "--json").output)
    assert [len(line) for line in as_json] == [1, 0, 1]
    assert as_json[0][0]["trigger"] == "正式受理"


def test_phrases_refuses_a_picture(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    answer = run("phrases", str(file))
    assert (answer.exit_code, "PNG" in answer.output) == (1, True)


def test_due_tells_a_person_the_date_and_the_days_between() -> None:
    printed = run("due", "自正式受理之日起3个工作日内", "--from", "2026-02-13").output
    assert "2026年2月25日" in printed
    assert "调休上班" in printed


def test_due_refuses_what_ends_beyond_the_last_year_of_a_calendar() -> None:
    answer = run("due", "3个工作日内", "--from", "9999-12-31")
    assert answer.exit_code == 1
    assert "超出" in answer.output


def test_due_of_two_limits_prints_both() -> None:
    answers = json.loads(run("due", "3个工作日内转办，30日内办结", "--from", "2026-03-02", "--json").output)
    assert [one["due_on"] for one in answers] == ["2026-03-05", "2026-04-01"]


def test_parse_prints_how_much_of_the_text_is_accounted_for_and_its_questions(tmp_path: Path) -> None:
    file = tmp_path / "措施.txt"
    file.write_text(
        "云岭县供水保障若干措施\n一、推进工作。（县水务局）\n二、检查。（县住建局）\n附件\n县财政局负责保障。\n",
        "utf-8",
    )
    assert "没有着落的 1 段" in run("parse", str(file)).output
    asked = run("parse", str(file), "--questions").output
    assert "正文之外有责任或时限（1 处）" in asked
    assert "第 5 行" in asked


@pytest.mark.parametrize(
    ("wording", "printed"),
    [
        ("每季度终了后15日内报送", "到期日：2027年1月15日 周五"),
        ("12月10日17:00前报送", "到期日：2026年12月10日 周四 17:00"),
        ("本月底前完成", "到期日：2026年11月30日 周一"),
        ("30分钟内报告", "到期时刻：2026年11月28日 12:30"),
    ],
)
def test_a_wording_is_told_from_the_day_it_is_counted_from(wording: str, printed: str) -> None:
    assert printed in run("due", wording, "--from", "2026-11-28").output
