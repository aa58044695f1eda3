"""One picture in several sizes is one picture: the default, else the largest.

Sizes of one picture stand in one `media:group`, or have one address but for what asks for a size.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlsplit

from msgspec import Struct

from feedhub.model import Media
from feedhub.structs import replace

#: parameters with which picture servers are asked for a size
_SIZING = frozenset(
    "w width h height q quality fit crop resize dpr auto s sig size sizes format fm strip ssl sharp usm ixlib".split()
)
_PICTURE_NAME = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)$", re.IGNORECASE)
_SIZE_IN_NAME = re.compile(r"[-_]?\d{2,4}x\d{2,4}(?=[./_-]|$)")


class Offered(Struct, frozen=True, kw_only=True):
    """A file as a feed offers it."""

    media: Media
    #: number of the `media:group` that it stands in
    group: int | None = None
    is_default: bool = False


def one_size(files: Iterable[Offered]) -> tuple[Media, ...]:
    """Return the files in their order, of each picture one size; a thumbnail of a larger picture is none."""
    offered = list(files)
    if len(offered) < 2:
        return tuple(each.media for each in offered)
    sizes: defaultdict[object, list[Offered]] = defaultdict(list)
    keys = [_key(each) for each in offered]
    for each, key in zip(offered, keys, strict=True):
        sizes[key].append(each)
    best = {key: max(each, key=_rank) for key, each in sizes.items() if key is not None}
    forms = Counter(each.group for each in offered if each.group is not None and each.media.medium != "image")
    return tuple(
        best[key].media if key is not None else _in_group(each, forms)
        for each, key in zip(offered, keys, strict=True)
        if key is None or sizes[key][0] is each
    )


def _in_group(each: Offered, forms: Counter[int]) -> Media:
    """Return a file with its group, where others are another form of it."""
    if each.group is None or forms[each.group] < 2:
        return each.media
    return replace(each.media, group=each.group, is_default=each.is_default)


def _key(each: Offered) -> object:
    """Return what the sizes of one picture have in common; None for what is no picture."""
    media = each.media
    if media.medium != "image" or media.role == "enclosure":
        return None
    if each.group is not None:
        return each.group
    return _address(media)


def _address(media: Media) -> str:
    try:
        parts = urlsplit(media.url)
    except ValueError:
        return media.url
    path = _SIZE_IN_NAME.sub("", parts.path)
    if media.width:
        path = re.sub(rf"(?<=[/_-]){media.width}(?=[./_-])", "", path)
    if _PICTURE_NAME.search(parts.path):
        return f"{parts.netloc}{path}"
    rest = [pair for pair in parse_qsl(parts.query) if pair[0].lower() not in _SIZING]
    return f"{parts.netloc}{path}?{rest}"


def _rank(each: Offered) -> tuple[bool, bool, int]:
    media = each.media
    return each.is_default, media.role != "thumbnail", (media.width or 0) * (media.height or media.width or 0)
