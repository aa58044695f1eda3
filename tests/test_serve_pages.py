"""The running server: the pages, their links, directions and what hostile fields cannot do."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest
from commands import PATIENCE
from newsstand import TOKEN, MemoryBackend, at, copy, feed, rich_story, serving, story

from feedhub.model import StoryVersion
from feedhub.serve import story_key
from feedhub.structs import replace

KEY = story_key(rich_story().id)


def test_a_page_lists_outputs_with_links_and_autodiscovery(hub: httpx.Client) -> None:
    page = hub.get("/feeds/").text
    assert '<html lang="en">' in page
    assert (
        '<link rel="alternate" type="application/atom+xml" title="All stories (Atom)" href="/feeds/all.atom">' in page
    )
    for suffix in ("atom", "rss", "json"):
        assert f'<a href="/feeds/all.{suffix}"' in page
    assert "Ö &amp; &lt;co&gt;" in page


def test_pages_have_one_script_file_and_no_style_of_their_own(hub: httpx.Client) -> None:
    for path in ("/", "/feeds/", "/sources", "/search?q=ferry", f"/story/{KEY}", "/none"):
        page = hub.get(path).text
        assert page.count("<script") == page.count('<script src="/static/hub.js" defer></script>') == 1
        assert "style=" not in page
        assert "<style" not in page


def test_a_storys_page_tells_it_with_every_copy(hub: httpx.Client) -> None:
    page = hub.get(f"/story/{KEY}").text
    assert "<p>All 34 aboard were brought ashore.</p>" in page
    assert "the number aboard is 34, not 43" in page
    for one in rich_story().copies:
        assert f'href="{one.url}"' in page
    assert "Harrow &amp; Vale" in page
    assert "an excerpt" in page
    assert '<time datetime="2026-06-02T13:00:00Z">2 June 2026, 13:00 UTC</time>' in page
    assert '<link rel="canonical" href="https://lantern.test/1">' in page
    assert '<article lang="en" dir="ltr">' in page


def test_the_whole_id_finds_the_page_too(hub: httpx.Client) -> None:
    assert hub.get(f"/story/{rich_story().id}").status_code == 200


def test_a_page_has_a_tag_too(hub: httpx.Client) -> None:
    first = hub.get(f"/story/{KEY}")
    assert hub.get(f"/story/{KEY}", headers={"if-none-match": first.headers["etag"]}).status_code == 304
    assert "last-modified" not in first.headers


DIRECTIONS = {"ar": "rtl", "fa-IR": "rtl", "ur": "rtl", "he": "rtl", "en": "ltr", "zh-Hant": "ltr", None: "auto"}


@pytest.mark.parametrize(("tag", "direction"), DIRECTIONS.items())
def test_a_story_reads_in_its_direction(tag: str | None, direction: str) -> None:
    backend = MemoryBackend()
    backend.put(feed(story(language=tag)))
    with serving(backend) as url:
        page = httpx.get(f"{url}/story/{story_key(story().id)}", trust_env=False, timeout=PATIENCE).text
    assert f'<article lang="{tag or ""}" dir="{direction}">' in page


def test_a_story_that_became_part_of_another_has_moved_for_good(hub: httpx.Client) -> None:
    got = hub.get("/story/joined")
    assert got.status_code == 301
    assert str(got.next_request and got.next_request.url).endswith(f"/story/{KEY}")


def test_a_killed_story_is_gone_for_good(hub: httpx.Client) -> None:
    got = hub.get("/story/killed")
    assert got.status_code == 410
    assert "no longer published here: withdrawn by &lt;its&gt; agency." in got.text


def test_hostile_fields_stay_text_on_a_page() -> None:
    nasty = '"><script>alert(1)</script>'
    one = story(
        title=nasty,
        url="javascript:alert(1)",
        via="javascript:alert(2)",
        html=None,
        summary=nasty,
        language='en" onclick="x',
        authors=(nasty,),
        agency=nasty,
        correction=nasty,
        copies=(copy(name=nasty, title=nasty, url="javascript:alert(3)", ground=nasty), copy("b.test", title="\ud800")),
    )
    backend = MemoryBackend()
    backend.stories = {"x": one}
    with serving(backend) as url:
        got = httpx.get(f"{url}/story/x", trust_env=False, timeout=PATIENCE)
    assert got.status_code == 200
    assert got.text.count("<script") == 1
    assert "javascript:" not in got.text
    assert 'onclick="' not in got.text


def test_a_hub_under_a_path_links_below_it(public: httpx.Client) -> None:
    page = public.get("/").text
    assert 'href="/hub/feeds/all.atom"' in page
    assert 'href="/hub/static/hub.css"' in page


def version(hours: float, title: str, *paragraphs: str, **changed: Any) -> StoryVersion:
    html = "".join(f"<p>{text}</p>" for text in paragraphs)
    return StoryVersion(at=at(hours), key=rich_story().canonical, name="The Lantern", title=title, html=html, **changed)


TOLD = (
    version(0, "Ferry aground", "A ferry ran aground.", "All 43 aboard are safe.", "More soon."),
    version(1, "Ferry aground off Selm", "A ferry ran aground.", "All 34 aboard are safe & sound.", mark="update 2"),
)


def test_a_storys_page_marks_what_its_versions_changed(backend: MemoryBackend, hub: httpx.Client) -> None:
    backend.histories[KEY] = TOLD
    page = hub.get(f"/story/{KEY}").text
    assert "<p>All <del>43</del> <ins>34</ins> aboard are <del>safe.</del> <ins>safe &amp; sound.</ins></p>" in page
    assert "<p><del>More soon.</del></p>" in page
    assert "Ferry aground <ins>off Selm</ins>" in page
    assert "1 paragraph unchanged." in page
    assert page.index("update 2") < page.index("The first version.")


def test_a_story_that_never_changed_has_no_history(hub: httpx.Client, backend: MemoryBackend) -> None:
    backend.histories[story_key(story(2).id)] = TOLD[:1]
    assert "Earlier versions" not in hub.get(f"/story/{story_key(story(2).id)}").text


def test_a_story_without_a_title_is_headed_with_its_first_words() -> None:
    backend = MemoryBackend()
    backend.put(feed(story(title="")))
    with serving(backend) as url:
        page = httpx.get(f"{url}/story/{story_key(story().id)}", trust_env=False, timeout=PATIENCE).text
        preview = httpx.get(f"{url}/feeds/all.html", trust_env=False, timeout=PATIENCE).text
    head = "A ferry ran aground off Selm on Tuesday. All 34 aboard were"
    assert f"<h1>{head}" in page
    assert f"<title>{head}" in page
    assert f">{head}" in preview


def test_an_output_can_be_looked_at_before_subscribing(hub: httpx.Client) -> None:
    assert '<a href="/feeds/all.html">All stories</a>' in hub.get("/feeds/").text
    page = hub.get("/feeds/all.html")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert f'<a class="item" href="/story/{KEY}">Ferry runs aground off Selm</a>' in page.text
    assert 'href="/feeds/all.atom"' in page.text
    assert "Harrow &amp; Vale" in page.text


def test_the_preview_of_a_secret_output_needs_its_token_and_links_to_no_page_of_ours(hub: httpx.Client) -> None:
    assert hub.get("/feeds/secret.html").status_code == 404
    page = hub.get(f"/feeds/secret.html?token={TOKEN}")
    assert page.status_code == 200
    assert page.headers["cache-control"].startswith("private")
    assert "/story/" not in page.text
    assert f'href="/feeds/{TOKEN}/secret.atom"' in page.text


def test_a_list_counts_a_storys_outlets_as_the_storys_page_does(hub: httpx.Client) -> None:
    assert "<strong>3 outlets</strong>:\nThe Lantern" in re.sub("</?bdi>", "", hub.get("/feeds/all.html").text)
    assert "Published by 3 outlets" in hub.get(f"/story/{KEY}").text


@pytest.mark.parametrize("path", ["/feeds/", "/sources", "/feeds/all.html"])
def test_the_page_that_is_open_is_marked_in_the_head_alone(hub: httpx.Client, path: str) -> None:
    assert hub.get(path).text.count('aria-current="page"') == 1
    assert f'href="{path}" aria-current="page"' in hub.get(path).text


def test_no_place_is_marked_on_the_page_of_a_story(hub: httpx.Client) -> None:
    assert "aria-current" not in hub.get(f"/story/{KEY}").text


def test_the_picture_of_copies_shortens_a_long_name_and_tells_from_when_to_when() -> None:
    one = story()
    late = copy("gazette.test", "g", name="The Greater Pellworth and Islands Gazette", published=at(4))
    backend = MemoryBackend()
    backend.put(feed(replace(one, copies=(*one.copies, late))))
    with serving(backend) as url:
        page = httpx.get(f"{url}/story/{KEY}", trust_env=False, timeout=PATIENCE).text
    picture = page[page.index("<svg") : page.index("</svg>")]
    assert 'cx="3%"' in picture
    assert 'cx="97%"' in picture
    assert "The Greater Pellworth a…" in picture
    axis = page[page.index('<p class="axis') : page.index('<ol class="copies"')]
    assert axis.index("2 June 2026, 12:00 UTC") < axis.index("2 June 2026, 16:00 UTC")


def test_names_that_read_from_the_right_stand_apart_from_the_line_round_them() -> None:
    backend = MemoryBackend()
    backend.put(feed(story(language="ar", agency="وكالة", authors=("منى", "عمر"), correction="34 لا 43")))
    with serving(backend) as url:
        page = httpx.get(f"{url}/story/{KEY}", trust_env=False, timeout=PATIENCE).text
    assert "<bdi>وكالة</bdi>" in page
    assert "<bdi>منى</bdi>, <bdi>عمر</bdi>" in page
    assert '<strong lang="en" dir="ltr">Corrected:</strong>' in page
