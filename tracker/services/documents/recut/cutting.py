"""Cutting a draft by hand (拆分、合并、新增、移出): which stretches of the text are its measures."""

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Any

from tracker.reading import plan as reading
from tracker.reading.extraction import measure_of
from tracker.reading.loss.apart import Apart
from tracker.reading.plan import Span
from tracker.reading.rendering import measure_json
from tracker.services.core.act import Act
from tracker.services.core.errors import Refused, check_version
from tracker.services.documents.recut.inheriting import inherit
from tracker.services.documents.recut.steps import Cut, carry_out, guard_draft, year_of
from tracker.services.documents.rows import first_words, measure_row
from tracker.store.documents.drafts import source_text
from tracker.store.models import Edition, Measure, Recut, RecutKind
from tracker.store.registry.names import known_names

LONGEST_REASON = 200


def split_measure(
    act: Act,
    edition: Edition,
    measure: Measure,
    cuts: Collection[int],
    *,
    version: int | None = None,
    measure_version: int | None = None,
) -> Recut:
    """Split a measure at places of the text (拆分): each part becomes a measure; the edition must be fully loaded."""
    guard_draft(act, edition, version)
    check_version(measure.version, measure_version)
    places = sorted({c for c in cuts if measure.start < c < measure.end})
    if not places:
        raise Refused("请选择从哪一句起另立一项。", "cut")
    spans = [Span(a, b) for a, b in pairwise([measure.start, *places, measure.end])]
    reader = Stretches(act, edition)
    taken = {m.key for m in edition.measures if m is not measure}
    parts: list[Measure] = []
    for span in spans:
        parts.append(reader.row(span, free_key(measure.key, taken), measure.section))
        taken.add(parts[-1].key)
    inherit([measure], parts)
    at = edition.measures.index(measure)
    now = [*edition.measures[:at], *parts, *edition.measures[at + 1 :]]
    words = f"把 {measure.key} 拆成 {len(parts)} 项：{'、'.join(p.key for p in parts)}"
    whole = Span(measure.start, measure.end)
    return carry_out(act, edition, Cut(RecutKind.SPLIT, words, now, whole, reader.read), reader.text)


def join_measures(
    act: Act,
    edition: Edition,
    measure: Measure,
    other: Measure,
    *,
    version: int | None = None,
    versions: tuple[int | None, int | None] = (None, None),
) -> Recut:
    """Join a measure with its neighbour (合并), with all that stands between them."""
    guard_draft(act, edition, version)
    check_version(measure.version, versions[0])
    check_version(other.version, versions[1])
    first, second = sorted((measure, other), key=lambda m: m.ordinal)
    if second.ordinal != first.ordinal + 1:
        raise Refused("只能和相邻的一项合并。")
    span = Span(min(first.start, second.start), max(first.end, second.end))
    between = [m for m in edition.measures if m not in (first, second) and m.start < span.end and span.start < m.end]
    if between:
        raise Refused(f"这两项在原文里隔着 {between[0].key}，不能合并。")
    reader = Stretches(act, edition)
    whole = reader.row(span, first.key, first.section)
    inherit([first, second], [whole])
    whole.title = first.title
    at = edition.measures.index(first)
    now = [*edition.measures[:at], whole, *edition.measures[at + 2 :]]
    words = f"把 {first.key} 和 {second.key} 合并为一项"
    return carry_out(act, edition, Cut(RecutKind.JOIN, words, now, span, reader.read), reader.text)


def add_measures(act: Act, edition: Edition, spans: Sequence[Span], *, version: int | None = None) -> Recut:
    """Make a measure of each stretch (新增), in one act.

    A single stretch within a measure is cut out of it.
    """
    guard_draft(act, edition, version)
    reader = Stretches(act, edition)
    spans = [_trimmed(reader.text, span) for span in spans]
    if len(spans) == 1 and (inside := holder(edition, spans[0])) is not None:
        return split_measure(act, edition, inside, (spans[0].start, spans[0].end))
    now, made = list(edition.measures), []
    for span in spans:
        refuse_held(edition, span)
        taken = {m.key for m in now}
        before = [m for m in now if m.start < span.start]
        section = max(before, key=lambda m: m.start).section if before else None
        row = reader.row(span, key_at(edition.plan_reading.reading, span, taken), section)
        now.insert(next((n for n, m in enumerate(now) if m.start > span.start), len(now)), row)
        made.append(row)
    words = f"把“{first_words(made[0].text, 20)}”作为措施 {made[0].key}"
    if len(made) > 1:
        words = f"把 {len(made)} 段文字各作为一项措施：{'、'.join(m.key for m in made)}"
    whole = Span(min(s.start for s in spans), max(s.end for s in spans))
    return carry_out(act, edition, Cut(RecutKind.ADD, words, now, whole, reader.read), reader.text)


def take_out(
    act: Act,
    edition: Edition,
    measure: Measure,
    why: str,
    *,
    version: int | None = None,
    measure_version: int | None = None,
) -> Recut:
    """Take a measure out of a draft (移出): its words are listed as belonging to none, with the reason."""
    guard_draft(act, edition, version)
    check_version(measure.version, measure_version)
    if not why.strip():
        raise Refused("请写明为什么不是措施，例如：只是背景说明。", "why")
    if len(why.strip()) > LONGEST_REASON:
        raise Refused(f"原因请不超过 {LONGEST_REASON} 个字。", "why")
    now = [m for m in edition.measures if m is not measure]
    if not now:
        raise Refused("这是最后一项措施，不能移出；整份文件不用跟踪的，请在“文件信息”里说明。")
    words = f"移出 {measure.key}“{first_words(measure.title, 20)}”"
    cut = Cut(RecutKind.TAKE_OUT, words, now, Span(measure.start, measure.end), note=why.strip())
    return carry_out(act, edition, cut, text_of(act, edition))


# --- reading a stretch -----------------------------------------------------------------------------------------------


def text_of(act: Act, edition: Edition) -> str:
    return source_text(act.session, edition.plan_reading.source_id)


def holder(edition: Edition, span: Span) -> Measure | None:
    """Return the measure that holds a stretch and more."""
    return next((m for m in edition.measures if m.start <= span.start and span.end <= m.end), None)


def refuse_held(edition: Edition, span: Span) -> None:
    """Refuse a stretch some of which is a measure's already."""
    held = [m.key for m in edition.measures if m.start < span.end and span.start < m.end]
    if held:
        keys = "、".join(held[:3])
        raise Refused(f"所选文字有一部分已在措施 {keys} 中。请只选还没有归入措施的文字，或者先拆分那一项。")


def _trimmed(text: str, span: Span) -> Span:
    """Return a stretch without the blanks around it; refuses one without words."""
    start, end = max(0, span.start), min(span.end, len(text))
    words = text[start:end]
    if not any(c.isalnum() for c in words):
        raise Refused("所选的地方没有文字，请重新选择。")
    return Span(start + len(words) - len(words.lstrip()), end - len(words) + len(words.rstrip()))


class Stretches:
    """Reads stretches of a draft's text as measures, and keeps what it read."""

    def __init__(self, act: Act, edition: Edition) -> None:
        self.text = text_of(act, edition)
        self.read: list[reading.Measure] = []
        self._edition = edition
        self._known = known_names(act.session, edition.document.jurisdiction_id)

    def row(self, span: Span, key: str, section: str | None) -> Measure:
        """Read a stretch as one measure's row."""
        found = read_stretch(self._edition, self.text, span, key, section)
        self.read.append(found)
        return measure_row(measure_json(found), 0, self._known)


def read_stretch(edition: Edition, text: str, span: Span, key: str = "", section: str | None = None) -> reading.Measure:
    """Read a stretch as one measure; refuses one without words."""
    try:
        found = measure_of(text, span, key=key, section=section, year=year_of(edition))
    except ValueError:
        raise Refused("其中一部分没有文字，请换一处。") from None
    return Apart(text).without_echoes(found)


def free_key(key: str, taken: Collection[str]) -> str:
    """Return a measure's number unlike those taken: its own, 四.2, then 四.2#2; an unnumbered one the next #3."""
    if key not in taken:
        return key
    base = key if key.startswith("#") else key.split("#")[0]
    if base not in taken:
        return base
    stem, serial = ("", 1) if base.startswith("#") else (base, 2)
    while f"{stem}#{serial}" in taken:
        serial += 1
    return f"{stem}#{serial}"


def key_at(read: dict[str, Any], span: Span, taken: Collection[str]) -> str:
    """Return the number of a stretch: its own in the outline, or the next of those without."""
    here = [n["key"] for n in read.get("outline", ()) if n["head"][0] <= span.start < n["head"][1]]
    return free_key(here[-1][:50] if here and here[-1] else "#1", taken)
