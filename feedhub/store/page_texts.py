"""What articles' pages said that were read in order to decide, and what became of them, host by host."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, and_, case, delete, func, select, update

from feedhub.codec import dump, load
from feedhub.model import Copy, EntryOrigin, PageRequest, Verdict, WireMarks
from feedhub.store.dialect import among, select_among
from feedhub.store.pages import DECIDE, PageClaim, finish, teaser_digest
from feedhub.store.placements import hash64
from feedhub.store.tables import copy, page
from feedhub.structs import replace

_DECIDED = "decided on the pages"


class ReadArticle(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The article on a page that was read in order to decide: for comparing and explaining, never shown."""

    paragraphs: tuple[str, ...]
    #: what its text is signed with
    wire: WireMarks
    #: where the page says that it took the article from
    origin: EntryOrigin | None = None

    def compared(self, value: Copy) -> Copy:
        """Return a copy as it is compared with this article as its text."""
        origin = value.origin or self.origin
        return replace(value, paragraphs=self.paragraphs, summary=None, wire=self.wire, origin=origin)


class PageText(Struct, frozen=True, kw_only=True):
    """What was read for a copy's headline and teaser as they are now."""

    article: ReadArticle
    read_at: datetime


class HostPages(Struct, frozen=True, kw_only=True):
    """What became of the pages of one host that were asked for in order to decide."""

    host: str
    awaited: int
    read: int
    refused: int


def keep(connection: Connection, claimed: PageClaim, article: ReadArticle) -> None:
    """Write back what was read on a page in order to decide and let it go; raise LeaseLost if it is no longer ours."""
    finish(connection, claimed, read=None, due_at=None)
    ours = page.c.copy == claimed.copy
    connection.execute(update(page).where(ours).values(text=dump(article), digest=_digest(article)))


def sharing(connection: Connection, claimed: PageClaim, article: ReadArticle) -> dict[int, PageRequest]:
    """Return the other copies whose pages on the same host said the very same, with what was asked for."""
    host = select(page.c.host).where(page.c.copy == claimed.copy).scalar_subquery()
    same = and_(page.c.host == host, page.c.digest == _digest(article), page.c.copy != claimed.copy)
    rows = connection.execute(select(page.c.copy, page.c.wanted).where(same, page.c.text.is_not(None)))
    return {number: load(PageRequest, wanted) for number, wanted in rows}


def forget(connection: Connection, copies: Collection[int], refusal: str) -> None:
    """Let go of texts that turned out to be no article's."""
    values = {"text": None, "digest": None, "refusal": refusal}
    connection.execute(update(page).where(among(connection, page.c.copy, copies)).values(**values))


_READ = select(page.c.copy, page.c.text, page.c.read_at, page.c.teaser).where(page.c.text.is_not(None))


def of_copies(connection: Connection, copies: Mapping[int, Copy]) -> dict[int, PageText]:
    """Return what was read of these copies, by number, as far as it was read for what their feeds say now."""
    found: dict[int, PageText] = {}
    if copies:
        digests = {number: teaser_digest(value) for number, value in copies.items()}
        for number, text, read_at, teaser in select_among(connection, _READ, page.c.copy, digests):
            if teaser == digests[number]:
                found[number] = PageText(article=load(ReadArticle, text), read_at=read_at)
    return found


def by_host(connection: Connection, name: str | None = None) -> list[HostPages]:
    """Count what became of the pages that were asked for in order to decide, host by host, or of one host."""
    given_up = case((page.c.due_at.is_(None), page.c.refusal), else_=None)
    counts = func.count(page.c.due_at), func.count(page.c.text), func.count(given_up)
    query = select(page.c.host, *counts).where(page.c.purpose == DECIDE).group_by(page.c.host).order_by(page.c.host)
    if name is not None:
        query = query.where(page.c.host == name)
    return [
        HostPages(host=host, awaited=awaited, read=read, refused=refused)
        for host, awaited, read, refused in connection.execute(query)
    ]


def decided_copies(connection: Connection) -> int:
    """Count the copies that stand in their stories because pages were read."""
    query = select(func.count()).select_from(copy).where(copy.c.ground.contains(_DECIDED))
    return int(connection.execute(query).scalar_one())


def with_pages(verdict: Verdict, read: Sequence[datetime]) -> Verdict:
    """Return a verdict whose ground says that it was found on pages, the last of them read when."""
    if not read:
        return verdict
    return replace(verdict, ground=f"{verdict.ground}; {_DECIDED}, read at {max(read):%Y-%m-%d %H:%M} UTC")


def drop(connection: Connection, before: datetime) -> None:
    """Let go of what was read in order to decide before then: its window is closed."""
    connection.execute(delete(page).where(page.c.purpose == DECIDE, page.c.requested_at < before))


def _digest(article: ReadArticle) -> int:
    return hash64("\n".join(article.paragraphs))
