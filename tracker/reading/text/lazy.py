"""Regular expressions that are compiled when they are first used (延迟编译), so that importing the reader is cheap."""

import re
from typing import Any, cast

_METHODS = ("search", "match", "fullmatch", "finditer", "findall", "sub", "subn", "split", "pattern", "flags", "groups")


class _Lazy:
    """Stands in for a pattern: the first call compiles it and puts the pattern's own methods in place."""

    __slots__ = ("_flags", "_source", *_METHODS)

    def __init__(self, source: str, flags: int) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> Any:
        # Only a slot that is still empty comes here; from then on a call costs no more than on the pattern itself.
        if name not in _METHODS:
            raise AttributeError(name)
        compiled = re.compile(self._source, self._flags)
        for method in _METHODS:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def lazy(source: str, flags: int = 0) -> re.Pattern[str]:
    """The pattern of this source, compiled at its first use."""
    return cast("re.Pattern[str]", _Lazy(source, flags))
