"""What becomes of a page that was asked for in order to decide: its text is kept, or it is given up."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from feedhub.clean import Agencies
from feedhub.ingest.fulltext import share_words
from feedhub.model import ArticlePage, Copy, EntryOrigin, WireMarks
from feedhub.registrable import registrable
from feedhub.store import Connection, page_texts, pages, placements, remarks
from feedhub.store.page_texts import ReadArticle
from feedhub.store.pages import PageClaim
from feedhub.structs import replace

#: from one try to the next; its story does not wait for them
AGAIN = (timedelta(minutes=10), timedelta(hours=1))
#: a wall: none of its host's pages is asked for meanwhile
WALLS = (401, 402, 403, 451)
REST = timedelta(days=1)
#: so many pages refused and none read are no accident
_REFUSALS = 3
#: "/", "/index.html", "/en/home"
_HOME = re.compile(r"/?(?:[a-z]{2}(?:-[a-z]{2})?/)?(?:(?:index|home|default)(?:\.\w{2,5})?)?/?", re.IGNORECASE)
_SHARED = "another article's page says the very same: it is nobody's text"


def is_home(final: str, asked: str) -> bool:
    """Tell whether a page that was asked for by its own address led to a front page."""
    end, start = urlsplit(final), urlsplit(asked)
    return bool(_HOME.fullmatch(end.path)) and not _HOME.fullmatch(start.path)


def article(page: ArticlePage, made: Copy, agencies: Agencies) -> ReadArticle:
    """Return what decides of a page: its text as it was cleaned, and whom the page names as its source.

    The text's own credit goes first, then what the page's linked data says: author, holder of the rights, publisher.
    """
    own = agencies.seen_from((made.outlet,), urlsplit(page.url).hostname)
    named = (*page.authors, page.copyright_holder, page.publisher)
    agency = next((found for name in named if name and not own.is_own(name) and (found := own.find(name))), None)
    wire = made.wire if made.wire.agency or not agency else _signed(made.wire, agency)
    origin = made.origin
    if origin is not None and origin.url and not origin.title:
        origin = EntryOrigin(url=origin.url, title=registrable(urlsplit(origin.url).hostname or ""))
    return ReadArticle(paragraphs=made.paragraphs, wire=wire, origin=origin)


def _signed(wire: WireMarks, agency: str) -> WireMarks:
    return replace(wire, agency=agency, credit=wire.credit or agency)


def keep(connection: Connection, claim: PageClaim, read: ReadArticle, now: datetime) -> None:
    """Keep what was read, and have its copy settled anew; what unlike entries of a host share is nobody's text."""
    others = page_texts.sharing(connection, claim, read)
    unlike = [copy for copy, wanted in others.items() if not share_words(wanted.entry, claim.wanted.entry)]
    if unlike:
        page_texts.forget(connection, unlike, _SHARED)
        placements.mark_pending(connection, unlike)
        return give_up(connection, claim, _SHARED, now)
    page_texts.keep(connection, claim, read)
    placements.mark_pending(connection, [claim.copy])


def give_up(
    connection: Connection, claim: PageClaim, reason: str, now: datetime, *, rest: timedelta | None = None
) -> None:
    """Give a page up; its copy is settled by its own words, and a host that shows none of its pages rests."""
    pages.finish(connection, claim, read=None, due_at=None, tries=claim.tries + 1, refusal=reason[:200])
    placements.mark_pending(connection, [claim.copy])
    host = urlsplit(claim.wanted.url).hostname or ""
    remark = f"page {claim.wanted.url}: {reason}; what it could decide stays undecided"
    if rest is not None or _only_refuses(connection, host):
        until = now + (rest or REST)
        pages.pause_host(connection, host, until)
        remark = f"pages of {host}: {reason}; none is asked for until {until:%Y-%m-%d %H:%M} UTC"
    remarks.add(connection, claim.source, [remark[:1000]], now)


def _only_refuses(connection: Connection, host: str) -> bool:
    """Tell whether a host has refused several pages and shown none: a wall, a consent page, one error for all."""
    return any(each.refused >= _REFUSALS and not each.read for each in page_texts.by_host(connection, host))
