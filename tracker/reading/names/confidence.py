"""How sure a unit is (把握): what was right of those that each rule found in the annotated plans."""

# Rule -> (right, all), written by `python -m tests.reading.precision --write` and kept true by its test.
MEASURED: dict[str, tuple[int, int]] = {
    "barred": (0, 1),
    "bracket": (1535, 1539),
    "date and act": (4, 4),
    "date and subject": (1, 1),
    "label": (265, 265),
    "office": (1, 2),
    "subject": (152, 155),
    "subject and act": (36, 39),
    "subject and case": (3, 3),
    "subject and time": (6, 6),
    "会同": (6, 7),
    "会同的主语": (2, 3),
    "由": (17, 17),
    "由某类": (8, 12),
    "请": (7, 7),
}
# What no annotated plan, cut at its measures, can show.
_ASSUMED = {"section": 0.9, "heading": 0.8, "unit first": 0.95, "beside": 0.85}
_FLOOR = 0.75
_MOST = 0.99  # nothing that was read is certain
ASKED = 0.55
"""What stands in for the confidence of a rule that is wrong too often, and of a name that reads like none."""


def confidence_of(rule: str) -> float:
    """The confidence of a unit that a rule found; below `_FLOOR` it makes the reading a question."""
    if rule not in MEASURED:
        return _ASSUMED.get(rule, ASKED)
    sure = precision_of(*MEASURED[rule])
    return min(round(sure, 2), _MOST) if sure >= _FLOOR else ASKED


def precision_of(right: int, found: int) -> float:
    """The share that was right, drawn towards a half where few were found."""
    return (right + 1) / (found + 1.5) if found else 0.5


def measured_words(rule: str) -> str:
    """What was measured of a rule, for whoever asks why a unit was read (--explain)."""
    if rule not in MEASURED:
        return "未测"
    right, found = MEASURED[rule]
    return f"标注文件中 {right}/{found} 对"
