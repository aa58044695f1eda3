"""What people see: tables on stdout, progress and messages on stderr. Machines get JSON instead."""

from __future__ import annotations

import json
import logging
import os
import re
import sys
import time
import traceback
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress
    from rich.table import Table

from feedhub.errors import UsageError

#: a pipe has no width; tables for it are wide enough that no cell is cut
_PIPE_WIDTH = 160
#: steps between two reports of a long run
REPORT_EVERY = 500
#: an error that lasts is logged once in so many seconds
REPEAT_SECONDS = 60


#: what a terminal may take for a command, or for another direction of the text; line ends and tabs stay
_CONTROLS = dict.fromkeys(
    [*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)  # fmt: skip


def without_controls(text: str) -> str:
    """Return a text without the characters that command a terminal."""
    return text.translate(_CONTROLS)


def stdout() -> Console:
    """Make the console for results."""
    from feedhub.cli.safe_console import SafeConsole

    return SafeConsole(width=None if sys.stdout.isatty() else _PIPE_WIDTH, soft_wrap=False, highlight=False)


def stderr() -> Console:
    """Make the console for progress and messages."""
    from feedhub.cli.safe_console import SafeConsole

    return SafeConsole(stderr=True, highlight=False)


def print_message(text: str) -> None:
    """Print a line for a person, beside the results; what a stranger wrote in it commands no terminal."""
    print(without_controls(text), file=sys.stderr)


def print_line(text: str) -> None:
    """Print a line of a result for a person; what a stranger wrote in it commands no terminal."""
    print(without_controls(text), flush=True)


#: C1 controls and DEL, line separators, and what turns the direction of text; JSON escapes the other controls itself
_COMMANDS = re.compile("[\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def print_json(value: object) -> None:
    """Print a result for a machine: one JSON document on stdout.

    A person may look at it on a terminal: what commands one, or turns its text round, is written by its number.
    """
    text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
    print(_COMMANDS.sub(lambda found: f"\\u{ord(found[0]):04x}", text))


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[object]], *, right: Sequence[int] = ()) -> Table:
    """Make a table whose cells are data, never markup; columns numbered in `right` are aligned right."""
    from rich.markup import escape
    from rich.table import Table

    made = Table(title=title, title_justify="left", title_style="bold", header_style="bold", box=None, pad_edge=False)
    for number, name in enumerate(columns):
        made.add_column(name, justify="right" if number in right else "left", overflow="fold")
    for row in rows:
        made.add_row(*("" if cell is None else escape(str(cell)) for cell in row))
    return made


class ProgressBar:
    """A progress bar on a terminal, nothing elsewhere."""

    def __init__(self, progress: Progress | None = None, task: Any = None) -> None:
        self._progress = progress
        self._task = task

    def advance(self, note: str = "") -> None:
        """One step done; `note` says which."""
        if self._progress is not None:
            self._progress.update(self._task, advance=1, note=note[:40])

    def report(self, stage: str, done: int, total: int) -> None:
        """Where a long run stands: its stage, how much of it is done, and of how much (0: unknown)."""
        if self._progress is not None and done % REPORT_EVERY == 0:
            self._progress.update(self._task, description=stage, completed=done, total=total or None)


@contextmanager
def progress_bar(what: str, total: int | None, *, quiet: bool = False) -> Iterator[ProgressBar]:
    """Show progress over `total` steps (None: unknown) on stderr while the block runs, on a terminal only."""
    if quiet or not sys.stderr.isatty():
        yield ProgressBar()
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}", markup=False),
        console=stderr(),
        transient=True,
    )
    with progress:
        yield ProgressBar(progress, progress.add_task(what, total=total, note=""))


class _DropRepeats(logging.Filter):
    """Drops an error that was logged word for word a moment ago: a full disk is not to be filled by its own log."""

    def __init__(self) -> None:
        super().__init__()
        self._last_logged: dict[tuple[tuple[str, str], ...], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Tell whether to log the record."""
        if record.levelno < logging.ERROR or record.exc_info:
            return True
        facts = (
            record.msg
            if isinstance(record.msg, dict)
            else {"event": record.getMessage(), "reason": getattr(record, "reason", None)}
        )
        key = tuple((name, str(value)) for name, value in sorted(facts.items()) if name != "timestamp")
        now = time.monotonic()
        self._last_logged = {each: when for each, when in self._last_logged.items() if now - when < REPEAT_SECONDS}
        if key in self._last_logged:
            return False
        self._last_logged[key] = now
        return True


#: words of FEEDHUB_LOG: which events are written, and in which form
_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_FORMS = frozenset({"json", "logfmt"})


def _log_options(text: str) -> tuple[str | None, int]:
    """Return the form and the level that FEEDHUB_LOG asks for; raise UsageError for another word."""
    form, level = None, logging.INFO
    for word in text.replace(",", " ").lower().split():
        if word in _LEVELS:
            level = _LEVELS[word]
        elif word in _FORMS:
            form = word
        else:
            raise UsageError(f'FEEDHUB_LOG: "{word}" is none of {", ".join(sorted(_FORMS))}, {", ".join(_LEVELS)}')
    return form, level


def _without_controls(logger: object, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep titles and remarks of strangers from commanding the terminal that shows the log."""
    for key, value in event.items():
        if isinstance(value, str) and key != "exception" and not value.isprintable():
            event[key] = without_controls(value.replace("\n", " "))
    return event


def _safe_traceback(logger: object, name: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep a traceback's lines, without what commands a terminal: its error may name what a stranger wrote."""
    if isinstance(text := event.get("exception"), str):
        event["exception"] = without_controls(text)
    return event


def _print_traceback(stream: TextIO, exc_info: Any) -> None:
    """Write a traceback for a person, without what commands a terminal."""
    stream.write("\n" + without_controls("".join(traceback.format_exception(*exc_info))).rstrip())


def set_up_log() -> None:
    """One event a line on stderr: coloured keys on a terminal, logfmt elsewhere, JSON with FEEDHUB_LOG=json.

    FEEDHUB_LOG=warning leaves out what is no warning; `json,warning` is both.
    """
    form, level = _log_options(os.environ.get("FEEDHUB_LOG", ""))
    from feedhub.structured_log import structlog

    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.ExtraAdder(),
        _without_controls,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: list[Any] = [
        structlog.processors.format_exc_info,
        _safe_traceback,
        structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"]),
    ]
    if form == "json":
        renderer[-1] = structlog.processors.JSONRenderer(ensure_ascii=False)
    elif form is None and sys.stderr.isatty():
        renderer = [structlog.dev.ConsoleRenderer(exception_formatter=_print_traceback)]
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_DropRepeats())
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    # Their lines are about themselves; APScheduler warns of each tick that found the last one running.
    for name in ("httpx", "alembic", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
