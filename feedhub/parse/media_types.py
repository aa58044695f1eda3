"""What kind of file an address leads to: its media type as declared, else told from its name and its medium."""

from __future__ import annotations

import re

_TYPE = re.compile(r"(?:application|audio|font|image|message|model|text|video|x-[a-z]+)/[a-z0-9][a-z0-9.+_-]{0,80}")
_BY_NAME = {
    **{"jpg": "image/jpeg", "jpeg": "image/jpeg", "jpe": "image/jpeg", "png": "image/png", "gif": "image/gif"},
    **{"webp": "image/webp", "avif": "image/avif", "svg": "image/svg+xml", "bmp": "image/bmp", "heic": "image/heic"},
    **{"mp3": "audio/mpeg", "m4a": "audio/mp4", "m4b": "audio/mp4", "aac": "audio/aac", "ogg": "audio/ogg"},
    **{"oga": "audio/ogg", "opus": "audio/ogg", "flac": "audio/flac", "wav": "audio/wav", "weba": "audio/webm"},
    **{"mp4": "video/mp4", "m4v": "video/mp4", "mov": "video/quicktime", "webm": "video/webm", "ogv": "video/ogg"},
    **{"mkv": "video/x-matroska", "avi": "video/x-msvideo", "m3u8": "application/vnd.apple.mpegurl"},
    **{"pdf": "application/pdf", "epub": "application/epub+zip", "zip": "application/zip"},
    "torrent": "application/x-bittorrent",
}
#: what a medium nearly always is where neither type nor name says more
_BY_MEDIUM = {"image": "image/jpeg", "audio": "audio/mpeg", "video": "video/mp4"}
_MEDIA = frozenset(("image", "audio", "video", "document", "executable"))
#: players that no browser runs any more
_DEAD = frozenset(("application/x-shockwave-flash", "application/futuresplash"))
_ENDING = re.compile(r"\.([a-z0-9]{2,7})$")


def is_dead(kind: str | None, url: str) -> bool:
    """Return whether a file is a player that nothing plays any more (Flash)."""
    return (kind or "").strip().lower() in _DEAD or _ending(url) == "swf"


def medium_of(declared: str | None, kind: str | None) -> str | None:
    """Return what a file is for a person: its declared medium, else the first half of its type."""
    medium = (declared or "").strip().lower()
    if medium in _MEDIA:
        return medium
    first = (kind or "").partition("/")[0].strip().lower()
    return first if first in ("image", "audio", "video") else None


def type_of(declared: str | None, medium: str | None, url: str) -> str | None:
    """Return a file's media type: as declared, by its name, or by its medium; a declared one that is none is not."""
    kind = (declared or "").partition(";")[0].strip().lower()
    if _TYPE.fullmatch(kind) and kind != "application/octet-stream":
        return kind
    by_name = _BY_NAME.get(_ending(url) or "") or _BY_NAME.get(kind)
    if by_name and (medium is None or medium == "document" or by_name.startswith(medium)):
        return by_name
    return _BY_MEDIUM.get(medium_of(medium, kind) or "") or (kind if _TYPE.fullmatch(kind) else None)


def _ending(url: str) -> str | None:
    # no more of the address is looked at than what its path ends in
    match = _ENDING.search(url.partition("?")[0].partition("#")[0][-8:].lower())
    return match[1] if match else None
