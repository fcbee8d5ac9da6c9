"""The `tracker` command, as a person at a terminal uses it."""

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from config import ROOT
from tests.kit.notices import INVENTED_2027
from tracker.cli import main
from tracker.store.core.engine import open_database
from tracker.store.models import Document, DocumentState, Duty, Milestone, Unit, User

ANSHAN = ROOT / "seeds" / "documents" / "anshan-burden-relief-measures.txt"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of the test's own, with its database migrated."""
    monkeypatch.setenv("TRACKER_DATA", str(tmp_path))
    for name in ("DATABASE_URL", "SECRET_KEY", "MAIL_URL", "TRACKER_ENV"):
        monkeypatch.delenv(name, raising=False)
    assert run("migrate").exit_code == 0
    return tmp_path


def run(*words: str) -> Result:
    return CliRunner().invoke(main, list(words), catch_exceptions=False)


def test_parse_prints_a_table_a_person_can_check() -> None:
    printed = run("parse", str(ANSHAN)).output
    assert "四.2" in printed
    assert "市减负办" in printed
    assert "自正式受理之日起3个工作日内" in printed


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


def test_seeding_twice_adds_nothing(home: Path) -> None:
    first, again = run("seed").output, run("seed").output
    assert "新增 4 个辖区" in first
    assert "办件类型：新增 24 个" in first
    assert "新增 0 个辖区、0 个单位、0 个单位组" in again
    assert "办件类型：新增 0 个" in again


def test_demo_leaves_five_documents_one_of_them_published_with_life_in_it(home: Path) -> None:
    answer = run("seed", "--demo")
    assert answer.exit_code == 0, answer.output
    database = open_database(f"sqlite:///{home / 'tracker.db'}")
    with database.read() as session:
        states = session.scalars(select(Document.state)).all()
        published = sorted(states).count(DocumentState.PUBLISHED)
        signed = session.scalar(select(func.count()).where(Duty.acknowledged_at.is_not(None)))
        reported = session.scalar(select(func.count()).where(Milestone.met_at.is_not(None)))
    database.engine.dispose()
    assert published == 1
    assert len(states) == 4  # the compilation's seven plans wait to be chosen from
    assert signed
    assert reported


def test_demo_accounts_are_kept_readable_by_their_owner_alone_and_never_changed(home: Path) -> None:
    run("seed", "--demo")
    file = home / "demo-accounts.txt"
    first = file.read_text("utf-8")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "保持不变" in run("seed", "--demo").output
    assert file.read_text("utf-8") == first


def test_demo_is_refused_in_production(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run("seed")
    for name in ("SECRET_KEY", "MAIL_FROM", "BASE_URL"):
        monkeypatch.setenv(name, "x")
    monkeypatch.setenv("MAIL_URL", "smtp://127.0.0.1:1")
    monkeypatch.setenv("TRACKER_ENV", "production")
    answer = run("seed", "--demo")
    assert answer.exit_code == 1
    assert "生产环境" in answer.output


def test_demo_is_refused_where_real_accounts_exist(home: Path) -> None:
    run("seed")
    run("user", "add", "zhang", "--name", "张三", "--post", "鞍山市/市减负办/supervisor")
    answer = run("seed", "--demo")
    assert answer.exit_code == 1
    assert "正式账号" in answer.output


def test_production_refuses_to_start_without_its_settings(tmp_path: Path) -> None:
    env = {**os.environ, "TRACKER_DATA": str(tmp_path), "TRACKER_ENV": "production"}
    env.pop("SECRET_KEY", None)
    answer = subprocess.run(
        [sys.executable, "-m", "tracker.cli", "migrate"], env=env, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 1
    assert "SECRET_KEY" in answer.stderr


def test_an_account_is_made_disabled_and_given_a_new_password(home: Path) -> None:
    run("seed")
    made = run("user", "add", "Zhang", "--name", "张三", "--post", "鞍山市/市工信局/officer")
    assert "初始密码" in made.output
    assert run("user", "password", "zhang").exit_code == 0
    assert run("user", "disable", "zhang").exit_code == 0
    database = open_database(f"sqlite:///{home / 'tracker.db'}")
    with database.read() as session:
        user = session.scalars(select(User)).one()
        unit = session.scalars(select(Unit).where(Unit.name == "市工业和信息化局").limit(1)).one()
    database.engine.dispose()
    assert (user.login, user.active) == ("zhang", False)
    assert unit.id


@pytest.mark.parametrize(
    ("post", "said"),
    [
        ("鞍山市/市工信局", "看不懂"),
        ("某市/市工信局/officer", "没有辖区"),
        ("鞍山市/市工信局/king", "角色"),
        ("鞍山市/市工业信息局/officer", "相近的有"),
    ],
)
def test_an_account_needs_a_post_that_exists(home: Path, post: str, said: str) -> None:
    run("seed")
    answer = run("user", "add", "li", "--name", "李四", "--post", post)
    assert answer.exit_code == 1
    assert said in answer.output


def loaded(home: Path, name: str, text: str, *options: str) -> Result:
    """Write a file and load it into the calendars."""
    file = home / name
    file.write_text(text, "utf-8")
    return run("calendar", "load", str(file), *options)


def test_a_holiday_notice_is_loaded_everywhere_and_loading_it_again_changes_nothing(home: Path) -> None:
    run("seed")
    tried = loaded(home, "通知.txt", INVENTED_2027, "--dry-run").output
    assert "鞍山市：将有 0 个时限重新计算。" in tried
    assert "放假通知载至 2026 年" in run("calendar", "show", "--place", "鞍山市").output
    printed = loaded(home, "通知.txt", INVENTED_2027).output
    assert printed.count("0 个时限重新计算") == 4
    assert "  2027年2月20日 周六 → 调休上班" in printed
    shown = run("calendar", "show", "--place", "鞍山市").output
    assert "鞍山市：cn-2027+v1，放假通知载至 2027 年。\n  第 1 版（现行）：载入2027年放假通知\n" in shown
    assert "2027年2月20日 周六 调休上班" in shown
    assert loaded(home, "通知.txt", INVENTED_2027).output.count("没有变化") == 4


def test_a_table_of_days_is_loaded_for_one_place(home: Path) -> None:
    run("seed")
    answer = loaded(home, "假日.csv", "2026-05-27,本地假日,古尔邦节\n", "--place", "阜康市", "--why", "自治区通知")
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
    home: Path, name: str, text: str, options: tuple[str, ...], said: str
) -> None:
    run("seed")
    before = run("calendar", "show").output
    answer = loaded(home, name, text, *options)
    assert answer.exit_code == 1
    assert said in answer.output
    assert run("calendar", "show").output == before


def test_part_of_a_notice_is_loaded_day_by_day_and_says_so(home: Path) -> None:
    run("seed")
    part = "关于2027年春节放假的通知\n春节：2月5日至12日放假调休，共8天。"
    assert "没有读到元旦、清明" in loaded(home, "通知.txt", part, "--place", "鞍山市").output
    assert "放假通知载至 2026 年" in run("calendar", "show", "--place", "鞍山市").output
