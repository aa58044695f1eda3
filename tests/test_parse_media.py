"""Files of an item: what they are, in which size, and what a podcast says of them."""

from __future__ import annotations

import pytest

from feedhub.model import Chapter, Entry, Episode, Feed, Media, Participant, Podcast, Transcript
from feedhub.parse import parse
from feedhub.parse.media_types import is_dead, medium_of, type_of
from feedhub.parse.podcast import seconds_of

URL = "http://paper.test/feed"
SPACES = (
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:podcast="https://podcastindex.org/namespace/1.0" xmlns:psc="http://podlove.org/simple-chapters"'
)
#: what only the lenient reader reads
BROKEN = "<category>AT&T</category>"
#: each case for both readers
BOTH = pytest.mark.parametrize("extra", ["", BROKEN], ids=["well formed", "broken"])


def entry(inner: str, extra: str = "") -> Entry:
    body = f'<rss version="2.0" {SPACES}><channel><title>P</title><item><title>T</title>{inner}{extra}</item></channel>'
    feed = parse(f"{body}</rss>".encode(), url=URL)
    assert isinstance(feed, Feed), feed
    return feed.entries[0]


def files(inner: str, extra: str = "") -> tuple[Media, ...]:
    return entry(inner, extra).media


TYPES = [
    ("image/PNG", None, "http://a.test/x", "image/png"),
    ("image/jpeg; charset=binary", None, "http://a.test/x", "image/jpeg"),
    (None, None, "http://a.test/x.JPG?width=460", "image/jpeg"),
    (None, None, "http://a.test/e/12.mp3", "audio/mpeg"),
    (None, "video", "http://a.test/film", "video/mp4"),
    (None, "image", "http://a.test/picture", "image/jpeg"),
    (None, "image", "http://a.test/x.webp", "image/webp"),
    # the medium is the feed's word, a name may be anything
    (None, "audio", "http://a.test/listen.mp4", "audio/mpeg"),
    ("image", None, "http://a.test/x", "image/jpeg"),
    ("mp3", None, "http://a.test/x", "audio/mpeg"),
    ("application/octet-stream", None, "http://a.test/x.mp3", "audio/mpeg"),
    ("application/octet-stream", None, "http://a.test/x", "application/octet-stream"),
    ("nonsense", None, "http://a.test/x", None),
    ("<script>", None, "http://a.test/x", None),
    (None, None, "http://a.test/x.php", None),
]


@pytest.mark.parametrize(("declared", "medium", "url", "kind"), TYPES)
def test_a_type_is_told_from_medium_and_name_where_the_feed_is_silent(
    declared: str | None, medium: str | None, url: str, kind: str | None
) -> None:
    assert type_of(declared, medium_of(medium, declared), url) == kind


def test_a_flash_player_is_dead() -> None:
    assert is_dead("Application/x-shockwave-flash", "http://a.test/v/1")
    assert is_dead(None, "http://a.test/player.swf")
    assert not is_dead("video/mp4", "http://a.test/swf.mp4")


@BOTH
def test_a_group_is_one_picture_the_default(extra: str) -> None:
    group = (
        '<media:group><media:content url="http://i.test/wide.jpg" medium="image" width="2150" height="1210"/>'
        '<media:content url="http://i.test/crop.jpg" medium="image" width="940" height="705" isDefault="true"/>'
        '<media:thumbnail url="http://i.test/th.jpg" width="140"/></media:group>'
    )
    assert [file.url for file in files(group, extra)] == ["http://i.test/crop.jpg"]


@BOTH
def test_without_a_default_the_largest_is_the_picture(extra: str) -> None:
    group = (
        '<media:group><media:content url="http://i.test/s.jpg" medium="image" width="90"/>'
        '<media:content url="http://i.test/l.jpg" medium="image" width="900"/></media:group>'
    )
    assert [file.url for file in files(group, extra)] == ["http://i.test/l.jpg"]


SIZES = [
    ("http://i.test/m.jpg?width=140&s=a1", "http://i.test/m.jpg?width=460&s=b2"),
    ("http://i.test/ace/140/x.jpg", "http://i.test/ace/460/x.jpg"),
    ("http://i.test/x-140x90.jpg", "http://i.test/x-460x300.jpg"),
    ("http://i.test/show?id=7&w=140", "http://i.test/show?id=7&w=460"),
]


@pytest.mark.parametrize(("small", "large"), SIZES)
def test_addresses_that_differ_in_a_size_alone_are_one_picture(small: str, large: str) -> None:
    inner = "".join(
        f'<media:content url="{url.replace("&", "&amp;")}" medium="image" width="{width}"/>'
        for url, width in ((small, 140), (large, 460))
    )
    assert [file.url for file in files(inner)] == [large]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("http://i.test/1.jpg", "http://i.test/2.jpg"),
        ("http://i.test/show?id=7", "http://i.test/show?id=8"),
        ("http://i.test/a/1.jpg", "http://i.test/b/1.jpg"),
        ("http://i.test/140/x.jpg", "http://j.test/460/x.jpg"),
    ],
)
def test_a_gallery_keeps_its_pictures(one: str, other: str) -> None:
    inner = "".join(f'<media:content url="{url}" medium="image" width="460"/>' for url in (one, other))
    assert [file.url for file in files(inner)] == [one, other]


@BOTH
def test_a_film_keeps_its_picture_and_its_forms(extra: str) -> None:
    group = (
        '<media:group><media:content url="http://v.test/a.mp4" type="video/mp4"/>'
        '<media:content url="http://v.test/a.webm" type="video/webm"/><media:thumbnail url="http://v.test/a.jpg"/>'
        "</media:group>"
    )
    assert [(file.url, file.role) for file in files(group, extra)] == [
        ("http://v.test/a.mp4", "content"),
        ("http://v.test/a.webm", "content"),
        ("http://v.test/a.jpg", "thumbnail"),
    ]


@BOTH
def test_one_address_named_twice_is_one_file_with_all_that_is_told_of_it(extra: str) -> None:
    inner = (
        '<media:content url="http://a.test/x.jpg" width="640" height="360"/>'
        '<enclosure url="http://a.test/x.jpg" type="image/jpeg" length="9"/>'
    )
    (file,) = files(inner, extra)
    assert (file.type, file.length, file.width, file.role) == ("image/jpeg", 9, 640, "enclosure")


EPISODE = (
    '<enclosure url="http://pod.test/12.mp3" length="0"/><itunes:duration>1:02:03</itunes:duration>'
    "<itunes:episode>12</itunes:episode><itunes:season>2</itunes:season><itunes:episodeType>Full</itunes:episodeType>"
    '<itunes:explicit>no</itunes:explicit><itunes:image href="http://pod.test/12.jpg"/>'
    "<itunes:author>Ann Example</itunes:author>"
)


@BOTH
def test_a_podcast_is_read_whole(extra: str) -> None:
    episode = entry(EPISODE, extra)
    image = "http://pod.test/12.jpg"
    about = Episode(number=12, season=2, kind="full", explicit=False, image=image)
    assert episode.authors == ("Ann Example",)
    assert episode.media == (
        Media(
            url="http://pod.test/12.mp3",
            type="audio/mpeg",
            medium="audio",
            duration=3723,
            role="enclosure",
            episode=about,
        ),
        Media(url=image, type="image/jpeg", medium="image", role="thumbnail"),
    )


PARTS = (
    '<enclosure url="http://pod.test/12.mp3" type="audio/mpeg"/><podcast:season name="Sea">2</podcast:season>'
    '<podcast:episode display="XII">12</podcast:episode><podcast:person role="guest" href="/ann">Ann</podcast:person>'
    "<podcast:person>ann@pod.test</podcast:person>"
    '<podcast:transcript url="/12.vtt" type="text/vtt" language="en"/><podcast:transcript url="urn:x"/>'
    '<podcast:chapters url="/12.json" type="application/json+chapters"/><psc:chapters version="1.2">'
    '<psc:chapter start="00:00:00.000" title="Hello" href="/h"/><psc:chapter start="soon" title="no"/></psc:chapters>'
)
SHOW = (
    '<itunes:author>Pod House</itunes:author><itunes:image href="http://pod.test/p.jpg"/>'
    "<itunes:owner><itunes:name>Bob</itunes:name><itunes:email>bob@pod.test</itunes:email></itunes:owner>"
    '<itunes:category text="Arts"><itunes:category text="Books"/></itunes:category>'
    "<itunes:explicit>no</itunes:explicit>"
)


@BOTH
def test_what_stands_several_times_in_an_episode_is_read(extra: str) -> None:
    (file,) = files(PARTS, extra)
    assert file.episode == Episode(
        number=12,
        season=2,
        transcripts=(Transcript(url="http://paper.test/12.vtt", type="text/vtt", language="en"),),
        chapter_file="http://paper.test/12.json",
        chapters=(Chapter(start="00:00:00.000", title="Hello", url="http://paper.test/h"),),
        people=(Participant(name="Ann", role="guest", url="http://paper.test/ann"),),
    )


@BOTH
def test_episodes_know_their_podcast_but_not_whose_it_is(extra: str) -> None:
    items = (
        f"<item><title>T</title>{EPISODE}{extra}</item><item><title>U</title><description>No sound</description></item>"
    )
    feed = parse(f"<rss {SPACES}><channel><title>P</title>{SHOW}{items}</channel></rss>".encode(), url=URL)
    assert isinstance(feed, Feed)
    heard, read = feed.entries
    assert heard.media[0].episode is not None
    assert heard.media[0].episode.podcast == Podcast(
        title="P",
        author="Pod House",
        image="http://pod.test/p.jpg",
        explicit=False,
        categories=("Arts", "Arts > Books"),
    )
    assert read.media == ()
    assert "bob" not in repr(feed)


@BOTH
def test_a_film_may_have_nothing_but_a_page_that_plays_it(extra: str) -> None:
    (film,) = files('<media:content medium="video"><media:player url="http://v.test/p/1"/></media:content>', extra)
    assert (film.url, film.player, film.type, film.medium) == ("http://v.test/p/1", "http://v.test/p/1", None, "video")
    (other,) = files('<media:content url="/a.mp4"/><media:player url="http://v.test/p/1"/>', extra)
    assert (other.url, other.player, other.type) == ("http://paper.test/a.mp4", "http://v.test/p/1", "video/mp4")


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("90", 90), ("1:30", 90), ("0:01:30", 90), ("62:03", 3723), ("01:02:03", 3723), ("90.5", 90)]
    + [(none, None) for none in ("", "0", "00:00", "soon", "1:99", "-5", None)],
)
def test_durations_are_read_in_the_forms_of_podcasts(written: str | None, seconds: int | None) -> None:
    assert seconds_of(written) == seconds


@BOTH
def test_the_text_of_an_item_without_one_may_stand_elsewhere(extra: str) -> None:
    def text(inner: str) -> str | None:
        summary = entry(inner, extra).summary
        return None if summary is None else str(summary.value)

    told = "<media:description>{}</media:description>".format
    film = f'<media:group><media:content url="http://v.test/a.mp4"/>{told("Over the pier.")}</media:group>'
    picture = f'<media:content url="http://i.test/a.jpg">{told("A queue of cars")}</media:content>'
    assert text(film) == "Over the pier."
    assert text("<itunes:summary>Of the stair.</itunes:summary>") == "Of the stair."
    assert text("<itunes:subtitle>In short.</itunes:subtitle>") == "In short."
    assert (
        text("<description> &lt;p&gt;&amp;nbsp;&lt;/p&gt; </description><itunes:summary>So.</itunes:summary>") == "So."
    )
    # a headline's picture has a caption, a post that is a picture alone has a text
    assert text(picture) is None
    assert text(f"<description>Own.</description>{film}") == "Own."
    assert text("<description>Own.</description><itunes:summary>Other.</itunes:summary>") == "Own."


@BOTH
def test_a_post_of_a_picture_alone_has_its_description_as_text(extra: str) -> None:
    body = (
        f'<rss version="2.0" {SPACES}><channel><title>P</title><item><description></description>'
        f'<media:content url="http://i.test/a.jpg" medium="image"><media:description type="plain">A queue of cars'
        f"</media:description></media:content>{extra}</item></channel></rss>"
    )
    feed = parse(body.encode(), url=URL)
    assert isinstance(feed, Feed)
    summary = feed.entries[0].summary
    assert summary is not None
    assert summary.value == "A queue of cars"


@BOTH
def test_the_discussion_of_an_item_is_read(extra: str) -> None:
    assert entry("<comments>/item?id=7</comments>", extra).comments == "http://paper.test/item?id=7"
    link = '<atom:link xmlns:atom="http://www.w3.org/2005/Atom" rel="replies" href="{}" type="{}"/>'.format
    assert (
        entry(link("/r", "application/atom+xml") + link("/p#c", "text/html"), extra).comments == "http://paper.test/p#c"
    )
    assert entry("<comments>none</comments>".replace("none", "javascript:x"), extra).comments is None


@pytest.mark.parametrize(
    ("attributes", "link", "file"),
    [
        ('type="text/html" src="/full.html"', "http://paper.test/full.html", None),
        ('src="/full.html"', "http://paper.test/full.html", None),
        ('type="audio/mpeg" src="/a.mp3"', None, "http://paper.test/a.mp3"),
        ('src="/a.mp4"', None, "http://paper.test/a.mp4"),
    ],
)
@BOTH
def test_an_atom_content_may_be_elsewhere(attributes: str, link: str | None, file: str | None, extra: str) -> None:
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>P</title><entry><id>tag:x:1</id><title>T</title>'
        f"<content {attributes}/>{extra}</entry></feed>"
    )
    feed = parse(body.encode(), url=URL)
    assert isinstance(feed, Feed)
    (one,) = feed.entries
    assert one.link == link
    assert [each.url for each in one.media] == ([file] if file else [])


PEOPLE = [
    ("desk@paper.media (Ann Example)", "Ann Example"),
    ("Ann Example &lt;ann@paper.online&gt;", "Ann Example"),
    ("&quot;Ann Example&quot; &lt;ann@paper.example&gt;", "Ann Example"),
    ("ann@paper.press", "ann@paper.press"),
    ("bob@paper.international (Bob)", "Bob"),
    ("mailto:ann@paper.example (Ann)", "Ann"),
    ("ann@xn--80akhbyknj4f.xn--p1ai (Ann)", "Ann"),
    ("Ann @ the desk", "Ann @ the desk"),
]


@pytest.mark.parametrize(("written", "name"), PEOPLE)
@BOTH
def test_a_person_is_a_name_else_an_address(written: str, name: str, extra: str) -> None:
    assert entry(f"<author>{written}</author>", extra).authors == (name,)


def test_a_name_in_atom_or_json_may_hold_an_address_too() -> None:
    atom = (
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>P</title><entry><id>1</id><title>T</title>'
        "<author><name>desk@paper.media (Ann Example)</name></author></entry></feed>"
    )
    json = (
        '{"version": "https://jsonfeed.org/version/1.1", "title": "P", "items": [{"id": "1", "content_text": "x", '
        '"authors": [{"name": "Ann Example <ann@paper.news>"}]}]}'
    )
    for body in (atom, json):
        feed = parse(body.encode(), url=URL)
        assert isinstance(feed, Feed)
        assert feed.entries[0].authors == ("Ann Example",)
