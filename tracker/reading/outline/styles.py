"""The styles of numbers a plan may be cut at (编号样式), as the reading names them and as they are printed."""

from tracker.rules.labels import Labelled


class NumberStyle(Labelled):
    """The style of a number, from the outermost that is usual to the innermost."""

    PART = "part", "按“第X编”拆分", "第X编"
    CHAPTER = "chapter", "按“第X章”拆分", "第X章"
    SECTION = "section", "按“第X节”拆分", "第X节"
    ARTICLE = "article", "按“第X条”拆分", "第X条"
    HAN = "han", "按“一、”拆分", "一、"
    HAN_PAREN = "han_paren", "按“（一）”拆分", "（一）"
    ARABIC = "arabic", "按“1.”拆分", "1."
    DOTTED = "dotted", "按“1.1”拆分", "1.1"
    ARABIC_PAREN = "arabic_paren", "按“（1）”拆分", "（1）"
    CIRCLED = "circled", "按“①”拆分", "①"

    printed: str

    def __init__(self, _value: str, _label: str = "", printed: str = "") -> None:
        """Keep how such a number is printed."""
        self.printed = printed
