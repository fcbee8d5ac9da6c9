"""Furniture (页面文字): lines of a page that are no part of the policy, and tables of contents set line by line."""

import re

from tracker.reading.text.lazy import lazy
from tracker.reading.text.numerals import HAN

_FURNITURE = lazy(
    r"[-—－·•\s]*\d{1,4}[-—－·•\s]*"
    r"|第\s*\d+\s*页(?:\s*[共/／]\s*\d+\s*页)?|\d+\s*/\s*\d+"
    r"|(?:MENU|TOP|更多|首页|返回顶部|返回|打印|关闭|收藏|分享|上一篇|下一篇|相关附件|相关文档|相关解读|相关稿件"
    r"|附件下载|服务指南"
    r"|打印本页|关闭窗口|【?打印】?|无障碍|长者模式|登录|注册|搜索|网站地图|联系我们)"
    r"|(?:当前位置|您的位置|您现在的位置|发布日期|发布时间|发文日期|成文日期|浏览次数|阅读次数|访问量|点击数|来源"
    r"|信息来源|文章来源|作者|字体|字号"
    r"|责任编辑|索引号|主题分类|发布机构|发文机关|有效性|分享到|扫一扫|打印|标签|关键词|网站标识码|版权所有|备案号"
    r"|原文链接"
    r"|上一篇|下一篇|相关链接|信息分类|公开方式|公文时效)：.*"
    r"|(?:首页|当前位置).{0,4}[»>＞→].*|[>＞»].*|\d{4}-\d{1,2}-\d{1,2}.*(?:来源|浏览|阅读|字体).*"
    r"|【字体.*|(?:https?|www)[:：.]\S*|扫一扫.*|.*ICP备.*|.{0,12}公网安备.*|（?法宝引证码）?.*",
    re.IGNORECASE,
)
# 主办单位 is a responsibility label too: only beside what a page's footer says it is the site's own.
_SITE_OWNER = lazy(r"(?:网站)?(?:主办|承办|运维|维护)(?:单位)?：.*")
_SITE = lazy(r"网站标识码|政府网站|版权所有|ICP备|备案号|公网安备|技术支持|(?:网站|站点)地图")
_CONTENTS_LINE = lazy(r".*?(?:\t\s*（?\d{1,3}）?|[.…·﹒．]{4,}\s*（?\d{1,3}）?|…{1,}\s*\d{1,3})")
_ENTRY = lazy(rf"第?[{HAN}\d]{{1,4}}[、.章节条]|（[{HAN}\d]{{1,3}}）")
_CONTENTS_HEAD = lazy(r"目\s*录|目\s*次")


class Furniture:
    """Tells why a line is no policy text, one line after the other."""

    def __init__(self) -> None:
        self._in_contents = False

    def reason(self, flat: str, start: int, end: int) -> str | None:
        """Why this line is no policy text."""
        if end - start > 200:
            self._in_contents = False
            return None
        line = flat[start:end]
        if _CONTENTS_HEAD.fullmatch(line):
            self._in_contents = True
            return "目录"
        if _CONTENTS_LINE.fullmatch(line):
            self._in_contents = True
            return "目录"
        if self._in_contents and _ENTRY.match(flat, start):
            # An entry wrapped over two lines carries its page number on the second.
            following = flat[end : end + 80].lstrip()
            if _CONTENTS_LINE.match(following.split("\n", 1)[0]):
                return "目录"
        if _FURNITURE.fullmatch(line):
            return "页面文字"
        if _SITE_OWNER.fullmatch(line):
            following = flat[end : end + 120].lstrip().split("\n", 1)[0]
            if _SITE.search(line) or _SITE.match(following):
                return "页面文字"
        self._in_contents = False
        return None
