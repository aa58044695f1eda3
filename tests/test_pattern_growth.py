"""Patterns that look for something at the end of a long run take time with its length, not with its square."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from feedhub import charsets
from feedhub.clean import dateline_parts, furniture, late_pictures, links
from feedhub.clean.embeds import page_of
from feedhub.clean.html import has_markup
from feedhub.clean.text import plain
from feedhub.discovery.known_sites import usual_places
from feedhub.merge.change import readable
from feedhub.merge.damaged_text import mended
from feedhub.merge.source_furniture import without_blocks
from feedhub.merge.volatile_text import steady
from feedhub.publish.safe_text import _ALT
from feedhub.store.search_tokens import plain_text

LONG = 40_000


@pytest.mark.parametrize(
    ("search", "text"),
    [
        (furniture._DOTS.search, "\n" * LONG + "x"),
        (furniture._DOTS.search, " (" + " \n" * LONG + "."),
        (lambda text: mended(text, "whole"), "a" * LONG + " caf\ufffd"),
        (lambda text: mended(text, "café"), "caf\ufffd " + "1a" * LONG),
        # the header of one answer, 16 kB of it: 2.5 s of a parser
        (charsets.label_of, "text/html; charset=" + " " * LONG + "!"),
        (dateline_parts._SENTENCE_END.search, "a" * LONG),
        (has_markup, "</a" + " " * LONG),
        # an address of 4,000 letters: a third of a second, and a document has thousands
        (links._PLAIN.fullmatch, "https://" + "a" * LONG + "!"),
        (late_pictures._WITHIN.search, "/a" * LONG),
        (late_pictures._WITHIN.search, "https:/" * LONG),
        (plain, "\\" * LONG),
        (page_of, "https://player.vimeo.com/video/" + "1" * LONG + "\n"),
        (usual_places, "https://paper.example/" + "a" * LONG),
        (readable, "<" * LONG),
        (plain_text, "<" * LONG),
        (_ALT.findall, "<img" * LONG),
        (lambda text: without_blocks(text, frozenset({"a"})), "<p " * LONG),
        (steady, "\n" * LONG + "1"),
    ],
)
def test_a_long_run_is_searched_in_one_pass(search: Callable[[str], object], text: str) -> None:
    began = time.thread_time()
    search(text)
    assert time.thread_time() - began < 0.5


def test_a_damaged_word_is_mended_whole_and_dots_are_cut_with_their_blanks() -> None:
    assert mended("the caf\ufffd\ufffd, here", "the café, here")[0] == "the café, here"
    cut = furniture._DOTS.search("and then  [...] ")
    assert cut is not None
    assert cut.start() == len("and then")


def test_patterns_that_search_in_one_pass_match_what_they_did() -> None:
    assert charsets.label_of("text/html; charset = ' utf-8'") == "utf-8"
    assert charsets.label_of("text/html; charset=''") is None
    assert dateline_parts._SENTENCE_END.search("The harbour. Ferries")
    assert not dateline_parts._SENTENCE_END.search("St. Louis")
    assert all(map(has_markup, ("<b>", "</b >", "<br/>", "<br />", "<a\nhref=x>", "<p/ class=x>", "<!-- a -->")))
    assert not any(map(has_markup, ("5 < 6", "<unknown>", "<b", "<bold>", "<!-- a")))
    assert links._PLAIN.fullmatch("https://10.0.paper-1.example/a/b.html/")
    assert not any(map(links._PLAIN.fullmatch, ("https://10.0.0.1/a", "https://", "https://Paper.example/")))
    for value, expected in (
        ('{"src":"https://x.example/a.jpg"}', "https://x.example/a.jpg"),
        ('{"src":"/one/a.png?w=2","b":"/b.gif"}', "/one/a.png?w=2"),
        ("[a/b.html, wide:https://x.example/c.webp]", "https://x.example/c.webp"),
        ("url(a.html) url(//x.example/a.avif)", "//x.example/a.avif"),
        ("{no/address/here}", None),
    ):
        within = late_pictures._WITHIN.search(value)
        assert (within["address"] if within else None) == expected, value
    assert plain(r"\\$5 and 3 \% of it\nand\\%") == "$5 and 3 % of it nand%"
    assert page_of("https://player.vimeo.com/video/12?h=3") == "https://vimeo.com/12"
    assert usual_places("https://paper.example/a/b/c.html")[0].startswith("https://paper.example/a/b/")
    assert usual_places("https://paper.example/a/b/c")[0].startswith("https://paper.example/a/b/c/")
    assert steady("Advertisement\n\n  Advertisement\nA ferry ran aground.") == "\nA ferry ran aground."
