"""Texts that rows share: the HTML and the paragraphs of copies, stories and their versions, each stored once.

A row keeps its value without them and refers to its text; `split` parts the two and `read` joins them. A text is found
by a digest and compared, so equal ones are one, whichever source they come from. One that differs a little from another
(a story without what its source repeats) is stored as the difference. Texts never change; `collect` drops those that no
row refers to, in the transaction that took the last reference away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from msgspec import Struct
from sqlalchemy import Column, ColumnElement, Connection, delete, exists, insert, or_, select

from feedhub.codec import dump, load
from feedhub.store import dialect
from feedhub.store.dialect import among, select_among
from feedhub.store.executemany import executemany
from feedhub.store.packing import pack_text, unpack_text
from feedhub.store.tables import archived_story, article_text, copy, copy_version, story, story_version
from feedhub.structs import replace

T = TypeVar("T", bound=Struct)

#: the columns that refer to a text
REFERENCES: tuple[Column[Any], ...] = (
    copy.c.text,
    story.c.text,
    copy_version.c.text,
    story_version.c.text,
    archived_story.c.text,
)


class ArticleText(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The text of an article; without paragraphs it is served by any text of the same HTML."""

    html: str
    paragraphs: tuple[str, ...] | None = None

    @property
    def digest(self) -> int:
        """Return the digest by which it is found, whether its paragraphs are asked for or not."""
        content = (self.html or "\n".join(self.paragraphs or ())).encode("utf-8", "surrogatepass")
        return int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "big", signed=True)

    def serves(self, wanted: ArticleText) -> bool:
        """Whether it is the text that is wanted, or holds it."""
        return self.html == wanted.html and wanted.paragraphs in (None, self.paragraphs)


class _NewText(Struct, frozen=True, kw_only=True):
    """What is known of a text that is about to be added."""

    digest: int
    #: the number of a text that it is likely to resemble
    resembled: int | None


def split(value: Any) -> tuple[str, ArticleText | None]:
    """Part a value into its JSON without its text, and the text; None where it has none."""
    html, paragraphs = value.html, getattr(value, "paragraphs", None)
    if not html and not paragraphs:
        return dump(value), None
    without = replace(value, html=None) if paragraphs is None else replace(value, html="", paragraphs=())
    return dump(without), ArticleText(html=html or "", paragraphs=paragraphs)


def read(kind: type[T], body: str, packed: bytes | None, base: bytes | None) -> T:
    """Join what `columns` selected beside the body of a row into its value."""
    if packed is None:
        return load(kind, body)
    return load(kind, f"{body[:-1]},{_unpacked(packed, base)[1:]}")


def columns(reference: Column[Any]) -> tuple[ColumnElement[Any], ColumnElement[Any]]:
    """Return what `read` takes beside the body, for a row that refers to its text by this column."""
    own = article_text.alias()
    theirs, root = article_text.alias(), article_text.alias()
    packed = select(own.c.body).where(own.c.id == reference).scalar_subquery()
    base = select(root.c.body).join(theirs, theirs.c.base == root.c.id).where(theirs.c.id == reference)
    return packed.label(f"{reference.table.name}_packed"), base.scalar_subquery().label(f"{reference.table.name}_base")


def store(
    connection: Connection,
    values: Sequence[Any],
    bases: Sequence[int | None] | None = None,
    own: Sequence[int | None] | None = None,
) -> list[tuple[str, int | None]]:
    """Store the texts of values; return for each the body of its row and the number of its text.

    `bases`: for each the number of a text that its own is likely to resemble; `own`: the number of the text that serves
    it, where the caller has read that one in this transaction: it is not read and compared again.
    """
    parted = [split(value) for value in values]
    there = _still_there(connection, {number for number in own or () if number is not None})
    served = [number if number in there else None for number in own or [None] * len(values)]
    wanted = [text if number is None else None for (_, text), number in zip(parted, served, strict=True)]
    numbers = put(connection, wanted, bases)
    return [(body, known or number) for (body, _), known, number in zip(parted, served, numbers, strict=True)]


def _still_there(connection: Connection, numbers: Collection[int]) -> set[int]:
    """Return those of these texts that are there; nobody drops them until the transaction ends."""
    if not numbers:
        return set()
    return set(select_among(connection, _LOCKED_IDS, article_text.c.id, numbers).scalars())


_LOCKED_IDS = select(article_text.c.id).order_by(article_text.c.id).with_for_update(read=True, key_share=True)


def put(
    connection: Connection, wanted: Sequence[ArticleText | None], bases: Sequence[int | None] | None = None
) -> list[int | None]:
    """Return the numbers of these texts, in their order; those that are not there yet are added."""
    # once for each: it takes a tenth of what it costs to pack the text
    digests = [None if text is None else text.digest for text in wanted]
    known = _known(connection, {digest for digest in digests if digest is not None})
    new: dict[ArticleText, _NewText] = {}
    for text, digest, base in zip(wanted, digests, bases or [None] * len(wanted), strict=True):
        if text is not None and digest is not None and _serving(known.get(digest, ()), text) is None:
            new.setdefault(text, _NewText(digest=digest, resembled=base))
    for number, text in _add(connection, new):
        known.setdefault(new[text].digest, []).append((number, text))
    return [
        None if text is None or digest is None else _serving(known.get(digest, ()), text)
        for text, digest in zip(wanted, digests, strict=True)
    ]


def _serving(known: Sequence[tuple[int, ArticleText]], text: ArticleText) -> int | None:
    return next((number for number, each in known if each.serves(text)), None)


_ADD = insert(article_text)


def _add(connection: Connection, new: Mapping[ArticleText, _NewText]) -> list[tuple[int, ArticleText]]:
    """Add texts, each as the difference from another where one is named; return them with their numbers."""
    if not new:
        return []
    numbered = list(zip(dialect.numbers(connection, article_text.c.id, len(new)), new.items(), strict=True))
    roots = _roots(connection, {each.resembled for each in new.values() if each.resembled is not None})
    rows = []
    for number, (text, own) in numbered:
        base, content = (None, None) if own.resembled is None else roots.get(own.resembled, (None, None))
        unpacked = dump(text)
        body = pack_text(unpacked, content)
        rows.append({"id": number, "digest": own.digest, "base": base, "characters": len(unpacked), "body": body})
    executemany(connection, _ADD, rows)
    return [(number, text) for number, (text, _) in numbered]


def collect(connection: Connection, numbers: Iterable[int | None]) -> int:
    """Drop those of these texts, and of the texts that they resemble, that no row refers to; returns how many."""
    candidates = {number for number in numbers if number is not None}
    dropped = 0
    while candidates:
        # whoever is about to refer to one of them has locked it before; what is locked here is found by nobody else
        some = select(article_text.c.id, article_text.c.base).where(among(connection, article_text.c.id, candidates))
        locked = connection.execute(some.with_for_update(skip_locked=True)).all()
        theirs = [row.id for row in locked]
        unneeded = delete(article_text).where(among(connection, article_text.c.id, theirs), ~_in_use())
        gone = set(connection.execute(unneeded.returning(article_text.c.id)).scalars())
        dropped += len(gone)
        candidates = {row.base for row in locked if row.id in gone and row.base is not None}
    return dropped


def _in_use() -> ColumnElement[bool]:
    child = article_text.alias()
    return or_(
        *(exists().where(column == article_text.c.id) for column in REFERENCES),
        exists().where(child.c.base == article_text.c.id),
    )


def references(connection: Connection, column: Column[Any], numbers: Collection[int], by: Column[Any]) -> set[int]:
    """Return the texts that rows refer to, those rows whose column `by` has one of these numbers."""
    if not numbers:
        return set()
    query = select(column).where(among(connection, by, numbers), column.is_not(None))
    return set(connection.execute(query).scalars())


_root = article_text.alias()
_TEXTS = select(article_text, _root.c.body.label("root")).outerjoin(_root, _root.c.id == article_text.c.base)
_LOCKED_TEXTS = _TEXTS.order_by(article_text.c.id).with_for_update(read=True, key_share=True, of=article_text)


def _known(connection: Connection, digests: Collection[int]) -> dict[int, list[tuple[int, ArticleText]]]:
    """Return the texts of these digests, by digest; nobody drops them until the transaction ends."""
    found: dict[int, list[tuple[int, ArticleText]]] = {}
    if digests:
        for row in select_among(connection, _LOCKED_TEXTS, article_text.c.digest, digests):
            found.setdefault(row.digest, []).append((row.id, load(ArticleText, _unpacked(row.body, row.root))))
    return found


def _roots(connection: Connection, numbers: Collection[int]) -> dict[int, tuple[int, str]]:
    """Return for each of these texts the number and JSON of the one that others are stored as a difference to."""
    if not numbers:
        return {}
    found = {}
    for row in select_among(connection, _LOCKED_TEXTS, article_text.c.id, numbers):
        number, packed = (row.id, row.body) if row.base is None else (row.base, row.root)
        found[row.id] = (number, unpack_text(packed))
    return found


def _unpacked(packed: bytes, base: bytes | None) -> str:
    return unpack_text(packed, None if base is None else unpack_text(base))


def unused(connection: Connection, *, limit: int | None = None) -> list[int]:
    """Return the numbers of texts that no row refers to: none, as long as nobody changes the tables by hand."""
    return list(connection.execute(select(article_text.c.id).where(~_in_use()).limit(limit)).scalars())


def problems(connection: Connection) -> Iterator[str]:
    """Check that every text can be read and is what its digest says, and that a row refers to it; a line each."""
    last = 0
    page = _TEXTS.order_by(article_text.c.id).limit(500)
    while rows := connection.execute(page.where(article_text.c.id > last)).all():
        for row in rows:
            try:
                content = load(ArticleText, _unpacked(row.body, row.root))
            except Exception as error:
                yield f"text {row.id}: cannot be read ({error})"
                continue
            if content.digest != row.digest:
                yield f"text {row.id}: is not what its digest says"
        last = rows[-1].id
    for number in unused(connection):
        yield f"text {number}: no row refers to it; `feedhub db compact` drops it"
