"""The demonstration's accounts: every role is somebody's, and nobody is two of 三员."""

from tracker.rules.roles import APART, MemberRole
from tracker.services.demo.city import ACCOUNTS


def test_every_role_is_held_and_nobody_is_two_of_the_three_administrators() -> None:
    held = {account.login: {role for _, _, role in account.posts} for account in ACCOUNTS}
    assert set().union(*held.values()) == set(MemberRole)
    assert [login for login, roles in held.items() if len(roles & APART) > 1] == []
    assert all(account.about.startswith(role.label) for account in ACCOUNTS for role in held[account.login] & APART)
