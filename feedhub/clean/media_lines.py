"""Write pictures and what is embedded as lines."""

from __future__ import annotations

from html import escape

from selectolax.lexbor import LexborNode

from feedhub.clean.attributes import Attributes, LinkResolver
from feedhub.clean.embeds import Embed, frame, framed_object, made_post
from feedhub.clean.line_writer import MAX_CONTAINERS, LineWriter
from feedhub.clean.lines import Line, Tag, trim


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
        if image := self.links.image(attributes, sources):
            self.show(*image)
        return False

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
        for inner in node.css("img,iframe")[:20]:
            image = self.links.image(inner.attributes) if inner.tag == "img" and not is_twin else None
            if inner.tag == "iframe":
                self.embed(frame(inner.attributes, self.links))
            elif image:
                self.show(*image)
                self.spare = image[1]
        return False

    def script(self, node: LexborNode, attributes: Attributes) -> bool:
        """Write the link to a post that a script would show in its own place."""
        source = attributes.get("src") or ""
        if attributes.get("data-telegram-post"):
            return self.embed(made_post(attributes, self.links))
        return self.embed(frame({"src": source}, self.links)) if "gist.github.com" in source else False

    def object(self, node: LexborNode, attributes: Attributes) -> bool:
        """Write the link to an <object>, or else what stands in it."""
        made = framed_object(node, attributes, self.links)
        return True if made is None else self.embed(made)

    def framed(self, node: LexborNode, attributes: Attributes) -> bool:
        """Write the link to what stands in a frame."""
        return self.embed(frame(attributes, self.links))

    def component(self, node: LexborNode, attributes: Attributes) -> bool:
        """Write the link to what a component shows."""
        return self.embed(made_post(attributes, self.links))


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
