"""Texts: what copies, stories and their versions share where they say the same."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, LargeBinary, Table

from feedhub.store.tables.column_types import RowId, metadata

#: the text of an article, never changed; it goes once no row refers to it
article_text = Table(
    "article_text",
    metadata,
    Column("id", RowId, primary_key=True, autoincrement=True),
    #: digest of its HTML: who has that text already is found by it, and compared
    Column("digest", BigInteger, nullable=False),
    #: the text from which it differs a little; without it, it cannot be read
    Column("base", RowId, ForeignKey("article_text.id")),
    #: its length before it was packed: what it costs to settle a copy of it
    Column("characters", Integer, nullable=False),
    #: as `store.article_texts` packs it
    Column("body", LargeBinary, nullable=False),
)
Index(None, article_text.c.digest)
_differs = article_text.c.base.is_not(None)
Index(None, article_text.c.base, sqlite_where=_differs)


def text_column() -> Column[int]:
    """Make the column by which a row refers to its text; None where the text stands in the row."""
    return Column("text", RowId, ForeignKey("article_text.id"))
