"""Every example of the catalogue: what an agency's copy is stripped of, which lines go and which prose stays."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from feedhub.clean import Agencies, catalogue_file, clean_item
from feedhub.clean.catalogue import Agency, Appeal, FurnitureRule, Mark, agencies, appeals, link_rules, marks, rules
from feedhub.clean.revision_marks import strip_marks
from feedhub.errors import ConfigError

NOW = datetime(2026, 3, 12, 9, 0, tzinfo=UTC)
KNOWN = Agencies.known()
BEFORE = "The harbour master said on Monday that the line had lost money for nine years and could not be saved."
AFTER = "Nobody on the island had expected the council to vote on it so soon, said the keeper of the lighthouse."
EXAMPLES = [(a, e) for a in agencies() for e in a.examples]
GOES = [(r, line) for r in rules() for line in r.goes]
STAYS = [(r, line) for r in rules() for line in r.stays]
APPEALS = [(a, line) for a in appeals() for line in a.goes]
NO_APPEALS = [(a, line) for a in appeals() for line in a.stays]
MARKED = [(m, title) for m in marks() for title in m.goes]
UNMARKED = [(m, title) for m in marks() for title in m.stays]


def ids(pairs: list[tuple[Any, Any]]) -> list[str]:
    return [f"{number}-{first.name}" for number, (first, _) in enumerate(pairs)]


@pytest.mark.parametrize(("agency", "example"), EXAMPLES, ids=ids(EXAMPLES))
def test_the_marks_of_an_agency_are_lifted_out_of_its_copy(agency: Agency, example: Mapping[str, Any]) -> None:
    item = clean_item(example.get("title"), None, example["text"], published=NOW, agencies=KNOWN)
    assert item.wire.agency == agency.short
    for field in ("place", "date", "credit", "desk", "byline"):
        if field in example:
            assert getattr(item.wire, field) == example[field], field
    if "body" in example:
        assert item.text == example["body"]


@pytest.mark.parametrize(("rule", "line"), GOES, ids=ids(GOES))
def test_a_line_of_furniture_goes(rule: FurnitureRule, line: str) -> None:
    body = {
        "top": [line, BEFORE, AFTER],
        "end": [BEFORE, AFTER, line],
        "any": [BEFORE, line, AFTER],
        "tail": [BEFORE, line],
    }
    text = [BEFORE, AFTER, line, "Old bridge to be sold"] if rule.action == "list" else body[rule.where]
    item = clean_item("Ferry line to close", None, "\n".join(text), published=NOW, agencies=KNOWN)
    assert item.dropped.get(rule.name), item
    assert BEFORE in item.paragraphs
    if rule.where == "tail":
        assert item.paragraphs[-1] != line
        assert line.startswith(item.paragraphs[-1])
    else:
        assert set(item.paragraphs) == {BEFORE, AFTER}


@pytest.mark.parametrize(("rule", "line"), STAYS, ids=ids(STAYS))
@pytest.mark.parametrize("where", ["top", "middle", "end"])
def test_prose_that_looks_a_little_like_furniture_stays(rule: FurnitureRule, line: str, where: str) -> None:
    text = {"top": [line, BEFORE, AFTER], "middle": [BEFORE, line, AFTER], "end": [BEFORE, AFTER, line]}[where]
    item = clean_item("Ferry line to close", None, "\n".join(text), published=NOW, agencies=KNOWN)
    assert list(item.paragraphs) == text


@pytest.mark.parametrize(("kind", "line"), APPEALS, ids=ids(APPEALS))
def test_a_block_in_which_a_site_speaks_to_its_readers_goes_and_alone_leaves_nothing(kind: Appeal, line: str) -> None:
    item = clean_item("Ferry line to close", None, "\n".join([BEFORE, AFTER, line]), published=NOW, agencies=KNOWN)
    assert item.paragraphs == (BEFORE, AFTER)
    assert sum(item.dropped.values()) == 1
    assert clean_item("Ferry line to close", None, line, published=NOW, agencies=KNOWN).text == ""


@pytest.mark.parametrize(("kind", "line"), NO_APPEALS, ids=ids(NO_APPEALS))
def test_news_about_cookies_subscriptions_and_errors_stays(kind: Appeal, line: str) -> None:
    text = [BEFORE, AFTER, line]
    item = clean_item("Ferry line to close", None, "\n".join(text), published=NOW, agencies=KNOWN)
    assert list(item.paragraphs) == text


@pytest.mark.parametrize(("mark", "title"), MARKED, ids=ids(MARKED))
def test_a_revision_mark_leaves_the_title(mark: Mark, title: str) -> None:
    bare, found = strip_marks(title)
    assert bare != title
    assert bare in title
    assert [revision.kind for revision in found] == ([mark.kind] if mark.kind else [])
    assert strip_marks(bare) == (bare, [])


@pytest.mark.parametrize(("mark", "title"), UNMARKED, ids=ids(UNMARKED))
def test_a_title_without_a_mark_keeps_every_word(mark: Mark, title: str) -> None:
    assert strip_marks(title) == (title, [])


def test_the_catalogue_covers_the_world() -> None:
    assert len(agencies()) >= 55
    assert all(agency.examples and agency.domains for agency in agencies())
    assert len({agency.short for agency in agencies()}) == len(agencies())


def test_no_name_belongs_to_two_agencies() -> None:
    owners: dict[str, set[str]] = {}
    for agency in agencies():
        for name in agency.names:
            owners.setdefault(name, set()).add(agency.short)
    assert {name: shorts for name, shorts in owners.items() if len(shorts) > 1} == {}


def test_parameters_that_say_which_page_is_meant_are_never_tracking() -> None:
    assert not link_rules().parameters & {
        "p",
        "id",
        "s",
        "q",
        "page",
        "source",
        "session",
        "uid",
        "article",
        "story",
        "v",
    }


def write_catalogue(monkeypatch: pytest.MonkeyPatch, path: Path, text: str) -> None:
    """Have one file of the catalogue say this."""
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr(catalogue_file, "_path", {path.name: path}.__getitem__)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- {name: A}", "agencies.yaml: entry 1 (A): short: missing"),
        ("- {name: A, short: A, nmae: B}", "agencies.yaml: entry 1 (A): nmae: unknown key"),
        ("- {name: A, short: A}", "agencies.yaml: entry 1 (A): examples: needs at least one, in that agency's style"),
        (
            "- {name: A, short: A, aliases: B, examples: [{text: x}]}",
            "agencies.yaml: entry 1 (A): aliases: expected a list",
        ),
        ("- just words", "agencies.yaml: entry 1: expected a table, got str"),
        ("{a: 1}", "agencies.yaml: expected a list"),
        ("[", "agencies.yaml: "),
    ],
    ids=["missing", "unknown", "no-example", "no-list", "no-table", "wrong-top", "bad-yaml"],
)
def test_a_mistake_in_the_catalogue_is_told_by_file_and_entry(
    text: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_catalogue(monkeypatch, tmp_path / "agencies.yaml", text)
    with pytest.raises(ConfigError) as caught:
        agencies.__wrapped__()
    assert str(caught.value).startswith(told)


def test_a_bad_pattern_is_told_by_rule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = "- {name: x, patterns: ['('], goes: [a], stays: [b]}"
    write_catalogue(monkeypatch, tmp_path / "furniture.yaml", rule)
    (bad,) = rules.__wrapped__()
    with pytest.raises(ConfigError, match=r"furniture\.yaml: entry 1 \(x\): patterns: bad pattern"):
        _ = bad.pattern.compiled


def test_every_pattern_of_the_catalogue_is_one() -> None:
    patterns = [*(rule.pattern for rule in rules()), *(term for kind in appeals() for term in kind.terms)]
    assert len(patterns) > 60
    for pattern in patterns:
        assert pattern.compiled.pattern
