"""The matrix of permissions says what the tables say: cells, states, and what goes with an act."""

from tracker.rules.matrix import MAY, OWN, ActLine, Matrix, matrices
from tracker.rules.permissions import PERMISSIONS, Topic
from tracker.rules.workflow import CASE_PERMITTED, TRANSITIONS, Action, CaseAction


def matrix(title: str) -> Matrix:
    (found,) = [m for m in matrices() if m.title == title]
    return found


def line(of: Matrix, act: str) -> ActLine:
    (found,) = [one for one in of.lines if one.act == act]
    return found


def cells(of: Matrix, act: str) -> dict[str, str]:
    return {who: cell for who, cell in zip(of.standings, line(of, act).cells, strict=True) if cell}


def test_every_act_of_every_table_has_its_line_once() -> None:
    shown = [one.act for m in matrices() for one in m.lines]
    wanted = [a.label for a in Action] + [a.label for a in CaseAction] + [a.label for a in PERMISSIONS]
    assert sorted(shown) == sorted(wanted)
    assert [m.title for m in matrices()] == ["办理责任", "办理办件", *(topic.label for topic in Topic)]


def test_a_line_says_who_may_in_which_states_and_what_becomes_of_it() -> None:
    duties = matrix("办理责任")
    assert cells(duties, "申请办结") == {"责任单位承办人": MAY}
    assert line(duties, "申请办结").when == "已签收、办理中"
    assert line(duties, "申请办结").notes == ("之后为“待审核”", "须写说明")
    assert line(duties, "审批延期").notes == ("不得办理本人提出的",)
    assert cells(duties, "反馈进展") == {"责任单位承办人": MAY, "配合单位承办人": MAY}


def test_a_line_of_cases_counts_every_cell_of_the_table() -> None:
    cases = matrix("办理办件")
    assert cells(cases, "签收") == {"接收转办单位承办人": MAY}
    assert line(cases, "签收").when == "在办、暂停"
    assert (line(cases, "查看来件人信息").when, cells(cases, "查看来件人信息")) == ("任何状态", {"经办单位人员": MAY})
    shown = sum(
        len(one.when.split("、")) if one.when != "任何状态" else 3 for one in cases.lines for c in one.cells if c
    )
    assert shown == len(CASE_PERMITTED)


def test_a_cell_of_duties_stands_for_steps_of_the_table_and_for_all_of_them() -> None:
    shown = sum(len(one.when.split("、")) for one in matrix("办理责任").lines for cell in one.cells if cell)
    assert shown == len(TRANSITIONS)


def test_what_carries_no_farther_than_ones_unit_says_so() -> None:
    assert cells(matrix("任务和办件"), "登记办件") == {"承办人": OWN, "督查员": MAY}
    assert cells(matrix("审计"), "查看审计记录") == {"审计员": MAY}
    assert line(matrix("文件"), "核对文件").when == "待核对、新版本待核对"
    assert line(matrix("单位库"), "维护单位库").notes == ("安装人员也可用命令行",)
