"""Who may do what (权限): one table of acts, standings and states for all that is no duty and no case.  Pure.

What may be done to a duty and in a case stands in `workflow`, with the states it leads to.  Both decide in the
services, draw the buttons, and print themselves on the page of rights.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from tracker.rules.labels import Labelled
from tracker.rules.roles import MemberRole
from tracker.rules.workflow import Action, CaseAction


class Topic(Labelled):
    """What an act is about."""

    WORK = "work", "任务和办件"
    DOCUMENT = "document", "文件"
    EDITION = "edition", "文件的新版本"
    CASE_TYPE = "case_type", "办件类型"
    REGISTRY = "registry", "单位库"
    CALENDAR = "calendar", "日历"
    PEOPLE = "people", "账号和权限"
    MAIL = "mail", "邮件"
    TRAIL = "trail", "审计"


class Stage(Labelled):
    """Where a document, a case type or a calendar stands; derived from its rows, never stored."""

    DRAFT = "draft", "待核对"
    PUBLISHED = "published", "已发布"
    AMENDING = "amending", "新版本待核对"
    FILED = "filed", "不跟踪"
    IN_USE = "in_use", "在用"
    RETIRED = "retired", "已停用"
    DRAFTED = "drafted", "有待生效的草稿"
    UNDRAFTED = "undrafted", "没有草稿"


class Reach(Labelled):
    """How far a standing carries: everything of the place, or what one's own unit has to do with."""

    PLACE = "place", "本辖区"
    OWN = "own", "本单位"


class PlaceAction(Labelled):
    """What can be done in a place (辖区) besides what is done to a duty or in a case."""

    OVERVIEW = "overview", "查看总览"
    READ_DUTIES = "read_duties", "查看责任"
    READ_CASES = "read_cases", "查看和导出办件台账"
    OPEN_CASE = "open_case", "登记办件"
    IMPORT_CASES = "import_cases", "导入台账"
    REVIEW = "review", "查看待审核"
    READ_DOCUMENTS = "read_documents", "查看文件"
    UPLOAD = "upload", "上传文件"
    CONFIRM = "confirm", "核对文件"
    PUBLISH = "publish", "发布文件"
    ADD_UNIT = "add_unit", "增加责任单位"
    CORRECT_ISSUE_DATE = "correct_issue_date", "更正印发日期"
    OPEN_EDITION = "open_edition", "导入新版本"
    AMEND = "amend", "核对新版本"
    READ_TYPES = "read_types", "查看办件类型"
    KEEP_TYPES = "keep_types", "维护办件类型"
    RETIRE_TYPE = "retire_type", "停用办件类型"
    RESTORE_TYPE = "restore_type", "启用办件类型"
    KEEP_REGISTRY = "keep_registry", "维护单位库"
    READ_CALENDAR = "read_calendar", "查看日历"
    KEEP_CALENDAR = "keep_calendar", "维护日历"
    APPLY_CALENDAR = "apply_calendar", "使日历草稿生效或放弃草稿"
    KEEP_ACCOUNTS = "keep_accounts", "建立、停用账号和重置密码"
    READ_RIGHTS = "read_rights", "查看权限表和角色名单"
    READ_FAILED_MAILS = "read_failed_mails", "查看未发出的邮件"
    RESEND_MAILS = "resend_mails", "重新发送邮件"
    READ_MAILBOX = "read_mailbox", "查看本机信箱"
    READ_TRAIL = "read_trail", "查看审计记录"


@dataclass(frozen=True, slots=True)
class Permission:
    """Who may do one thing, and when: no stages where it does not depend on any."""

    topic: Topic
    standings: Mapping[MemberRole, Reach]
    stages: tuple[Stage, ...] = ()
    refusals: Mapping[Stage, str] = field(default_factory=lambda: MappingProxyType({}))  # why not then, where it helps
    by_system: bool = False  # the product itself may: seeding, the command line
    note: str = ""


_P, _OWN = Reach.PLACE, Reach.OWN
_SUPERVISOR = {MemberRole.SUPERVISOR: _P}
_OVERSEEING = {MemberRole.SUPERVISOR: _P, MemberRole.LEADER: _P}
_UNITS = {MemberRole.OFFICER: _OWN, MemberRole.HEAD: _OWN}
_EVERYBODY = {**_UNITS, **_OVERSEEING}
_TAKING_IN = {**_SUPERVISOR, MemberRole.OFFICER: _OWN}
_ADMINISTRATOR = {MemberRole.ADMINISTRATOR: _P}
_LIVE = (Stage.PUBLISHED, Stage.AMENDING)
_BY_COMMAND = "安装人员也可用命令行"

PERMISSIONS: dict[PlaceAction, Permission] = {
    PlaceAction.OVERVIEW: Permission(Topic.WORK, _OVERSEEING),
    PlaceAction.READ_DUTIES: Permission(Topic.WORK, _EVERYBODY),
    PlaceAction.READ_CASES: Permission(Topic.WORK, _EVERYBODY),
    PlaceAction.OPEN_CASE: Permission(Topic.WORK, _TAKING_IN),
    PlaceAction.IMPORT_CASES: Permission(Topic.WORK, _TAKING_IN),
    PlaceAction.REVIEW: Permission(Topic.WORK, {**_SUPERVISOR, MemberRole.HEAD: _OWN}),
    PlaceAction.READ_DOCUMENTS: Permission(Topic.DOCUMENT, _EVERYBODY),
    PlaceAction.UPLOAD: Permission(Topic.DOCUMENT, _SUPERVISOR),
    PlaceAction.CONFIRM: Permission(
        Topic.DOCUMENT,
        _SUPERVISOR,
        (Stage.DRAFT, Stage.AMENDING),
        {
            stage: "文件已发布，不能再改核对结果；如需调整，请在责任页增加单位或撤销责任。"
            for stage in (Stage.PUBLISHED, Stage.FILED)
        },
    ),
    PlaceAction.PUBLISH: Permission(
        Topic.DOCUMENT,
        _SUPERVISOR,
        (Stage.DRAFT,),
        {stage: "文件已经发布，不能重复发布。" for stage in (*_LIVE, Stage.FILED)},
    ),
    PlaceAction.ADD_UNIT: Permission(Topic.DOCUMENT, _SUPERVISOR, _LIVE),
    PlaceAction.CORRECT_ISSUE_DATE: Permission(Topic.DOCUMENT, _SUPERVISOR, _LIVE),
    PlaceAction.OPEN_EDITION: Permission(
        Topic.EDITION,
        _SUPERVISOR,
        (Stage.PUBLISHED,),
        {
            Stage.DRAFT: "原文件还没有发布，不能导入新版本。请先把它核对发布。",
            Stage.AMENDING: "这份文件已有一个新版本正在核对。请先让它生效，或者放弃它。",
        },
    ),
    PlaceAction.AMEND: Permission(Topic.EDITION, _SUPERVISOR, (Stage.AMENDING,)),
    PlaceAction.READ_TYPES: Permission(Topic.CASE_TYPE, {role: _P for role in _EVERYBODY}),
    PlaceAction.KEEP_TYPES: Permission(Topic.CASE_TYPE, _SUPERVISOR, by_system=True, note=_BY_COMMAND),
    PlaceAction.RETIRE_TYPE: Permission(
        Topic.CASE_TYPE, _SUPERVISOR, (Stage.IN_USE,), {Stage.RETIRED: "这个办件类型已经是停用的。"}
    ),
    PlaceAction.RESTORE_TYPE: Permission(
        Topic.CASE_TYPE, _SUPERVISOR, (Stage.RETIRED,), {Stage.IN_USE: "这个办件类型已经是启用的。"}
    ),
    PlaceAction.KEEP_REGISTRY: Permission(
        Topic.REGISTRY, {**_SUPERVISOR, **_ADMINISTRATOR}, by_system=True, note=_BY_COMMAND
    ),
    PlaceAction.READ_CALENDAR: Permission(Topic.CALENDAR, {**_OVERSEEING, **_ADMINISTRATOR}),
    PlaceAction.KEEP_CALENDAR: Permission(Topic.CALENDAR, _ADMINISTRATOR, by_system=True, note=_BY_COMMAND),
    PlaceAction.APPLY_CALENDAR: Permission(Topic.CALENDAR, _ADMINISTRATOR, (Stage.DRAFTED,), by_system=True),
    PlaceAction.KEEP_ACCOUNTS: Permission(
        Topic.PEOPLE, _ADMINISTRATOR, by_system=True, note="目前由安装人员用命令行办理"
    ),
    PlaceAction.READ_RIGHTS: Permission(
        Topic.PEOPLE, {**_ADMINISTRATOR, MemberRole.SECURITY: _P, MemberRole.AUDITOR: _P}
    ),
    PlaceAction.READ_FAILED_MAILS: Permission(Topic.MAIL, {**_SUPERVISOR, **_ADMINISTRATOR}),
    PlaceAction.RESEND_MAILS: Permission(Topic.MAIL, _ADMINISTRATOR),
    PlaceAction.READ_MAILBOX: Permission(Topic.MAIL, _ADMINISTRATOR, note="仅在没有设置发信服务器时，含各辖区的邮件"),
    PlaceAction.READ_TRAIL: Permission(Topic.TRAIL, {MemberRole.AUDITOR: _P}, note="登录和账号记录不分辖区"),
}

# Nobody decides on what is his own, whatever else he is: the act, and what he is told.
OTHER_EYES: dict[Action, str] = {
    Action.COMPLETE: "不能审核本人提交的办结申请，请由另一位督查员审核。",
    Action.SEND_BACK: "不能审核本人提交的办结申请，请由另一位督查员审核。",
    Action.DECIDE: "不能审批本人提出的延期申请，请由另一位督查员审批。",
}
CASE_OTHER_EYES: dict[CaseAction, str] = {
    CaseAction.DECIDE: "不能审批本人提出的延期申请，请由另一位审批。",
    CaseAction.PAUSE: "不能审批本人提出的暂停申请，请由另一位督查员审批。",
}


def roles_for(action: PlaceAction) -> tuple[MemberRole, ...]:
    """Return the roles that let one do this, whenever it is its time."""
    return tuple(PERMISSIONS[action].standings)


def permits(action: PlaceAction, roles: Iterable[MemberRole], stage: Stage | None = None) -> bool:
    """Whether the table lets somebody of these roles in the place do this; at any stage where none is given."""
    row = PERMISSIONS[action]
    return bool(row.standings.keys() & set(roles)) and in_time(action, stage)


def in_time(action: PlaceAction, stage: Stage | None) -> bool:
    """Whether this is the stage for it."""
    stages = PERMISSIONS[action].stages
    return stage is None or not stages or stage in stages


def reach(action: PlaceAction, roles: Iterable[MemberRole]) -> Reach | None:
    """Return how far somebody of these roles may do this; None where he may not."""
    found = {PERMISSIONS[action].standings[role] for role in roles if role in PERMISSIONS[action].standings}
    return Reach.PLACE if Reach.PLACE in found else Reach.OWN if found else None


def whose(action: PlaceAction) -> str:
    """Say who may do this, to one who may not."""
    *others, last = [role.label for role in roles_for(action)]
    return f"只有本辖区的{'、'.join(others)}{'或' if others else ''}{last}可以{action.label}。"


def not_now(action: PlaceAction, stage: Stage) -> str:
    """Say why this is not its time."""
    otherwise = f"现在是“{stage.label}”，不能{action.label}。请刷新页面查看最新状态。"
    return PERMISSIONS[action].refusals.get(stage, otherwise)
