"""Full-text search over live stories: FTS5 on SQLite, a tsvector with a GIN index on PostgreSQL; one statement each.

The index holds what a story shows, within its rights, and nothing else. It forgets what a story said in the transaction
that changes or ends the story. What the story says now waits (table `search_pending`) until a daemon has a moment or
somebody searches from the command line: a run from cron whose stories nobody searches never pays for it.

SQLite's index keeps no text of its own: a row goes by being named as it came, so whoever changes `search_tokens` writes
a migration that calls `rebuild`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import ARRAY, Connection, Executable, bindparam, delete, select, text

from feedhub.model import Story
from feedhub.store import locks, story_bodies
from feedhub.store.dialect import among, select_among, upsert
from feedhub.store.executemany import executemany
from feedhub.store.search_query import SearchQuery, SearchTerm
from feedhub.store.search_tokens import searchable, text_with_tokens, tokens_of
from feedhub.store.tables import search_pending, story

#: stories indexed at a time
PAGE = 500
#: SQLite and PostgreSQL have no table in common here; both are called so
TABLE = "story_search"
#: PostgreSQL keeps so many places of one word
_MOST_PLACES = 255


class SearchResult(Struct, frozen=True, kw_only=True):
    """A story that was found, and where to go on."""

    id: int
    story: Story


def add(connection: Connection, numbers: Collection[int]) -> None:
    """Have stories wait to be indexed; the index has nothing of them."""
    rows = [{"story": number} for number in numbers]
    executemany(connection, upsert(connection, search_pending, [search_pending.c.story], replace=False), rows)


def replace(connection: Connection, before: Sequence[tuple[int, Story]], now: Sequence[tuple[int, Story]]) -> None:
    """Have the index forget what stories said before; those that say something else now wait to be indexed."""
    old = {number: searchable(body) for number, body in before}
    new = {number: searchable(body) for number, body in now}
    _remove(connection, [each for each in before if new.get(each[0]) != old[each[0]]])
    add(connection, [number for number in new if old.get(number) != new[number]])


def remove(connection: Connection, numbers: Collection[int]) -> None:
    """Have the index forget stories, before their bodies go."""
    for start in range(0, len(numbers), PAGE):
        part = list(numbers)[start : start + PAGE]
        _remove(connection, list(story_bodies.of(connection, part).items()))


def index_waiting(connection: Connection, *, wait: bool = True) -> int:
    """Index the first stories that wait for it; returns how many, 0 where none waits.

    Without `wait` 0, too, where another process settles just now: none of them may change meanwhile.
    """
    if not is_any_waiting(connection) or not locks.take(connection, locks.SETTLE, wait=wait):
        return 0
    first = select(search_pending.c.story).order_by(search_pending.c.story).limit(PAGE)
    numbers = list(connection.execute(first).scalars())
    _add(connection, _readable(connection, numbers))
    connection.execute(delete(search_pending).where(among(connection, search_pending.c.story, numbers)))
    return len(numbers)


def _readable(connection: Connection, numbers: Sequence[int]) -> list[tuple[int, Story]]:
    """Return what stories say; one that cannot be read is left out, for `db verify` to tell, and keeps no other out."""
    try:
        return list(story_bodies.of(connection, numbers).items())
    except ValueError:
        if len(numbers) == 1:
            return []
        return [row for number in numbers for row in _readable(connection, [number])]


def is_any_waiting(connection: Connection) -> bool:
    """Tell whether a story waits to be indexed."""
    return connection.execute(_ANY_WAITING).first() is not None


_ANY_WAITING = select(search_pending.c.story).limit(1)


def waiting(connection: Connection) -> set[int]:
    """Return the numbers of the stories that wait to be indexed."""
    return set(connection.execute(select(search_pending.c.story)).scalars())


def rebuild(connection: Connection) -> int:
    """Index every live story anew but those that wait for it; returns how many it indexed."""
    waits = waiting(connection)
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"INSERT INTO {TABLE} ({TABLE}) VALUES ('delete-all')"))
    else:
        connection.execute(text(f"DELETE FROM {TABLE}"))
    count = 0
    for page in story_bodies.live(connection, page=PAGE):
        rows = [row for row in page if row[0] not in waits]
        _add(connection, rows)
        count += len(rows)
    return count


def indexed(connection: Connection) -> set[int]:
    """Return the numbers of the stories that the index can find."""
    column = "rowid" if connection.dialect.name == "sqlite" else "story"
    return set(connection.execute(text(f"SELECT {column} FROM {TABLE}")).scalars())


def find(
    connection: Connection,
    query: SearchQuery,
    *,
    now: datetime,
    limit: int = 20,
    before: int | None = None,
    outputs: Collection[str] | None = None,
) -> list[SearchResult]:
    """Return released stories that a query finds, those founded last first.

    `before` goes on after the last result of a page; with `outputs` only stories that entered one of these are found.
    """
    if query.is_empty or (outputs is not None and not outputs):
        return []
    is_sqlite = connection.dialect.name == "sqlite"
    if not is_sqlite:
        # for this transaction: the planner does not count that words are stored beside their rows, unpacked one by one
        connection.execute(text("SELECT set_config('enable_seqscan', 'off', true)"))
    values = {
        "query": _fts5(query.terms) if is_sqlite else _tsquery(query.terms),
        "now": now,
        "since": query.since,
        "before": before,
        "output": query.output,
        "outputs": None if outputs is None else list(outputs),
        "limit": limit,
    }
    numbers = list(connection.execute(_statement(is_sqlite, query, before, outputs), values).scalars())
    said = story_bodies.of(connection, numbers)
    return [SearchResult(id=number, story=said[number]) for number in numbers]


def _statement(is_sqlite: bool, query: SearchQuery, before: int | None, outputs: Collection[str] | None) -> Executable:
    number = "found.rowid" if is_sqlite else "found.story"
    wanted = [
        *([f"found.{TABLE} MATCH :query"] if is_sqlite else []),
        "story.state = 'live'",
        "story.body IS NOT NULL",
        "story.released <= :now",
    ]
    entered = "EXISTS (SELECT 1 FROM output_entry WHERE output_entry.story = story.id AND output_entry.output"
    if query.since is not None:
        wanted.append("(story.updated >= :since OR story.released >= :since)")
    if before is not None:
        wanted.append(f"{number} < :before")
    if query.output is not None:
        wanted.append(f"{entered} = :output)")
    if outputs is not None:
        wanted.append(f"{entered} IN :outputs)")
    # PostgreSQL would read story after story, the newest first, until enough have the word: all of them for a rare one
    matching = f"SELECT story FROM {TABLE} WHERE tokens @@ CAST(:query AS tsquery)"
    source = f"{TABLE} AS found" if is_sqlite else "found"
    statement = text(
        f"{'' if is_sqlite else f'WITH found AS MATERIALIZED ({matching}) '}"
        f"SELECT story.id FROM {source} JOIN story ON story.id = {number} "
        f"WHERE {' AND '.join(wanted)} ORDER BY {number} DESC LIMIT :limit"
    )
    typed = [bindparam("now", type_=story.c.released.type)]
    if query.since is not None:
        typed.append(bindparam("since", type_=story.c.updated.type))
    if outputs is not None:
        typed.append(bindparam("outputs", expanding=True))
    return statement.bindparams(*typed).columns(story.c.id)


def _fts5(terms: Sequence[SearchTerm]) -> str:
    """Return the terms as FTS5 reads them; tokens have letters, digits and signs alone, so quoting is enough."""
    wanted = " AND ".join(_fts5_term(term) for term in terms if not term.is_negated)
    unwanted = "".join(f" NOT {_fts5_term(term)}" for term in terms if term.is_negated)
    return f"({wanted}){unwanted}"


def _fts5_term(term: SearchTerm) -> str:
    return f'"{" ".join(term.tokens)}"{" *" if term.is_prefix else ""}'


def _tsquery(terms: Sequence[SearchTerm]) -> str:
    return " & ".join(f"{'!' if term.is_negated else ''}{_tsquery_term(term)}" for term in terms)


def _tsquery_term(term: SearchTerm) -> str:
    quoted = [f"'{token}'" for token in term.tokens]
    return f"({' <-> '.join(quoted)}{':*' if term.is_prefix else ''})"


_ADD_VECTOR = text(f"INSERT INTO {TABLE} (story, tokens) VALUES (:story, CAST(:tokens AS tsvector))")


def _add(connection: Connection, rows: Sequence[tuple[int, Story]]) -> None:
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        values = [(number, text_with_tokens(body)) for number, body in rows]
        connection.exec_driver_sql(f"INSERT INTO {TABLE} (rowid, tokens) VALUES (?, ?)", values)
    else:
        vectors = [{"story": number, "tokens": _tsvector(tokens_of(body))} for number, body in rows]
        executemany(connection, _ADD_VECTOR, vectors)


def _remove(connection: Connection, rows: Sequence[tuple[int, Story]]) -> None:
    """Have the index forget stories, by what they said; what waits is not there yet, and waits no more."""
    if not rows:
        return
    numbers = [number for number, _ in rows]
    waits = set(select_among(connection, _WAITING, search_pending.c.story, numbers).scalars())
    if waits:
        connection.execute(delete(search_pending).where(among(connection, search_pending.c.story, waits)))
    _forget(connection, [each for each in rows if each[0] not in waits])


_WAITING = select(search_pending.c.story)


_INDEXED = text(f"SELECT rowid FROM {TABLE} WHERE rowid IN :numbers").bindparams(bindparam("numbers", expanding=True))


def _forget(connection: Connection, rows: Sequence[tuple[int, Story]]) -> None:
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        # to take out words that were never in it damages the index: a story that could not be read is not there
        numbers = [number for number, _ in rows]
        there = set(connection.execute(_INDEXED, {"numbers": numbers}).scalars())
        values = [{"story": number, "tokens": text_with_tokens(body)} for number, body in rows if number in there]
        if not values:
            return
        statement = f"INSERT INTO {TABLE} ({TABLE}, rowid, tokens) VALUES ('delete', :story, :tokens)"
        connection.execute(text(statement), values)
    else:
        stories = bindparam("stories", type_=ARRAY(story.c.id.type))
        ended = text(f"DELETE FROM {TABLE} WHERE story = ANY(:stories)").bindparams(stories)
        connection.execute(ended, {"stories": [number for number, _ in rows]})


def _tsvector(some: Sequence[str]) -> str:
    places: dict[str, list[int]] = {}
    for place, token in enumerate(some, 1):
        where = places.setdefault(token, [])
        if len(where) < _MOST_PLACES:
            where.append(place)
    return " ".join(f"'{token}':{','.join(map(str, where))}" for token, where in places.items())
