"""Suspects (正文之外): what lies in no measure is read all the same, and a charge or a limit found there is asked."""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracker.reading.limits.phrases import deadlines_in
from tracker.reading.names.bodies import is_name
from tracker.reading.names.brackets import blocks_in
from tracker.reading.names.charges import charges_in
from tracker.reading.plan import Doubt, DoubtKind, Span
from tracker.reading.text.cleaning import Clean
from tracker.reading.text.lazy import lazy

_REMEMBERED, _MOST_READ = 400, 2048  # characters of a stretch, and stretches, whose finds are kept
_SEEN = 60  # characters of the words that are shown
_A_CLAUSE = 4  # characters; less than that (the number before a measure) says nothing
_STOP = lazy("[。；！？]")
# Who explains a document is charged with nothing that could be late.
_EXPLAINS = lazy(r"负责(?:具体)?解释")
# A label of any sort before the name of a body: 牵头考核单位：市工信局.
_LABEL = lazy(
    r"(?<!联系)(?<!咨询)(?:单位|部门|主体|机构|领导|责任人|处室|科室)(?:：|为)(?P<who>[^，。；：、（）]{2,30})"
)
_DUTY = lazy(
    r"应当|负责(?!(?:具体)?解释|同志|人)|由[^，。；]{2,40}牵头|(?:于|在)[^，。；]{0,12}[月日底]前[^。；]{0,30}(?:报|反馈|完成)"
    r"|要(?:及时|按时|定期|抓紧)*(?:报送|报告|上报|反馈)"
)
# 完成时限：一年: a limit behind its label, whatever it says.
TERM = lazy(
    r"(?:(?:完成|办理|办结|整改|落实|承诺|法定)(?:时限|期限|时间)|(?:^|[，。；、])时[限长])：[^，。；：\s]{1,20}"
)
# 主管：县市监局, （县审批局，5月）: an office by its own name behind a label or first in a bracket.
_OFFICE_AT = lazy(
    r"(?:(?<!抄送)(?<!主送)(?<!抄报)(?<!抄发)(?<!分送)(?<!发至)(?<!来源)(?<!作者)(?<!印发机关)(?<!发文机关)(?<!发布机构)"
    r"(?<=[\u4e00-\u9fff]{2})：|（)(?P<who>[省市县区镇乡州][^，。；：、的（）]{1,14}(?:[局委办院]|中心))(?=[，、；）]|$)"
)
# 6月30日，全面完成: a day and what is to be by then.
_ON_A_DAY = lazy(r"(?:^|[●★■◆▲。；]\s?)\d{1,2}月\d{1,2}[日号]，[^。；]{2,20}")
# 谁主管谁负责, 分级负责: a principle.
_PRINCIPLE = lazy(r"谁[^，。；]{0,30}$|[“][^”]{0,30}$|(?:分[级工]|逐级|分别|各自|终身|层层)$")


@dataclass(frozen=True, slots=True)
class Find:
    """A charge or a limit found where no measure is, at its place in the clean text."""

    start: int
    end: int


class Sentences:
    """Where the sentences of a text end, found once."""

    def __init__(self, flat: str) -> None:
        self._ends = [match.end() for match in _STOP.finditer(flat)]
        if not self._ends or self._ends[-1] < len(flat):
            self._ends.append(len(flat))

    def around(self, place: int) -> tuple[int, int]:
        """The sentence that a place lies in, its stop included."""
        at = min(bisect_right(self._ends, place), len(self._ends) - 1)
        return self._ends[at - 1] if at else 0, self._ends[at]


def finds_in(clean: Clean, year: int | None) -> list[Find]:
    """What a stretch of text charges somebody with, and the limits it sets, in order."""
    flat, sentences = clean.flat, Sentences(clean.flat)
    found = [Find(block.start, block.end) for block in blocks_in(flat)]
    found += [Find(*match.span()) for match in _LABEL.finditer(flat) if is_name(match["who"])]
    found += [Find(*match.span()) for pattern in (TERM, _ON_A_DAY) for match in pattern.finditer(flat)]
    found += [Find(*match.span("who")) for match in _OFFICE_AT.finditer(flat)]
    for charge in charges_in(flat, 0, len(flat)):
        if not _EXPLAINS.search(flat, *sentences.around(charge.start)):
            found.append(Find(charge.names[0].start, charge.names[0].end))
    for limit in deadlines_in(clean, 0, len(flat), year):
        if limit.kind != "validity":
            found.append(Find(clean.index(limit.span.start), clean.index(limit.span.end - 1) + 1))
    for match in _DUTY.finditer(flat):
        explains = _EXPLAINS.search(flat, match.start(), sentences.around(match.start())[1])
        if not explains and not _PRINCIPLE.search(flat, max(match.start() - 32, 0), match.start()):
            found.append(Find(*match.span()))
    return sorted(found, key=lambda one: one.start)


def suspects(printed: str, flat: str, stretches: Sequence[Span], year: int | None) -> Iterator[Doubt]:
    """A doubt for every run of sentences outside the measures that charge somebody or set a limit."""
    read: dict[str, list[tuple[int, int]]] = {}
    for stretch in stretches:
        clean = Clean(printed, flat, [(stretch.start, stretch.end)])
        if len(clean.flat) < _A_CLAUSE:
            continue
        # The same words are read once, however often they stand there.
        runs = read.get(clean.flat)
        if runs is None:
            runs = _runs(clean.flat, finds_in(clean, year))
            if len(clean.flat) <= _REMEMBERED and len(read) < _MOST_READ:
                read[clean.flat] = runs
        for start, end in runs:
            words = clean.text[start:end]
            seen = words if len(words) <= _SEEN else words[: _SEEN - 1] + "…"
            yield Doubt(DoubtKind.SUSPECT, clean.span(start, end), seen)


def _runs(flat: str, finds: Sequence[Find]) -> list[tuple[int, int]]:
    """The sentences that hold finds; sentences that follow one another directly are one run."""
    sentences = Sentences(flat)
    runs: list[tuple[int, int]] = []
    for find in finds:
        start, end = sentences.around(find.start)[0], sentences.around(max(find.end - 1, find.start))[1]
        if runs and start <= runs[-1][1]:
            runs[-1] = (runs[-1][0], max(runs[-1][1], end))
        else:
            runs.append((start, end))
    return runs
