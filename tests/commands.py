"""feedhub as people run it: real processes in a folder of their own, waited for by conditions, never by the clock."""

from __future__ import annotations

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import forked
from msgspec import Struct

ROOT = Path(__file__).parent.parent
NOW = "2026-03-10T18:00:00Z"
NEXT_DAY = "2026-03-11T18:00:00Z"
#: nothing here takes long; a wait that reaches this has failed
PATIENCE = 30.0
_NAMES = "configuration: "


Process = forked.Forked | subprocess.Popen[bytes]


class Done(Struct, frozen=True, dict=True):
    """How a command ended."""

    code: int
    out: str
    #: stderr without the line that names the configuration
    err: str
    #: the configuration that it named, if it did
    configuration: str | None = None

    @property
    def json(self) -> Any:
        """Stdout, which must be one JSON document and nothing else."""
        return json.loads(self.out)


class Desk(Struct, frozen=True, dict=True):
    """A folder with a configuration, in which commands are run."""

    folder: Path
    #: looked at for modules before our own
    before: Path | None = None
    #: an installed `feedhub` to run in place of the checkout's
    installed: Path | None = None

    @property
    def _program(self) -> list[str]:
        return [str(self.installed)] if self.installed else [sys.executable, "-m", "feedhub"]

    def configure(self, sources: str = "", more: str = "") -> Path:
        """Write a configuration; `sources` are its rows, `more` stands before them."""
        path = self.folder / "config.yaml"
        path.write_text(f"identity: desk.test,2026\n{more}\nsources:\n{sources}\n", encoding="utf-8")
        return path

    def file(self, name: str, *items: dict[str, Any]) -> str:
        """A JSON Feed in the folder; returns the row that configures it as a source."""
        (self.folder / f"{name}.json").write_bytes(feed(name, *items))
        return f"  - {{id: {name}, url: {name}.json, outlet: {name}}}\n"

    def run(
        self,
        *arguments: str,
        stdin: bytes = b"",
        limit: int | None = None,
        stdout: int | None = None,
        patience: float = PATIENCE * 2,
        more: Mapping[str, str] | None = None,
        fresh: bool = False,
    ) -> Done:
        """Run a command to its end; `limit` is the largest file it may write, `more` stands in its environment.

        `fresh` starts an interpreter of its own, for tests of the start itself.
        """
        env = {**_environment(self.before, self.installed), **(more or {})}
        streams = (subprocess.PIPE, subprocess.PIPE if stdout is None else stdout, subprocess.PIPE)
        process: Process
        if fresh or self.before is not None or self.installed is not None:
            process = subprocess.Popen(
                [*self._program, *arguments],
                cwd=self.folder,
                env=env,
                stdin=streams[0],
                stdout=streams[1],
                stderr=streams[2],
                preexec_fn=None if limit is None else lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
            )
        else:
            process = forked.start(
                arguments, cwd=self.folder, env=env, stdin=streams[0], stdout=streams[1], stderr=streams[2], limit=limit
            )
        with ThreadPoolExecutor(3) as threads:
            feeding = threads.submit(_feed, process.stdin, stdin)
            reading = [threads.submit(_read, stream) for stream in (process.stdout, process.stderr)]
            try:
                code = process.wait(patience * business())
            except subprocess.TimeoutExpired:
                process.kill()
                raise
            feeding.result()
            out, err = (each.result().decode() for each in reading)
        lines = err.splitlines(keepends=True)
        named = [line for line in lines if line.startswith(_NAMES)]
        rest = "".join(line for line in lines if not line.startswith(_NAMES))
        return Done(code, out, rest, named[0].removeprefix(_NAMES).rstrip("\n") if named else None)

    @contextmanager
    def start(self, *arguments: str, more: Mapping[str, str] | None = None, **streams: Any) -> Iterator[Process]:
        """A command under way, ended with the block if it has not ended itself; stderr goes to `log`."""
        options: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, **streams}
        with (self.folder / "log").open("wb") as log:
            options = {
                "cwd": self.folder,
                "env": {**_environment(self.before, self.installed), **(more or {})},
                "stderr": log,
                **options,
            }
            process: Process
            if self.before is not None or self.installed is not None or "preexec_fn" in options:
                process = subprocess.Popen([*self._program, *arguments], **options)
            else:
                process = forked.start(arguments, **options)
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                if stream is not None:
                    stream.close()

    @property
    def log(self) -> str:
        """What the command under way has said on stderr."""
        return (self.folder / "log").read_text(encoding="utf-8")

    def files(self, name: str) -> dict[str, bytes]:
        """The files of a folder by name, hidden ones too."""
        return {path.name: path.read_bytes() for path in sorted((self.folder / name).iterdir())}

    def ask(self, statement: str) -> list[Any]:
        """The first column of a query on the database; nothing while there is none."""
        path = self.folder / "feedhub.db"
        if not path.exists():
            return []
        try:
            with closing(sqlite3.connect(path, timeout=5)) as connection:
                return [row[0] for row in connection.execute(statement)]
        except sqlite3.OperationalError:
            return []

    def titles(self, name: str = "public") -> set[str]:
        """The titles in a written `all.json`."""
        document = json.loads((self.folder / name / "all.json").read_bytes())
        return {item["title"] for item in document["items"]}


def _feed(stream: IO[bytes] | None, body: bytes) -> None:
    if stream is not None:
        # who has read enough is gone by now
        with suppress(BrokenPipeError), stream:
            stream.write(body)


def _read(stream: IO[bytes] | None) -> bytes:
    if stream is None:
        return b""
    with stream:
        return stream.read()


def _environment(before: Path | None, installed: Path | None = None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("FEEDHUB_", "PYTEST_"))}
    # A warning that a library raises in the process is a line on stderr that nobody asked for.
    places = os.pathsep.join(str(each) for each in (before, ROOT) if each is not None)
    if installed is not None:
        places = ""
    return {**kept, "PYTHONPATH": places, "PYTHONWARNINGS": "default", "COLUMNS": "120", "TERM": "xterm"}


def item(number: str, title: str, text: str = "", **more: Any) -> dict[str, Any]:
    """An entry of a JSON Feed."""
    text = text or f"{title}. " + " ".join(f"{title.split()[0].lower()}{i}" for i in range(60))
    return {
        "id": number,
        "url": f"https://paper.test/{number}",
        "title": title,
        "content_text": text,
        "date_published": "2026-03-10T16:00:00Z",
        **more,
    }


def feed(name: str, *items: dict[str, Any]) -> bytes:
    """A JSON Feed."""
    document = {"version": "https://jsonfeed.org/version/1.1", "title": name.title(), "items": items}
    return json.dumps(document, ensure_ascii=False).encode()


def business() -> float:
    """How many times as long things may take on this machine now, for what else runs there; 1 where nothing does."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def until(what: Callable[[], object], said: str, seconds: float = PATIENCE) -> Any:
    """Wait until `what` returns something true, and return it."""
    started = time.monotonic()
    deadline = started + seconds * business()
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        # a look may be a request: who waits for long need not look often
        time.sleep(min(0.1, 0.01 + (time.monotonic() - started) / 20))
    raise AssertionError(f"waited {seconds:g} s for {said}")


def ended(process: Process, number: signal.Signals, seconds: float = 5.0) -> int:
    """Send a signal; the exit code of the process, which must end in time."""
    process.send_signal(number)
    return process.wait(seconds * business())


def said_once(done: Done, *words: str) -> bool:
    """Whether stderr is one line for a person that holds all the words."""
    lines = done.err.splitlines()
    return len(lines) == 1 and lines[0].startswith("feedhub: ") and all(word in lines[0] for word in words)
