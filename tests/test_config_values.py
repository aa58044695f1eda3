"""What a configuration without mistakes means."""

from __future__ import annotations

import gc
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url

from feedhub.config import Config, Server, load
from feedhub.config.scalar_forms import duration
from feedhub.config.source_rows import format_duration
from feedhub.model import Fulltext, OutputRule, Rights, Source

LIST = """\
<opml version="2.0"><head><title>t</title></head><body>
<outline text="One" xmlUrl="https://one.example/rss" category="Asia" language="ja"/>
<outline text="Two" xmlUrl="http://www.two.example/rss"/>
</body></opml>
"""


def config(folder: Path, text: str, **environ: str) -> Config:
    path = folder / "config.yaml"
    path.write_text(text)
    return load(path, environ=environ)


def sources(folder: Path, text: str, **environ: str) -> dict[str, Source]:
    return {source.id: source for source in config(folder, f"sources:\n{text}", **environ).sources}


def test_what_is_left_out_has_its_default(tmp_path: Path) -> None:
    read = config(tmp_path, "server:\npolling:\nsources:\n  - {id: a, url: 'https://a.example/rss'}\n")
    assert read.database == f"sqlite:///{tmp_path}/feedhub.db"
    assert read.identity is None
    assert read.server == Server(host="127.0.0.1", port=8080)
    assert read.polling.interval == timedelta(hours=1)
    assert read.polling.floor == timedelta(minutes=15)
    assert (read.match.window, read.match.revision) == (timedelta(hours=72), timedelta(hours=24))
    assert (read.retention, read.hold) == (timedelta(days=30), timedelta(0))
    assert read.sources == (Source(id="a", url="https://a.example/rss", name="a.example", fulltext=Fulltext.DECIDE),)
    assert read.feeds == (OutputRule(name="all"),)
    assert read.warnings == ()


def test_everything_that_can_be_said_arrives(tmp_path: Path) -> None:
    read = config(
        tmp_path,
        """\
database: postgresql://hub@db.example/feedhub
identity: hub.example.org,2026
server: {host: 0.0.0.0, port: 80, base_url: https://hub.example.org/news/, admin_token: sesame-sesame-sesame}
polling: {interval: 2h, floor: 30m, concurrency: 7, per_host: 2, host_delay: 0s}
fetch:
  allow: ["LOCALHOST:8800", "[::1]:80"]
  paths: [wire]
  proxy: "http://proxy.example:3128"
  contact: me@hub.example
  max_body: 5MB
match: {window: 1d, revision: 6h}
retention: 7d
hold: 90s
sources:
  - id: one
    url: HTTPS://one.example/rss?key=x
    name: The One
    outlet: one
    agency: XYZ
    credit: XYZ
    priority: 3
    language: pt-BR
    category: world
    interval: 45m
    rights: summary
    fulltext: yes
    public: true
    user_agent: Reader/1
    headers: {X-Key: "a ${KEY}"}
    proxy: http://own.example:3128
feeds:
  - name: asia
    title: Asia
    categories: [asia]
    languages: [ja, zh-Hans]
    agencies: [XYZ]
    outlets: [one]
    words: [typhoon, "sea level*"]
    min_copies: 2
    within: 6h
    limit: 10
    per_outlet: 3
    order: copies
    token: open-open-open-open
    also: false
""",
        KEY="hush",
    )
    assert read.database == "postgresql://hub@db.example/feedhub"
    assert read.server.url == "https://hub.example.org/news"
    assert (read.polling.concurrency, read.polling.host_delay) == (7, timedelta(0))
    assert read.fetch.allow == ("localhost:8800", "[::1]:80")
    assert read.fetch.paths == (tmp_path / "wire",)
    assert (read.fetch.contact, read.fetch.max_body) == ("mailto:me@hub.example", 5_000_000)
    assert read.sources == (
        Source(
            id="one",
            url="https://one.example/rss?key=x",
            name="The One",
            outlet="one",
            agency="XYZ",
            credit="XYZ",
            priority=3,
            language="pt-BR",
            category="world",
            interval=timedelta(minutes=45),
            rights=Rights.SUMMARY,
            fulltext=Fulltext.PUBLISH,
            public=True,
            user_agent="Reader/1",
            headers=(("X-Key", "a hush"),),
            proxy="http://own.example:3128",
        ),
    )
    all_stories, asia = read.feeds
    assert all_stories == OutputRule(name="all")
    assert asia == OutputRule(
        name="asia",
        title="Asia",
        categories=("asia",),
        languages=("ja", "zh-Hans"),
        agencies=("XYZ",),
        outlets=("one",),
        words=("typhoon", "sea level*"),
        min_copies=2,
        within=timedelta(hours=6),
        limit=10,
        per_outlet=3,
        order="copies",
        token="open-open-open-open",
        also=False,
    )


def test_secrets_do_not_show_when_a_configuration_is_printed(tmp_path: Path) -> None:
    text = "server: {admin_token: hush-hush-hush-hush}\ndatabase: postgresql://u:hush-hush@h/x\n"
    assert "hush" not in repr(config(tmp_path, text + "fetch: {proxy: 'http://u:hush-hush@p.example'}\n"))


def test_an_output_named_all_replaces_the_one_that_is_always_there(tmp_path: Path) -> None:
    assert config(tmp_path, "feeds:\n  - {name: all, limit: 5}\n").feeds == (OutputRule(name="all", limit=5),)


DATABASES = {
    "relative": ("sqlite:///data/hub.db", "sqlite:///{folder}/data/hub.db"),
    "relative with options": ("sqlite:///hub.db?timeout=5", "sqlite:///{folder}/hub.db?timeout=5"),
    "absolute": ("sqlite:////var/lib/hub.db", "sqlite:////var/lib/hub.db"),
    "server": ("postgresql+psycopg://h/x", "postgresql+psycopg://h/x"),
}


@pytest.mark.parametrize("case", DATABASES)
def test_a_relative_database_lies_beside_the_configuration(case: str, tmp_path: Path) -> None:
    written, read = DATABASES[case]
    assert config(tmp_path, f"database: {written}\n").database == read.format(folder=tmp_path)


@pytest.mark.parametrize("name", ["wh?at", "a%20b", "c#d", "50%"])
def test_a_relative_database_lies_beside_the_configuration_whatever_its_folder_is_called(
    name: str, tmp_path: Path
) -> None:
    folder = tmp_path / name
    folder.mkdir()
    for written in ("hold: 2s\n", "database: sqlite:///feedhub.db?timeout=5\n"):
        url = make_url(config(folder, written).database)
        assert url.database == str(folder / "feedhub.db")
    assert url.query == {"timeout": "5"}


def test_a_path_counts_from_the_configuration_and_wherever_it_is_read_from(tmp_path: Path) -> None:
    found = sources(tmp_path, "  - {id: a, url: wire/a.xml}\n  - {id: b, url: ./wire}\n")
    assert (found["a"].url, found["a"].name, found["a"].is_path) == (f"{tmp_path}/wire/a.xml", "a", True)
    assert found["b"].url == f"{tmp_path}/wire"


def test_an_absolute_path_below_fetch_paths_is_a_source(tmp_path: Path) -> None:
    hub, wire = tmp_path / "hub", tmp_path / "wire"
    hub.mkdir()
    read = config(hub, f"fetch: {{paths: [{wire}]}}\nsources:\n  - {{id: a, url: {wire}/a.xml}}\n")
    assert read.sources[0].url == f"{wire}/a.xml"


def test_variables_are_put_into_values_only(tmp_path: Path) -> None:
    found = sources(
        tmp_path,
        "  - {id: a, url: 'https://${HOST}/rss?key=${KEY}', name: '$${HOST}', priority: '${RANK}',\n"
        "     public: '${OPEN}'}\n",
        HOST="a.example",
        KEY="${HOST}",
        RANK="7",
        OPEN="true",
    )
    assert found["a"].url == "https://a.example/rss?key=${HOST}"
    assert (found["a"].name, found["a"].priority, found["a"].public) == ("${HOST}", 7, True)


def test_keys_can_be_shared_through_an_anchor(tmp_path: Path) -> None:
    found = sources(
        tmp_path,
        "  - &a {id: a, url: 'https://a.example/', rights: headline}\n  - {<<: *a, id: b, url: 'https://b.example/'}\n",
    )
    assert (found["b"].url, found["b"].rights) == ("https://b.example/", "headline")


@pytest.mark.parametrize("url", ["wire/a.xml", "http://127.0.0.1:8800/a.xml"], ids=["a file", "an allowed address"])
def test_the_floor_protects_other_peoples_servers_only(url: str, tmp_path: Path) -> None:
    text = f"fetch: {{allow: ['127.0.0.1:8800']}}\nsources:\n  - {{id: a, url: '{url}', interval: 2s}}\n"
    assert config(tmp_path, text).sources[0].interval == timedelta(seconds=2)


def test_a_list_brings_its_feeds_with_what_is_said_beside_it(tmp_path: Path) -> None:
    (tmp_path / "x.opml").write_text(LIST)
    found = sources(tmp_path, "  - {opml: x.opml, language: en, rights: headline, interval: 3h}\n")
    assert list(found) == ["one.example-rss", "two.example-rss"]
    one, two = found.values()
    assert (one.name, one.category, one.language, one.rights) == ("One", "Asia", "ja", "headline")
    assert (two.language, two.category, two.interval) == ("en", None, timedelta(hours=3))


def test_a_row_beats_the_same_feed_in_a_list_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "x.opml").write_text(LIST)
    read = config(
        tmp_path,
        "sources:\n  - opml: x.opml\n  - {id: uno, url: 'http://one.example/rss', agency: XYZ}\n"
        "  - {id: two.example-rss, url: 'https://two.example/moved'}\n",
    )
    assert [source.id for source in read.sources] == ["uno", "two.example-rss"]
    assert [line.split(": ", 2)[2] for line in read.warnings] == [
        "One: left out, it is source `uno` already",
        "Two: left out, its id `two.example-rss` belongs to another address: write it as a row",
    ]


def test_a_path_in_a_list_is_left_out_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "x.opml").write_text(LIST.replace("https://one.example/rss", "wire/secret.xml"))
    read = config(tmp_path, "sources:\n  - opml: x.opml\n")
    assert [source.name for source in read.sources] == ["Two"]
    (line,) = read.warnings
    assert line.startswith(f"{tmp_path}/config.yaml:2:11: sources.0.opml: wire/secret.xml: only http://")


DOUBTS = {
    "no sources": ("hold: 2s\n", "no sources: nothing will be polled"),
    "the same address twice": (
        "  - {id: a, url: 'https://a.example/'}\n  - {id: b, url: 'https://a.example/'}\n",
        "3:18: sources.1.url: the same address as source `a`",
    ),
    "an outlet that nobody is": (
        "  - {id: a, url: x.xml, outlet: One}\nfeeds:\n  - {name: f, outlets: [one, two.example, two]}\n",
        '4:43: feeds.0.outlets.2: no source has the outlet "two"',
    ),
    "an agency that nobody knows": (
        "  - {id: a, url: x.xml, agency: Own}\nfeeds:\n  - {name: f, agencies: [own, ap, zz]}\n",
        '4:35: feeds.0.agencies.2: no agency is known as "zz"',
    ),
    "open to others without a token": (
        "  - {id: a, url: x.xml}\nserver: {host: 0.0.0.0}\n",
        "3:16: server.host: others can reach the hub, and without server.admin_token",
    ),
}


@pytest.mark.parametrize("case", DOUBTS)
def test_what_looks_like_an_oversight_is_allowed_and_told(case: str, tmp_path: Path) -> None:
    text, said = DOUBTS[case]
    path = tmp_path / "config.yaml"
    path.write_text(text if text.startswith("hold") else f"sources:\n{text}")
    (line,) = load(path, environ={}, agencies=["AP"]).warnings
    assert said in line


@given(st.integers(0, 36_500), st.sampled_from("smhd"))
def test_a_duration_told_is_the_duration_read(number: int, unit: str) -> None:
    value = duration(f"{number}{unit}")
    told = format_duration(value)
    assert (
        told == "0s"
        if not value
        else int(told[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[told[-1]] == (value.total_seconds())
    )


def test_ten_thousand_sources_are_read(tmp_path: Path) -> None:
    rows = "".join(
        f"  - id: s{n}\n    url: https://h{n % 3000}.example/feed/{n}\n    name: S {n}\n    outlet: o{n % 500}\n"
        for n in range(10_000)
    )
    assert len(config(tmp_path, f"sources:\n{rows}").sources) == 10_000
    assert gc.isenabled()


IDS = {
    # case: (row, its id)
    "a bare address": ("https://www.tallow.example/feeds/all.xml", "tallow.example-feeds-all.xml"),
    "a name": ('{url: "https://a.example/", name: "Tallow Bay Herald!"}', "tallow-bay-herald"),
    "a name with accents": ('{url: "https://a.example/", name: "Côté Sûd"}', "cote-sud"),
    "a name in another script": ('{url: "https://a.example/rss", name: "தினமணி"}', "a.example-rss"),
    "a file": ("wire/morning.xml", "morning"),
    "one that is written": ("{id: X, url: wire/morning.xml, name: Morning}", "X"),
}


@pytest.mark.parametrize("case", IDS)
def test_an_id_is_made_of_the_name_or_the_address(case: str, tmp_path: Path) -> None:
    row, made = IDS[case]
    assert list(sources(tmp_path, f"  - {row}\n")) == [made]


def test_made_ids_do_not_depend_on_the_order_of_the_file(tmp_path: Path) -> None:
    rows = [f"  - {row}\n" for row, _ in IDS.values()]
    assert set(sources(tmp_path, "".join(rows))) == set(sources(tmp_path, "".join(reversed(rows))))
    assert set(sources(tmp_path, "".join(rows[1:]))) == set(sources(tmp_path, "".join(rows))) - {
        IDS["a bare address"][1]
    }
