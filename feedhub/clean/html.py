"""Read HTML or plain text of a feed as lines, and write lines as HTML that is safe to publish."""

from __future__ import annotations

import re
from itertools import pairwise

from feedhub.clean.attributes import LinkResolver, targets_in
from feedhub.clean.lines import Line, drop_dangling, markup_of
from feedhub.clean.sanitiser import LOST, SANITISER, common_markup
from feedhub.clean.tags import bound_tags
from feedhub.clean.text import is_even, may_be_mojibake, repair, tidy
from feedhub.clean.tree import LineCollector, parse
from feedhub.model import Markup

# Bodies beyond this are no news story; the rest is cut off before it costs time.
MAX_MARKUP = 400_000
MAX_LINES = 6_000
_TAG = re.compile(r"<(?:/?[a-zA-Z]|!)")
_BLOCK_TAG = re.compile(r"<(?:br|p|div|li|ul|ol|table|tr|td|h[1-6]|blockquote|section|article|pre|figure|hr)\b", re.I)
_ESCAPED = re.compile(r"&lt;/?(?:p|br|div|a|img|b|i|em|strong|span|ul|li|h[1-6]|font|table|script|blockquote)\b", re.I)
_SENTENCE_END = re.compile(r"[.!?:;。！？।\"'”’)]$")

#: nor does such a picture come by an address again through its other sizes, which the sanitiser does not look at
_OTHER_SIZES = re.compile(r'(<img(?! src=)(?:\s[a-z-]+="[^"]*")*?)\ssrcset="[^"]*"')
#: what is lost goes in the first pass; more are for what only a link round it kept
_MOST_PASSES = 3

#: codes of page builders that nothing has turned into markup, and how they begin
_BUILDERS = ("[vc_", "[fusion_", "[et_pb_", "[av_", "[mk_", "[caption ", "[cs_", "[siteorigin_")
_SHORTCODE = re.compile(r"\[/?(?:(?:vc|fusion|et_pb|av|mk|cs|siteorigin)_\w{1,40}|caption)(?:\s[^\[\]<>]{0,4000})?\]")
#: an address whose closing quote is missing: it would end at the next quote, and swallow the text as far as that
_CROOKED = re.compile(r'="[^"<>\s]{1,2000}>')
_OPEN_QUOTE = re.compile(r'(\s(?:href|src)="[^"<>\s]{1,2000})>(?=[^"]{0,4000}</)', re.IGNORECASE)
_PARTED = re.compile(r"<(?:p|pre|li|td)\b", re.IGNORECASE)
_BLANK_LINE = re.compile(r"\n[ \t\r]*\n")
_FEW_PARAGRAPHS = 4


def read(markup: Markup, base: str | None) -> list[Line]:
    """Read markup as lines of text; addresses are absolute."""
    return read_bounded(markup, base)[0]


def read_bounded(markup: Markup, base: str | None, page: str | None = None) -> tuple[list[Line], bool]:
    """Read markup as lines; return them, and whether it is beyond all measure, so that a part was not read.

    `page` is the address of the article: a link to a place on it that stands in the markup leads there.
    """
    lines, is_cut = _read(markup, base, page)
    return lines[:MAX_LINES], is_cut or len(lines) > MAX_LINES or len(markup.value) > MAX_MARKUP


def _read(markup: Markup, base: str | None, page: str | None) -> tuple[list[Line], bool]:
    value = markup.value[:MAX_MARKUP]
    if markup.html and not _TAG.search(value) and _ESCAPED.search(value):
        value = re.sub("&(lt|gt|quot|amp);", lambda m: {"lt": "<", "gt": ">", "quot": '"', "amp": "&"}[m[1]], value)
    if not markup.html or not _TAG.search(value):
        return [_line(text, number) for number, text in enumerate(plain_lines(value))], False
    if "[" in value and any(start in value for start in _BUILDERS):
        value = _SHORTCODE.sub("", value)
    if "\n" in value.strip() and _parts_by_blank_lines(value):
        # no blanks in front: there may be thousands, and no second line end behind them
        value = re.sub(r"\n\s*\n\s*", "<p>", value)
    if _CROOKED.search(value):
        value = _OPEN_QUOTE.sub(r'\1">', value)
    value, is_cut = bound_tags(value.encode("utf-8", "ignore").decode())
    body = parse(value)
    if body is None:
        return [], is_cut
    collector = LineCollector(LinkResolver(base, page, targets_in(value)), MAX_LINES)
    return collector.run(body), is_cut or collector.is_cut


def _parts_by_blank_lines(value: str) -> bool:
    """Tell whether a markup writes its paragraphs as plain text does: no tag parts them, or hardly one does."""
    if _PARTED.search(value):
        return False
    tags = len(_BLOCK_TAG.findall(value))
    return not tags or len(_BLANK_LINE.findall(value)) > max(_FEW_PARAGRAPHS, 2 * tags)


def plain_lines(text: str) -> list[str]:
    """Divide plain text into paragraphs; lines that were only wrapped at a width are joined again."""
    even = is_even(text)
    if not even or ";" in text:
        text, even = repair(text.replace("\r\n", "\n").replace("\r", "\n")), False
    if "\n" not in text:
        return [tidy(text)] if text.strip() else []
    lines = text.split("\n")
    if len(text) < 100 * len(lines) and is_wrapped(lines):
        text = re.sub(r"(?<=\S)[ \t]*\n(?=\S)", " ", text)
        lines = text.split("\n")
    if may_be_mojibake(text):
        # what is right beside one line may look wrong without it
        return [tidied for line in lines if (tidied := tidy(line))]
    apart = even and "  " not in text
    return [line for line in (line.strip() if apart else " ".join(line.split()) for line in lines) if line]


def is_wrapped(lines: list[str]) -> bool:
    """Tell whether line ends fall inside sentences at a regular width, as in wire copy of old."""
    inner = [a.rstrip() for a, b in pairwise(lines) if a.strip() and b[:1].strip()]
    if len(inner) < 2 or max(map(len, inner)) > 100:
        return False
    long = sum(len(line) >= 25 for line in inner)
    broken = sum(not _SENTENCE_END.search(line) for line in inner)
    return long >= 0.7 * len(inner) and broken >= 0.6 * len(inner)


def render(lines: list[Line]) -> str:
    """Write lines as sanitised HTML. The sanitiser is the last step: nothing may touch the text after it."""
    lines = drop_dangling(lines)
    if (common := common_markup(lines)) is not None:
        return common
    html = SANITISER.clean(markup_of(lines))
    for _ in range(_MOST_PASSES):
        if not LOST.search(html):
            break
        rest = read(Markup(value=_OTHER_SIZES.sub(r"\1", html)), None)
        html = SANITISER.clean(markup_of(drop_dangling(rest)))
    return html


_KNOWN = (
    "a|abbr|audio|b|base|big|blockquote|body|br|button|center|cite|code|dd|del|div|dl|dt|em|embed|figure|font|form|"
    "frame|frameset|h[1-6]|head|hr|html|i|iframe|img|input|ins|kbd|label|li|link|marquee|math|meta|noscript|object|ol|"
    "p|pre|q|s|script|select|small|source|span|strike|strong|style|sub|sup|svg|table|tbody|td|template|textarea|th|"
    "title|tr|tt|u|ul|var|video"
)
_ALONE = rf"</?(?:{_KNOWN})(?:/?>|[\s/][^<>]*>)|<!\[CDATA\[|\]\]>"
_TAG_ALONE = re.compile(_ALONE, re.IGNORECASE)


def has_markup(text: str) -> bool:
    """Tell whether a plain-text item holds tags all the same."""
    if "<" not in text:
        return False
    # A comment without an end is text; to look for the end from each beginning anew would take as long as it likes.
    comment = text.find("<!--")
    return (comment >= 0 and text.find("-->", comment) >= 0) or bool(_TAG_ALONE.search(text))


def _line(text: str, number: int) -> Line:
    return Line("p", number, (), [text], text)
