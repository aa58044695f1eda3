"""Who publishes a source: what the operator says, or what its address and its site link say alike.

A feed's own link is a claim. It counts where the feed is polled from the same site, and for files, which are the
operator's own; everywhere else (FeedBurner, Google News, bridges) the source is an outlet of its own, keyed by its id.
Which outlet a source is was decided when it was first read: another site link later changes nothing and is remarked.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from feedhub.model import Source, SourceState
from feedhub.registrable import registrable
from feedhub.structs import replace


def outlet_of(source: Source, site: str | None) -> str:
    """Return who publishes a source; `site` is the host of the site link that its feed gave at first."""
    if source.outlet:
        return source.outlet
    if source.site and (host := _host(source.site)):
        return registrable(host)
    own = registrable(site) if site else ""
    if source.is_path:
        return own or source.name
    return own if own and own == registrable(_host(source.url)) else source.id


def first_site(state: SourceState, link: str | None) -> str:
    """Return the host of the site link that counts: the first one ever read; "" where there was none."""
    return state.site if state.site is not None else _host(link)


def with_site(state: SourceState, link: str | None) -> SourceState:
    """Return the state after a document that gives this site link."""
    site, now = first_site(state, link), _host(link)
    moved = bool(now) and bool(site) and registrable(now) != registrable(site)
    return replace(state, site=site, other_site=now if moved else None)


def site_remark(before: SourceState, after: SourceState) -> str | None:
    """Return the remark on a site link that names another site since this document."""
    if after.other_site is None or after.other_site == before.other_site:
        return None
    return f"its site link names {after.other_site} now, not {after.site}: its outlet stays what it was"


def _host(url: str | None) -> str:
    try:
        return (urlsplit(url or "").hostname or "").lower()
    except ValueError:
        return ""
