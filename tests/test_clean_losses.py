"""No text is lost: what is taken for furniture has a second sign where it is much, and a record of what it was."""

from html import escape

import pytest
from clean_entries import entry, run

PROSE = [
    "The northern basin was opened on Tuesday by the mayor before a crowd of several hundred from three villages.",
    "It had been closed for two winters, while divers laid the stones of the old breakwater one by one.",
    "Fishermen moved their boats in before noon, and the first of them sold mackerel from the steps in the afternoon.",
]


def page(*lines: str) -> str:
    return "".join(line if line.startswith("<") else f"<p>{escape(line)}</p>" for line in lines)


def links(*names: str, host: str = "cityherald.example") -> str:
    items = (f'<li><a href="https://{host}/{name}">{name}</a></li>' for name in names)
    return f"<ul>{''.join(items)}</ul>"


NAMES = ("Tide tables", "Harbour wall", "Old crane", "Basin works", "Sea charts")
STAYS = {
    "links of show notes": (*PROSE, "<h3>Related links</h3>", links(*NAMES, host="elsewhere.example")),
    "links of show notes under a word": (*PROSE, "See also:", links(*NAMES, host="elsewhere.example")),
    "a long list in the middle": (PROSE[0], "<h3>Top posts</h3>", links(*NAMES), *PROSE[1:]),
    "a table of contents": (
        '<p>More on this:</p><ul><li><a href="#a">The wall</a></li><li><a href="#b">The crane</a></li></ul>',
        *(f'<p id="{name}">{text}</p>' for name, text in zip("ab", PROSE, strict=False)),
    ),
    "headings under a heading": (*PROSE, "<h2>Latest stories</h2>", "<h3>Fiction</h3>", "<p>The Mole</p>"),
    "a heading that is a network's name": (PROSE[0], "<h3>Twitter</h3>", *PROSE[1:]),
    "a heading that asks for more": (PROSE[0], "<h3>Newsletter</h3>", *PROSE[1:]),
    "an item among others": (
        *PROSE,
        "<ul><li>come to the quay on Sunday</li><li>Join the newsletter</li><li>look at the charts</li></ul>",
    ),
    "a row that says when": (
        "<table><tr><th>Created</th><td>Thu, 28 Nov 2024 22:55:15 +0000</td></tr>"
        "<tr><th>Author</th><td>Ann</td></tr></table>",
        *PROSE,
    ),
    "a mark of the end in code": (*PROSE, "<pre>if x\n  y\nend\n---</pre>"),
    "a text on consent by somebody who says I": (
        "Three years have passed since the rules on privacy came.",
        "I still see websites that store cookies on your device for advertising partners although you did not accept, "
        "and reject is hidden in the settings of your browser, which makes consent a farce for all of us.",
    ),
}


@pytest.mark.parametrize("lines", STAYS.values(), ids=STAYS)
def test_what_belongs_to_the_article_stays(lines: tuple[str, ...]) -> None:
    copy = run(entry(page(*lines), "Basin opened"))
    assert copy.dropped == {}
    assert copy.removed == ()
    again = run(entry(copy.html, "Basin opened"))
    assert (again.paragraphs, again.html) == (copy.paragraphs, copy.html)


GOES = {
    "related stories of the site": (*PROSE, "<h3>Related stories</h3>", links(*NAMES)),
    "related stories of no known place": (*PROSE, "Related stories", "Tide tables changed", "Old crane is sold"),
    "a few links in the middle": (PROSE[0], "Read also:", links(*NAMES[:2]), *PROSE[1:]),
    "promoted stories of others": (*PROSE, "Around the web", links(*NAMES, host="elsewhere.example")),
    "stories under headings that are links": (
        *PROSE,
        "<h2>Related stories</h2>",
        '<h3><a href="https://cityherald.example/1">Old crane is sold</a></h3>',
    ),
    "buttons in a list": (*PROSE, "<ul><li>Facebook</li><li>Twitter</li><li>Email</li></ul>"),
    "an invitation at the end": (*PROSE, "Subscribe to our newsletter"),
}


@pytest.mark.parametrize("lines", GOES.values(), ids=GOES)
def test_furniture_goes_and_what_it_was_is_told(lines: tuple[str, ...]) -> None:
    copy = run(entry(page(*lines), "Basin opened"))
    assert list(copy.paragraphs) == PROSE
    assert sum(copy.dropped.values()) == len(copy.removed) > 0
    assert {rule for rule, _ in copy.removed} == set(copy.dropped)
    assert all(text for _, text in copy.removed)


CONSENT = (
    "We and our partners store cookies on your device to personalise advertising. You can accept or reject this at any "
    "time in the settings of your browser, and change your choice on privacy."
)
THIRD = {
    "consent that the title is about": (f"{CONSENT}", "Cookies and how advertising uses them", False),
    "consent that it is not about": (f"{CONSENT}", "Basin opened", True),
}


@pytest.mark.parametrize(("block", "title", "goes"), THIRD.values(), ids=THIRD)
def test_what_takes_a_third_of_an_entry_needs_a_second_sign(block: str, title: str, goes: bool) -> None:
    assert (run(entry(page(PROSE[0], block), title)).paragraphs == (PROSE[0],)) is goes


def test_a_small_part_needs_none() -> None:
    assert list(run(entry(page(*PROSE * 2, CONSENT), "Cookies and how advertising uses them")).paragraphs) == PROSE * 2


def test_an_entry_that_is_one_invitation_keeps_it() -> None:
    assert run(entry("<p>Subscribe to our newsletter</p>", "Notes")).paragraphs == ("Subscribe to our newsletter",)


def test_an_entry_that_is_nothing_but_consent_has_no_text() -> None:
    assert run(entry(f"<p>{CONSENT}</p>", "Your cookies")).paragraphs == ()


def test_a_quoted_sentence_that_the_headline_repeats_stays() -> None:
    quote = "The basin will never be closed again."
    copy = run(entry(f"<blockquote><p>{quote}</p></blockquote><p>{PROSE[0]}</p>", quote))
    assert copy.paragraphs == (quote, PROSE[0])
    assert run(entry(f"<p>{quote}</p><p>{PROSE[0]}</p>", quote)).paragraphs == (PROSE[0],)


def test_a_long_article_is_read_to_its_end() -> None:
    lines = [
        f"Stone number {n} of the breakwater was laid by divers who came from village {n % 7}." for n in range(1200)
    ]
    copy = run(entry(page(*lines), "Basin opened"))
    assert list(copy.paragraphs) == lines
    assert copy.dropped == {}


def test_codes_of_page_builders_are_no_text() -> None:
    body = (
        "[vc_row width=&#8221;no&#8221;][vc_column]<p>The quay was opened on Tuesday [sic] by the mayor.</p>"
        "[/vc_column][/vc_row][fusion_text]<p>The band played until the evening.</p>[/fusion_text]"
    )
    copy = run(entry(body))
    assert copy.paragraphs == (
        "The quay was opened on Tuesday [sic] by the mayor.",
        "The band played until the evening.",
    )


def test_paragraphs_by_blank_lines_are_paragraphs_though_a_tag_stands_among_them() -> None:
    body = "<br>" + "\n\n".join(f"Paragraph {n} tells of the quay in <em>some</em> words." for n in range(9))
    assert len(run(entry(body)).paragraphs) == 9
