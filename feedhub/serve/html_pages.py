"""The HTML pages, out of the templates beside this file; everything is escaped but a story's cleaned text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from feedhub.model import CopyStanding, OutputFeed, Relation, Story, StoryCopy, StoryVersion
from feedhub.publish import FORMATS, excerpt, headline, paragraphs
from feedhub.serve.backend import OutputInfo, ServerSettings, story_key
from feedhub.serve.version_diff import MAX_VERSIONS, VersionDiffs

HTML_TYPE = "text/html; charset=utf-8"

#: stories that the preview of an output shows, and words of each
PREVIEW, _TEASER = 50, 40

_HERE = Path(__file__).parent
_RIGHT_TO_LEFT = frozenset({"ar", "arc", "azb", "ckb", "dv", "fa", "he", "iw", "ji", "ps", "sd", "ug", "ur", "yi"})
_RELATIONS = {
    Relation.FIRST: "the first copy seen",
    Relation.SAME: "the same entry again",
    Relation.COPY: "a copy of the text",
    Relation.EXCERPT: "an excerpt",
    Relation.REVISION: "another version",
}
_STANDINGS = {
    CopyStanding.CURRENT: "",
    CopyStanding.EARLIER: "still as it was told before",
    CopyStanding.DISPUTED: "tells it otherwise",
    CopyStanding.UNCOUNTED: "not counted",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyRow:
    """A copy as a story's page lists it."""

    copy: StoryCopy
    url: str | None
    relation: str
    #: what it tells where that is not the story as shown
    standing: str = ""


class HtmlPages:
    """Renders every page of one hub."""

    def __init__(self, settings: ServerSettings) -> None:
        self._diffs = VersionDiffs()
        self._templates = Environment(
            loader=FileSystemLoader(_HERE / "templates"),
            autoescape=select_autoescape(default=True, default_for_string=True),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        #: the path that a proxy serves the hub under
        root = urlsplit(settings.base_url or "").path.rstrip("/")
        self._templates.globals.update(hub=settings.title, root=root, formats=list(FORMATS.values()))
        self._templates.filters.update(
            date=_date, direction=direction, headline=headline, key=story_key, segment=_segment, tag=_tag
        )

    def index(self, outputs: Sequence[OutputInfo]) -> bytes:
        """Render the page that lists the outputs, those with a token already left out."""
        return self._render("index.html", outputs=outputs)

    def preview(self, info: OutputInfo, feed: OutputFeed, *, secret: bool) -> bytes:
        """Render an output's newest stories; those of a secret one have no pages of their own."""
        rows = [_story_preview(one.story) for one in feed.items[:PREVIEW]]
        query = urlsplit(feed.feed_url).path
        return self._render("preview.html", output=info, rows=rows, path=query, secret=secret, more=len(feed.items))

    def story(self, story: Story, versions: Sequence[StoryVersion] = (), *, details: bool) -> bytes:
        """Render a story with every outlet's copy and what changed; `details` adds the grounds of its matches."""
        canonical = next((copy for copy in story.copies if copy.key == story.canonical), None)
        return self._render(
            "story.html",
            story=story,
            # cleaned by the clean stage; the policy of the guard lets nothing in it run
            body=Markup(story.html or ""),
            outlet=canonical.name if canonical else story.publisher.name,
            url=_web(story.url),
            via=_web(story.via),
            rows=[_row(copy, story) for copy in story.copies],
            outlets=_outlet_count(story),
            details=details,
            steps=self._diffs.of(versions),
            earlier=len(versions) > MAX_VERSIONS,
        )

    def message(self, title: str, text: str) -> bytes:
        """Render a page that says one thing: not found, gone, broken."""
        return self._render("message.html", title=title, text=text)

    def _render(self, name: str, **values: object) -> bytes:
        text = self._templates.get_template(name).render(**values)
        return text.encode("utf-8", "replace")


def direction(language: str | None) -> str:
    """Return the text direction of a language; `auto` leaves it to the first letters."""
    if not language:
        return "auto"
    return "rtl" if language.replace("_", "-").partition("-")[0].lower() in _RIGHT_TO_LEFT else "ltr"


def static() -> dict[str, tuple[bytes, str]]:
    """Read the files that pages load: name -> body, media type."""
    types = {"hub.css": "text/css; charset=utf-8", "hub.svg": "image/svg+xml"}
    return {name: ((_HERE / "static" / name).read_bytes(), kind) for name, kind in types.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryPreview:
    """A story as the preview of an output lists it."""

    story: Story
    url: str | None
    teaser: str
    outlets: tuple[str, ...]


def _story_preview(story: Story) -> StoryPreview:
    teaser = excerpt(story.summary or " ".join(paragraphs(story.html or "")[:1]), _TEASER)
    outlets = tuple(dict.fromkeys(copy.name for copy in story.copies))
    return StoryPreview(story=story, url=_web(story.url), teaser=teaser, outlets=outlets)


def _row(copy: StoryCopy, story: Story) -> CopyRow:
    relation = "the story as shown" if copy.key == story.canonical else _RELATIONS[copy.relation]
    return CopyRow(copy=copy, url=_web(copy.url), relation=relation, standing=_STANDINGS[copy.standing])


def _outlet_count(story: Story) -> int:
    """Return how many outlets ran a story, counted as filters count them: the agency's own feed only alone."""
    counting = [copy for copy in story.copies if copy.standing is not CopyStanding.UNCOUNTED]
    return len({copy.outlet for copy in counting if not copy.agency_own}) or 1


def _web(url: str | None) -> str | None:
    """Return the address if it is a web page's, else None: should a `javascript:` link get this far, it stops here."""
    return url if url and urlsplit(url).scheme in ("http", "https") else None


def _date(when: datetime) -> Markup:
    when = when.astimezone(UTC).replace(microsecond=0)
    stamp = when.isoformat().replace("+00:00", "Z")
    return Markup('<time datetime="{}">{}</time>').format(stamp, f"{when.day} {when:%B %Y, %H:%M} UTC")


def _tag(language: str | None) -> str:
    """Return a value for `lang`; empty says that the language is not known."""
    return (language or "").replace("_", "-")


def _segment(text: str) -> str:
    return quote(text, safe="")
