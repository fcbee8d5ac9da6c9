"""The Chinese words of the pages: one table of labels, and the filters templates use."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from flask import Flask
from markupsafe import Markup, escape

from tracker.adapters.line_breaks import LineBreaks
from tracker.clock.calendar import national
from tracker.clock.rules import CountUnit, DayOff, Kind, Sense
from tracker.clock.wording import date_words, day_words, instant_words, month_day
from tracker.now import SHANGHAI
from tracker.reading.plan import Role
from tracker.rules.ladder import Light, Signal, light_of
from tracker.rules.workflow import LABELS as WORKFLOW_LABELS
from tracker.rules.workflow import State
from tracker.store.models import (
    ROLE_LABELS,
    Bound,
    Case,
    ChangeAnswer,
    DocumentState,
    Duty,
    EditionState,
    ExtensionState,
    MessageState,
    Milestone,
    MilestoneDate,
    Party,
    PastAnswer,
    PlanAnswer,
    RecordKind,
    Satisfaction,
    Starts,
    StepKind,
    UnitKind,
)
from tracker.web.kit import access

LABELS: dict[Any, str] = {
    **WORKFLOW_LABELS,
    **ROLE_LABELS,
    Role.LEAD: "牵头单位",
    Role.SUPPORT: "配合单位",
    Role.EACH: "分别落实",
    Role.RESPONSIBLE: "责任单位",
    DocumentState.DRAFT: "待核对",
    DocumentState.PUBLISHED: "已发布",
    DocumentState.WITHDRAWN: "不跟踪",
    PastAnswer.DONE: "已完成",
    PastAnswer.OPEN: "仍需办理",
    PastAnswer.UNTRACKED: "不跟踪",
    PlanAnswer.SAME: "同一文件",
    PlanAnswer.NEW_EDITION: "新版本",
    PlanAnswer.ANOTHER: "另一文件",
    ChangeAnswer.ADOPT: "采用",
    ChangeAnswer.KEEP: "保留原样",
    EditionState.CURRENT: "现行",
    EditionState.SUPERSEDED: "已被替代",
    Kind.ABSOLUTE: "固定日期",
    Kind.RELATIVE: "相对时限",
    Kind.RECURRING: "周期",
    Kind.VALIDITY: "有效期",
    Sense.WITHIN: "期限内",
    Sense.ON: "当日",
    Sense.NOT_BEFORE: "期满后方可",
    Sense.SPAN: "持续期间",
    CountUnit.WORKDAY: "个工作日",
    CountUnit.DAY: "日",
    CountUnit.HOUR: "小时",
    CountUnit.WEEK: "周",
    CountUnit.MONTH: "个月",
    CountUnit.YEAR: "年",
    DayOff.AS_PRINTED: "按原文日期",
    DayOff.NEXT: "顺延至下一工作日",
    DayOff.PREVIOUS: "提前至上一工作日",
    MessageState.PENDING: "待发送",
    MessageState.CLAIMED: "发送中",
    MessageState.SENT: "已发送",
    MessageState.FAILED: "发送失败",
    UnitKind.DEPARTMENT: "政府部门",
    UnitKind.PARTY: "党群部门",
    UnitKind.COURT: "司法机关",
    UnitKind.COUNTY: "县区政府",
    UnitKind.ZONE: "开发区、功能区",
    UnitKind.TOWNSHIP: "乡镇、街道",
    UnitKind.ENTERPRISE: "企业",
    UnitKind.BANK: "金融机构",
    UnitKind.INSTITUTION: "事业单位",
    UnitKind.OFFICE: "办公室",
    UnitKind.GROUP_OFFICE: "领导小组、指挥部办公室",
    UnitKind.OTHER: "其他",
}

# Kept apart: "other" is a kind of unit as well, and enums of text compare by their text.
PARTY_LABELS = {Party.UNIT: "责任单位", Party.OTHER: "对方（由责任单位督促）"}
STEP_LABELS = {
    StepKind.ACCEPT: "受理",
    StepKind.REFER: "转办",
    StepKind.HANDLE: "办理",
    StepKind.ANSWER: "答复",
    StepKind.VERIFY: "核实",
    StepKind.REFUND: "返还",
    StepKind.PUBLICISE: "公示",
    StepKind.CLAIM: "申请",
    StepKind.PROGRESS: "反馈进展",
    StepKind.LETTER: "督办书",
    StepKind.VISIT: "回访",
}
STARTS_LABELS = {
    Starts.EVENT: "起算事件发生时",
    Starts.ACCEPTED: "正式受理时",
    Starts.AFTER: "另一步办结后",
    Starts.LATE: "另一步逾期时",
}
BOUND_LABELS = {Bound.HANDLER: "办理单位", Bound.REFERRED: "接收转办的单位", Bound.OTHER: "对方（由办理单位督促）"}
RECORD_LABELS = {
    RecordKind.INTAKE: "登记",
    RecordKind.STEP: "办理",
    RecordKind.PROGRESS: "反馈进展",
    RecordKind.PUBLICITY: "公示",
    RecordKind.REFUND: "返还",
    RecordKind.LETTER: "督办书",
    RecordKind.CONCLUSION: "办结",
    RecordKind.VISIT: "回访",
    RecordKind.NOTE: "补充说明",
}
EXTENSION_LABELS = {
    ExtensionState.PENDING: "待审批",
    ExtensionState.GRANTED: "已批准",
    ExtensionState.REFUSED: "未批准",
}
SATISFACTION_LABELS = {
    Satisfaction.CONTENT: "满意",
    Satisfaction.FAIR: "基本满意",
    Satisfaction.DISCONTENT: "不满意",
    Satisfaction.UNREACHED: "未联系上",
}
APART: dict[type, dict[Any, str]] = {
    Party: PARTY_LABELS,
    StepKind: STEP_LABELS,
    Starts: STARTS_LABELS,
    Bound: BOUND_LABELS,
    RecordKind: RECORD_LABELS,
    ExtensionState: EXTENSION_LABELS,
    Satisfaction: SATISFACTION_LABELS,
}

VERBS: dict[str, str] = {
    "source.take_in": "上传来源",
    "plan.answer": "答复相似文件",
    "document.open": "开始核对",
    "document.facts": "填写文件信息",
    "document.publish": "发布文件",
    "document.issue_date": "更正印发日期",
    "document.file_away": "归档，不跟踪",
    "measure.confirm": "核对措施",
    "name.settle": "确认单位名称",
    "name.collective": "指明统称单位",
    "name.rematch": "按单位库重新对应名称",
    "edition.date_undated": "为无时限措施设定时限",
    "edition.answer_past": "答复已过日期",
    "edition.open": "导入新版本",
    "edition.change": "答复新版本的变化",
    "edition.adopt_all": "采用新版本的全部变化",
    "edition.apply": "新版本生效",
    "edition.discard": "放弃新版本",
    "duty.role": "调整角色",
    "duty.dates": "按新版本调整时限",
    "dates.recount": "重新计算时限",
    "duty.acknowledge": "签收",
    "duty.report": "反馈进展",
    "duty.submit": "申请办结",
    "duty.complete": "同意办结",
    "duty.send_back": "退回",
    "duty.close": "销号",
    "duty.revoke": "撤销责任",
    "duty.restore": "恢复责任",
    "duty.pause": "暂停计时",
    "duty.resume": "恢复计时",
    "duty.extend": "申请延期",
    "duty.decide": "审批延期",
    "duty.add": "增加责任单位",
    "duty.completed_with_task": "随任务办结",
    "case.open": "登记办件",
    "case.import": "导入台账",
    "case.import_closed": "按导入的台账办结",
    "case.event": "更正发生、受理时间",
    "case.step": "办结步骤",
    "case.refer": "转办",
    "case.sign": "签收转办",
    "case.return": "退回转办",
    "case.progress": "反馈进展",
    "case.ask_pause": "申请暂停",
    "case.not_paused": "不批准暂停",
    "case.pause": "暂停计时",
    "case.resume": "恢复计时",
    "case.extend": "申请延期",
    "case.extended": "批准延期",
    "case.not_extended": "不批准延期",
    "case.conclude": "办结",
    "case.visit": "回访",
    "case.note": "补充说明",
    "case.unmask": "查看来件人信息",
    "case_type.create": "新建办件类型",
    "case_type.revise": "修改办件类型",
    "case_type.retire": "停用办件类型",
    "case_type.restore": "启用办件类型",
    "case_type.from_rule": "据时限建立台账",
    "calendar.draft": "修改日历草稿",
    "calendar.apply": "日历生效",
    "calendar.discard": "放弃日历草稿",
    "calendar.recount": "按现行日历重新计算",
    "unit.create": "新建单位",
    "unit.update": "修改单位",
    "unit.alias": "增加单位别名",
    "group.create": "新建单位组",
    "group.alias": "增加单位组别名",
    "user.create": "新建账号",
    "user.disable": "停用账号",
    "user.password": "修改密码",
    "user.login": "登录",
    "user.logout": "退出",
    "message.sent": "发送提醒邮件",
    "message.failed": "提醒邮件未能发出",
    "message.resend": "重新发送提醒邮件",
}


SUBJECTS: dict[str, str] = {
    "source": "来源",
    "plan": "方案",
    "document": "文件",
    "edition": "版本",
    "measure": "措施",
    "duty": "责任",
    "case": "办件",
    "case_type": "办件类型",
    "calendar": "日历",
    "unit": "单位",
    "group": "单位组",
    "user": "账号",
    "message": "邮件",
}


def label(value: Any) -> str:
    """Return the Chinese word of an enum's value; the value itself where there is none."""
    if type(value) in APART:
        return APART[type(value)][value]
    return LABELS.get(value, str(value) if value is not None else "")


def verb(name: str) -> str:
    return VERBS.get(name, name)


def subject(name: str) -> str:
    return SUBJECTS.get(name, name)


class Said(str):
    """Words for the screen (今日 05:13) that carry what paper and exports say in their place (3月23日 周一 05:13)."""

    paper: str

    def __new__(cls, words: str, paper: str) -> "Said":
        made = super().__new__(cls, words)
        made.paper = paper
        return made

    def __html__(self) -> Markup:
        if self.paper == str(self):
            return escape(str(self))
        return Markup('<span data-paper="{}"><span>{}</span></span>').format(self.paper, str(self))


def paper(words: str) -> str:
    """Return what paper and exports say: the date where the screen says 今日 or 明日."""
    return words.paper if isinstance(words, Said) else words


def around(before: str, words: str, after: str = "") -> Said:
    """Return words with others around them, on the screen and on paper."""
    return Said(f"{before}{words}{after}", f"{before}{paper(words)}{after}")


def day(value: date | datetime | None) -> str:
    """Return a date (an instant's, in Shanghai) with its weekday, 今日 and 明日 in words; the year unless this one."""
    if isinstance(value, datetime):
        value = value.astimezone(SHANGHAI).date()
    today = access.this_day()
    return Said(day_words(value, today), date_words(value, today.year)) if value else ""


def full_day(value: date | None) -> str:
    return date_words(value) if value else ""


def instant(value: datetime | None) -> str:
    """Return an instant on the Shanghai clock: 3月16日 09:10."""
    if value is None:
        return ""
    local = value.astimezone(SHANGHAI)
    on_paper = f"{date_words(local.date(), access.this_day().year)} {local:%H:%M}"
    return Said(instant_words(value, access.now()), on_paper)


def full_instant(value: datetime | None) -> str:
    """Return an instant as a paper to be filed prints it: 2026年3月16日 周一 09:10."""
    if value is None:
        return ""
    local = value.astimezone(SHANGHAI)
    return f"{date_words(local.date())} {local:%H:%M}"


def minute(value: datetime) -> str:
    """Return an instant as an hour deadline shows it."""
    return f"{value.astimezone(SHANGHAI):%H:%M}"


def due_words(milestone: Milestone | MilestoneDate | None) -> str:
    """Return a milestone's date as lists show it: 2月26日 周四; 4月11日起; 今日 16:00."""
    if milestone is None:
        return ""
    if milestone.due_on is not None:
        return day(milestone.due_on)
    if milestone.due_at is not None:
        return instant(milestone.due_at)
    return around("", day(milestone.earliest_on), "起") if milestone.earliest_on else ""


def milestone_signal(milestone: Milestone, state: State = State.IN_PROGRESS) -> Signal:
    """Return the light of one milestone."""
    return _dated(_milestone_signal(milestone, state))


def _dated(signal: Signal) -> Signal:
    """Give a light that says 今日 or 明日 the day paper says instead."""
    for ahead, word in enumerate(("今日", "明日")):
        if signal.words.startswith(word):
            on = month_day(access.this_day() + timedelta(days=ahead), access.this_day().year)
            return replace(signal, words=Said(signal.words, f"{on}{signal.words.removeprefix(word)}"))
    return signal


def _milestone_signal(milestone: Milestone, state: State) -> Signal:
    return light_of(
        state="completed" if milestone.met_at else state.value if state is not State.SUBMITTED else "in_progress",
        now=access.now(),
        calendar=access.calendar(milestone.jurisdiction_id),
        due_at=milestone.due_at,
        due_on=milestone.due_on,
        earliest_on=milestone.earliest_on,
        submitted=milestone.submitted_at is not None,
        paused=milestone.paused_at is not None,
        watch=milestone.watch,
    )


def duty_signal(duty: Duty, milestone: Milestone | None) -> Signal:
    """Return the light of a duty whose nearest open milestone is given."""
    if milestone is None:
        return light_of(
            state=duty.state.value,
            now=access.now(),
            calendar=national(),  # nothing is counted where there is no date
            paused=duty.paused_at is not None,
            untriggered=duty.awaits_event,
        )
    if duty.state in (State.COMPLETED, State.CLOSED, State.REVOKED):
        return light_of(state=duty.state.value, now=access.now(), calendar=national())
    return milestone_signal(milestone, duty.state)


def case_signal(case: Case, milestone: Milestone | None) -> Signal:
    """Return a case's light: closed, paused, its nearest open date's, or none; its duty, if any, must be loaded."""
    if case.closed_at is not None:
        return Signal(Light.DONE, "办结")
    if case.duty is not None and case.duty.state is State.REVOKED:
        return Signal(Light.NONE, "已停止")
    if case.paused_at is not None:
        return Signal(Light.HOLD, "暂停")
    if milestone is None or milestone.met_at is not None or milestone.cancelled_at is not None:
        return Signal(Light.NONE, "无时限")
    return milestone_signal(milestone, case.duty.state if case.duty else State.IN_PROGRESS)


def matter(duty: Duty, milestone: Milestone | None) -> str:
    """Return what a line of a list is about: the case's step, or the task's title."""
    if milestone is not None and milestone.case_step is not None:
        return f"{milestone.case_step.case.number} {milestone.case_step.name}"
    title: str = duty.task.title
    return title


def yuan(fen: int | None) -> str:
    """Return a sum kept in 分 as 元: 365,000.50; nothing where there is none."""
    return "" if fen is None else f"{fen // 100:,}.{fen % 100:02d}"


def case_words(case: Case) -> str:
    return f"{case.number} {case.reference}"


def set_up(app: Flask) -> None:
    """Give the templates these words."""
    app.jinja_env.add_extension(LineBreaks)
    app.jinja_env.filters.update(
        label=label,
        verb=verb,
        subject=subject,
        day=day,
        full_day=full_day,
        full_instant=full_instant,
        instant=instant,
        due_words=due_words,
        yuan=yuan,
    )
    app.jinja_env.globals.update(
        duty_signal=duty_signal, milestone_signal=milestone_signal, matter=matter, case_words=case_words
    )
