"""The page that lays a document's limit beside a case type's: both with what they count to, and the three answers."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.kit.pages import post, read, words
from tests.kit.world import World, token_in
from tests.services.case_types.test_limits import complaint
from tests.web.documents.test_confirmation import Rows, change, home, rows
from tracker.clock.rules import CountUnit
from tracker.store.models import BesideAnswer, DeadlineRule

__all__ = ["change", "rows"]

ClientFor = Callable[[str], FlaskClient]


@pytest.fixture
def differing(draft: World, change: Session, rows: Rows) -> World:
    """Let the draft promise 5 workdays where a type of the place has 3, by law 10."""
    complaint(change, draft)
    change.get_one(DeadlineRule, rows.measure("一.2").items[0].rules[0].id).amount = 5
    change.commit()
    return draft


def rule(rows: Rows) -> DeadlineRule:
    return rows.measure("一.2").items[0].rules[0]


def other(page: str) -> str:
    return page.split('name="other" value="')[1].split('"')[0]


def test_both_stand_side_by_side_with_what_they_count_to(differing: World, client_for: ClientFor, rows: Rows) -> None:
    client, url = client_for("supervisor"), f"{home(differing)}/beside"
    front = read(client, home(differing))
    assert f'href="{url}">一.2 “自正式受理之日起3个工作日内”与“拖欠账款投诉”的转办 10个工作日内不同' in front
    assert "法定时限 1" in words(front)
    form = read(client, f"{home(differing)}?m={rows.measure('一.2').id}").split('id="here"')[1]
    assert f'form="here" name="go" value="{url}">并排看，选定取哪一个' in form
    said = words(read(client, url))
    assert "自正式受理之日起3个工作日内" in said
    assert "试算：今天正式受理 → 3月30日 周一" in said, "the document's five workdays"
    assert "转办 10个工作日内" in said
    assert "试算：今天正式受理 → 4月7日 周二" in said, "the law's ten, over Qingming"
    assert "待选定" in said


@pytest.mark.parametrize("answer", BesideAnswer)
def test_each_answer_is_taken_and_may_be_changed(
    differing: World, client_for: ClientFor, rows: Rows, answer: BesideAnswer
) -> None:
    client, url = client_for("supervisor"), f"{home(differing)}/beside"
    page = read(client, url)
    assert post(client, url, page, rule=rule(rows).id, other=other(page), answer=answer).location == url
    assert rule(rows).beside_answer is answer
    assert (rule(rows).amount, rule(rows).unit) == (10 if answer is BesideAnswer.TYPE else 5, CountUnit.WORKDAY)
    assert "法定时限" not in words(read(client, home(differing)))
    again = read(client, url)
    if answer is BesideAnswer.TYPE:
        assert "没有长短不一的时限" in again
    else:
        assert f"现在：{answer.label}" in again


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 422), ({"answer": "clause"}, 422), ({"answer": "nonsense", "other": "1", "rule": "1"}, 422),
        ({"answer": "clause", "other": "999999", "rule": "1"}, 422),
        ({"answer": "both", "other": "x", "rule": "y"}, 422),
    ],
)  # fmt: skip
def test_what_the_page_does_not_send_is_refused(
    differing: World, client_for: ClientFor, rows: Rows, given: dict[str, str], status: int
) -> None:
    client, url = client_for("supervisor"), f"{home(differing)}/beside"
    answer = post(client, url, read(client, url), **given)
    assert answer.status_code == status
    assert rule(rows).beside_answer is None


@pytest.mark.parametrize("login", ["lead", "support", "stranger", "leader", "auditor"])
def test_nobody_else_chooses(differing: World, client_for: ClientFor, rows: Rows, login: str) -> None:
    client, url = client_for(login), f"{home(differing)}/beside"
    read(client, url, 404)
    token = {"csrf_token": token_in(read(client, "/password")), "rule": "1", "other": "1", "answer": "clause"}
    assert client.post(url, data=token).status_code == 404
    assert rule(rows).beside_answer is None
