"""What every page of the desk is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field

from feedhub.config import Config
from feedhub.desk.desk_session import Session, Sessions
from feedhub.errors import FeedhubError
from feedhub.model import MatchWindows
from feedhub.serve import Workers
from feedhub.store import Database

#: marks without a picture of their own that words are spelled with: joiners, and the plain marks of direction
_SPELLING = "\u200c\u200d\u200e\u200f"
#: digits of a number that every database can compare with its rows
_MOST_DIGITS = 18


class NotHere(FeedhubError):
    """A page of the desk is asked for what is not there."""


def row_number(text: str) -> int | None:
    """Return the number of a row that an address or a form names; None where it is none, or beyond all rows."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else None


def in_one_line(text: str) -> str:
    """Return what a person wrote in one line, without controls and without what turns the direction of text."""
    return " ".join("".join(sign if sign.isprintable() or sign in _SPELLING else " " for sign in text).split())


class Desk(Struct, frozen=True, kw_only=True):
    """One desk: the hub that it is about, and who sits at it."""

    store: Database
    config: Config
    clock: Callable[[], datetime]
    sessions: Sessions
    #: under whose name decisions are recorded
    operator: str
    #: nothing may be changed, and no page has buttons
    read_only: bool = False
    #: threads in which pages are made and forms are carried out
    workers: Workers = field(default_factory=lambda: Workers(threads=2))

    @property
    def windows(self) -> MatchWindows:
        """Return the times within which the matcher compares."""
        return MatchWindows(window=self.config.match.window, revision=self.config.match.revision)


class NavigationEntry(Struct, frozen=True, kw_only=True):
    """A page as the navigation names it."""

    path: str
    title: str


class DeskRequest(Struct, frozen=True, kw_only=True):
    """A request that is let through: of a person with a cookie, and with the right token where it is a form."""

    session: Session
    #: with its query
    path: str
    #: the parts of the path that the route names
    parameters: Mapping[str, str]
    query: Mapping[str, str]
    #: name -> the values that a form has sent under it
    form: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def value(self, name: str) -> str:
        """Return the first value that the form has under a name, trimmed; empty where it has none.

        NUL is left out: PostgreSQL's texts have none.
        """
        return next(iter(self.form.get(name, ())), "").replace("\0", "").strip()

    def number(self, name: str) -> int:
        """Return a number that the form has under a name; raise NotHere where it is none."""
        number = row_number(self.value(name))
        if number is None:
            raise NotHere(f"the form has no number under {name}")
        return number

    @property
    def why(self) -> str | None:
        """Return why a person decides so, None where nothing was written."""
        return in_one_line(self.value("why"))[:500] or None


class View(Struct, frozen=True, kw_only=True):
    """A page: a template and what it shows."""

    template: str
    values: Mapping[str, object] = field(default_factory=dict)
    status: int = 200


class Download(Struct, frozen=True, kw_only=True):
    """A file to save."""

    body: bytes
    media_type: str
    #: under which it is saved; None shows it in the browser
    name: str | None = None


class PostResult(Struct, frozen=True, kw_only=True):
    """What became of a form: the path to go to, a sentence for that page, and the decision that was made, to undo."""

    path: str
    text: str = ""
    decision: int | None = None
    #: a decision that was taken back
    revoked: int | None = None
