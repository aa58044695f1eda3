"""Hold an article while it is cleaned: the lines that rules shorten and drop, and what they lift out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from msgspec import Struct, field

from feedhub.clean.line_signs import LineSigns, signs_of
from feedhub.model import Revision


class Piece(Struct, eq=False):
    """One line of text; `start` and `stop` say which part of the original line remains."""

    text: str
    #: all its words lie inside links
    linked: bool = False
    heading: bool = False
    #: code or a table row: no furniture is looked for in it
    fixed: bool = False
    #: it stands in a quotation
    quoted: bool = False
    #: the hosts that its links lead to
    hosts: tuple[str, ...] = ()
    #: the list that it is an item of
    items: int | None = None
    #: which lines of the document it comes from: one, or the cells of a row
    line: int = 0
    end: int = 0
    start: int = 0
    stop: int = -1
    _signs: LineSigns | None = None

    def __post_init__(self) -> None:
        if self.stop < 0:
            self.stop = self.start + len(self.text)

    @property
    def signs(self) -> LineSigns:
        """What the line tells as it now is."""
        if self._signs is None:
            self._signs = signs_of(self.text)
        return self._signs

    def keep(self, start: int, stop: int | None = None) -> None:
        """Shorten to text[start:stop] without blanks at its ends."""
        part = self.text[start:stop]
        self._signs = None
        blanks = len(part) - len(part.lstrip())
        self.start += start + blanks
        self.text = part.strip()
        self.stop = self.start + len(self.text)


class Draft(Struct):
    """Lines still standing, and everything lifted out of them so far; the first finding of a kind wins."""

    pieces: list[Piece]
    #: the moment from which a dateline's date takes its year
    around: datetime | None = None
    titles: tuple[str, ...] = ()
    dropped: Counter[str] = field(default_factory=Counter)
    #: what was dropped, with the rule that dropped it
    removed: list[tuple[str, Piece]] = field(default_factory=list)
    #: rules that took too much for what they know, and drop nothing any more
    spared: set[str] = field(default_factory=set)
    #: hosts of the site that runs the article
    hosts: tuple[str, ...] = ()
    rights: list[str] = field(default_factory=list)
    agency: str | None = None
    credit: str | None = None
    place: str | None = None
    date: str | None = None
    byline: str | None = None
    desk: str | None = None
    revision: Revision | None = None
    #: the revision that a note to editors tells ("Adds details"); counts only where no mark names one
    editors_revision: Revision | None = None
    #: a headline that stands in the text
    headline: str | None = None
    #: what disclaimers and source lines say
    hint: str | None = None
    hinted_credit: str | None = None
    #: an agency that no list knows, named in a form that is an agency's
    guess: str | None = None
    changed: bool = False

    @classmethod
    def from_texts(cls, texts: Iterable[str], *, around: datetime | None = None) -> Draft:
        """Build a draft of plain lines; `around` is the moment from which a dateline takes its year."""
        return cls([Piece(text, line=number) for number, text in enumerate(texts)], around=around)

    def drop(self, index: int, rule: str) -> None:
        """Remove a line and note the rule that removed it."""
        self.removed.append((rule, self.pieces.pop(index)))
        self.dropped[rule] += 1
        self.changed = True

    def drop_end(self, index: int, start: int, rule: str) -> None:
        """Drop what stands from `start` on in a line, for the reason `rule`."""
        self.dropped[rule] += 1
        self.cut(index, 0, start)

    def restore(self, rule: str) -> None:
        """Put back what a rule has dropped, where it stood, and let it drop nothing any more."""
        pieces = [piece for name, piece in self.removed if name == rule]
        self.removed = [(name, piece) for name, piece in self.removed if name != rule]
        self.pieces = sorted([*self.pieces, *pieces], key=lambda piece: piece.line)
        self.spared.add(rule)
        del self.dropped[rule]

    def cut(self, index: int, start: int, stop: int | None = None) -> None:
        """Shorten a line to text[start:stop]; remove it where nothing remains."""
        self.pieces[index].keep(start, stop)
        self.changed = True
        if not self.pieces[index].text:
            del self.pieces[index]

    def note(
        self,
        *,
        agency: str | None = None,
        credit: str | None = None,
        place: str | None = None,
        date: str | None = None,
        byline: str | None = None,
        desk: str | None = None,
        guess: str | None = None,
    ) -> None:
        """Remember what was lifted out, unless something of the kind is known already."""
        self.agency = self.agency or agency
        self.credit = self.credit or credit
        self.place = self.place or place
        self.date = self.date or date
        self.byline = self.byline or byline
        self.desk = self.desk or desk
        self.guess = self.guess or guess

    def adopt(self, other: Draft) -> None:
        """Remember what was lifted out of another text of the same entry."""
        self.note(agency=other.agency, credit=other.credit, place=other.place, date=other.date, byline=other.byline)
        self.note(desk=other.desk, guess=other.guess)
        self.note_hint(other.hint, other.hinted_credit)
        self.note_revision(other.revision)
        self.editors_revision = self.editors_revision or other.editors_revision

    def note_hint(self, agency: str | None, credit: str | None) -> None:
        """Remember an agency or credit that counts only where no dateline, desk code or credit tells one."""
        self.hint = self.hint or agency
        self.hinted_credit = self.hinted_credit or credit

    def note_revision(self, revision: Revision | None) -> None:
        """Remember the strongest revision mark."""
        if revision is None:
            return
        known, order = self.revision or revision, list(type(revision.kind))
        if order.index(revision.kind) < order.index(known.kind):
            return
        same = revision.kind == known.kind
        number = max(revision.number or 0, known.number or 0) if same else revision.number or known.number
        self.revision = Revision(kind=revision.kind, number=number or None)
