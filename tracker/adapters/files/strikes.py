"""Strikes (删除线) of Word: single or double, set on a run itself or by its style or its paragraph's."""

from typing import Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_DEEPEST = 20  # styles based on styles


class Strikes:
    """Tells which runs of a document are struck."""

    def __init__(self, styles: Any | None) -> None:
        self._styles: dict[str, tuple[str | None, bool | None]] = {}
        self._default: str | None = None
        for one in styles.iterchildren(f"{_W}style") if styles is not None else ():
            name = one.get(f"{_W}styleId", "")
            self._styles[name] = (_value(one, "basedOn"), _said(one))
            if one.get(f"{_W}default") in ("1", "true") and one.get(f"{_W}type") == "paragraph":
                self._default = name

    def cover(self, run: Any, paragraph: Any) -> bool:
        """Whether a run is printed struck; what it says itself wins over its styles."""
        own = _said(run)
        if own is not None:
            return own
        # Word lets a strike of the paragraph's style and one of the run's cancel each other (ISO 29500-1, 17.7.3).
        lines = self._of_style(_value(paragraph, "pPr", "pStyle") or self._default)
        return lines != self._of_style(_value(run, "rPr", "rStyle"))

    def _of_style(self, name: str | None) -> bool:
        for _ in range(_DEEPEST):
            if name is None or name not in self._styles:
                break
            name, said = self._styles[name]
            if said is not None:
                return said
        return False


def _said(element: Any) -> bool | None:
    """What a run or style says of strikes; None where it says nothing."""
    marks = [element.find(f"{_W}rPr/{_W}{mark}") for mark in ("strike", "dstrike")]
    said = [mark.get(f"{_W}val") not in ("0", "false", "off") for mark in marks if mark is not None]
    return any(said) if said else None


def _value(element: Any, *path: str) -> str | None:
    found = element.find("/".join(f"{_W}{name}" for name in path))
    return found.get(f"{_W}val") if found is not None else None
