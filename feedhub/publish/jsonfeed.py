"""OutputFeed -> JSON Feed 1.1."""

from __future__ import annotations

import html
import json
from datetime import datetime
from typing import Any

from feedhub.model import EventReport, Media, OutputFeed, Podcast
from feedhub.publish.document_builder import DocumentForm, rendered
from feedhub.publish.fragments import Fragments
from feedhub.publish.head_facts import HeadFacts
from feedhub.publish.media_files import episode_file, is_picture, shown_large
from feedhub.publish.namespaces import HUB_NS
from feedhub.publish.safe_text import line, link, seconds
from feedhub.publish.story_item import CopyLine, Item


def json_feed(feed: OutputFeed, fragments: Fragments | None = None) -> bytes:
    """Render the feed as a JSON Feed; items in `fragments` are not rendered again."""
    return rendered(JSON, feed, fragments).body.joined()


def _opening(feed: OutputFeed, facts: HeadFacts) -> bytes:
    head = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": line(feed.title) or line(feed.name),
        "home_page_url": link(feed.home_url),
        "feed_url": link(f"{feed.feed_url}.json{feed.query}"),
        "next_url": next((link(f"{feed.feed_url}.json{q}") for rel, q in feed.relations if rel == "next"), None),
        "language": facts.language,
        "hubs": [{"type": "WebSub", "url": address} for hub in feed.hubs if (address := link(hub))],
        "_feedhub": {"about": HUB_NS, "id": line(feed.id), "updated": _date(seconds(feed.updated))},
    }
    return _json(_present(head)).removesuffix(b"}") + b',"items":[\n'


def _entry(item: Item) -> bytes:
    body = item.content or item.summary or f"<p>{html.escape(item.title, quote=False)}</p>"
    values = {
        "id": item.id,
        "url": item.url,
        "title": item.title,
        "content_html": body,
        "summary": item.teaser if item.content else None,
        "image": next((file.url for file in shown_large(item.media) if is_picture(file)), None),
        "date_published": _date(item.published),
        "date_modified": _date(item.updated),
        "authors": [{"name": name} for name in item.authors],
        "tags": list(item.categories),
        "language": item.language,
        "attachments": [
            _attachment(file)
            for file in item.media
            if file.type and file.role != "thumbnail" and file.player != file.url
        ],
    }
    return _json(_present(values) | {"_feedhub": _hub(item)})


def _hub(item: Item) -> dict[str, Any]:
    """Return our own object: every key but `comments` and `podcast` is always there, null where nothing is known."""
    return {
        "about": HUB_NS,
        "agency": item.agency,
        "place": item.place,
        "date": item.date,
        "cited": list(item.cited),
        "revision": item.revision,
        "correction": item.correction,
        "via": item.via,
        **({"comments": item.comments} if item.comments else {}),
        **_podcast(item),
        "rights": item.rights,
        "copies": [_copy(copy) for copy in item.copies],
        "disputed_by": [
            {"source": line(one.key.source), "name": line(one.name), "facts": [list(pair) for pair in one.facts]}
            for one in item.disputes
        ],
        "related": [
            {"id": line(other.id), "title": line(other.title), "shared_words": other.shared_words}
            for other in item.related
        ],
        "event": line(item.event) or None,
        **({"reports": [_report(one) for one in item.reports]} if item.reports else {}),
    }


def _report(one: EventReport) -> dict[str, Any]:
    return {"id": line(one.id), "title": line(one.title), "name": line(one.name), "url": link(one.url)}


def _podcast(item: Item) -> dict[str, Any]:
    """Return what is known of an episode, nothing where there is none."""
    file = episode_file(item.media)
    details = file.episode if file else None
    if details is None:
        return {}
    podcast = details.podcast or Podcast()
    values = {
        "title": podcast.title,
        "author": podcast.author,
        "season": details.season,
        "episode": details.number,
        "type": details.kind,
        "explicit": podcast.explicit if details.explicit is None else details.explicit,
        "image": details.image or podcast.image,
        "categories": list(podcast.categories),
        "transcripts": [
            _present({"url": one.url, "mime_type": one.type, "language": one.language}) for one in details.transcripts
        ],
        "chapters_url": details.chapter_file,
        "chapters": [
            _present({"start": one.start, "title": one.title, "url": one.url, "image": one.image})
            for one in details.chapters
        ],
        "people": [
            _present({"name": one.name, "role": one.role, "url": one.url, "image": one.image}) for one in details.people
        ],
    }
    return {"podcast": _present(values)}


def _copy(copy: CopyLine) -> dict[str, Any]:
    return {
        "outlet": copy.outlet,
        "source": copy.source,
        "name": copy.name,
        "title": copy.title,
        "url": copy.href,
        "published": _date(copy.published),
        "relation": copy.relation,
        "standing": copy.standing,
    }


def _attachment(file: Media) -> dict[str, Any]:
    return _present(
        {
            "url": file.url,
            "mime_type": file.type,
            "title": file.description,
            "size_in_bytes": file.length,
            "duration_in_seconds": file.duration,
        }
    )


def _present(values: dict[str, Any]) -> dict[str, Any]:
    """Return the values without those that say nothing."""
    return {key: value for key, value in values.items() if value not in (None, [], "")}


def _date(when: datetime) -> str:
    return when.isoformat()


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


JSON = DocumentForm(kind="json", head=_opening, entry=_entry, tail=b"\n]}\n", joint=b",\n")
