"""Find the address of a picture that a page loads late, where none of the known attributes has it.

Every theme and script has names of its own for the attribute, so the value tells: an attribute of an image that shows a
placeholder, whose value is the address of a picture, is the picture.
"""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

from feedhub.clean.links import absolute, largest

#: what is no address of the picture itself, whatever it looks like
_OTHERS = frozenset(
    "src alt title class style id name longdesc usemap width height sizes loading aria-label data-caption".split()
)
#: of the page, the author or a smaller likeness; the last resort
_SMALL = re.compile(r"thumb|small|low|lqip|tiny|blur|preview|avatar|author|placeholder")
#: an attribute whose name speaks of a picture needs no file name in its value
_SPEAKING = re.compile(r"src|lazy|original|im(?:g|age)|pic")
_FOREIGN = re.compile(r"href|link|page|share|caption|alt|title|class|width|height|size(?!s?_?src)|id$|credit")
_FILE = re.compile(r"\.(?:jpe?g|png|webp|avif|gif)(?=[?#&\s,;\"')}\]:]|$)", re.IGNORECASE)
#: in a run of what addresses are made of, from its first stroke on: behind another one nothing else would match
_SIGN = r"""[^\s"'(){}\[\],\\]"""
_WITHIN = re.compile(
    rf"(?<!{_SIGN})(?:(?!/){_SIGN})*?"
    rf"(?P<address>(?:https?:)?/{_SIGN}+\.(?:jpe?g|png|webp|avif|gif)(?:\?{_SIGN}*)?)",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"(?:https?:)?//[^\s\"'{}\\]{4,}|/[^\s\"'{}\\/]{2,}/[^\s\"'{}\\]{3,}")
_BACKGROUND = re.compile(r"""background(?:-image)?\s*:[^;]{0,200}?url\(\s*['"]?([^'")]{1,2000})""", re.IGNORECASE)
_BACKGROUNDS = (
    "data-bg",
    "data-background",
    "data-background-image",
    "data-bg-image",
    "data-lazy-background",
    "data-bgset",
)
#: without one of these an element has no picture behind it
BACKGROUND_NAMES = frozenset(("style", *_BACKGROUNDS))
_LONGEST = 8_000
_WEB = ("http", "https")


def names_picture(name: str, value: str) -> bool:
    """Tell whether an attribute may hold the address of a late picture."""
    if name in _OTHERS or not value:
        return False
    return bool(_FILE.search(value[:_LONGEST])) or _is_speaking(name, value)


def holds_address(name: str, value: str) -> bool:
    """Tell whether an attribute may hold the address of something that a script shows."""
    return name.startswith("data-") and bool(_ADDRESS.match(value.lstrip()[:_LONGEST]))


def _is_speaking(name: str, value: str) -> bool:
    return bool(_SPEAKING.search(name) and not _FOREIGN.search(name) and _ADDRESS.fullmatch(value.strip()[:_LONGEST]))


def late_picture(attributes: dict[str, str | None], base: str | None) -> str | None:
    """Return the address of the picture that an image's other attributes hold; None where none does."""
    spare = None
    for name, value in attributes.items():
        if not value or not names_picture(name, value) or (address := _address(value[:_LONGEST], base)) is None:
            continue
        if not _SMALL.search(name):
            return address
        spare = spare or address
    return spare


def _address(value: str, base: str | None) -> str | None:
    """Return the picture that a value names: an address, a set of them, or data with one in it."""
    value = value.strip()
    if value[0] in "{[(" or "url(" in value or '"' in value:
        match = _WITHIN.search(value.replace("\\/", "/"))
        return absolute(match["address"], base, _WEB) if match else None
    if re.search(r"\s", value):
        return largest(value, base)
    return None if "{" in value else absolute(value, base, _WEB)


def linked_picture(node: LexborNode, base: str | None) -> str | None:
    """Return the picture that the element round an image holds or leads to, where it holds nothing else."""
    above = node.parent
    if above is None or above.tag not in ("a", "figure", "div", "span", "picture") or above.text(strip=True):
        return None
    attributes = above.attributes
    href = attributes.get("href") or ""
    if above.tag == "a" and _FILE.search(href.partition("?")[0][-6:]):
        return absolute(href, base, _WEB)
    return late_picture({name: value for name, value in attributes.items() if name != "href"}, base)


def background(attributes: dict[str, str | None]) -> str | None:
    """Return the address that an element has for its background, as written; None where it has none."""
    style = attributes.get("style") or ""
    if "url(" in style and (match := _BACKGROUND.search(style[:_LONGEST])):
        return match[1].strip()
    value = next((value for name in _BACKGROUNDS if (value := attributes.get(name))), None)
    if value is None:
        return None
    match = re.match(r"""\s*(?:url\(\s*['"]?)?([^'")\s,]{1,2000})""", value)
    return match[1] if match else None
