"""Pictures, films and episodes in all three formats, and titles that no way of reading makes markup of."""

from __future__ import annotations

import html
import io
import json
from typing import Any

import feedparser
import pytest
from feedrules import atom_faults, json_faults, rss_faults
from lxml import etree
from lxml import html as lxml_html
from newsstand import feed, rich_story, story

from feedhub.model import Chapter, Episode, Media, Participant, Podcast, Story, Transcript
from feedhub.publish import atom, json_feed, rss
from feedhub.publish.media_files import rss_enclosure
from feedhub.structs import replace

ATOM = "{http://www.w3.org/2005/Atom}"
MEDIA = "{http://search.yahoo.com/mrss/}"
ITUNES = "{http://www.itunes.com/dtds/podcast-1.0.dtd}"
PICTURE = Media(
    url="https://i.test/a.jpg",
    type="image/jpeg",
    medium="image",
    width=640,
    height=360,
    description="The pier, seen from <the> light",
    credit="Ada Venn",
)
THUMBNAIL = Media(url="https://i.test/t.jpg", type="image/jpeg", medium="image", width=90, height=60, role="thumbnail")
SOUND = Media(
    url="https://pod.test/12.mp3",
    type="audio/mpeg",
    medium="audio",
    duration=3723,
    role="enclosure",
    episode=Episode(number=12, season=2, kind="full", explicit=False, image="https://pod.test/12.jpg"),
)
WHOLE = replace(
    SOUND,
    episode=Episode(
        number=12,
        transcripts=(Transcript(url="https://pod.test/12.vtt", type="text/vtt", language="en"),),
        chapter_file="https://pod.test/12.json",
        chapters=(Chapter(start="00:01:30", title="The <stair>", image="https://pod.test/s.jpg"),),
        people=(Participant(name="Ada Venn", role="guest", url="https://pod.test/ada"),),
        podcast=Podcast(
            title="Lights",
            author="Pod House",
            image="https://pod.test/p.jpg",
            explicit=False,
            categories=("Arts", "Arts > Books"),
        ),
    ),
)
FORMS = (
    Media(url="https://v.test/s.mp4", type="video/mp4", medium="video", height=360, group=1),
    Media(url="https://v.test/l.mp4", type="video/mp4", medium="video", height=1080, group=1, is_default=True),
)
PAGE = Media(url="https://v.test/p/1", medium="video", player="https://v.test/p/1")
FILM = Media(url="https://v.test/a.mp4", type="video/mp4", medium="video")


def rss_item(one: Story) -> etree._Element:
    found = etree.fromstring(rss(feed(one))).find("channel/item")
    assert found is not None
    return found


def atom_entry(one: Story) -> etree._Element:
    found = etree.fromstring(atom(feed(one))).find(f"{ATOM}entry")
    assert found is not None
    return found


def json_item(one: Story) -> dict[str, Any]:
    item: dict[str, Any] = json.loads(json_feed(feed(one)))["items"][0]
    return item


def enclosures(entry: etree._Element) -> list[dict[str, str]]:
    links = entry.findall(f"{ATOM}link")
    return [{str(k): str(v) for k, v in link.items()} for link in links if link.get("rel") == "enclosure"]


STORIES = {
    "a picture": story(media=(PICTURE, THUMBNAIL)),
    "a thumbnail": story(media=(THUMBNAIL,)),
    "an episode": story(media=(SOUND,)),
    "a film": story(media=(FILM, THUMBNAIL)),
    "all": story(media=(PICTURE, SOUND, FILM, THUMBNAIL), comments="https://lantern.test/item?id=1"),
    "hostile": story(
        media=(
            Media(url="https://i.test/\x00a b.jpg", type="<x>", medium='"', width=-1, height=0, description="\x01 "),
            Media(url="javascript:alert(1)", type="image/png"),
            Media(
                url="https://i.test/e", type="audio/mpeg", episode=Episode(image="javascript:alert(1)", explicit=True)
            ),
        ),
        comments="javascript:alert(1)",
    ),
}


@pytest.mark.parametrize("one", STORIES.values(), ids=STORIES)
def test_every_document_is_valid(one: Story) -> None:
    made = feed(one, rich_story(2))
    assert list(atom_faults(atom(made))) == []
    assert list(rss_faults(rss(made))) == []
    assert list(json_faults(json_feed(made))) == []


def test_rss_tells_all_of_a_picture() -> None:
    item = rss_item(STORIES["a picture"])
    content, thumbnail = item.find(f"{MEDIA}content"), item.find(f"{MEDIA}thumbnail")
    assert content is not None
    assert thumbnail is not None
    assert dict(content.items()) == {
        "url": "https://i.test/a.jpg",
        "type": "image/jpeg",
        "medium": "image",
        "width": "640",
        "height": "360",
    }
    assert content.findtext(f"{MEDIA}description") == "The pier, seen from &#x3C;the> light"
    assert content.findtext(f"{MEDIA}credit") == "Ada Venn"
    assert dict(thumbnail.items()) == {"url": "https://i.test/t.jpg", "width": "90", "height": "60"}
    assert item.find("enclosure") is None


def test_atom_tells_what_its_links_cannot() -> None:
    entry = atom_entry(STORIES["a picture"])
    assert enclosures(entry) == [{"href": "https://i.test/a.jpg", "rel": "enclosure", "type": "image/jpeg"}]
    content = entry.find(f"{MEDIA}content")
    assert content is not None
    assert content.findtext(f"{MEDIA}description") == "The pier, seen from <the> light"
    assert entry.find(f"{MEDIA}thumbnail") is not None


def test_a_thumbnail_is_the_picture_where_there_is_no_other() -> None:
    one = STORIES["a thumbnail"]
    assert [link["href"] for link in enclosures(atom_entry(one))] == ["https://i.test/t.jpg"]
    assert json_item(one)["image"] == "https://i.test/t.jpg"
    assert "attachments" not in json_item(one)


def test_what_is_told_by_an_enclosure_alone_is_told_once() -> None:
    plain = story(media=(Media(url="https://i.test/a.jpg", type="image/jpeg", length=9),))
    assert rss_item(plain).find(f"{MEDIA}content") is None
    assert rss_item(plain).find("enclosure") is not None
    assert atom_entry(plain).find(f"{MEDIA}content") is None


def test_a_podcast_stays_a_podcast() -> None:
    item = rss_item(STORIES["an episode"])
    enclosure = item.find("enclosure")
    assert enclosure is not None
    assert dict(enclosure.items()) == {"url": "https://pod.test/12.mp3", "length": "0", "type": "audio/mpeg"}
    told = {child.tag.removeprefix(ITUNES): child.text for child in item if str(child.tag).startswith(ITUNES)}
    assert told == {
        "duration": "3723",
        "season": "2",
        "episode": "12",
        "episodeType": "full",
        "explicit": "false",
        "image": None,
    }
    image = item.find(f"{ITUNES}image")
    assert image is not None
    assert image.get("href") == "https://pod.test/12.jpg"
    assert json_item(STORIES["an episode"])["attachments"] == [
        {"url": "https://pod.test/12.mp3", "mime_type": "audio/mpeg", "duration_in_seconds": 3723}
    ]


def test_what_is_played_is_the_enclosure_before_any_picture() -> None:
    sized = Media(url="https://i.test/b.jpg", type="image/jpeg", length=9)
    assert rss_enclosure((sized, SOUND)) is SOUND
    assert rss_enclosure((PICTURE, sized)) is sized
    assert rss_enclosure((PICTURE, THUMBNAIL)) is None
    assert rss_enclosure((Media(url="https://i.test/c", role="enclosure"),)) is None


def test_the_discussion_is_linked() -> None:
    one = STORIES["all"]
    (link,) = [link for link in atom_entry(one).findall(f"{ATOM}link") if link.get("rel") == "replies"]
    assert link.get("href") == "https://lantern.test/item?id=1"
    assert rss_item(one).findtext("comments") == "https://lantern.test/item?id=1"
    assert json_item(one)["_feedhub"]["comments"] == "https://lantern.test/item?id=1"
    assert rss_item(STORIES["hostile"]).find("comments") is None


@pytest.mark.parametrize("made", [atom, rss, json_feed])
def test_a_story_without_files_is_written_as_ever(made: Any) -> None:
    assert b"search.yahoo.com" not in made(feed(story()))
    assert b"itunes" not in made(feed(story()))


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "The <video> element",
    "a <b",
    "<!-- x -->",
    "<?php x ?>",
    "</title><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<ScRiPt >x",
    "<svg/onload=alert(1)>",
    "<<script>alert(1)//<</script>",
]


def live(markup: str) -> list[str]:
    """Elements that a text becomes where it is read as HTML."""
    root = lxml_html.fragment_fromstring(markup, create_parent="div")
    return [str(each.tag) for each in root.iter() if each is not root]


@pytest.mark.parametrize("title", HOSTILE)
def test_no_text_of_rss_becomes_markup_read_as_text_or_as_html(title: str) -> None:
    picture = Media(url="https://i.test/a.jpg", medium="image", description=title, credit=title, width=1)
    one = story(title=title, authors=(title,), categories=(title,), media=(picture,))
    made = rss(feed(one, title=title))
    channel = etree.fromstring(made)[0]
    item = channel.find("item")
    assert item is not None
    texts = [channel.findtext("title"), item.findtext("title"), item.findtext("category")]
    texts += [item.findtext("{http://purl.org/dc/elements/1.1/}creator")]
    texts += [item.findtext(f"{MEDIA}content/{MEDIA}{name}") for name in ("description", "credit")]
    for text in texts:
        assert text
        assert live(text) == [], text
    # and a reader of HTML shows the very title
    assert html.unescape(item.findtext("title") or "") == html.unescape(title)


def test_a_reader_shows_an_element_that_a_title_names() -> None:
    read = feedparser.parse(io.BytesIO(rss(feed(story(title="The <video> element")))))
    assert html.unescape(read.entries[0].title) == "The <video> element"


@pytest.mark.parametrize("title", ["Q&A: is 3 < 4?", "a <3 b", "1 << 2", "x <", "AT&T"])
def test_a_title_that_could_not_be_markup_is_left_alone(title: str) -> None:
    assert rss_item(story(title=title)).findtext("title") == title


def test_a_picture_without_any_word_is_headed_by_what_it_shows() -> None:
    one = story(title="", html='<p><img src="https://i.test/a.jpg" alt="A queue of cars"></p>', summary=None)
    assert rss_item(one).findtext("title") == "A queue of cars"


PODCAST = "{https://podcastindex.org/namespace/1.0}"
CHAPTER = "{http://podlove.org/simple-chapters}chapter"


def test_an_episode_is_told_whole_in_every_format() -> None:
    one = story(media=(WHOLE,))
    assert [*atom_faults(atom(feed(one))), *rss_faults(rss(feed(one))), *json_faults(json_feed(feed(one)))] == []
    for entry in (rss_item(one), atom_entry(one)):
        transcript, person = entry.find(f"{PODCAST}transcript"), entry.find(f"{PODCAST}person")
        assert transcript is not None
        assert [transcript.get(key) for key in ("url", "type", "language")] == [
            "https://pod.test/12.vtt",
            "text/vtt",
            "en",
        ]
        assert person is not None
        assert (person.text, person.get("role"), person.get("href")) == ("Ada Venn", "guest", "https://pod.test/ada")
        assert [each.get("title") for each in entry.iter(CHAPTER)] == ["The <stair>"]
        assert entry.findtext(f"{ITUNES}explicit") == "false"
    told = json_item(one)["_feedhub"]["podcast"]
    assert (told["title"], told["episode"], told["explicit"]) == ("Lights", 12, False)
    assert told["chapters_url"] == "https://pod.test/12.json"


def channel(*stories: Story) -> etree._Element:
    found = etree.fromstring(rss(feed(*stories))).find("channel")
    assert found is not None
    return found


def test_an_output_of_one_podcast_says_so_at_its_head() -> None:
    head = channel(story(media=(WHOLE,)))
    assert head.findtext(f"{ITUNES}author") == "Pod House"
    assert [child.get("text") for child in head.iter(f"{ITUNES}category")] == ["Arts", "Books"]
    image = head.find(f"{ITUNES}image")
    assert image is not None
    assert image.get("href") == "https://pod.test/p.jpg"


def test_an_output_of_several_podcasts_is_none_of_them_and_one_without_says_nothing() -> None:
    assert WHOLE.episode is not None
    other = replace(WHOLE, episode=replace(WHOLE.episode, podcast=Podcast(title="Other", explicit=True)))
    head = channel(story(media=(WHOLE,)), story(media=(other,), id="tag:hub.test,2026:2"))
    assert head.findtext(f"{ITUNES}explicit") == "true"
    assert head.find(f"{ITUNES}image") is None
    assert channel(story(media=(PICTURE,))).find(f"{ITUNES}explicit") is None


def test_forms_of_one_film_stay_together_and_the_default_is_enclosed() -> None:
    item = rss_item(story(media=FORMS))
    group = item.find(f"{MEDIA}group")
    assert group is not None
    assert [child.get("url") for child in group] == [form.url for form in FORMS]
    assert rss_enclosure(FORMS) is FORMS[1]


def test_a_page_that_plays_a_film_is_no_file() -> None:
    item = rss_item(story(media=(PAGE,)))
    player = item.find(f"{MEDIA}content/{MEDIA}player")
    assert player is not None
    assert player.get("url") == "https://v.test/p/1"
    assert item.find("enclosure") is None
    assert "attachments" not in json_item(story(media=(PAGE,)))
    assert "enclosure" not in {link.get("rel") for link in atom_entry(story(media=(PAGE,))).iter(f"{ATOM}link")}
