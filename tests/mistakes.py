"""What people do wrong in their first days, and what they read: `python tests/mistakes.py` writes docs/mistakes.md.

Each row is done for real, in a folder of its own; what stands in the table is what the program said.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path

from commands import ROOT, Desk
from msgspec import Struct, field
from origin import Origin, Reply, feed

from feedhub.config import load
from feedhub.errors import ConfigError

PAGE = ROOT / "docs" / "mistakes.md"
_PAPER = "paper.example"
_HOME = (
    b"<!doctype html><html><head><title>Herald</title>"
    b"<link rel=alternate type='application/rss+xml' href='/herald'></head><body>News</body></html>"
)


class Mistake(Struct, frozen=True, dict=True):
    """Something wrong, and the command that meets it."""

    #: what the person did
    what: str
    #: the lines of config.yaml that it is about; `{site}` stands for the paper's address; None: there is no file
    config: str | None
    command: str = "feedhub check"
    files: Mapping[str, bytes] = field(default_factory=dict)
    #: exit code
    code: int = 2


SOURCE = "sources:\n  - https://paper.example/rss\n"

MISTAKES = (
    # the file
    Mistake("no configuration yet", None, "feedhub run"),
    Mistake("an empty file", ""),
    Mistake("a tab where blanks indent", "server:\n\tport: 8080\n"),
    Mistake("a colon in a name", "sources:\n  - name: News: World\n    url: https://paper.example/rss\n"),
    Mistake("a list without a hyphen", "sources:\n  https://paper.example/rss\n"),
    Mistake("a sign that means something to YAML", "feeds:\n  - {name: ferry, words: [*ferry]}\n" + SOURCE),
    Mistake("a list on the line of its key", "sources: - https://paper.example/rss\n"),
    Mistake("typographic quotes", "sources:\n  - url: “https://paper.example/rss”\n"),
    Mistake("a colon that is missing", "sources:\n  - https//paper.example/rss\n"),
    Mistake("a percent sign first", "feeds:\n  - {name: ferry, title: %ferry}\n" + SOURCE),
    Mistake("a file in another encoding", "# caf\udce9\n" + SOURCE),
    Mistake("a misspelt key", "retenton: 30d\n" + SOURCE),
    Mistake("a key in the wrong place", "port: 8081\n" + SOURCE),
    Mistake("a key written twice", "hold: 1m\nretention: 30d\nhold: 2m\n" + SOURCE),
    Mistake("a number without a unit", "polling: {interval: 15}\n" + SOURCE),
    Mistake("words where a number stands", "server: {port: eighty}\n" + SOURCE),
    Mistake("a word that is none of the words", "sources:\n  - {url: https://paper.example/rss, rights: ful}\n"),
    Mistake("a variable that is not set", 'server: {admin_token: "${FEEDHUB_ADMIN}"}\n' + SOURCE),
    Mistake("a secret that is too short", "feeds:\n  - {name: desk, token: sesame}\n" + SOURCE),
    Mistake("an output with a blank in its name", "feeds:\n  - {name: my feed}\n" + SOURCE),
    Mistake(
        "a filter by an outlet that no source has", "feeds:\n  - {name: bay, outlets: [Tallow]}\n" + SOURCE, code=0
    ),
    Mistake("times that contradict each other", "retention: 1d\n" + SOURCE),
    Mistake("a database of another kind", "database: mysql://localhost/feedhub\n" + SOURCE),
    Mistake(
        "a database in a folder that is not there",
        "database: sqlite:///var/feedhub.db\n" + SOURCE,
        "feedhub once",
        code=5,
    ),
    Mistake("open to the network, without a token", "server: {host: 0.0.0.0}\n" + SOURCE, code=0),
    # sources
    Mistake("no source yet", "hold: 0s\n", code=0),
    Mistake("an address without https://", "sources:\n  - www.paper.example/rss\n"),
    Mistake("an address for a reader of feeds", "sources:\n  - feed://paper.example/rss\n"),
    Mistake("a reader's list as a source", "sources:\n  - subscriptions.opml\n"),
    Mistake("a list that is not there", "sources:\n  - {opml: subscriptions.opml}\n"),
    Mistake("polled too often", "sources:\n  - {url: https://paper.example/rss, interval: 1m}\n"),
    Mistake(
        "one id for two sources",
        "sources:\n  - {id: a, url: https://a.example/}\n  - {id: a, url: https://b.example/}\n",
    ),
    Mistake(
        "one name for two sources",
        "sources:\n  - {name: A, url: https://a.example/}\n  - {name: A, url: https://b.example/}\n",
    ),
    Mistake(
        "one feed twice",
        "sources:\n  - {id: a, url: https://a.example/}\n  - {id: b, url: https://a.example/}\n",
        code=0,
    ),
    Mistake("a file outside the folder", "sources:\n  - /srv/wire/morning.xml\n"),
    Mistake(
        "a header that the program sends itself", "sources:\n  - {url: https://a.example/, headers: {User-Agent: Me}}\n"
    ),
    Mistake(
        "a page in place of its feed",
        'fetch: {allow: ["{site}"]}\nsources:\n  - {id: herald, url: "http://{site}/"}\n',
        "feedhub once",
        code=4,
    ),
    Mistake(
        "a feed that is gone",
        'fetch: {allow: ["{site}"]}\nsources:\n  - {id: herald, url: "http://{site}/gone"}\n',
        "feedhub once",
        code=4,
    ),
    Mistake(
        "a feed on this machine", 'sources:\n  - {id: herald, url: "http://{site}/herald"}\n', "feedhub once", code=4
    ),
    Mistake("a host that nobody knows", "sources:\n  - https://papre.invalid/rss\n", "feedhub once", code=4),
    # commands
    Mistake("begun twice", SOURCE, "feedhub init"),
    Mistake("a list that does not come along", None, "feedhub init antarctica"),
    Mistake(
        "a page without a feed",
        'fetch: {allow: ["{site}"]}\n' + SOURCE,
        "feedhub sources add http://{site}/bare",
        code=4,
    ),
    Mistake("added by a script", 'fetch: {allow: ["{site}"]}\n' + SOURCE, "feedhub sources add http://{site}/"),
    Mistake(
        "added twice",
        'fetch: {allow: ["{site}"]}\nsources:\n  - {id: herald, url: "http://{site}/herald"}\n',
        "feedhub sources add http://{site}/ --yes",
        code=0,
    ),
    Mistake("a file as a page", SOURCE, "feedhub sources add config.yaml"),
    Mistake("an id that no source has", SOURCE, "feedhub sources remove herald"),
    Mistake("a page in place of a list", SOURCE, "feedhub sources import list.html", {"list.html": _HOME}),
    Mistake(
        "a list whose secrets were masked",
        SOURCE,
        "feedhub sources import masked.opml",
        {
            "masked.opml": b"<opml version='2.0'><body><outline text='x' xmlUrl='https://a.example/?key=***'/></body></opml>"
        },
        code=0,
    ),
    Mistake("a command that there is not", SOURCE, "feedhub strat"),
    Mistake("an option that there is not", SOURCE, "feedhub once --jsn"),
    Mistake("asked before the first round", SOURCE, "feedhub stories"),
    Mistake(
        "a line that is cut off",
        None,
        "feedhub dedupe items.jsonl",
        {"items.jsonl": b'{"id": "a"}\n{"id": "b"\n'},
        code=3,
    ),
    Mistake("a file of items that is not there", None, "feedhub dedupe items.jsonl"),
    Mistake("the port of another program", "server: {port: {port}}\n" + SOURCE, "feedhub run", code=5),
)


def site() -> Origin:
    """The paper that is asked."""
    return Origin()


def serve(paper: Origin) -> None:
    """Lay out the paper's pages."""
    paper.serve("/", Reply(200, {"Content-Type": "text/html"}, _HOME))
    paper.serve("/bare", Reply(200, {"Content-Type": "text/html"}, b"<!doctype html><title>Herald</title><p>News"))
    paper.serve("/herald", feed())


def messages(mistake: Mistake, paper: Origin, folder: Path, *, quickly: bool = False) -> tuple[int, list[str]]:
    """Make the mistake in an empty folder; return the exit code, and the lines that a person reads about it.

    `quickly`: without a process where only the configuration is read.
    """
    folder.mkdir(parents=True)
    if mistake.config is not None:
        text = mistake.config.replace("{site}", paper.place).replace("{port}", str(paper.port))
        (folder / "config.yaml").write_bytes(text.encode("utf-8", "surrogateescape"))
    for name, body in mistake.files.items():
        (folder / name).write_bytes(body)
    command = mistake.command.replace("{site}", paper.place).split()[1:]
    if command == ["check"] and quickly:
        return _checked(folder)
    # a source's remark stands in its row of a table, which has the width of the terminal
    done = Desk(folder).run(*command, *(["--json"] if command == ["once"] else []))
    lines = [line for line in done.err.splitlines() if line.strip()]
    if command == ["once"] and done.out:
        lines += [f"{row['source']}: {row['remark']}" for row in done.json["sources"]]
    shown = ((paper.place, _PAPER), (str(paper.port), "8080"), (f"{folder}/", ""))
    for old, new in shown:
        lines = [line.replace(old, new) for line in lines]
    return done.code, lines


def _checked(folder: Path) -> tuple[int, list[str]]:
    """Return what `feedhub check` says of a configuration before it looks at the sources."""
    try:
        warnings = load(folder / "config.yaml").warnings
    except ConfigError as error:
        return error.exit_code, [f"feedhub: {line}".replace(f"{folder}/", "") for line in error.mistakes]
    return 0, [f"warning: {line}".replace(f"{folder}/", "") for line in warnings]


def row(mistake: Mistake, lines: list[str]) -> str:
    """Return a mistake as a row of the page."""
    said = "<br>".join(f"`{line}`" if "`" not in line else f"`` {line} ``" for line in lines).replace("|", "\\|")
    return f"| {mistake.what}: `{mistake.command.replace('{site}', _PAPER)}` | {said} |"


def main() -> None:
    """Make every mistake, and write the page."""
    with tempfile.TemporaryDirectory() as folder, site() as paper:
        serve(paper)
        rows = [row(each, messages(each, paper, Path(folder) / each.what)[1]) for each in MISTAKES]
    head = PAGE.read_text(encoding="utf-8").partition("\n| ")[0]
    PAGE.write_text("\n".join([head, "| what was done | what is read |", "|---|---|", *rows, ""]), encoding="utf-8")


if __name__ == "__main__":
    main()
