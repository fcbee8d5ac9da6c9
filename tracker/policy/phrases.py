"""Time wording (时限) of one sentence, as deadlines."""

from tracker.policy.plan import Deadline


def read_phrases(sentence: str) -> tuple[Deadline, ...]:
    """The deadlines one wording states; offsets are relative to it."""
    return ()
