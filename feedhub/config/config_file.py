"""A configuration file -> Config, or every mistake in it at once.

text | compose    a document with places; duplicate keys and missing variables are told
     | check      each section and each row by its keys
     | combine    what only several keys together show
"""

from __future__ import annotations

import gc
import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from feedhub.bounded_files import read_bounded
from feedhub.config import databases, mistakes, schema
from feedhub.config.settings import (
    RETENTION,
    Config,
    Fetch,
    MatchSettings,
    Notify,
    Pages,
    Polling,
    Server,
    Webhook,
)
from feedhub.config.source_ids import id_of_row
from feedhub.config.source_rows import SourceReader, format_duration, with_filters
from feedhub.config.value_checks import Section, Surroundings
from feedhub.config.yaml_document import Loc, Remark, YamlDocument, compose, path_text
from feedhub.errors import ConfigError, UsageError
from feedhub.model import Fulltext, OutputRule, Source
from feedhub.structs import replace

#: where a shell puts the end of a pipe into which it writes what a command prints: `-c <(command)`
_PIPES = ("/dev/fd/", "/proc/self/fd/")
#: mistakes told one by one
MOST_MISTAKES = 200


def load(path: Path, *, environ: Mapping[str, str] | None = None, agencies: Collection[str] = ()) -> Config:
    """Read the configuration at `path`; raise ConfigError with every mistake where there is one.

    `agencies` are the names that the wire's catalogue knows: others are doubted, not refused.
    """
    with _without_collector():
        document = compose(_text(path), os.environ if environ is None else environ)
        if isinstance(document, Remark):
            raise ConfigError([document.as_line(str(path))])
        reading = _Reading(document, path.resolve(), agencies)
        config = reading.config()
    if reading.mistakes:
        remarks = sorted(set(reading.mistakes))
        more = [f"{path}: and {len(remarks) - MOST_MISTAKES:,} more mistakes"] if len(remarks) > MOST_MISTAKES else []
        raise ConfigError([*(remark.as_line(str(path)) for remark in remarks[:MOST_MISTAKES]), *more])
    doubts = tuple(remark.as_line(str(path)) for remark in sorted(set(reading.doubts)))
    return Config(**config, path=path.resolve(), warnings=doubts)


@contextmanager
def _without_collector() -> Iterator[None]:
    """No search for cycles meanwhile: there are none, and it takes half of 1.4 s over 10,000 sources."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _text(path: Path) -> str:
    if not path.exists():
        raise ConfigError([f"{path}: there is no such file: `feedhub init` writes one, -c names another"])
    if path.is_fifo() and not str(path).startswith(_PIPES):
        # nobody may ever write into it, and a daemon would not even end
        raise ConfigError([f"{path}: a named pipe: expected a file"])
    try:
        return read_bounded(path).decode("utf-8-sig")
    except UsageError as error:
        raise ConfigError([f"{path}: {error}"]) from error
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read: {error.strerror}"]) from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError([f"{path}:{line}:1: not UTF-8: save the file in that encoding"]) from error


class _Reading:
    """One pass over one document; collects mistakes and doubts as it goes."""

    def __init__(self, document: YamlDocument, path: Path, agencies: Collection[str]) -> None:
        self._document, self._path, self._folder = document, path, path.parent
        self._surroundings = Surroundings(folder=self._folder)
        self._agencies = {agency.casefold() for agency in agencies}
        self.mistakes: list[Remark] = list(document.mistakes)
        self.doubts: list[Remark] = []
        #: where the document itself was wrong: one mistake a place is enough
        self._remarked = {remark.loc for remark in document.mistakes}
        #: what was wrong already: nothing may be concluded from the defaults that stand in for it
        self._wrong: set[Loc] = set()

    def config(self) -> dict[str, Any]:
        """Return the fields of Config, as far as they can be read."""
        data = self._document.data
        apart = {*schema.SECTIONS, *schema.LISTS}
        top = self._section(schema.TOP, {key: value for key, value in data.items() if key not in apart}, ())
        values = {name: self._section(keys, data.get(name, {}), (name,)) for name, keys in schema.SECTIONS.items()}
        server, polling, pages = Server(**values["server"]), Polling(**values["polling"]), Pages(**values["pages"])
        match, fetch = MatchSettings(**values["match"]), self._fetch(values["fetch"])
        top["database"] = databases.beside(top.get("database", "sqlite:///feedhub.db"), self._folder)
        self._compare(top.get("retention", RETENTION), match, polling)
        self._doubt_exposure(server)
        sources = self._sources(polling, fetch, top.get("fulltext", Fulltext.DECIDE))
        feeds = self._feeds()
        self._doubt_names(sources, feeds)
        messages = {"notify": self._notify(), "webhooks": self._webhooks(feeds)}
        sections = {"server": server, "polling": polling, "match": match, "fetch": fetch, "pages": pages}
        return top | sections | messages | {"sources": sources, "feeds": feeds, "files": (self._path, *self._lists())}

    def _notify(self) -> tuple[Notify, ...]:
        rows = [self._row(schema.NOTIFY, row, ("notify", place)) for place, row in enumerate(self._list("notify"))]
        return tuple(Notify(**row) for row in rows if row is not None)

    def _webhooks(self, feeds: Collection[OutputRule]) -> tuple[Webhook, ...]:
        names = {rule.name for rule in feeds}
        made = []
        for place, value in enumerate(self._list("webhooks")):
            row = self._row(schema.WEBHOOK, value, ("webhooks", place))
            if row is not None and row.get("feed", "all") not in names:
                self._mistake(
                    ("webhooks", place, "feed"), f"there is no such feed; there are {', '.join(sorted(names))}"
                )
            elif row is not None:
                made.append(Webhook(**row))
        return tuple(made)

    def _lists(self) -> list[Path]:
        """Return the lists of sources that the document names, whether they can be read or not."""
        rows = self._document.data.get("sources", [])
        named = (
            [row["opml"] for row in rows if isinstance(row, dict) and "opml" in row] if isinstance(rows, list) else []
        )
        return [self._folder / name for name in named if isinstance(name, str)]

    def _sources(self, polling: Polling, fetch: Fetch, fulltext: Fulltext) -> tuple[Source, ...]:
        # where the settings themselves are wrong, no source is to blame
        allowed = [Path("/")] if ("fetch", "paths") in self._wrong else fetch.paths
        self._surroundings = replace(self._surroundings, allowed=allowed)
        if {("polling", "floor"), ("polling", "interval"), ("fetch", "allow")} & self._wrong:
            polling = replace(polling, floor=timedelta(0))
        return SourceReader(polling, fetch, fulltext, self._mistake, self._doubt).sources(self._source_rows())

    def _mistake(self, loc: Loc, what: str) -> None:
        self.mistakes.append(self._document.remark(loc, what))

    def _doubt(self, loc: Loc, what: str) -> None:
        self.doubts.append(self._document.remark(loc, what))

    def _section(self, keys: Section, value: object, loc: Loc) -> dict[str, Any]:
        """Return the keys of a section that hold what they should; the others become mistakes."""
        values, found = keys.read(value, self._surroundings)
        self._wrong.update((*loc, mistake.loc[0]) for mistake in found if mistake.loc)
        new = [each for each in found if path_text((*loc, *each.loc)) not in self._remarked]
        self.mistakes.extend(mistakes.explain(self._document, loc, new))
        return values

    def _row(self, keys: Section, value: object, loc: Loc) -> dict[str, Any] | None:
        """Return the row without its bad keys, so that the others are still compared; None where it is no row."""
        row = self._section(keys, value, loc)
        return row if keys.required <= row.keys() else None

    def _list(self, name: str) -> list[Any]:
        value = self._document.data.get(name, [])
        if not isinstance(value, list):
            self._mistake((name,), "expected a list: a line that begins with `-` for each")
            return []
        return value

    def _source_rows(self) -> list[tuple[Loc, dict[str, Any]]]:
        values = self._list("sources")
        self._report_repeated("sources", "id", [id_of_row(row) for row in values])
        rows: list[tuple[Loc, dict[str, Any]]] = []
        for place, value in enumerate(values):
            loc: Loc = ("sources", place)
            value = _as_row(value)
            listed = isinstance(value, dict) and "opml" in value
            row = self._row(schema.SOURCE_LIST if listed else schema.SOURCE, value, loc)
            if row is not None:
                rows.append((loc, row))
        if not values:
            self._doubt(("sources",), "no sources: nothing will be polled; `feedhub sources add URL` adds one")
        return rows

    def _feeds(self) -> tuple[OutputRule, ...]:
        """Return the outputs as written; `all` comes first where nobody wrote it."""
        values = self._list("feeds")
        names = [row.get("name") if isinstance(row, dict) else None for row in values]
        # an output becomes a file, and some disks know no capitals
        self._report_repeated("feeds", "name", [name.lower() if isinstance(name, str) else None for name in names])
        rows = [self._row(schema.FEED, value, ("feeds", place)) for place, value in enumerate(values)]
        rules = tuple(OutputRule(**with_filters(row)) for row in rows if row is not None)
        written = any(isinstance(name, str) and name.lower() == "all" for name in names)
        return rules if written else (OutputRule(name="all"), *rules)

    def _report_repeated(self, name: str, key: str, values: list[Any]) -> None:
        first: dict[str, int] = {}
        for place, value in enumerate(values):
            if isinstance(value, str) and first.setdefault(value, place) != place:
                line = self._document.remark((name, first[value], key), "").line
                row = self._document.data[name][place]
                made = key == "id" and not (isinstance(row, dict) and key in row)
                more = ": give one of them another"
                if made:
                    more = ", made from its name or address: write an `id:` of its own"
                self._mistake((name, place, key), f'"{value}" is the {key} of the one in line {line} already{more}')

    def _fetch(self, values: dict[str, Any]) -> Fetch:
        paths = tuple(Path(os.path.realpath(self._folder / path)) for path in values.get("paths", ()))
        return Fetch(**values | {"paths": paths})

    def _compare(self, retention: timedelta, match: MatchSettings, polling: Polling) -> None:
        """Compare keys that only make sense together."""
        if retention < match.window and not {("retention",), ("match", "window")} & self._wrong:
            loc: Loc = ("retention",) if "retention" in self._document.data else ("match", "window")
            message = f"retention ({format_duration(retention)}) must be at least match.window"
            self._mistake(loc, f"{message} ({format_duration(match.window)})")
        if polling.interval < polling.floor and not {("polling", "interval"), ("polling", "floor")} & self._wrong:
            message = f"shorter than polling.floor ({format_duration(polling.floor)})"
            self._mistake(("polling", "interval"), f"{message}: raise it, or lower the floor")

    def _doubt_exposure(self, server: Server) -> None:
        if not server.is_loopback and not server.admin_token:
            message = "others can reach the hub, and without server.admin_token"
            self._doubt(("server", "host"), f"{message} the health report and /metrics stay closed to them")

    def _doubt_names(self, sources: Collection[Source], feeds: tuple[OutputRule, ...]) -> None:
        """Doubt filters that no source can satisfy. Hosts pass: an outlet may be known from its site link alone."""
        outlets = {source.outlet.casefold() for source in sources if source.outlet}
        declared = {name.casefold() for source in sources for name in (source.agency, source.credit) if name}
        values = self._document.data.get("feeds", [])
        rules = {rule.name: rule for rule in reversed(feeds)}
        for place, row in enumerate(values if isinstance(values, list) else []):
            name = row.get("name") if isinstance(row, dict) else None
            rule = rules.get(name) if isinstance(name, str) else None
            for at, outlet in enumerate(rule.outlets if rule else ()):
                if "." not in outlet and outlet.casefold() not in outlets:
                    self._doubt(("feeds", place, "outlets", at), f'no source has the outlet "{outlet}"')
            for at, agency in enumerate(rule.agencies if rule else ()):
                if self._agencies and agency.casefold() not in self._agencies | declared:
                    self._doubt(("feeds", place, "agencies", at), f'no agency is known as "{agency}"')


def _as_row(value: Any) -> Any:
    """Return a row of `sources` with its keys: a bare address is its `url`, and an id is made where none is written."""
    row = {"url": value} if isinstance(value, str) else value
    if not isinstance(row, dict) or "opml" in row:
        return row
    # where there is no address either, that is the mistake to tell
    return {"id": id_of_row(row) or "source", **row}
