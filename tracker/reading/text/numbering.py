"""Numbers (序号) of paragraphs: a style, a value, and where the words after it begin."""

from dataclasses import dataclass

from tracker.reading.text.markers import RANKS


@dataclass(frozen=True, slots=True)
class Number:
    """One number: its style, its value, how deep it stands, and where the words after it begin."""

    style: str
    ordinal: int
    path: tuple[int, ...]
    body: int
    depth: int = 0  # of the outline of the whole text; 0 for the outermost
    jump: int = 0  # how many numbers are missing before it; -1 where one is printed twice

    @property
    def rank(self) -> int:
        """How far in this style usually stands."""
        return RANKS[self.style]
