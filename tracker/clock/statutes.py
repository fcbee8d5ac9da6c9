"""Statutes that make a printed 日 a working day (按工作日计的日), and of which numbers of days they say it."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Statute:
    """One law's article; `amounts` are the numbers of days it makes workdays, None for every one."""

    name: str
    article: str
    amounts: frozenset[int] | None
    words: str


STATUTES: tuple[Statute, ...] = (
    Statute("行政许可法", "行政许可法第八十二条", None, "实施行政许可的各项期限"),
    Statute("行政复议法", "行政复议法第八十八条", frozenset({3, 5, 7, 10}), "三日、五日、七日、十日"),
    # For what was applied for before 2024: the text of 2017 knew only these two.
    Statute("行政复议法 2017年文本", "行政复议法（2017年）第四十条", frozenset({5, 7}), "五日、七日"),
    Statute("行政处罚法", "行政处罚法第八十五条", frozenset({2, 3, 5, 7}), "二日、三日、五日、七日"),
    Statute("行政强制法", "行政强制法第六十九条", frozenset(range(1, 11)), "十日以内的期限"),
)


def statute_of(article: str) -> Statute | None:
    """Return the statute an article belongs to, None where it is not in the table."""
    return next((statute for statute in STATUTES if statute.article == article), None)


def counts_as_workdays(article: str, amount: int) -> bool:
    """Tell whether `article` makes a printed period of `amount` 日 one of workdays; no article does for 当日 (0)."""
    statute = statute_of(article)
    return statute is not None and amount > 0 and (statute.amounts is None or amount in statute.amounts)
