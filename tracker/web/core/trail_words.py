"""The trail's facts (前、后) as an auditor reads them: Chinese for what is stored under the program's own names."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from tracker.clock.describing import describe_rule
from tracker.clock.rules import ClockError, CountUnit, Kind, Rule, Sense
from tracker.reading.pairing import ChangeKind
from tracker.reading.plan import Role
from tracker.rules.labels import Labelled
from tracker.rules.workflow import State
from tracker.store.models import (
    ChangeAnswer,
    MemberRole,
    PastAnswer,
    PlanAnswer,
    Satisfaction,
    StepKind,
    UnitKind,
)
from tracker.web.kit.words import full_day, full_instant

# A fact whose name is not listed stands under that name: better an English word than a fact left out.
FACTS: dict[str, str] = {
    "accepted_at": "受理时间", "active": "启用", "alias": "别名", "aliases": "别名", "already": "已有",
    "amount": "数量", "amount_fen": "金额（分）", "answer": "答复", "article": "条款", "authority": "依据",
    "calendar": "日历版本", "change": "变化", "changes": "变化", "closed_on": "办结日期", "dates": "时限",
    "doc_no": "文号", "due_on": "日期", "duties": "责任", "effective_on": "施行日期", "email": "邮箱",
    "event": "事件", "expired_answer": "过期的答复", "expires_on": "有效期至", "faults": "有误", "file": "文件",
    "filename": "文件", "files": "附件", "granted": "批准", "handler": "办理单位", "happened_at": "发生时间",
    "happened_on": "发生日期", "is_task": "作为任务", "issued_on": "印发日期", "items": "责任项", "kind": "种类",
    "left_out": "不列入", "limits": "时限", "login": "登录名", "measures": "措施", "members": "成员",
    "message_id": "邮件编号", "milestones": "节点", "name": "名称", "names": "名称", "new": "新增", "number": "编号",
    "part": "部分办理", "percent": "完成（%）", "period": "期次", "phone": "电话", "plans": "方案", "posts": "任职",
    "printed": "原文写法", "renewed_on": "新的日期", "role": "角色", "rrule": "周期", "rule": "时限", "rules": "时限",
    "satisfaction": "满意度", "sha256": "校验值", "share": "相同比例", "state": "状态", "step": "步骤",
    "steps": "步骤", "subject": "主题", "supervises": "督查单位", "tasks": "任务", "times": "处数", "title": "标题",
    "to": "送往", "type": "类型", "unit": "单位", "units": "单位", "version": "版本", "wanted_on": "申请延至",
}  # fmt: skip
# Only what stands under these names is a word of the program; elsewhere the same letters are what somebody wrote.
CODED: dict[str, tuple[type[Labelled], ...]] = {
    "answer": (PastAnswer, ChangeAnswer, PlanAnswer),
    "expired_answer": (PastAnswer,),
    "kind": (UnitKind, StepKind, ChangeKind),
    "names": (Role,),
    "posts": (MemberRole,),
    "role": (Role,),
    "rules": (Kind, CountUnit, PastAnswer),
    "satisfaction": (Satisfaction,),
    "state": (State,),
}


def trail(facts: Mapping[str, Any]) -> str:
    """Return what stood before or after an act as one line of Chinese; empty facts are left out."""
    return "；".join(f"{_name(name)}：{_said(value, name)}" for name, value in facts.items() if value not in (None, ""))


def _name(name: str) -> str:
    return f"时限 {name}" if name.isdigit() else FACTS.get(name, name)


def _said(value: Any, name: str) -> str:
    if value is None:
        return "空"
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, Mapping):
        return f"（{'；'.join(f'{_name(k)}：{_said(v, k)}' for k, v in value.items())}）"
    if isinstance(value, list):
        return "、".join(f"〔{_said(v, name)}〕" if isinstance(v, list) else _said(v, name) for v in value) or "无"
    if isinstance(value, str):
        return _word(value, name)
    return str(value)


def _word(text: str, name: str) -> str:
    if name in ("rrule", "rules") and text.startswith("FREQ="):
        return _rhythm(text)
    if name in CODED:
        return next((kind(text).label for kind in CODED[name] if text in set(kind)), text)
    try:
        if name.endswith("_at"):
            return full_instant(datetime.fromisoformat(text))
        if name.endswith("_on"):
            return full_day(date.fromisoformat(text))
    except ValueError:
        pass  # written otherwise by an earlier version: shown as it stands
    return text


def _rhythm(rrule: str) -> str:
    try:
        return describe_rule(Rule(Kind.RECURRING, Sense.WITHIN, rrule=rrule))
    except ClockError:
        return rrule
