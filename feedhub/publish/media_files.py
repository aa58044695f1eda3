"""A story's files as feeds offer them: which is the enclosure, which is the picture, and what else is told of each."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from feedhub.model import Episode, Media, Story
from feedhub.publish.safe_text import excerpt, language, line, link
from feedhub.structs import replace

#: RFC 6838, 4.2
_TYPE = re.compile(r"[a-z][a-z-]*/[A-Za-z0-9][A-Za-z0-9.+_-]{0,126}")
#: Media RSS 1.5.1
_MEDIA = ("image", "audio", "video", "document", "executable")
#: pictures as cleaned HTML has them: attributes in double quotes
_IMG, _SRC, _ALT_TEXT = re.compile("<img[^>]*>"), re.compile(' src="([^"]+)"'), re.compile(' alt="([^"]+)"')
#: words of a description; a caption is no article
_CAPTION_WORDS = 100


def files_of(media: Iterable[Media]) -> tuple[Media, ...]:
    """Return the files that have an address, each address once, with nothing in them that XML cannot carry."""
    files: dict[str, Media] = {}
    for file in media:
        if url := link(file.url):
            files.setdefault(url, _safe(file, url))
    return tuple(files.values())


def _safe(file: Media, url: str) -> Media:
    episode = file.episode and _safe_episode(file.episode)
    return replace(
        file,
        url=url,
        type=_known_type(file.type),
        medium=file.medium if file.medium in _MEDIA else None,
        length=_positive(file.length),
        width=_positive(file.width),
        height=_positive(file.height),
        duration=_positive(file.duration),
        credit=line(file.credit) or None,
        description=excerpt(line(file.description), _CAPTION_WORDS) or None,
        episode=episode,
        player=link(file.player),
    )


def _safe_episode(details: Episode) -> Episode:
    """Return an episode with addresses and texts that a feed can carry."""
    transcripts = (
        replace(
            each,
            url=url,
            type=each.type if _TYPE.fullmatch(each.type or "") else None,
            language=language(each.language),
        )
        for each in details.transcripts
        if (url := link(each.url))
    )
    chapters = (
        replace(each, start=line(each.start), title=line(each.title), url=link(each.url), image=link(each.image))
        for each in details.chapters
    )
    people = (
        replace(each, name=line(each.name), role=line(each.role) or None, url=link(each.url), image=link(each.image))
        for each in details.people
    )
    podcast = details.podcast and replace(
        details.podcast,
        title=line(details.podcast.title) or None,
        author=line(details.podcast.author) or None,
        image=link(details.podcast.image),
        categories=tuple(name for each in details.podcast.categories if (name := line(each))),
    )
    return replace(
        details,
        image=link(details.image),
        transcripts=tuple(transcripts),
        chapter_file=link(details.chapter_file),
        chapters=tuple(chapters),
        people=tuple(people),
        podcast=podcast,
    )


def _known_type(kind: str | None) -> str | None:
    return kind if kind and _TYPE.fullmatch(kind) else None


def _positive(number: int | None) -> int | None:
    return number if number and number > 0 else None


def is_picture(file: Media) -> bool:
    """Return whether a file is a picture."""
    return file.medium == "image" or (file.type or "").startswith("image/")


def picture_of(story: Story) -> tuple[str, str] | None:
    """Return a story's first picture: its address, and what it shows as far as that is told; None where it has none."""
    for file in files_of(story.media):
        if is_picture(file):
            return file.url, file.description or ""
    for tag in _IMG.findall(story.html or ""):
        source, text = _SRC.search(tag), _ALT_TEXT.search(tag)
        if source and (url := link(html.unescape(source[1]))):
            return url, html.unescape(text[1]) if text else ""
    return None


def is_played(file: Media) -> bool:
    """Return whether a file is heard or seen."""
    return file.medium in ("audio", "video") or (file.type or "").startswith(("audio/", "video/"))


def episode_file(files: Sequence[Media]) -> Media | None:
    """Return the file that podcast apps play, None where nothing tells of an episode."""
    return next((file for file in files if is_played(file) and (file.episode or file.duration)), None)


def shown_large(files: Sequence[Media]) -> tuple[Media, ...]:
    """Return the files without thumbnails and pages; where there is no other picture, a thumbnail is the picture."""
    files = [file for file in files if file.player != file.url]
    if any(is_picture(file) and file.role != "thumbnail" for file in files):
        return tuple(file for file in files if file.role != "thumbnail")
    return tuple(files)


def rss_enclosure(files: Sequence[Media]) -> Media | None:
    """Return the one file that an RSS item encloses: what is played, what the feed enclosed, what has a length."""
    fit = [file for file in files if file.type and file.role != "thumbnail" and file.player != file.url]
    for wanted in (_is_default, is_played, _is_enclosure, _has_length):
        if first := next(filter(wanted, fit), None):
            return first
    return None


def _is_default(file: Media) -> bool:
    return file.is_default and is_played(file)


def _is_enclosure(file: Media) -> bool:
    return file.role == "enclosure"


def _has_length(file: Media) -> bool:
    return file.length is not None


def says_more(file: Media) -> bool:
    """Return whether Media RSS can tell more of a file than address, type and length."""
    return any((file.width, file.height, file.description, file.player))
