"""Addresses: which pass, what is taken off them, and which of them mean one page."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedhub.clean.links import absolute, is_tracker, srcset, url_key, without_tracking

BASE = "https://paper.example/news/today.html"
RESOLVED = {
    "relative": ("../ferry", "https://paper.example/ferry"),
    "rooted": ("/ferry?id=5", "https://paper.example/ferry?id=5"),
    "protocol-relative": ("//cdn.example/a.jpg", "https://cdn.example/a.jpg"),
    "name and password": ("https://reader:key@paper.example/a", "https://paper.example/a"),
    "an at sign in the path": ("https://paper.example/@desk", "https://paper.example/@desk"),
    "mail": ("mailto:desk@paper.example", "mailto:desk@paper.example"),
    "blanks inside": ("https://paper.example/a b", "https://paper.example/a%20b"),
    "turned round": ("https://paper.example/\u202egpj.exe", "https://paper.example/gpj.exe"),
    "script": ("javascript:alert(1)", None),
    "script in disguise": ("java\nscript:alert(1)", None),
    "script with a leading control": ("\x01javascript:alert(1)", None),
    "upper-case script": ("JaVaScRiPt:alert(1)", None),
    "script with a host": ("javascript://paper.example/%0aalert(1)", None),
    "other scheme with a host": ("ftp://paper.example/a", None),
    "data": ("data:text/html,<script>", None),
    "vbscript": ("vbscript:x", None),
    "file": ("file:///etc/passwd", None),
    "no host": ("http:///x", None),
    "broken host": ("http://[", None),
    "broken port": ("http://a:b/", None),
    "empty": ("", None),
    "huge": ("https://paper.example/" + "a" * 5000, None),
}
KEPT = [
    "https://paper.example/?p=1",
    "https://paper.example/story?id=5&page=2",
    "https://paper.example/story?12345",
    "https://paper.example/story?a=1;b=2",
    "https://paper.example/?source=wire&uid=7&session=3",
    "https://paper.example/?ref=chapter2",
    "https://paper.example/?empty=&x",
    "https://paper.example/#part-2",
]
STRIPPED = {
    "utm": ("https://paper.example/a?utm_source=x&id=5&utm_medium=y", "https://paper.example/a?id=5"),
    "click id": ("https://paper.example/a?fbclid=abc", "https://paper.example/a"),
    "own host as ref": ("https://paper.example/a?ref=paper.example&id=5", "https://paper.example/a?id=5"),
    "in the fragment": ("https://paper.example/a#utm_source=x", "https://paper.example/a"),
    "semicolons": ("https://paper.example/a?x=1;utm_source=y;z=2", "https://paper.example/a?x=1;z=2"),
}
SAME = [
    "https://www.paper.example/a/ferry?x=1&y=2",
    "http://paper.example/a/ferry?y=2&x=1",
    "https://paper.example:443/a/ferry/?x=1&y=2",
    "http://paper.example:80/a/ferry?x=1&y=2#0",
    "https://PAPER.example./a/ferry?x=1&y=2#3",
    "https://m.paper.example/a/ferry?x=1&y=2&utm_source=z",
    "https://amp.paper.example/a/ferry?x=1&y=2",
    "https://paper.example/a/ferry/amp?x=1&y=2",
    "https://paper.example/amp/a/ferry?x=1&y=2&amp=1",
]
SRCSETS = {
    "sizes": ("/a.jpg 1x, /b.jpg 2x", "https://paper.example/a.jpg 1x, https://paper.example/b.jpg 2x"),
    "widths without a blank": (
        "/a.jpg 320w,/b.jpg 640w",
        "https://paper.example/a.jpg 320w, https://paper.example/b.jpg 640w",
    ),
    "no size": ("/a.jpg, /b.jpg 2x", "https://paper.example/a.jpg, https://paper.example/b.jpg 2x"),
    "a size that is none": ("/a.jpg huge, /b.jpg 2x", "https://paper.example/b.jpg 2x"),
    "an address with a comma": ("/w_1,h_2/a.jpg 1x, /b.jpg 2x", "https://paper.example/b.jpg 2x"),
    "data": ("data:image/png;base64,AAAA 1x, /b.jpg 2x", "https://paper.example/b.jpg 2x"),
    "nothing": (" , ", None),
}


@pytest.mark.parametrize(("given_", "told"), SRCSETS.values(), ids=SRCSETS)
def test_a_srcset_names_its_pictures_absolutely(given_: str, told: str | None) -> None:
    assert srcset(given_, BASE) == told


OTHER = [
    ("https://paper.example/?p=1", "https://paper.example/?p=2"),
    ("https://paper.example/?12345", "https://paper.example/?12346"),
    ("https://paper.example/Ferry", "https://paper.example/ferry"),
    ("https://paper.example/a", "https://other.example/a"),
    ("https://paper.example:8080/a", "https://paper.example/a"),
    ("https://news.paper.example/a", "https://paper.example/a"),
]


@pytest.mark.parametrize(("url", "expected"), RESOLVED.values(), ids=RESOLVED.keys())
def test_an_address_is_resolved_or_refused(url: str, expected: str | None) -> None:
    assert absolute(url, BASE) == expected


@pytest.mark.parametrize("url", KEPT)
def test_a_parameter_that_may_say_which_page_stays(url: str) -> None:
    assert without_tracking(url) == url


@pytest.mark.parametrize(("url", "expected"), STRIPPED.values(), ids=STRIPPED.keys())
def test_tracking_parameters_go(url: str, expected: str) -> None:
    assert without_tracking(url) == expected


@pytest.mark.parametrize("url", SAME)
def test_variants_of_one_page_share_a_key(url: str) -> None:
    assert url_key(url) == url_key(SAME[0])


@pytest.mark.parametrize(("one", "two"), OTHER)
def test_other_pages_have_other_keys(one: str, two: str) -> None:
    assert url_key(one) != url_key(two)


@given(st.text(max_size=40), st.text(max_size=20))
def test_any_address_is_taken_without_a_fault(url: str, base: str) -> None:
    found = absolute(url, base)
    assert found is None or found.split(":")[0] in ("http", "https", "mailto")
    if found and found.startswith("http"):
        assert url_key(found)
        assert absolute(found, None) == found


PARTS = [
    "a",
    "B",
    "9",
    ".",
    "..",
    "-",
    "~",
    "_",
    "/",
    "//",
    "amp",
    ".amp",
    ".html",
    "www.",
    "m.",
    "amp.",
    "news.example",
]


@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=4), st.lists(st.sampled_from(PARTS), max_size=6))
def test_a_fragment_never_makes_another_page(host: list[str], path: list[str]) -> None:
    url = f"https://news.{''.join(host).replace('/', '')}/{''.join(path)}"
    assert url_key(f"{url}#part") == url_key(url)


def test_a_srcset_is_resolved_candidate_by_candidate() -> None:
    assert srcset("a.jpg 1x, /b.jpg 2x, javascript:x 3x", BASE) == (
        "https://paper.example/news/a.jpg 1x, https://paper.example/b.jpg 2x"
    )


@pytest.mark.parametrize(
    "url", ["https://pixel.wp.com/b.gif?x", "https://feeds.feedburner.com/~r/p/1", "https://paper.example/i/1x1.gif"]
)
def test_counting_pixels_are_known(url: str) -> None:
    assert is_tracker(url)


def test_no_pixel_is_among_the_sizes_of_a_picture() -> None:
    assert srcset("https://pixel.wp.com/b.gif 1x, /a.jpg 2x", BASE) == "https://paper.example/a.jpg 2x"


def test_a_picture_is_no_pixel() -> None:
    assert not is_tracker("https://paper.example/pixel-art/blank-wall.jpg")
