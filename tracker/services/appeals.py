"""What a mail asks (催告用语): its subject, the one sentence of who must do what by when, and why one gets it."""

from collections.abc import Callable, Sequence
from datetime import date

from tracker.clock.wording import date_words, month_day, shanghai, weekday_name
from tracker.services.matters import AVAILABLE, GROUPS, LATE, NEW, SOON, TODAY, Matter, cut

LONGEST_SUBJECT = 30


def subject(matters: Sequence[Matter]) -> str:
    """Return at most 30 characters that say it all: 〔逾期2个工作日〕四.2 线索转办."""
    if len(matters) == 1:
        only = matters[0]
        tag = only.group if only.group in (NEW, AVAILABLE) else only.signal.words.replace(" ", "")
        return cut(f"〔{tag}〕{only.duty.task.key} {only.name}", LONGEST_SUBJECT)
    counts = [(label, sum(1 for m in matters if m.group == label)) for label in GROUPS]
    tags = [f"{label}{count}项" for label, count in counts if count]
    units = {m.duty.unit.name for m in matters}
    unit = units.pop() if len(units) == 1 else ""
    said = f"共{len(matters)}项待办" if len(tags) > 1 else "请签收" if matters[0].group == NEW else "请办理"
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
    late = [m for m in matters if m.group == LATE]
    asks = [
        _counted(late, "立即办理 {} 项已逾期的事项", lambda m: not m.as_head and not m.watch),
        _counted(late, "督促承办人立即办理 {} 项已逾期的事项", lambda m: m.as_head),
        _counted(late, "督促对方办理 {} 项对方逾期的事项", lambda m: m.watch),
        _counted(matters, f"在今日（{date_words(today, today.year)}）24:00 前办完 {{}} 项", lambda m: m.group == TODAY),
        _soon([m for m in matters if m.group == SOON]),
        _counted(matters, "签收 {} 项新交办的责任", lambda m: m.group == NEW),
        _counted(matters, "办理 {} 项等待期已满的事项", lambda m: m.group == AVAILABLE),
    ]
    return f"请{who}{'，'.join(ask for ask in asks if ask)}。"


def reason(matters: Sequence[Matter], units: Sequence[str], sender: str, *, to_person: bool) -> str:
    """Say why the reader gets the mail."""
    named = "、".join(units[:3]) + (f"等 {len(units)} 个单位" if len(units) > 3 else "")
    if not to_person:
        return f"寄到这个邮箱，因为{named}在台账里没有可通知的承办人。请转交承办人；需要开通账号的，请联系{sender}。"
    if all(m.as_head for m in matters):
        return f"您收到这封邮件，因为您是{named}的单位负责人：责任逾期满 1 个工作日时，同时告知单位负责人。"
    return f"您收到这封邮件，因为您是{named}的承办人。"


def _counted(matters: Sequence[Matter], words: str, wanted: Callable[[Matter], bool]) -> str:
    count = sum(1 for m in matters if wanted(m))
    return words.format(count) if count else ""


def _soon(matters: Sequence[Matter]) -> str:
    days = sorted({m.due_day for m in matters if m.due_day})
    if not days:
        return ""
    if len(days) == 1:
        return f"在{_day(days[0])}24:00 前办完 {len(matters)} 项"
    return f"按期办完 {len(matters)} 项临期的事项（最早{date_words(days[0], days[0].year)}到期）"


def _ask(matter: Matter, who: str, today: date) -> str:
    """Ask for one thing by its name."""
    name = f"“{matter.duty.task.key} {cut(matter.title, 40)}”"
    words, day, act = matter.signal.words, matter.due_day, matter.act
    if matter.group == LATE:
        if matter.watch:
            return f"{name}{words}，请{who}督促对方立即{act}。"
        if matter.as_head:
            return f"{matter.duty.unit.name}的{name}已{words}，请督促承办人立即{act}。"
        duty_itself = not matter.reported and matter.milestone is not None and matter.milestone.case_step is None
        return f"{name}已{words}，请{who}立即{act}{'；还不能完成的，今日反馈进展并写明原因' if duty_itself else ''}。"
    if matter.group == NEW:
        dated = matter.milestone is not None and matter.milestone.due_at is not None
        return f"请{who}签收新交办的{name}{f'，并在{_until(matter, today)}前{act}' if dated else ''}。"
    if matter.group == AVAILABLE:
        return f"{name}等待期已满，{who}自{_day(day)}起可以{act}。" if day else f"{name}等待期已满，请{who}办理。"
    asked = "提醒对方" if matter.watch else ""
    return f"请{who}{asked}在{_until(matter, today)}前{act}：{name}。"


def _until(matter: Matter, today: date) -> str:
    """Return when a clock ends: 今日（3月23日 周一）24:00, 3月26日（周四）24:00, or its hour."""
    milestone, day = matter.milestone, matter.due_day
    if milestone is None or milestone.due_at is None or day is None:
        return "期限"
    hour = "24:00" if milestone.due_on is not None else f"{shanghai(milestone.due_at):%H:%M}"
    return f"今日（{date_words(day, today.year)}）{hour} " if day == today else f"{_day(day, today)}{hour} "


def _day(day: date, today: date | None = None) -> str:
    """Return 3月26日（周四）, with its year where that is not today's."""
    return f"{month_day(day, (today or day).year)}（{weekday_name(day)}）"
