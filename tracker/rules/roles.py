"""What a person is in a unit (角色).  Pure."""

from tracker.rules.labels import Labelled


class MemberRole(Labelled):
    """What a person is in a unit; the last three are 三员, of whom nobody is two."""

    OFFICER = "officer", "承办人"
    HEAD = "head", "单位负责人"
    SUPERVISOR = "supervisor", "督查员"
    LEADER = "leader", "领导"
    ADMINISTRATOR = "administrator", "系统管理员"  # accounts, places, running
    SECURITY = "security", "安全管理员"  # rights, settings of security
    AUDITOR = "auditor", "审计员"  # reads the trail


# 三员: each watches over the others, so that nobody is two of them.
APART = frozenset({MemberRole.ADMINISTRATOR, MemberRole.SECURITY, MemberRole.AUDITOR})
