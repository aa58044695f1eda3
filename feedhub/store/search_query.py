"""What a person looks for -> terms, whatever the syntax: nothing that somebody types is an error or reaches an engine.

Words stand beside each other, all of them are wanted; `"a phrase"`, `begin*`, `-not`; `outlet:`, `agency:`,
`language:`, `category:` (a word or a phrase of the name), `feed:` (an output's name) and `since:` (a date, an instant,
7d, today).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from msgspec import Struct

from feedhub.store.search_tokens import AGENCY, CATEGORY, LANGUAGE, OUTLET, is_half_pair, tokens, with_mark

#: characters of a query that are looked at, its terms, and the tokens of one term
MAX_LENGTH, MAX_TERMS, MAX_TOKENS = 500, 24, 32
#: beginnings in a query, and the least letters of one: `a*` of 24 letters took a second over 30,000 stories
MAX_PREFIXES, PREFIX_LETTERS = 4, 2
_MARKS = {"outlet": OUTLET, "agency": AGENCY, "language": LANGUAGE, "category": CATEGORY}
_PART = re.compile(
    r"""(?P<minus>-?)(?:(?P<field>outlet|agency|language|category|feed|since):)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))"""
)
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class SearchTerm(Struct, frozen=True, kw_only=True):
    """Tokens that stand one after the other; the last one may be a beginning."""

    tokens: tuple[str, ...]
    is_prefix: bool = False
    #: stories that have it are left out
    is_negated: bool = False


class SearchQuery(Struct, frozen=True, kw_only=True):
    """What is looked for."""

    terms: tuple[SearchTerm, ...] = ()
    #: the name of an output that the stories stand in
    output: str | None = None
    #: they appeared or changed since then
    since: datetime | None = None
    #: parts of the query that mean nothing, as they were typed
    ignored: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is looked for: no term that a story could have."""
        return all(term.is_negated for term in self.terms)


def parse_query(text: str, now: datetime) -> SearchQuery:
    """Read what a person typed; what means nothing is `ignored`."""
    terms: list[SearchTerm] = []
    output: str | None = None
    since: datetime | None = None
    ignored: list[str] = []
    for part in _PART.finditer(text[:MAX_LENGTH].replace("\u201c", '"').replace("\u201d", '"')):
        value = part["word"] if part["phrase"] is None else part["phrase"]
        field = part["field"]
        if field == "feed":
            output = value
        elif field == "since":
            since = read_since(value, now)
            ignored += [part[0]] if since is None else []
        elif (term := _term(value, _MARKS.get(field), bool(part["minus"]))) is not None and _has_room(terms, term):
            terms.append(term)
        elif value.strip('*"'):
            ignored.append(part[0])
    return SearchQuery(terms=tuple(terms), output=output, since=since, ignored=tuple(ignored))


def _has_room(terms: Sequence[SearchTerm], term: SearchTerm) -> bool:
    """Tell whether another term is not too much work for who searches."""
    prefixes = sum(each.is_prefix for each in terms)
    return len(terms) < MAX_TERMS and not (term.is_prefix and prefixes >= MAX_PREFIXES)


def _term(value: str, mark: str | None, is_negated: bool) -> SearchTerm | None:
    bare = value.rstrip("*")
    if mark == LANGUAGE:
        bare = bare.replace("-", "")
    some: Iterable[str] = tokens(bare, whole=False)
    found = tuple(with_mark(mark, some) if mark else some)[:MAX_TOKENS]
    if not found:
        return None
    is_prefix = bare != value or is_half_pair(found[-1])
    if bare != value and len(found[-1]) < PREFIX_LETTERS and not is_half_pair(found[-1]):
        return None
    return SearchTerm(tokens=found, is_prefix=is_prefix, is_negated=is_negated)


def read_since(value: str, now: datetime) -> datetime | None:
    """Read an instant as people write it: 2026-03-10, 2026-03-10T18:00Z, 24h, 7d, today, yesterday; None for others."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    try:
        if value in ("today", "yesterday"):
            return midnight - timedelta(days=value == "yesterday")
        if span := re.fullmatch(r"(\d{1,4})([mhdw])", value):
            return now - timedelta(**{_UNITS[span[2]]: int(span[1])})
        instant = datetime.fromisoformat(value)
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError):
        # in UTC the first morning of the year 1 in the east is before all that a date can say
        return None
