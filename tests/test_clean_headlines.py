"""Entry -> Copy: a title is the headline alone, and marks of revisions are lifted from title and text."""

import pytest
from clean_entries import LEDE, entry, run

from feedhub.model import Revision, RevisionKind

TITLES = {
    "outlet behind a dash": ("Ferry line to close - City Herald", "Ferry line to close"),
    "outlet behind a bar": ("Ferry line to close | cityherald.example", "Ferry line to close"),
    "outlet in front": ("City Herald: Ferry line to close", "Ferry line to close"),
    "agency in brackets": ("Ferry line to close (Reuters)", "Ferry line to close"),
    "agency in front": ("AP - Ferry line to close", "Ferry line to close"),
    "update": ("UPDATE 2-Ferry line to close - City Herald", "Ferry line to close"),
    "stacked": ("UPDATE 1-CORRECTED-Ferry line to close", "Ferry line to close"),
    "attribution stays": ("Ferry line to close: sources", "Ferry line to close: sources"),
    "a source that is not the outlet stays": ("Ferry line to close - Xinhua", "Ferry line to close - Xinhua"),
    "second clause stays": ("Ferry line to close - what next?", "Ferry line to close - what next?"),
    "brackets stay": ("Ferry line to close (again)", "Ferry line to close (again)"),
    "outlet alone stays": ("City Herald", "City Herald"),
    "tags": ("<b>Ferry</b> line &amp;amp; crew", "Ferry line & crew"),
    "script": ("<script>alert(1)</script>Ferry line<b onclick=x>", "Ferry line"),
    "less than": ("Rates fall to < 5 %", "Rates fall to < 5 %"),
    "ticker": ("<ABC.N> Ferry line to close", "<ABC.N> Ferry line to close"),
}


@pytest.mark.parametrize(("raw", "title"), TITLES.values(), ids=TITLES.keys())
def test_a_title_is_the_headline_alone(raw: str, title: str) -> None:
    copy = run(entry(f"<p>{LEDE}</p>", raw))
    assert copy.title == title
    assert run(entry(f"<p>{LEDE}</p>", copy.title)).title == title


REVISIONS = {
    "title": ("UPDATE 2-Ferry line", LEDE, Revision(kind=RevisionKind.UPDATE, number=2)),
    "strongest": ("UPDATE 1-CORRECTED-Ferry line", LEDE, Revision(kind=RevisionKind.CORRECTION, number=1)),
    "lead": ("(2nd LEAD) Ferry line", LEDE, Revision(kind=RevisionKind.LEAD, number=2)),
    "note": ("Ferry line", f"<p>(Adds details, quotes)</p><p>{LEDE}</p>", Revision(kind=RevisionKind.UPDATE)),
    "correction note": (
        "Ferry line",
        f"<p>(Corrects name in para 2)</p><p>{LEDE}</p>",
        Revision(kind=RevisionKind.CORRECTION),
    ),
    "word in prose": ("Ferry line", f"<p>{LEDE}</p><p>He wrote a correction. Kill the line, they said.</p>", None),
}


@pytest.mark.parametrize(("title", "body", "revision"), REVISIONS.values(), ids=REVISIONS.keys())
def test_revision_marks_are_lifted_from_title_and_text(title: str, body: str, revision: Revision | None) -> None:
    copy = run(entry(body, title))
    assert copy.wire.revision == revision
    assert copy.title == "Ferry line"
    assert copy.paragraphs[0] == LEDE
