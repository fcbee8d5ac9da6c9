"""What was right of the limits that each rule found in the annotated plans and sentences of laws (实测)."""

# Rule -> (right, all), written by `python -m tests.reading.precision_of_limits --write` and kept true by its test.
MEASURED_LIMITS: dict[str, tuple[int, int]] = {
    "before an event": (1, 1),
    "before an expiry": (1, 1),
    "cap": (5, 5),
    "compact rhythm": (8, 9),
    "date with an act": (4, 4),
    "date with 前": (52, 52),
    "end of an offer": (2, 2),
    "event and period": (38, 38),
    "floor": (2, 2),
    "held all year": (5, 5),
    "month in brackets": (52, 52),
    "offer until after an event": (1, 1),
    "period": (14, 14),
    "period and act": (6, 6),
    "range": (5, 5),
    "same day": (5, 5),
    "waiting period": (2, 2),
    "waived months of a year": (2, 2),
    "window of days": (5, 5),
    "year of an offer": (10, 10),
    "year to come": (3, 3),
    "于 and a day": (3, 3),
    "到 and a date": (12, 12),
    "到 and a year": (15, 15),
    "力争 and a year": (3, 3),
    "按 a period": (2, 2),
    "每 a period": (33, 34),
}


def limit_words(rule: str) -> str:
    """What was measured of a rule of limits, for whoever asks why one was read (--explain)."""
    # A limit in a table's column is read by the same rules as one in a sentence.
    known = MEASURED_LIMITS.get(rule) or MEASURED_LIMITS.get(rule.removeprefix("table "))
    return f"标注文件中 {known[0]}/{known[1]} 对" if known else "未测"
