"""Words typed by a person (文字): trimmed, asked for where none were typed, refused where they are too many."""

from tracker.services.core.errors import Refused

LONGEST_NOTE = 1000


def words(text: str | None, asked: str, longest: int = LONGEST_NOTE, field: str = "note") -> str:
    """Return what was typed, trimmed; refuses nothing typed and too much of it, beside its field."""
    said = (text or "").strip()
    if not said:
        raise Refused(asked, field)
    if len(said) > longest:
        raise Refused(f"请不超过 {longest} 个字。", field)
    return said
