"""Write all tags of a markup anew, so that no parser can be made to work for ever.

Parsers of HTML take the square of an element's attributes and of the depth, and repeat what stands open in every
paragraph: 48 kB of `<font>` grow to a gigabyte. A tag that is only looked at can be hidden from the look (in quotes, a
comment, a script); one that is written anew cannot.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, lru_cache
from itertools import islice

from feedhub.clean.catalogue import picture_rules
from feedhub.clean.formulas import ELEMENTS
from feedhub.clean.late_pictures import holds_address, names_picture
from feedhub.clean.text import word_set

_S = r"\t\n\f\r "
_NAME = rf"[^{_S}/>][^{_S}/>=]*"
_VALUE = rf"""(?:"[^"]*(?:"|\Z)|'[^']*(?:'|\Z)|[^{_S}>"'][^{_S}>]*|(?=>))"""
#: exactly as a browser reads it; what was matched is not tried another way (`?>`)
_ATTRIBUTE = re.compile(rf"(?>[{_S}/]*)({_NAME})(?>[{_S}]*=[{_S}]*({_VALUE}))?")
_TAG = re.compile(rf"<(/?)([a-zA-Z][^{_S}/>]*)((?>(?:[{_S}/]*{_NAME}(?:[{_S}]*=[{_S}]*{_VALUE})?)*))(?>[{_S}/]*)(>|\Z)")
#: attributes that the walk looks at, those of pictures that are loaded late aside; of a tag's others none is kept
_ATTRIBUTES = word_set(
    """
    xml:lang checked
    href title src srcset alt width height poster style hidden dir lang class id name start type reversed value colspan
    rowspan role data display alttext cite aria-label data-thumbnail thumb data-litespeed-src data-cmp-src
    data-src-cmplz data-telegram-post data-instgrm-permalink data-bluesky-uri videoid data-videoid data-youtube-id
    data-yt-id data-tweet-id data-tweetid data-vimeo-id data-shortcode data-text-post-permalink data-embed-url
    data-oembed-url data-oembed data-youtube data-id data-video-id data-embed data-href data-pin-do srcdoc url
    """
)
_MOST_ATTRIBUTES = 100
#: all that is inside is no text of the article, whatever it looks like
_RAW = word_set("script style textarea title xmp iframe noembed noframes svg")
#: what stands inside is not shown
_UNSHOWN = word_set("noscript select canvas template")
#: of these the attributes tell a link
_TELLING = word_set("script iframe")
_RAW_END = {name: re.compile(rf"</{name}(?=[{_S}/>])[^>]*>?", re.IGNORECASE) for name in _RAW}
_RAW_START = {name: re.compile(rf"<{name}(?=[{_S}/>])", re.IGNORECASE) for name in _RAW}
#: without an end, or with one that may be left out
_VOID = word_set(
    """
    br img hr p li td tr th input link meta source wbr col area embed param track dd dt option
    """
)
#: these are opened again in each block after the one that they were left open in, three of a name at most
_REOPENED = word_set("a b big code em font i nobr s small strike strong tt u")
_MOST_REOPENED = 3
#: an end inside does not end what began outside
_WALLS = word_set("table caption template select object applet marquee button")
_MOST_OPEN = 200
#: elements, those that are opened again with them: twice what is read of a document
_MOST_NODES = 120_000
#: markup with fewer tags, none of them crowded, is left as it is
_FEW_TAGS, _SHORT = 400, 8_192
#: closed in itself, as XML writes it: a parser of HTML takes all that follows for what stands inside
_SELF_CLOSED = re.compile(rf"<(?:{'|'.join(sorted(_RAW | _UNSHOWN))})(?:[{_S}][^<>]*)?/>", re.IGNORECASE)
#: hundreds of blanks and quotes in one tag, or an end of a tag in quotes, behind which more may stand
_CROWDED = re.compile(
    r"""<[a-zA-Z](?:[^>\s/"']{0,100}[\s/"']){300}|=\s*(?:"[^">]*|'[^'>]*)>""",
)


def bound_tags(markup: str) -> tuple[str, bool]:
    """Return the markup with its tags written anew, and whether its end was cut off as beyond all measure."""
    is_simple = markup.count("<") < _FEW_TAGS and not (len(markup) > _SHORT and _CROWDED.search(markup))
    if is_simple and not ("/>" in markup and _SELF_CLOSED.search(markup)):
        return markup, False
    writer = _Writer(markup)
    place = 0
    while (start := markup.find("<", place)) >= 0:
        if writer.nodes > _MOST_NODES:
            return "".join(writer.parts), True
        writer.parts.append(markup[place:start])
        place = writer.behind(start)
    return "".join([*writer.parts, markup[place:]]), False


class _Writer:
    def __init__(self, markup: str) -> None:
        self.markup = markup
        self.parts: list[str] = []
        self.open: list[str] = []
        self.count: Counter[str] = Counter()
        self.reopened = self.nodes = 0
        #: of what ends nowhere, the end need not be looked for again
        self.endless: set[str] = set()
        self.next_end: dict[str, re.Match[str] | None] = {}

    def behind(self, start: int) -> int:
        """Write what begins with the `<` there, if anything; where to read on."""
        place = self.markup.find(">", start) + 1
        if 0 < place - start <= _REMEMBERED and (plain := _plain_tag(self.markup[start:place])):
            is_end, name, attributes = plain
            if is_end:
                self.end(name)
            else:
                self.begin(name, attributes, place)
            return place
        if found := _TAG.match(self.markup, start):
            name = found[2].lower()
            if found[1]:
                self.end(name)
            elif name in _RAW:
                behind = self.skip(name, found.end(), is_closed=self.markup[found.end() - 2 : found.end()] == "/>")
                if name in _TELLING and found[4]:
                    content = self.markup[found.end() : behind].partition("</")[0] if "math/tex" in found[3] else ""
                    self.write(f"<{name}{_written(found[3])}>{'' if '<' in content else content}</{name}>")
                return behind
            elif found[4]:
                self.begin(name, found[3], found.end())
            return found.end()
        if self.markup[start + 1 : start + 2] in ("!", "?", "/"):
            end = "-->" if self.markup.startswith("<!--", start) else ">"
            place = self.markup.find(end, start + 2)
            return len(self.markup) if place < 0 else place + len(end)
        self.parts.append("&lt;")
        return start + 1

    def skip(self, name: str, start: int, *, is_closed: bool) -> int:
        """Return where to read on behind an element whose content is no text.

        One that is closed in itself has none, unless its end comes before the next of its kind begins.
        """
        end = self.next_end.get(name)
        if name not in self.endless and (end is None or end.start() < start):
            # many that are closed in themselves look for one end
            end = self.next_end[name] = _RAW_END[name].search(self.markup, start)
        if end is None:
            self.endless.add(name)
        if is_closed and (end is None or _RAW_START[name].search(self.markup, start, end.start())):
            return start
        if end:
            return end.end()
        # a drawing without an end is a slip, and the text goes on
        return start if name == "svg" else len(self.markup)

    def begin(self, name: str, attributes: str, end: int) -> None:
        if name in _VOID:
            return self.write(f"<{name}{_written(attributes)}>")
        if (name in ELEMENTS or name in _UNSHOWN) and self.markup[end - 2 : end] == "/>":
            return self.write(f"<{name}></{name}>")
        again = name in _REOPENED
        if len(self.open) >= _MOST_OPEN or (again and self.count[name] >= _MOST_REOPENED) or not _is_name(name):
            return
        self.write(f"<{name}{'' if again and name != 'a' else _written(attributes)}>")
        self.open.append(name)
        self.count[name] += 1
        self.reopened += again

    def end(self, name: str) -> None:
        if name in _VOID:
            self.write(f"</{name}>")
        elif self.count[name] and (place := self.opened(name)) is not None:
            self.write(f"</{name}>")
            del self.open[place]
            self.count[name] -= 1
            self.reopened -= name in _REOPENED

    def opened(self, name: str) -> int | None:
        """Which open element an end tag here ends."""
        for place in range(len(self.open) - 1, -1, -1):
            if self.open[place] == name:
                return place
            if self.open[place] in _WALLS:
                return None
        return None

    def write(self, tag: str) -> None:
        self.nodes += 1 + self.reopened
        self.parts.append(tag)


#: characters of attributes that are remembered as they were written
_REMEMBERED = 200


@cache
def _known() -> frozenset[str]:
    rules = picture_rules()
    return _ATTRIBUTES | {*rules.late, *rules.late_sets, *rules.spare}


def _is_name(name: str) -> bool:
    """Tell whether an element's name is one of HTML or of the components that stand for pictures and players."""
    return name.isalnum() or name.startswith(("amp-", "lite-"))


def _written(attributes: str) -> str:
    """Write the attributes that count, each in double quotes; a document repeats most of the short ones."""
    if len(attributes) > _REMEMBERED:
        return _rewritten(attributes)
    return _remembered(attributes) if attributes else ""


def _rewritten(attributes: str) -> str:
    known = _known()
    written = {}
    for found in islice(_ATTRIBUTE.finditer(attributes), _MOST_ATTRIBUTES):
        name, value = found[1].lower(), found[2] or ""
        if name in written:
            continue
        bare = value[1:].removesuffix(value[0]) if value[:1] in ('"', "'") else value
        if name in known or names_picture(name, bare) or holds_address(name, bare):
            written[name] = bare.replace('"', "&#34;")
    return "".join(f' {name}="{value}"' for name, value in written.items())


@lru_cache(maxsize=2048)
def _plain_tag(written: str) -> tuple[bool, str, str] | None:
    """Return whether a tag is an end, its name and its attributes; None where it goes on behind its first `>`.

    Of one whose content is no text None too. A document repeats most of its tags.
    """
    found = _TAG.fullmatch(written)
    if found is None or not found[4] or (name := found[2].lower()) in _RAW:
        return None
    return bool(found[1]), name, found[3]


_remembered = lru_cache(maxsize=2048)(_rewritten)
