"""What a mail asks (催告用语): its subject, the one sentence of who must do what by when, and why one gets it."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date

from tracker.clock.wording import date_words, month_day, weekday_name
from tracker.now import shanghai
from tracker.rules.lights import Light, hour_of
from tracker.services.reminders.items import OUTCOME_GROUPS, Group, Matter, cut, day_of
from tracker.store.models import MemberRole

LONGEST_SUBJECT = 30
# Who is told from above the unit, and when.
_OVERSEEING = (
    (
        MemberRole.SUPERVISOR,
        "事项逾期 3 个工作日、交办 5 个工作日仍未签收时告知督查员，此后每周一次，直到办结或签收",
    ),
    (MemberRole.LEADER, "事项逾期 10 个工作日时告知领导"),
)
# How it stands now is said by the light's words, save of these, whose group says it.
_SAID_BY_GROUP = (Group.NEW, Group.REFERRED, Group.AVAILABLE, Group.CHANGED, Group.CALENDAR, *OUTCOME_GROUPS)


def subject(matters: Sequence[Matter]) -> str:
    """Return at most 30 characters that say it all: 〔逾期2个工作日〕四.2 线索转办."""
    if len(matters) == 1:
        only = matters[0]
        tag = only.group.label if only.group in _SAID_BY_GROUP else only.signal.words.replace(" ", "")
        return cut(f"〔{tag}〕{only.key} {only.name}" if only.key else f"〔{tag}〕{only.name}", LONGEST_SUBJECT)
    counts = Counter(m.group.plain for m in matters)
    tags = [f"{group.label}{counts[group]}项" for group in Group if counts[group]]
    units = {m.unit.name for m in matters if m.unit is not None}
    theirs = all(m.unit is not None and not m.as_supervisor for m in matters)  # a supervisor is asked, not the unit
    unit = units.pop() if len(units) == 1 and theirs else ""
    to_do = "待督促" if all(m.chased for m in matters) else "待办"
    said = f"共{len(matters)}项{to_do}" if len(tags) > 1 else matters[0].group.asks
    for kept in range(len(tags), 0, -1):
        for tail in (unit + said, said):
            words = f"〔{'、'.join(tags[:kept])}〕{tail}"
            if len(words) <= LONGEST_SUBJECT:
                return words
    return cut(f"〔{tags[0]}〕{said}", LONGEST_SUBJECT)


def lead(matters: Sequence[Matter], who: str, today: date) -> str:
    """Return the one sentence that says who must do what by when."""
    if len(matters) == 1:
        return _ask(matters[0], who, today)
    late = [m for m in matters if m.group in (Group.LATE, Group.LATE_CHASED)]
    waiting = [m for m in matters if m.group in (Group.UNSIGNED, Group.UNSIGNED_CHASED)]
    asks = [
        _counted(late, "立即办理 {} 项已逾期的事项", lambda m: not m.chased and not m.watch),
        _counted(late, "督促承办人立即办理 {} 项已逾期的事项", lambda m: m.as_head),
        _counted_units(late, "督促 {} 个单位立即办理 {} 项已逾期的事项"),
        _counted(late, "督促对方办理 {} 项对方逾期的事项", lambda m: m.watch),
        _today([m for m in matters if m.group is Group.TODAY], today),
        _soon([m for m in matters if m.group is Group.SOON]),
        _counted(waiting, "立即签收 {} 项迟迟未签收的事项", lambda m: not m.chased),
        _counted(waiting, "督促承办人立即签收 {} 项迟迟未签收的事项", lambda m: m.as_head),
        _counted_units(waiting, "督促 {} 个单位立即签收 {} 项迟迟未签收的事项"),
        _counted(matters, "签收 {} 项新交办的责任", lambda m: m.group is Group.NEW),
        _counted(matters, "签收 {} 件新转办的办件", lambda m: m.group is Group.REFERRED),
        *(_of_group(matters, group, words) for group, words in _OUTCOMES_COUNTED),
        _counted(matters, "办理 {} 项等待期已满的事项", lambda m: m.group is Group.AVAILABLE),
        _counted(matters, "按调整后的时限办理 {} 项", lambda m: m.group is Group.CHANGED),
        _counted(matters, "载入 {} 个辖区的放假通知", lambda m: m.group is Group.CALENDAR),
    ]
    return f"请{who}{'，'.join(ask for ask in asks if ask)}。"


def reason(matters: Sequence[Matter], sender: str, *, to_person: bool) -> str:
    """Say why the reader gets the mail."""
    if not to_person:
        named = _named(matters)
        why = f"{named}在台账里没有可通知的承办人，或者承办人的邮箱收不到邮件"
        return f"寄到这个邮箱，因为{why}。请转交承办人；需要开通账号的，请联系{sender}。"
    as_officer = [m for m in matters if m.unit is not None and m.as_officer]
    as_head = [m for m in matters if m.as_head]
    posts = [f"{_named(as_officer)}的承办人"] if as_officer else []
    if as_head and not as_officer:
        posts.append(f"{_named(as_head)}的单位负责人")
    if any(m.as_supervisor for m in matters):
        posts.append(f"{sender}的督查员")
    if places := dict.fromkeys(m.place.name for m in matters if m.place is not None):
        posts.append(f"{'、'.join(places)}的{MemberRole.ADMINISTRATOR.label}")
    overseers = {m.overseer for m in matters if m.overseer is not None}
    posts += [
        f"{sender}的{role.label}"
        for role, _ in _OVERSEEING
        if role in overseers and not (role is MemberRole.SUPERVISOR and any(m.as_supervisor for m in matters))
    ]
    also = _told_above(as_head) if as_head and len(posts) == 1 and not as_officer else ""
    if overseers and not as_officer and not as_head:
        also = "：" + "；".join(when for role, when in _OVERSEEING if role in overseers)
    return f"您收到这封邮件，因为您是{'、'.join(posts)}{also}。"


def _told_above(as_head: Sequence[Matter]) -> str:
    """Say why a unit's head is told: of what is late, or in the place of an officer whom no mail reaches."""
    if any(m.group is Group.ASKED for m in as_head):
        return ""  # he decides it himself
    if all(m.group in (Group.LATE, Group.LATE_CHASED, Group.UNSIGNED, Group.UNSIGNED_CHASED) for m in as_head):
        return "：事项逾期或迟迟未签收时，同时告知单位负责人"
    return "：承办人的邮箱收不到邮件，因此告知单位负责人"


def _counted_units(matters: Sequence[Matter], words: str) -> str:
    """Ask somebody above the units: of how many units, and how many things."""
    mine = [m for m in matters if m.overseer is not None]
    units = {m.unit.id for m in mine if m.unit is not None}
    return words.format(len(units), len(mine)) if mine else ""


def _named(matters: Sequence[Matter]) -> str:
    units = list(dict.fromkeys(m.unit.name for m in matters if m.unit is not None))
    return "、".join(units[:3]) + (f"等 {len(units)} 个单位" if len(units) > 3 else "")


def _counted(matters: Sequence[Matter], words: str, wanted: Callable[[Matter], bool]) -> str:
    count = sum(1 for m in matters if wanted(m))
    return words.format(count) if count else ""


def _of_group(matters: Sequence[Matter], group: Group, words: str) -> str:
    return _counted(matters, words, lambda m: m.group is group)


def _today(matters: Sequence[Matter], today: date) -> str:
    """Ask for what ends today; an hour that ends earlier is named."""
    if not matters:
        return ""
    day = f"今日（{date_words(today, today.year)}）"
    hours = [shanghai(m.milestone.due_at) for m in matters if m.to_the_hour and m.milestone and m.milestone.due_at]
    if hours:
        return f"在{day}办完 {len(matters)} 项（最早 {min(hours):%H:%M} 到期）"
    return f"在{day}24:00 前办完 {len(matters)} 项"


def _soon(matters: Sequence[Matter]) -> str:
    days = sorted({m.due_day for m in matters if m.due_day})
    if not days:
        return ""
    if len(days) == 1 and not any(m.to_the_hour for m in matters):
        return f"在{_day(days[0])}24:00 前办完 {len(matters)} 项"
    return f"按期办完 {len(matters)} 项临期的事项（最早{date_words(days[0], days[0].year)}到期）"


def _ask(matter: Matter, who: str, today: date) -> str:
    """Ask for one thing by its name."""
    name = f"“{matter.key} {cut(matter.title, 40)}”"
    if matter.group in _ASKS:
        return _ASKS[matter.group](matter, name, who, today)
    asked = "提醒对方" if matter.watch else ""
    return f"请{who}{asked}在{_until(matter, today)}前{matter.act}：{name}。"


def _ask_late(matter: Matter, name: str, who: str, _today: date) -> str:
    words, act = matter.signal.words, matter.act
    if matter.watch:
        return f"{name}{words}，请{who}督促对方立即{act}。"
    if matter.chased:
        unit = matter.unit.name if matter.unit is not None else ""
        return f"{unit}的{name}已{words}，请督促{'承办人' if matter.as_head else '该单位'}立即{act}。"
    duty_itself = not matter.reported and matter.milestone is not None and matter.milestone.case_step is None
    return f"{name}已{words}，请{who}立即{act}{'；还不能完成的，今日反馈进展并写明原因' if duty_itself else ''}。"


def _ask_unsigned(matter: Matter, name: str, who: str, _today: date) -> str:
    words = matter.signal.words
    if matter.chased:
        unit = matter.unit.name if matter.unit is not None else ""
        return f"{unit}的{name}{words}，请督促{'承办人' if matter.as_head else '该单位'}立即签收。"
    return f"{name}{words}，请{who}立即签收。"


def _ask_new(matter: Matter, name: str, who: str, today: date) -> str:
    dated = matter.milestone is not None and matter.milestone.due_at is not None
    return f"请{who}签收新交办的{name}{f'，并在{_until(matter, today)}前{matter.act}' if dated else ''}。"


def _ask_referred(matter: Matter, name: str, who: str, today: date) -> str:
    if matter.due_day is not None and matter.due_day < today:
        return f"请{who}签收转来的{name}。"
    until = f"，最迟{_day(matter.due_day, today)}" if matter.due_day else "，请"
    return f"请{who}签收转来的{name}；不属于本单位职责的{until}退回并写明理由。"


def _ask_available(matter: Matter, name: str, who: str, _today: date) -> str:
    day = matter.due_day
    return f"{name}等待期已满，{who}自{_day(day)}起可以{matter.act}。" if day else f"{name}等待期已满，请{who}办理。"


def _ask_calendar(matter: Matter, _name: str, who: str, _today: date) -> str:
    years = "、".join(f"{year}年" for year in matter.years)
    return f"请{who}载入{years}放假通知：载入之前，{years}的日期只能暂定。"


def _ask_changed(matter: Matter, name: str, who: str, today: date) -> str:
    waits = matter.milestone is not None and matter.milestone.due_at is None
    before = day_of(matter.was) if matter.was is not None else None
    new = f"{_day(matter.due_day, today)}" if matter.due_day else "新的日期"
    moved = f"{'可申请日' if waits else '时限'}{f'由{_day(before, today)}' if before else ''}调整为{new}"
    asked = f"请{who}{'提醒对方' if matter.watch else ''}按新的时限{matter.act}"
    return f"{name}的{moved}。" if waits else f"{name}的{moved}，{asked}。"


# How many of a group are asked for, in the sentence of a mail of several things.
_OUTCOMES_COUNTED = (
    (Group.SENT_BACK, "修改 {} 项被退回的办结申请"),
    (Group.RETURNED, "重新转办 {} 件退回的办件"),
    (Group.REGISTERED, "办理 {} 件新登记的办件"),
    (Group.ASKED, "审批 {} 项延期申请"),
    (Group.SUBMITTED, "审核 {} 项申请办结的责任"),
    (Group.DECIDED, "查看 {} 项延期决定"),
    (Group.ACCEPTED, "查看 {} 项审核通过的责任"),
)


def _unit(matter: Matter) -> str:
    return matter.unit.name if matter.unit is not None else ""


def _ask_sent_back(matter: Matter, name: str, who: str, _today: date) -> str:
    runs_on = "，时限不变" if matter.milestone is not None else ""
    return f"{name}的办结申请被退回，请{who}修改后重新申请办结{runs_on}。"


def _ask_decided(matter: Matter, name: str, who: str, today: date) -> str:
    when = "立即" if matter.signal.light is Light.LATE else f"在{_until(matter, today)}前"
    return f"{name}的延期{'已批准' if matter.granted else '未获批准'}，请{who}{when}{matter.act}。"


_ASKS = {
    Group.SENT_BACK: _ask_sent_back,
    Group.RETURNED: lambda _m, name, who, _: f"办件{name}被退回，请{who}重新转办。",
    Group.REGISTERED: lambda _m, name, who, _: f"请{who}办理新登记的办件{name}。",
    Group.ASKED: lambda m, name, who, _: f"{_unit(m)}为{name}申请延期，请{who}审批。",
    Group.SUBMITTED: lambda m, name, who, _: f"{_unit(m)}申请办结{name}，请{who}审核。",
    Group.DECIDED: _ask_decided,
    Group.ACCEPTED: lambda _m, name, _who, _: f"{name}的办结申请已审核通过。",
    Group.LATE: _ask_late,
    Group.LATE_CHASED: _ask_late,
    Group.UNSIGNED: _ask_unsigned,
    Group.UNSIGNED_CHASED: _ask_unsigned,
    Group.NEW: _ask_new,
    Group.REFERRED: _ask_referred,
    Group.AVAILABLE: _ask_available,
    Group.CHANGED: _ask_changed,
    Group.CALENDAR: _ask_calendar,
}


def _until(matter: Matter, today: date) -> str:
    """Return when a clock ends: 今日（3月23日 周一）24:00, 3月26日（周四）24:00, or its hour."""
    milestone, day = matter.milestone, matter.due_day
    if milestone is None or milestone.due_at is None or day is None:
        return "期限"
    whole_day = milestone.due_on is not None and not hour_of(milestone.due_at)
    hour = "24:00" if whole_day else f"{shanghai(milestone.due_at):%H:%M}"
    return f"今日（{date_words(day, today.year)}）{hour} " if day == today else f"{_day(day, today)}{hour} "


def _day(day: date, today: date | None = None) -> str:
    """Return 3月26日（周四）, with its year where that is not today's."""
    return f"{month_day(day, (today or day).year)}（{weekday_name(day)}）"
