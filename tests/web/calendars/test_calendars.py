"""日历: the year is read by those who oversee, kept by the administrator; a draft is previewed before it counts."""

import io
import re
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from tests.kit.browser import sheet
from tests.kit.notices import INVENTED_2027 as NOTICE
from tests.kit.pages import post, read, words
from tests.kit.statements import counted as statements
from tests.kit.world import World, token_in
from tests.services.calendars.test_calendars import FRIDAY, MONDAY, THURSDAY, TUESDAY, counted, other_administrator
from tests.web.conftest import settle_foreigner
from tracker.clock.calendar import NOTICED_YEARS, WorkCalendar
from tracker.clock.notices import Mark, NoticedDay
from tracker.services.calendars import versions
from tracker.services.core.act import begin
from tracker.store.calendars.versions import calendar_of
from tracker.store.core.engine import Database
from tracker.store.models import CalendarState, CalendarVersion, Milestone

ClientFor = Callable[[str], FlaskClient]
READERS = ("administrator", "supervisor", "leader")
OTHERS = ("lead", "head", "support", "stranger", "auditor")
NOVEMBER = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)


@pytest.fixture
def milestone(database: Database, world: World) -> int:
    """A date of three workdays from Tuesday 24 March 2026: Friday the 27th."""
    with database.write() as session:
        made = counted(session, world, TUESDAY)
        session.commit()
        return made.id


@pytest.fixture
def url(world: World) -> str:
    return f"/calendars/{world.jurisdiction.id}"


def due_on(database: Database, milestone: int) -> date | None:
    with database.read() as session:
        return session.get_one(Milestone, milestone).due_on


def states(database: Database) -> list[CalendarState]:
    with database.read() as session:
        return list(session.scalars(select(CalendarVersion.state).order_by(CalendarVersion.number)))


def close_thursday(client: FlaskClient, url: str, **more: str) -> str:
    """Put Thursday 26 March as a day off into the draft; return the page that follows."""
    given = {"on": "2026-03-26", "mark": "off", "name": "", "why": "停电检修通知", **more}
    answer = post(client, f"{url}/day", read(client, "/calendars/"), **given)
    assert answer.status_code == 302, answer.get_data(as_text=True)[:3000]
    return read(client, str(answer.location))


@pytest.mark.parametrize("login", READERS)
def test_the_year_is_read_with_its_holidays_and_make_up_days(world: World, client_for: ClientFor, login: str) -> None:
    page = read(client_for(login), "/calendars/")
    said = words(page)
    assert "某市工作日历" in said
    assert "15日至23日 春节放假" in said
    assert "14日 调休上班" in said
    assert 'title="2026年2月14日 周六，调休上班"' in page
    assert page.count('class="month"') == 12
    assert "暂定" not in said
    assert "放假通知：" not in said  # the table does not name this year's
    assert ("写入草稿" in said) is (login == "administrator")


def test_a_year_without_notice_is_provisional_and_the_years_are_switched(world: World, client_for: ClientFor) -> None:
    client = client_for("leader")
    assert "暂定：放假通知尚未载入" in read(client, "/calendars/?year=2027")
    assert "/calendars/?place=1&amp;year=2028" in read(client, "/calendars/")
    assert "2031 年" in words(read(client, "/calendars/?year=9999"))
    assert "2004 年" in words(read(client, "/calendars/?year=1"))


def test_a_day_goes_into_the_draft_which_shows_whom_it_moves_and_changes_nothing(
    database: Database, client_for: ClientFor, url: str, milestone: int
) -> None:
    page = close_thursday(client_for("administrator"), url)
    said = words(page)
    assert "已写入草稿，还没有生效" in said
    assert "2026年3月26日 周四 工作日 → 放假" in said
    assert 'class="off own" title="2026年3月26日 周四，放假"' in page
    assert "1 个时限重新计算" in said
    assert "2026年3月27日 周五 2026年3月30日 周一" in said
    assert due_on(database, milestone) == FRIDAY
    assert states(database) == [CalendarState.DRAFT]
    # Whoever oversees reads the draft as well, without the buttons.
    other = read(client_for("supervisor"), "/calendars/?draft=1")
    assert "草稿：第 1 版，未生效" in other
    assert "放弃草稿" not in other


def test_a_draft_is_put_into_force_and_its_dates_follow(
    database: Database, world: World, client_for: ClientFor, url: str, milestone: int
) -> None:
    client = client_for("administrator")
    page = close_thursday(client, url)
    answer = client.post(f"{url}/apply", data=sheet(page, f"{url}/apply").data)
    assert answer.status_code == 302
    said = words(read(client, str(answer.location)))
    assert "日历第 1 版已生效，1 个时限重新计算" in said
    assert "停电检修通知" in said
    assert due_on(database, milestone) == MONDAY
    with database.read() as session:
        assert not calendar_of(session, world.jurisdiction.id).is_workday(THURSDAY)
    again = client.post(f"{url}/apply", data=sheet(page, f"{url}/apply").data)
    assert "没有重复记录" in read(client, str(again.location))
    other = {**sheet(page, f"{url}/apply").data, "form_token": "another page's"}
    assert client.post(f"{url}/apply", data=other).status_code == 409


def test_a_preview_that_has_changed_is_shown_anew_and_nothing_is_applied(
    database: Database, world: World, client_for: ClientFor, url: str
) -> None:
    client = client_for("administrator")
    page = close_thursday(client, url)
    assert "没有时限因此改变" in page
    with database.write() as session:
        late = counted(session, world, TUESDAY)
        session.commit()
        made = late.id
    answer = client.post(f"{url}/apply", data=sheet(page, f"{url}/apply").data)
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "请核对新的预览后再生效" in shown
    assert "1 个时限重新计算" in shown
    assert states(database) == [CalendarState.DRAFT]
    assert due_on(database, made) == FRIDAY
    assert client.post(f"{url}/apply", data=sheet(shown, f"{url}/apply").data).status_code == 302
    assert due_on(database, made) == MONDAY


def test_a_draft_is_given_up(database: Database, client_for: ClientFor, url: str, milestone: int) -> None:
    client = client_for("administrator")
    page = close_thursday(client, url)
    assert client.post(f"{url}/discard", data=sheet(page, f"{url}/discard").data).status_code == 302
    assert states(database) == [CalendarState.DISCARDED]
    assert due_on(database, milestone) == FRIDAY
    assert "已放弃" in words(read(client, "/calendars/"))


def test_a_day_is_given_back_to_the_national_table(database: Database, client_for: ClientFor, url: str) -> None:
    client = client_for("administrator")
    page = close_thursday(client, url)
    client.post(f"{url}/apply", data=sheet(page, f"{url}/apply").data)
    said = words(close_thursday(client, url, mark="back", why=""))
    assert "2026年3月26日 周四 放假 → 工作日" in said
    assert "2026年3月26日恢复国家安排" in said


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"on": ""}, "请填写日期"),
        ({"on": "明天"}, "2026-03-23 的样子"),
        ({"on": "2026-03-28"}, "没有变化"),
        ({"on": "1999-01-04"}, "超出范围"),
        ({"on": "2026-03-26", "mark": "added"}, "请填写本地假日的名称"),
        ({"on": "2026-03-26", "mark": "king"}, "请从列表中选择一项"),
        ({"on": "2026-03-26", "name": "长" * 31}, "不能超过 30 个字符"),
    ],
)
def test_a_refused_day_keeps_what_was_typed(
    database: Database, world: World, client_for: ClientFor, url: str, given: dict[str, str], said: str
) -> None:
    client = client_for("administrator")
    answer = post(client, f"{url}/day", read(client, "/calendars/"), **{"mark": "off", "why": "我写的依据", **given})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert 'value="我写的依据"' in page
    assert states(database) == []


def test_a_day_form_shown_before_the_draft_changed_is_a_conflict_and_keeps_what_was_typed(
    database: Database, client_for: ClientFor, url: str
) -> None:
    client = client_for("administrator")
    old = read(client, "/calendars/")
    close_thursday(client, url)
    answer = post(client, f"{url}/day", old, on="2026-03-27", mark="off", name="", why="我写的依据")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "这一项刚被别人改过" in page
    assert words(page).count("2026年3月27日") == 2  # what stands beside what was typed
    assert "按国家安排" in page
    assert "我写的依据" in page
    assert client.post(f"{url}/day", data=sheet(page, f"{url}/day").data).status_code == 302


def test_a_pasted_notice_makes_the_year_firm(database: Database, world: World, client_for: ClientFor, url: str) -> None:
    with database.write() as session:
        late = counted(session, world, datetime(2027, 2, 4, 2, 0, tzinfo=UTC))
        session.commit()
        made = late.id
    client = client_for("administrator")
    answer = post(client, f"{url}/notice", read(client, "/calendars/"), paste=NOTICE, why="")
    page = read(client, str(answer.location))
    said = words(page)
    assert "载入2027年放假通知" in said
    assert "2027年2月15日 周一（暂定） 2027年2月17日 周三" in said
    assert "暂定：放假通知尚未载入" not in page  # the year is shown as the draft has it
    assert '<td class="off own"' not in page  # the national notice's days are nobody's own
    assert client.post(f"{url}/apply", data=sheet(page, f"{url}/apply").data).status_code == 302
    assert due_on(database, made) == date(2027, 2, 17)
    twice = post(client, f"{url}/notice", read(client, "/calendars/"), paste=NOTICE, why="")
    assert twice.status_code == 422
    assert "没有变化" in twice.get_data(as_text=True)


@pytest.mark.parametrize(
    ("name", "content"),
    [("通知.txt", NOTICE), ("假日.csv", "2027-02-05,放假,春节\n2027-02-20,上班\n"), ("假日.TSV", "2027/2/20\t上班\n")],
)
def test_a_notice_or_a_table_is_uploaded(
    database: Database, world: World, client_for: ClientFor, url: str, name: str, content: str
) -> None:
    client = client_for("administrator")
    file = (io.BytesIO(content.encode("gb18030")), name)
    answer = post(client, f"{url}/notice", read(client, "/calendars/"), file=file, paste="", why="收到的通知")
    assert answer.status_code == 302, answer.get_data(as_text=True)[:3000]
    assert "2027年2月20日 周六 → 调休上班" in words(read(client, str(answer.location)))


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        ("", "没有找到年份"),
        (NOTICE.replace("（周五）至12日", "（周六）至12日"), "2027年2月5日是周五，通知写的是周六"),
        ("2027-02-05,过节", "没有找到年份"),
        ("2027-02-05,放假\n2027-02-06,过节", "第2行"),
    ],
)
def test_a_notice_that_cannot_be_taken_is_refused_with_its_sentence_and_kept(
    database: Database, world: World, client_for: ClientFor, url: str, pasted: str, said: str
) -> None:
    client = client_for("administrator")
    answer = post(client, f"{url}/notice", read(client, "/calendars/"), paste=pasted, why="")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert said in page
    assert pasted.split("\n")[0] in page
    assert states(database) == []


def test_a_file_that_is_no_text_is_refused(world: World, client_for: ClientFor, url: str) -> None:
    client = client_for("administrator")
    file = (io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(64)), "通知.txt")
    answer = post(client, f"{url}/notice", read(client, "/calendars/"), file=file, paste="", why="")
    assert answer.status_code == 422
    assert "PNG" in answer.get_data(as_text=True)


def test_part_of_a_notice_is_taken_day_by_day_and_says_so(world: World, client_for: ClientFor, url: str) -> None:
    client = client_for("administrator")
    part = "关于2027年春节放假的通知\n春节：2月5日至12日放假调休，共8天。1月31日（周日）上班。"
    answer = post(client, f"{url}/notice", read(client, "/calendars/"), paste=part, why="")
    page = read(client, str(answer.location))
    assert "没有读到元旦、清明、劳动、端午、中秋、国庆" in page
    assert "暂定：放假通知尚未载入" in page


def test_dates_counted_before_the_table_knew_their_year_are_offered_and_counted_again(
    database: Database, world: World, client_for: ClientFor, url: str
) -> None:
    with database.write() as session:
        before = WorkCalendar(noticed_years=NOTICED_YEARS - {2026})
        late = counted(session, world, datetime(2026, 2, 11, 2, 0, tzinfo=UTC), before)
        session.commit()
        made = late.id
    assert "重新计算" in read(client_for("supervisor"), "/calendars/")
    client = client_for("administrator")
    page = read(client, "/calendars/")
    assert "有时限还是暂定" in page
    stale = client.post(f"{url}/recount", data={**sheet(page, f"{url}/recount").data, "seen": "another"})
    assert stale.status_code == 409
    assert client.post(f"{url}/recount", data=sheet(page, f"{url}/recount").data).status_code == 302
    assert due_on(database, made) == date(2026, 2, 14)
    assert "有时限还是暂定" not in read(client, "/calendars/")


def test_only_the_places_own_people_come_in(database: Database, world: World, client_for: ClientFor, url: str) -> None:
    settle_foreigner(database, world)
    other_administrator(database, world)
    close_thursday(client_for("administrator"), url)
    acts = ("day", "notice", "apply", "discard", "recount")
    form = {"version": "1", "on": "2026-03-27", "mark": "off", "paste": NOTICE, "seen": "x"}
    for login in (*OTHERS, "supervisor", "leader"):
        client = client_for(login)
        if login in OTHERS:
            read(client, "/calendars/", 403)
        token = {"csrf_token": token_in(read(client, "/password"))}
        for act in acts:
            assert client.post(f"{url}/{act}", data={**token, **form}).status_code == 403, (login, act)
    # Who keeps no calendar is turned away; who keeps another place's finds none here.
    for login, status in (("foreigner", 403), ("other", 404)):
        client = client_for(login)
        page = read(client, f"/calendars/?place={world.jurisdiction.id}")
        assert "某市工作日历" not in words(page)
        token = {"csrf_token": token_in(page)}
        for act in acts:
            assert client.post(f"{url}/{act}", data={**token, **form}).status_code == status, (login, act)
    assert states(database) == [CalendarState.DRAFT]


def test_the_calendar_is_in_the_navigation_of_its_keepers(world: World, client_for: ClientFor) -> None:
    for login in ("administrator", "supervisor"):
        assert 'href="/calendars/"' in read(client_for(login), "/password")
    for login in ("lead", "leader", "auditor"):
        assert 'href="/calendars/"' not in read(client_for(login), "/password")


def test_next_years_missing_notice_is_said_on_every_page_from_november_on(
    database: Database, world: World, client_for: ClientFor, url: str, clock
) -> None:
    strip = "2027年放假安排尚未载入，跨年的时限为暂定"
    assert strip not in read(client_for("administrator"), "/calendars/")
    clock.at = NOVEMBER
    keeper = client_for("administrator")
    assert strip in read(keeper, "/password")
    assert f"/calendars/?place={world.jurisdiction.id}&amp;year=2027" in read(keeper, "/password")
    assert strip in read(keeper, "/units/99999", 404)  # its session is closed by then
    seen_by_supervisor = read(client_for("supervisor"), "/dashboard/")
    assert strip in seen_by_supervisor
    assert "载入通知" not in seen_by_supervisor
    for login in ("lead", "leader", "auditor"):
        assert strip not in read(client_for(login), "/password")
    page = post(keeper, f"{url}/notice", read(keeper, "/calendars/"), paste=NOTICE, why="").location
    keeper.post(f"{url}/apply", data=sheet(read(keeper, str(page)), f"{url}/apply").data)
    assert strip not in read(keeper, "/password")
    clock.at = datetime(2028, 1, 3, 2, 0, tzinfo=UTC)
    assert "2028年放假安排尚未载入，有关时限为暂定" in read(client_for("administrator"), "/password")


def test_others_pages_ask_nothing_about_the_calendar(
    database: Database, world: World, client_for: ClientFor, clock
) -> None:
    client = client_for("lead")
    with statements(database) as spring:
        read(client, "/password")
    clock.at = NOVEMBER
    client = client_for("lead")
    with statements(database) as november:
        read(client, "/password")
    assert len(november) == len(spring)


def test_the_page_asks_no_more_for_more_days_and_dates(database: Database, world: World, client_for: ClientFor) -> None:
    client = client_for("administrator")
    boss, here = world.actor("administrator"), world.jurisdiction.id

    def draft(*days: date) -> None:
        with database.write() as session:
            said = dict.fromkeys(days, NoticedDay(Mark.OFF))
            versions.draft_version(begin(session, boss, NOVEMBER), here, days=said, why="x")
            counted(session, world, TUESDAY) if len(days) == 1 else None
            session.commit()

    draft(THURSDAY)
    with statements(database) as few:
        read(client, "/calendars/?draft=1")
    draft(*(date(2026, 8, n) for n in range(3, 8)))
    with statements(database) as many:
        read(client, "/calendars/?draft=1")
    assert len(many) == len(few), many
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(CalendarVersion)) == 1


def test_no_two_things_of_the_page_share_an_id(world: World, client_for: ClientFor) -> None:
    """A label of one form would else lead into the other."""
    page = read(client_for("administrator"), "/calendars/")
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert [i for i in set(ids) if ids.count(i) > 1] == []
