"""A page as a value: all its template shows, each part with its type, under the name the template knows it by."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, ClassVar, NamedTuple

from flask import current_app, render_template
from markupsafe import Markup


class View:
    """Base of the pages: a frozen dataclass whose fields are what its template is told beside the frame."""

    __slots__ = ()
    template: ClassVar[str]

    def render(self) -> str:
        return render_template(self.template, **values(self))

    def render_alone(self) -> str:
        """Render without asking for the frame, which may be what failed."""
        return current_app.jinja_env.get_template(self.template).render(values(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What base.html shows on every page."""

    today_words: str
    now_words: str
    mail_not_sent: bool
    home_url: str
    nav: list[Any]  # navigation.Place: who may see what is known there
    who: str | None
    mailbox_url: str | None
    missing_notice: dict[str, Any] | None
    guard: str = ""  # the id of a form that may hold something typed: a page that has one sets it in its template


def values(shown: Any) -> dict[str, Any]:
    """Return a page's or the frame's values by name; the rows among them stay the rows they are."""
    return {field.name: getattr(shown, field.name) for field in fields(shown)}


# --- What cannot be done: what happened, what to do next, one way on -----------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NotTakenPage(View):
    """400; also what an expired form token leads to. What was typed may be copied from it."""

    template: ClassVar[str] = "kit/errors/400.html"
    said: str = "页面打开太久，或者提交的内容不完整，为了安全没有收下。"
    typed: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotPermittedPage(View):
    """403: which role may do this."""

    template: ClassVar[str] = "kit/errors/403.html"
    said: str = "这一步由其他角色办理，您的账号可以查看，但不能在这里操作。"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFoundPage(View):
    """404: no such page, or a row this reader may not know of."""

    template: ClassVar[str] = "kit/errors/404.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class TooLargePage(View):
    """413: how much may be sent at once."""

    template: ClassVar[str] = "kit/errors/413.html"
    limit_words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TooManyPage(View):
    """429: too many attempts."""

    template: ClassVar[str] = "kit/errors/429.html"


@dataclass(frozen=True, slots=True, kw_only=True)
class TooSlowPage(View):
    """503: the database took longer than a page may."""

    template: ClassVar[str] = "kit/errors/503.html"
    seconds: int
    reference: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenPage(View):
    """500, with the number under which the log keeps what happened."""

    template: ClassVar[str] = "kit/errors/500.html"
    reference: str | None


# --- Bars (进度条): the parts of a whole, drawn a hundred wide ------------------------------------------------------

Part = tuple[str, float, str]  # css, share from 0 to 100, and what it is: "逾期 2 项"
GAP = 0.4


class Bar(NamedTuple):
    """What macros/lights.html draws: what the bar says, and its rectangles."""

    said: str
    drawn: Markup


def draw_bar(parts: Iterable[Part]) -> Bar:
    """Return the bar of some parts, with a thin line between two of them; those of no share are left out."""
    shown, x = [part for part in parts if part[1]], 0.0
    drawn: list[str] = []
    for css, share, _ in shown:
        if drawn:  # over the end of the part before
            drawn.append(f'<rect x="{x - GAP:.2f}" y="0" width="{GAP}" height="10" fill="#fff"></rect>')
        # css is a word of the program's own
        drawn.append(f'<rect class="{css}" x="{x:.2f}" y="0" width="{share:.2f}" height="10"></rect>')
        x += share
    return Bar("、".join(label for _, _, label in shown), Markup("".join(drawn)))  # noqa: S704 - numbers and our words
