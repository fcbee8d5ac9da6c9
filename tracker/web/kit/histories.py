"""经过: audit entries as the lines of a history."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.reading.plan import Role
from tracker.rules.verbs import Verb
from tracker.store.models import AuditEntry
from tracker.web.kit.words import instant


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of a history, as the macro prints it."""

    at_words: str
    label: str
    who: str = ""
    note: str = ""
    now: bool = False


def _reported(after: dict[str, Any]) -> str:
    return f"反馈进展 {after['percent']}%" if "percent" in after else "反馈进展"


def _added(after: dict[str, Any]) -> str:
    return f"增加为{_role(after.get('role'))}"


def _stepped(after: dict[str, Any]) -> str:
    done = "记录" if after.get("part") else "办结"  # a refund in part
    return f"{done}“{after.get('step', '')}”"


# What a verb's line says where its name alone says too little.
SAYS: dict[str, Callable[[dict[str, Any]], str]] = {
    Verb.DUTY_REPORT: _reported,
    Verb.DUTY_ADD: _added,
    Verb.CASE_STEP: _stepped,
}


def _role(value: Any) -> str:
    return Role(value).label if value in set(Role) else "责任单位"


def lines(
    entries: Iterable[AuditEntry],
    beginning: tuple[datetime, str] | None = None,
    told_elsewhere: frozenset[str] = frozenset(),
) -> list[HistoryLine]:
    """Return a history newest first; `beginning` is what stood before the first entry (交办).

    The words of the verbs in `told_elsewhere` stand on the page already and are left out here.
    """
    made = [_line(entry, number == 0, entry.verb not in told_elsewhere) for number, entry in enumerate(entries)]
    if beginning is not None:
        at, words = beginning
        made.append(HistoryLine(instant(at), words, now=not made))
    return made


def last_said(entries: Sequence[AuditEntry]) -> str | None:
    """Return the newest entry as a sentence: 今日 17:28 市工信局 李立 反馈进展 80%."""
    return f"{instant(entries[0].at)} {who(entries[0])} {_label(entries[0])}" if entries else None


def _label(entry: AuditEntry) -> str:
    says = SAYS.get(entry.verb)
    return says(entry.after or {}) if says else Verb.said(entry.verb)


def _line(entry: AuditEntry, now: bool, with_note: bool) -> HistoryLine:
    files = (entry.after or {}).get("files")
    return HistoryLine(
        at_words=instant(entry.at),
        label=_label(entry),
        who="，".join(filter(None, [who(entry), f"附件 {files} 个" if files else ""])),
        note=(entry.note or "") if with_note else "",
        now=now,
    )


def who(entry: AuditEntry) -> str:
    """Return who acted, for which unit; the product itself is 自动."""
    if entry.actor is None:
        return "自动"
    return f"{entry.unit.name} {entry.actor.name}" if entry.unit else entry.actor.name
