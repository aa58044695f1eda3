"""The HTML pages, out of the templates beside this file; everything is escaped but a story's cleaned text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup
from msgspec import Struct

from feedhub.model import Story, StoryVersion
from feedhub.publish import FORMATS, headline, subscription_list
from feedhub.serve import page_filters
from feedhub.serve.backend import OutputInfo, SearchPage, ServerSettings, SourceLine, StoryList, story_key
from feedhub.serve.story_page import copy_picture, copy_rows, outlet_count
from feedhub.serve.story_rows import ListedRow, story_row
from feedhub.serve.version_diff import MAX_VERSIONS, VersionDiffs

HTML_TYPE = "text/html; charset=utf-8"
#: outputs that the head of every page names, and links to other sections below a list
_SECTIONS, _OTHERS = 8, 12
_HERE = Path(__file__).parent
#: where readers on the web subscribe to a feed, its address at the end
_READERS: Mapping[str, str] = {
    "Feedly": "https://feedly.com/i/subscription/feed/",
    "Inoreader": "https://www.inoreader.com/?add_feed=",
    "NewsBlur": "https://www.newsblur.com/?url=",
    "The Old Reader": "https://theoldreader.com/feeds/subscribe?url=",
}


class OfferedFeed(Struct, frozen=True, kw_only=True):
    """A document that a page offers to subscribe to."""

    label: str
    type: str
    #: as this page links to it, and whole where the hub has a public address
    path: str
    address: str | None


def page_templates(folder: Path) -> Environment:
    """Return the templates of a folder: escaped, strict about names, with the filters that pages share."""
    templates = Environment(
        loader=FileSystemLoader(folder),
        autoescape=select_autoescape(default=True, default_for_string=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(
        date=page_filters.date,
        direction=page_filters.direction,
        headline=headline,
        key=story_key,
        segment=page_filters.segment,
        tag=page_filters.tag,
        web=page_filters.web,
    )
    return templates


class HtmlPages:
    """Renders every page of one hub."""

    def __init__(self, settings: ServerSettings) -> None:
        self._diffs = VersionDiffs()
        self._settings = settings
        self._templates = page_templates(_HERE / "templates")
        #: the path that a proxy serves the hub under
        self._root = urlsplit(settings.base_url or "").path.rstrip("/")
        self._templates.globals.update(hub=settings.title, root=self._root, sections=(), current="", place="")

    def with_sections(self, outputs: Mapping[str, OutputInfo]) -> None:
        """Name these outputs, but for those with a token, in the head of every page."""
        public = [info for info in outputs.values() if info.token_digest is None]
        self._templates.globals.update(sections=public[:_SECTIONS])

    def stories(
        self, info: OutputInfo, listed: StoryList, *, now: datetime, path: str, is_front: bool = False
    ) -> bytes:
        """Render a page of an output's stories; those of a secret one have no pages of their own."""
        is_secret = info.token_digest is not None
        rows = [story_row(group, None if is_secret else f"{self._root}/story/") for group in listed.groups]
        return self._render(
            "stories.html",
            current=info.name,
            title=info.title,
            about=info.about,
            rows=rows,
            found=listed,
            path=path,
            feeds=self._feeds(path, ""),
            readers={} if is_secret else self._readers(f"{path}.atom"),
            is_front=is_front,
            others=_others(rows),
            ago=partial(page_filters.ago, now=now),
        )

    def outputs(self, outputs: Sequence[OutputInfo]) -> bytes:
        """Render the page that lists the outputs, those with a token already left out."""
        return self._render("feeds.html", place="feeds", outputs=outputs, formats=list(FORMATS.values()))

    def search(self, query: str, results: SearchPage, *, now: datetime) -> bytes:
        """Render what a query finds, with the same query as feeds."""
        wanted = f"?q={quote(query, safe='')}"
        rows = [story_row((story,), f"{self._root}/story/") for story in results.stories]
        return self._render(
            "search.html",
            query=query,
            rows=rows,
            found=results,
            feeds=self._feeds(f"{self._root}/search", wanted) if query else [],
            readers=self._readers(f"{self._root}/search.atom{wanted}") if query else {},
            ago=partial(page_filters.ago, now=now),
        )

    def sources(self, sources: Sequence[SourceLine], *, now: datetime) -> bytes:
        """Render the page that lists the sources."""
        rows = [(source, page_filters.web(source.site)) for source in sources]
        return self._render("sources.html", place="sources", rows=rows, ago=partial(page_filters.ago, now=now))

    def story(self, story: Story, versions: Sequence[StoryVersion] = (), *, details: bool, now: datetime) -> bytes:
        """Render a story with every outlet's copy and what changed; `details` adds the grounds of its matches."""
        canonical = next((copy for copy in story.copies if copy.key == story.canonical), None)
        return self._render(
            "story.html",
            story=story,
            # cleaned by the clean stage; the policy of the guard lets nothing in it run
            body=Markup(story.html or ""),
            outlet=canonical.name if canonical else story.publisher.name,
            url=page_filters.web(story.url),
            via=page_filters.web(story.via),
            rows=copy_rows(story),
            picture=copy_picture(story),
            outlets=outlet_count(story),
            details=details,
            index=self._settings.index,
            steps=self._diffs.of(versions),
            earlier=len(versions) > MAX_VERSIONS,
            ago=partial(page_filters.ago, now=now),
        )

    def message(self, title: str, text: str) -> bytes:
        """Render a page that says one thing: not found, gone, broken."""
        return self._render("message.html", title=title, text=text)

    def subscriptions(self, outputs: Sequence[OutputInfo], home: str) -> bytes:
        """Render the outputs without a token as OPML; `home` is the hub's address without a slash at its end."""
        feeds = [(info.title, f"{home}/feeds/{page_filters.segment(info.name)}.atom") for info in outputs]
        return subscription_list(self._settings.title, f"{home}/", feeds)

    def _feeds(self, path: str, query: str) -> list[OfferedFeed]:
        return [
            OfferedFeed(
                label=form.label,
                type=form.media_type.partition(";")[0],
                path=f"{path}.{form.suffix}{query}",
                address=self._address(f"{path}.{form.suffix}{query}"),
            )
            for form in FORMATS.values()
        ]

    def _readers(self, path: str) -> dict[str, str]:
        address = self._address(path)
        return {name: f"{url}{quote(address, safe='')}" for name, url in _READERS.items()} if address else {}

    def _address(self, path: str) -> str | None:
        base = self._settings.base_url
        return f"{base.rstrip('/')}{path.removeprefix(self._root)}" if base else None

    def _render(self, name: str, **values: object) -> bytes:
        text = self._templates.get_template(name).render(**values)
        return text.encode("utf-8", "replace")


def static() -> dict[str, tuple[bytes, str]]:
    """Read the files that pages load: name -> body, media type."""
    types = {
        "hub.css": "text/css; charset=utf-8",
        "hub.js": "text/javascript; charset=utf-8",
        "hub.svg": "image/svg+xml",
        "favicon.ico": "image/vnd.microsoft.icon",
    }
    return {name: ((_HERE / "static" / name).read_bytes(), kind) for name, kind in types.items()}


def _others(rows: Sequence[ListedRow]) -> list[tuple[str, str]]:
    """Return what else the listed stories have in common, as label and search: agencies, languages, categories."""
    found: dict[str, str] = {}
    for field, values in (
        ("agency", [name for row in rows for name in (row.story.agency,) if name]),
        ("category", [name for row in rows for name in row.story.categories]),
        ("language", [name for row in rows for name in (row.story.language,) if name]),
    ):
        counted = sorted({name: values.count(name) for name in values}.items(), key=lambda each: (-each[1], each[0]))
        # a language that all have parts nothing
        chosen = counted if field != "language" or len(counted) > 1 else []
        found |= {name: f'{field}:"{name}"' for name, _ in chosen[:_OTHERS]}
    return list(found.items())
