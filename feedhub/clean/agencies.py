"""Which names are news agencies: the catalogue's, and those that the configuration adds."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache, lru_cache

from msgspec import Struct, field

from feedhub.clean.catalogue import Agency, agencies, quotations
from feedhub.clean.phrase_search import PhraseSet
from feedhub.clean.text import without_marks
from feedhub.structs import replace

_WORD = re.compile(r"\w+")
_CAPITALISED = re.compile(r"[A-Z]\w")
_FOLD = re.compile(r"[\W_]+")
#: the same for ASCII, by bytes: a twentieth of the time
_NO_LETTER = bytes(code for code in range(128) if not chr(code).isalnum())
# (D-Pa.), (R-Calif.), (I-N.Y.): a party and a state
_PARTY = re.compile(r"[A-Z]{1,3}[-–](?:[A-Z][a-z]+\.?(?: [A-Z][a-z]*\.?)?|[A-Z]\. ?[A-Z]\.?|[A-Z]{2})")
_BYLINE_PARTS = re.compile(r"[/|,;&]")
#: a name of so few letters is a word or another name in another spelling ("Ana", "d-pa")
_SHORT = 4
#: an outlet's short name may lack so much of its country's ending (dailymirrorlk)
_COUNTRY = 3


def fold(name: str) -> str:
    """Return a name as letters and digits only, without case."""
    folded = without_marks(name.casefold())
    return folded.encode().translate(None, _NO_LETTER).decode() if folded.isascii() else _FOLD.sub("", folded)


def is_party(name: str) -> bool:
    """Tell whether a name in brackets is a politician's party and state: D-Pa., R-Calif."""
    return bool(_PARTY.fullmatch(name.strip()))


class Agencies(Struct, frozen=True, kw_only=True, eq=False):
    """Looks names up: `find("Associated Press")` is "AP"."""

    #: folded name -> short name
    names: dict[str, str]
    #: every spelling -> short name, for finding them in prose
    spellings: dict[str, str] = field(default_factory=dict)
    #: short names that are cited only where "news agency" stands beside them
    ambiguous: frozenset[str] = frozenset()
    #: first words of the spellings, to see fast that a text names none
    heads: frozenset[str] = frozenset()
    #: what a text that cites an agency holds: a name as agencies spell theirs, or a word for "agency"
    signs: PhraseSet = field(default_factory=lambda: PhraseSet(()))
    #: folded names of the source that is being cleaned: no place, and no agency that it credits
    own: frozenset[str] = frozenset()

    @classmethod
    def known(cls, extra: Iterable[str] = ()) -> Agencies:
        """Build the look-up of the catalogue's agencies and `extra` names (a configuration's `agency` and `credit`)."""
        return _built(tuple(sorted(set(extra))))

    def seen_from(self, names: Iterable[str | None], host: str | None) -> Agencies:
        """Return the agencies as a source of these names sees them: its own name is none of them.

        Only a name that agencies share with others (CNA of Singapore, CNA of Taiwan) is taken from its agency, and only
        where `host` is known and not the agency's.
        """
        return _seen_from(self, tuple(names), host)

    def find(self, name: str | None) -> str | None:
        """Return the short name of the agency that is called so, else None."""
        if not name or not (short := self.names.get(folded := fold(name))):
            return None
        return None if len(folded) <= _SHORT and is_party(name) else short

    def is_own(self, name: str) -> bool:
        """Tell whether a name is the source's own, with or without its country (Daily Mirror, dailymirrorlk)."""
        folded = fold(name)
        return folded in self.own or (
            len(folded) > 2 * _COUNTRY
            and any(own.startswith(folded) and len(own) <= len(folded) + _COUNTRY for own in self.own)
        )

    def find_first(self, text: str) -> str | None:
        """Return the agency named in a credit of several parts ("PTI/ANI", "dpa/lno", "Jo Doe, AP"), else None."""
        if short := self.find(text):
            return short
        for part in re.split(r"[/|,;&+＝=]|\s[-–—]\s|\b(?:and|und|et|y|e|with|via|for|/)\b", text):
            if part.strip() and (short := self.find(part)):
                return short
        return None

    def in_byline(self, name: str) -> str | None:
        """Return the agency that an author's name is or ends with ("Jo Doe, Reuters"), else None."""
        for part in (name, *_BYLINE_PARTS.split(name)):
            # As the agency spells itself: Ana is a name, ANA an agency.
            if short := self.spellings.get(part.strip()):
                return short if part == name or short not in self.ambiguous else None
        return None

    def named_in(self, text: str) -> str | None:
        """Return the agency whose longest spelling stands in a line that names its source, else None."""
        if self.heads.isdisjoint(_WORD.findall(text)):
            return None
        present = [n for n in self.spellings if n in text and re.search(rf"(?<!\w){re.escape(n)}(?!\w)", text)]
        return self.spellings[max(present, key=len)] if present else None


@lru_cache(maxsize=1024)
def _seen_from(whole: Agencies, names: tuple[str | None, ...], host: str | None) -> Agencies:
    own = frozenset(fold(name) for name in names if name) - {""}
    shared = {name for name in own if host and whole.names.get(name) in whole.ambiguous}
    here = f".{host}"
    for agency in agencies() if shared else ():
        if any(here.endswith(f".{domain}") for domain in agency.domains):
            shared = {name for name in shared if whole.names[name] != agency.short}
    if not shared:
        return replace(whole, own=own)
    return replace(
        whole,
        names={name: short for name, short in whole.names.items() if name not in shared},
        spellings={name: short for name, short in whole.spellings.items() if fold(name) not in shared},
        own=own,
    )


@cache
def _built(extra: tuple[str, ...]) -> Agencies:
    names: dict[str, str] = {}
    spellings: dict[str, str] = {}
    listed: list[tuple[str, Iterable[str]]] = [(a.short, _forms(a)) for a in agencies()]
    for short, forms in listed:
        for form in forms:
            names.setdefault(fold(form), short)
            spellings.setdefault(form, short)
    for name in extra:
        short = names.setdefault(fold(name), name.strip())
        spellings.setdefault(name.strip(), short)
    return Agencies(
        names=names,
        spellings=spellings,
        ambiguous=frozenset(a.short for a in agencies() if a.ambiguous),
        heads=frozenset(m[0] for spelling in spellings if (m := _WORD.search(spelling))),
        signs=PhraseSet([*filter(_is_sign, spellings), *(cue for cue, _ in quotations())]),
    )


def _is_sign(spelling: str) -> bool:
    """Whether a spelling is looked for in prose: capitalised or not Latin at all, no bare domain."""
    if "." in spelling and " " not in spelling:
        return False
    return bool(_CAPITALISED.match(spelling)) or not spelling.isascii() or spelling == "dpa"


def _forms(agency: Agency) -> Iterable[str]:
    yield from agency.names
    yield from agency.domains
