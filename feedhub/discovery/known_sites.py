"""Addresses that people copy, turned into the feeds that stand behind them; and where feeds usually are."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, quote, urlsplit

from msgspec import Struct


class SiteRule(Struct, frozen=True, kw_only=True):
    """How one site, or one program behind many sites, names its feeds."""

    #: whole host, without `www.` and `m.`
    host: str
    #: whole path, without the slash at its end
    path: str
    #: addresses of feeds, made of the groups of host and path and of the query's values; the best first
    feeds: tuple[str, ...]
    #: parameters of the query that must be there
    query: tuple[str, ...] = ()
    #: an address and the first feed that is made of it
    example: tuple[str, str]


_YOUTUBE = "https://www.youtube.com/feeds/videos.xml"
_NAME = r"(?P<name>[^/]+)"
_ANY = r"(?P<host>[^/]+)"

SITES: tuple[SiteRule, ...] = (
    SiteRule(
        host=r"youtube\.com",
        path=r"/channel/(?P<name>UC[\w-]+)(?:/.*)?",
        feeds=(f"{_YOUTUBE}?channel_id={{name}}",),
        example=("https://www.youtube.com/channel/UCabc/videos", f"{_YOUTUBE}?channel_id=UCabc"),
    ),
    SiteRule(
        host=r"youtube\.com",
        path=r"/(?:playlist|watch)",
        query=("list",),
        feeds=(f"{_YOUTUBE}?playlist_id={{list}}",),
        example=("https://www.youtube.com/playlist?list=PL123", f"{_YOUTUBE}?playlist_id=PL123"),
    ),
    SiteRule(
        host=r"youtube\.com",
        path=rf"/user/{_NAME}(?:/.*)?",
        feeds=(f"{_YOUTUBE}?user={{name}}",),
        example=("https://m.youtube.com/user/paper", f"{_YOUTUBE}?user=paper"),
    ),
    SiteRule(
        host=r"(?:old\.|new\.|np\.)?reddit\.com",
        path=r"(?P<path>/(?:r|user|u|domain)/[^/]+(?:/.*?)?)(?:/?\.rss)?",
        feeds=("https://www.reddit.com{path}/.rss",),
        example=("https://old.reddit.com/r/news/top/", "https://www.reddit.com/r/news/top/.rss"),
    ),
    SiteRule(
        host=r"reddit\.com",
        path=r"",
        feeds=("https://www.reddit.com/.rss",),
        example=("https://www.reddit.com/", "https://www.reddit.com/.rss"),
    ),
    SiteRule(
        host=r"(?P<host>[^/]+\.substack\.com)",
        path=r".*",
        feeds=("https://{host}/feed",),
        example=("https://paper.substack.com/p/a-post", "https://paper.substack.com/feed"),
    ),
    SiteRule(
        host=r"substack\.com",
        path=r"/@(?P<name>[\w-]+)(?:/.*)?",
        feeds=("https://{name}.substack.com/feed",),
        example=("https://substack.com/@paper", "https://paper.substack.com/feed"),
    ),
    SiteRule(
        host=r"medium\.com",
        path=r"/tag/(?P<name>[^/]+)(?:/.*)?",
        feeds=("https://medium.com/feed/tag/{name}",),
        example=("https://medium.com/tag/news/latest", "https://medium.com/feed/tag/news"),
    ),
    SiteRule(
        host=r"medium\.com",
        path=r"/(?!feed(?:/|$))(?P<name>@?[^/]+)(?:/.*)?",
        feeds=("https://medium.com/feed/{name}",),
        example=("https://medium.com/@paper/a-post-1", "https://medium.com/feed/@paper"),
    ),
    SiteRule(
        host=r"(?P<host>[^/.]+\.medium\.com)",
        path=r".*",
        feeds=("https://{host}/feed",),
        example=("https://paper.medium.com/about", "https://paper.medium.com/feed"),
    ),
    SiteRule(
        host=r"github\.com",
        path=r"/(?P<owner>[^/]+)/(?P<name>[^/]+)/(?P<list>releases|tags|commits|discussions)(?:/(?P<rest>.+?))?(?:\.atom)?",
        feeds=("https://github.com/{owner}/{name}/{list}{rest}.atom",),
        example=("https://github.com/a/b/commits/main", "https://github.com/a/b/commits/main.atom"),
    ),
    SiteRule(
        host=r"github\.com",
        path=r"/(?P<owner>[^/]+)/(?P<name>[^/]+?)(?:\.git)?(?:/.*)?",
        feeds=(
            "https://github.com/{owner}/{name}/releases.atom",
            "https://github.com/{owner}/{name}/tags.atom",
            "https://github.com/{owner}/{name}/commits.atom",
        ),
        example=("https://github.com/a/b", "https://github.com/a/b/releases.atom"),
    ),
    SiteRule(
        host=r"github\.com",
        path=rf"/{_NAME}(?<!\.atom)",
        feeds=("https://github.com/{name}.atom",),
        example=("https://github.com/a", "https://github.com/a.atom"),
    ),
    SiteRule(
        host=r"gitlab\.com",
        path=r"/(?P<path>[^-][^/]*/[^/]+(?:/[^-][^/]*)*?)(?:/-/.*)?",
        feeds=("https://gitlab.com/{path}/-/releases.atom", "https://gitlab.com/{path}/-/tags?format=atom"),
        example=("https://gitlab.com/a/b/-/tree/main", "https://gitlab.com/a/b/-/releases.atom"),
    ),
    SiteRule(
        host=r"(?P<host>[^/]+\.blogspot\.(?:com|[a-z]{2}|co[m.][a-z.]+))",
        path=r"(?!/feeds/).*",
        feeds=("https://{host}/feeds/posts/default",),
        example=("https://paper.blogspot.com/2026/03/a.html", "https://paper.blogspot.com/feeds/posts/default"),
    ),
    SiteRule(
        host=r"(?P<host>(?!www\.)[^/.]+\.tumblr\.com)",
        path=r"(?:/(?!rss$).*)?",
        feeds=("https://{host}/rss",),
        example=("https://paper.tumblr.com/archive", "https://paper.tumblr.com/rss"),
    ),
    SiteRule(
        host=r"tumblr\.com",
        path=r"/(?:blog/)?(?P<name>[\w-]+)(?:/.*)?",
        feeds=("https://{name}.tumblr.com/rss",),
        example=("https://www.tumblr.com/paper/7", "https://paper.tumblr.com/rss"),
    ),
    SiteRule(
        host=r"(?P<host>[^/]+\.wordpress\.com)",
        path=r"(?P<path>(?!.*/feed$)(?:/(?:category|tag|author)/.*)?).*?",
        feeds=("https://{host}{path}/feed/",),
        example=("https://paper.wordpress.com/category/news/", "https://paper.wordpress.com/category/news/feed/"),
    ),
    SiteRule(
        host=r"podcasts\.apple\.com",
        path=r".*/id(?P<name>\d+)",
        feeds=("https://itunes.apple.com/lookup?id={name}&entity=podcast",),
        example=(
            "https://podcasts.apple.com/gb/podcast/paper/id123",
            "https://itunes.apple.com/lookup?id=123&entity=podcast",
        ),
    ),
    SiteRule(
        host=r"bsky\.app",
        path=r"/profile/(?P<name>[^/]+)(?:/(?!rss$).*)?",
        feeds=("https://bsky.app/profile/{name}/rss",),
        example=("https://bsky.app/profile/paper.example", "https://bsky.app/profile/paper.example/rss"),
    ),
    SiteRule(
        host=r"news\.ycombinator\.com",
        path=r"(?:/news|/newest)?",
        feeds=("https://news.ycombinator.com/rss",),
        example=("https://news.ycombinator.com/", "https://news.ycombinator.com/rss"),
    ),
    SiteRule(
        host=r"(?P<host>(?:[^/]+\.)?(?:stackexchange|stackoverflow|serverfault|superuser|askubuntu)\.com)",
        path=r"/questions/tagged/(?P<name>[^/]+)(?:/.*)?",
        feeds=("https://{host}/feeds/tag/{name}",),
        example=("https://stackoverflow.com/questions/tagged/rss", "https://stackoverflow.com/feeds/tag/rss"),
    ),
    SiteRule(
        host=r"news\.google\.com",
        path=r"(?P<path>/(?:topics|stories)/.+|/search)",
        feeds=("https://news.google.com/rss{path}{whole}",),
        example=("https://news.google.com/search?q=ferry&hl=en", "https://news.google.com/rss/search?q=ferry&hl=en"),
    ),
    SiteRule(
        host=r"dev\.to",
        path=r"/(?!feed(?:/|$))(?P<name>[\w-]+)(?:/.*)?",
        feeds=("https://dev.to/feed/{name}",),
        example=("https://dev.to/paper/a-post", "https://dev.to/feed/paper"),
    ),
    SiteRule(
        host=r"pypi\.org",
        path=r"/project/(?P<name>[^/]+)(?:/.*)?",
        feeds=("https://pypi.org/rss/project/{name}/releases.xml",),
        example=("https://pypi.org/project/paper/", "https://pypi.org/rss/project/paper/releases.xml"),
    ),
    SiteRule(
        host=r"arxiv\.org",
        path=r"/list/(?P<name>[\w.-]+)(?:/.*)?",
        feeds=("https://rss.arxiv.org/rss/{name}",),
        example=("https://arxiv.org/list/cs.CL/recent", "https://rss.arxiv.org/rss/cs.CL"),
    ),
    SiteRule(
        host=r"vimeo\.com",
        path=r"/(?!\d+$)(?P<name>[\w-]+)",
        feeds=("https://vimeo.com/{name}/videos/rss",),
        example=("https://vimeo.com/paper", "https://vimeo.com/paper/videos/rss"),
    ),
    SiteRule(
        host=r"odysee\.com",
        path=r"/(?P<name>@[^/]+)(?:/.*)?",
        feeds=("https://odysee.com/$/rss/{name}",),
        example=("https://odysee.com/@paper:1", "https://odysee.com/$/rss/@paper:1"),
    ),
    # Mastodon and its like, on any host
    SiteRule(
        host=rf"(?!youtube|medium|substack|tiktok|threads){_ANY}",
        path=r"/(?:@|users/)(?P<name>[\w.-]+?)(?:/(?:with_replies|media|\d+))?(?:\.rss)?",
        feeds=("{origin}/@{name}.rss",),
        example=("https://mastodon.example/@paper/123", "https://mastodon.example/@paper.rss"),
    ),
    SiteRule(
        host=_ANY,
        path=r"/tags/(?P<name>[^/.]+)",
        feeds=("{origin}/tags/{name}.rss",),
        example=("https://mastodon.example/tags/news", "https://mastodon.example/tags/news.rss"),
    ),
    # Lemmy
    SiteRule(
        host=_ANY,
        path=r"/(?P<kind>[cu])/(?P<name>[\w@.-]+)",
        feeds=("{origin}/feeds/{kind}/{name}.xml",),
        example=("https://lemmy.example/c/news", "https://lemmy.example/feeds/c/news.xml"),
    ),
)

#: where feeds are on sites that name none, below the page's folder and at the root; the most frequent first
_FOLDER_PLACES = ("feed/", "rss.xml", "index.xml", "atom.xml")
_ROOT_PLACES = ("feed/", "rss", "rss.xml", "feed.xml", "atom.xml", "index.xml", "feed.json", "?feed=rss2", "blog/feed/")


def known_feeds(url: str) -> tuple[str, ...]:
    """Return the feeds that an address of a known site stands for, the best first; () where no rule knows it."""
    parts = urlsplit(url)
    host = re.sub(r"^(?:www|m|mobile)\.", "", (parts.hostname or "").lower())
    query = {name: quote(values[0], safe="") for name, values in parse_qs(parts.query).items()}
    for rule in SITES:
        at, path = re.fullmatch(rule.host, host), re.fullmatch(rule.path, parts.path.rstrip("/"))
        if at and path and all(name in query for name in rule.query):
            groups = {
                **query,
                "origin": f"{parts.scheme}://{parts.netloc}",
                "whole": f"?{parts.query}" if parts.query else "",
                **at.groupdict(),
                **path.groupdict(),
            }
            rest = groups.get("rest")
            groups["rest"] = f"/{rest}" if rest else ""
            made = (feed.format_map(groups) for feed in rule.feeds)
            return tuple(each for each in made if each != url)
    return ()


def usual_places(url: str) -> tuple[str, ...]:
    """Return where the feeds of a site are that names none: below the page's own folder, then at the root."""
    parts = urlsplit(url)
    root = f"{parts.scheme}://{parts.netloc}/"
    above, _, last = parts.path.rpartition("/")
    folder = (above if "." in last else parts.path).strip("/")
    below = [f"{root}{folder}/{place}" for place in _FOLDER_PLACES] if folder else []
    return tuple(dict.fromkeys([*below[:2], *(root + place for place in _ROOT_PLACES), *below[2:]]))
