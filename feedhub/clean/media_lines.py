"""Write pictures and what is embedded as lines."""

from __future__ import annotations

from html import escape

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedhub.clean.attributes import Attributes, LinkResolver
from feedhub.clean.embeds import Embed, fallback, frame, framed_object, is_known, made_post
from feedhub.clean.late_pictures import linked_picture
from feedhub.clean.line_writer import MAX_CONTAINERS, LineWriter
from feedhub.clean.lines import Line, Tag, trim
from feedhub.clean.text import repair

#: characters of a <noscript> that holds markup as text
_LONGEST_TEXT = 4_000


class MediaWriter(LineWriter):
    """Write what is seen or heard; each method returns whether the element is to be read on within."""

    def embed(self, embed: Embed | None) -> bool:
        """Write the link to what was embedded as a figure, unless the same link stands already; False: all is done."""
        if embed is None or embed.url in self.addresses:
            return False
        self.addresses.add(embed.url)
        close = self.push("figure", "") if not self.within("figure") and len(self.path) < MAX_CONTAINERS else None
        path, start = tuple(self.path), Tag(_anchor(embed.url))
        self.end_block()
        tag = "" if self.is_bare else "p"
        if embed.picture and (picture := self.links.image({"src": embed.picture, "alt": embed.label})):
            self.lines.append(Line(tag, self.group, path, [start, Tag(picture[0]), Tag("</a>")]))
            self.group += 1
        line = Line(tag, self.group, path, [start, embed.label, Tag("</a>")], linked=True)
        trim(line)
        self.lines.append(line)
        if close:
            close()
        self.group += 1
        return False

    def picture(self, node: LexborNode, attributes: Attributes) -> bool:
        """Write an image, with the addresses that the <picture> round it offers."""
        sources: tuple[str, ...] = ()
        if node.tag == "picture":
            inner = node.css_first("img,amp-img")
            sources = tuple(
                value
                for source in node.css("source")[:8]
                for name in ("srcset", "data-srcset", "data-lazy-srcset")
                if (value := source.attributes.get(name))
            )
            attributes = inner.attributes if inner is not None else {}
        image = self.links.image(attributes, sources)
        if image is None and attributes and self.links.is_late(attributes):
            src = linked_picture(node, self.links.base)
            image = self.links.image({"src": src, "alt": attributes.get("alt")}) if src else None
        if image:
            self.show(*image)
        return False

    def background(self, node: LexborNode, written: str | None) -> None:
        """Write the picture behind an element that holds nothing else."""
        if (
            written is None
            or node.text(strip=True)
            or node.css_first("img,picture,video,iframe,svg,amp-img") is not None
        ):
            return
        if image := self.links.image({"src": written}):
            self.show(*image)

    def show(self, image: str, address: str) -> None:
        """Write an image, unless <noscript> showed it before its late twin."""
        if address != self.spare:
            self.mark(image)
            # a blank behind a picture is seen
            self.after_blank = False
        self.spare = None

    def noscript(self, node: LexborNode, attributes: Attributes) -> bool:
        """Write the pictures and players that stand in for what a script would show; a text of its own is one."""
        if node.css_first("pre,table,blockquote") is not None:
            self.end_block()
            return True
        is_twin = _has_picture_before(node, self.links)
        for inner in _inside(node):
            image = self.links.image(inner.attributes) if inner.tag == "img" and not is_twin else None
            if inner.tag == "iframe":
                self.embed(frame(inner.attributes, self.links))
            elif image:
                self.show(*image)
                self.spare = image[1]
        return False

    def script(self, node: LexborNode, attributes: Attributes) -> bool:
        """Write the link to a post that a script would show in its own place."""
        source, kind = attributes.get("src") or "", attributes.get("type") or ""
        if kind.startswith("math/tex"):
            return self.tex(node.text(deep=True) or "", is_block="display" in kind)
        if attributes.get("data-telegram-post"):
            return self.embed(made_post("script", attributes, self.links))
        return self.embed(frame({"src": source}, self.links)) if source and is_known(f":{source}") else False

    def tex(self, written: str, *, is_block: bool) -> bool:
        """Write a formula that a script would draw, as the text that it is made of."""
        if text := repair(" ".join(written.split())):
            self.raw.append(f"\\[{text}\\]" if is_block else f"\\({text}\\)")
        return False

    def object(self, node: LexborNode, attributes: Attributes) -> bool:
        """Write the link to an <object>, or else what stands in it."""
        made = framed_object(node, attributes, self.links)
        return True if made is None else self.embed(made)

    def framed(self, node: LexborNode, attributes: Attributes) -> bool:
        """Write the link to what stands in a frame."""
        content = node.text(deep=True) or ""
        return self.embed(fallback(content, attributes, self.links) or frame(attributes, self.links))

    def component(self, node: LexborNode, attributes: Attributes) -> bool:
        """Write the link to what a component shows."""
        return self.embed(made_post(node.tag or "", attributes, self.links))


def _inside(node: LexborNode) -> list[LexborNode]:
    """Return the pictures and frames in a <noscript>, whose content some write as text."""
    if inner := node.css("img,iframe")[:20]:
        return inner
    text = node.text(deep=True) or ""
    return LexborHTMLParser(text[:_LONGEST_TEXT]).css("img,iframe")[:20] if "<img" in text or "<iframe" in text else []


def _has_picture_before(node: LexborNode, links: LinkResolver) -> bool:
    """Tell whether a <noscript> stands behind the picture that it replaces."""
    before = node.prev
    while before is not None and before.tag == "-text" and not (before.text_content or "").strip():
        before = before.prev
    if before is None or before.tag == "-text":
        return False
    images = [before] if before.tag == "img" else before.css("img")[-1:]
    return any(links.image(image.attributes) for image in images)


def _anchor(url: str) -> str:
    return f'<a href="{escape(url)}">'
