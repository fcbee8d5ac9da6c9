"""Words looked for in a column by a statement built once, where SQLAlchemy cannot escape what is bound later."""


def holding(words: str) -> str:
    """Return the pattern of LIKE, with "/" as its escape, that a text holding these very words matches."""
    return f"%{words.replace('/', '//').replace('%', '/%').replace('_', '/_')}%"
