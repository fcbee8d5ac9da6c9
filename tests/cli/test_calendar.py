"""`tracker calendar`: holiday notices loaded, calendars shown."""

from pathlib import Path

import pytest
from click.testing import Result

from tests.cli.conftest import run
from tests.kit.notices import INVENTED_2027


def loaded(seeded: Path, name: str, text: str, *options: str) -> Result:
    """Write a file and load it into the calendars."""
    file = seeded / name
    file.write_text(text, "utf-8")
    return run("calendar", "load", str(file), *options)


def test_a_holiday_notice_is_loaded_everywhere_and_loading_it_again_changes_nothing(seeded: Path) -> None:
    tried = loaded(seeded, "通知.txt", INVENTED_2027, "--dry-run").output
    assert "鞍山市：将有 0 个时限重新计算。" in tried
    assert "放假通知载至 2026 年" in run("calendar", "show", "--place", "鞍山市").output
    printed = loaded(seeded, "通知.txt", INVENTED_2027).output
    assert printed.count("0 个时限重新计算") == 4
    assert "  2027年2月20日 周六 → 调休上班" in printed
    shown = run("calendar", "show", "--place", "鞍山市").output
    assert "鞍山市：cn-2027+v1，放假通知载至 2027 年。\n  第 1 版（现行）：载入2027年放假通知\n" in shown
    assert "2027年2月20日 周六 调休上班" in shown
    assert loaded(seeded, "通知.txt", INVENTED_2027).output.count("没有变化") == 4


def test_a_table_of_days_is_loaded_for_one_place(seeded: Path) -> None:
    answer = loaded(seeded, "假日.csv", "2026-05-27,本地假日,古尔邦节\n", "--place", "阜康市", "--why", "自治区通知")
    assert answer.output == "阜康市：0 个时限重新计算。\n  2026年5月27日 周三 工作日 → 古尔邦节放假\n"
    shown = run("calendar", "show").output
    assert "  第 2 版（现行）：自治区通知\n  第 1 版（已被替代）：本地假日" in shown
    assert "2025年6月6日 周五 古尔邦节放假" in shown
    assert "鞍山市：cn-2026，放假通知载至 2026 年。" in shown


@pytest.mark.parametrize(
    ("name", "text", "options", "said"),
    [
        ("通知.txt", INVENTED_2027.replace("共8天", "共9天"), (), "写的是9天，日期却是8天"),
        ("假日.csv", "2027-02-05,过节\n2027-02-06,放假\n", (), "第1行"),
        ("假日.csv", "2027-02-05,放假\n", ("--place", "某市"), "没有辖区“某市”"),
        ("通知.doc", "2027-02-05,放假\n", (), "暂不支持"),
        ("假日.csv", "1999-01-04,放假\n", (), "鞍山市：1999年1月4日超出范围"),
    ],
)
def test_what_cannot_be_loaded_is_refused_and_changes_nothing(
    seeded: Path, name: str, text: str, options: tuple[str, ...], said: str
) -> None:
    before = run("calendar", "show").output
    answer = loaded(seeded, name, text, *options)
    assert answer.exit_code == 1
    assert said in answer.output
    assert run("calendar", "show").output == before


def test_part_of_a_notice_is_loaded_day_by_day_and_says_so(seeded: Path) -> None:
    part = "关于2027年春节放假的通知\n春节：2月5日至12日放假调休，共8天。"
    assert "没有读到元旦、清明" in loaded(seeded, "通知.txt", part, "--place", "鞍山市").output
    assert "放假通知载至 2026 年" in run("calendar", "show", "--place", "鞍山市").output
