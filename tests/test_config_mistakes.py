"""Every mistake in a configuration is told at once, by its place, with what to do."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from feedhub.config import load
from feedhub.errors import ConfigError


def mistakes(folder: Path, text: str, **environ: str) -> list[str]:
    path = folder / "config.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as error:
        load(path, environ=environ)
    return [line.removeprefix(f"{folder}/") for line in error.value.mistakes]


def row(more: str) -> str:
    return f"sources:\n  - id: a\n    url: https://a.example/rss\n    {more}\n"


CASES = {
    "empty file": ("", "1:1: the file is empty"),
    "only comments": ("# nothing yet\n", "1:1: the file is empty"),
    "a list": ("- a\n", "1:1: expected `key: value` lines"),
    "not YAML": ("server: {port: 1\nhold: 2s\n", "2:5: not YAML: "),
    "tab": ("server:\n\tport: 1\n", "2:1: not YAML: "),
    "variable among brackets": ("feeds: [{name: a, token: ${T}}]\n", "inside { } or [ ] a ${NAME} stands in quotes"),
    "two documents": ("hold: 2s\n---\nhold: 3s\n", "2:1: not YAML: expected a single document"),
    "unknown key": ("retenton: 3d\n", "1:1: retenton: unknown key; did you mean `retention`?"),
    "unknown section": ("serve: {port: 1}\n", "1:1: serve: unknown key; did you mean `server`?"),
    "key of a section at the top": ("port: 1\n", "1:1: port: unknown key here; it belongs under `server:`"),
    "key of the top in a section": (
        "server:\n  hold: 2s\n",
        "2:3: server.hold: unknown key here; it belongs to the top",
    ),
    "key written twice": ("hold: 2s\nretention: 9d\nhold: 3s\n", "3:1: hold: written twice, first in line 1"),
    "key written twice in one line": ("match: {window: 3d, window: 3d}\n", "1:21: match.window: written twice"),
    "duration in words": (
        "match:\n  window: soon\n",
        '2:11: match.window: expected a duration such as 2s, 15m, 2h or 30d, got "soon"',
    ),
    "duration without unit": ("hold: 60\n", '1:7: hold: expected a duration such as 2s, 15m, 2h or 30d, got "60"'),
    "duration of centuries": ("hold: 999999d\n", '1:7: hold: expected a duration of at most 36500d, got "999999d"'),
    "duration as a clock": ("hold: 12:30\n", 'hold: expected a duration such as 2s, 15m, 2h or 30d, got "12:30"'),
    "duration of nothing": (
        "match: {window: 0s}\n",
        '1:17: match.window: expected a duration longer than nothing, got "0s"',
    ),
    "port too high": (
        "server: {port: 99999}\n",
        '1:16: server.port: expected a whole number of at most 65535, got "99999"',
    ),
    "port in words": ('server: {port: "80"}\n', '1:16: server.port: expected a whole number, got "80"'),
    "a number that no database holds": (
        row("priority: 99999999999999999999"),
        "4:15: sources.0.priority: expected a whole number of at most 1000000000",
    ),
    "section that is no section": ("server: 80\n", '1:9: server: expected `key: value` pairs, got "80"'),
    "base_url with a query": (
        "server: {base_url: https://hub.example/?a}\n",
        "server.base_url: the hub's address has no user",
    ),
    "short admin token": (
        "server: {admin_token: sesame}\n",
        "1:23: server.admin_token: too short: a token has at least 16 characters",
    ),
    "identity without a date": ("identity: hub.example.org\n", "1:11: identity: expected an authority and a date"),
    "identity of no day": (
        'identity: "hub.example.org,2026-13-01"\n',
        "1:11: identity: expected an authority and a date",
    ),
    "database in no scheme": ("database: feedhub.db\n", "1:11: database: expected a database URL"),
    "database of another kind": ("database: mysql://h/x\n", "1:11: database: feedhub keeps its data in"),
    "database in memory": ("database: 'sqlite://'\n", "1:11: database: expected sqlite:///FILE"),
    "database as a host": ("database: sqlite://feedhub.db\n", "1:11: database: a file follows three slashes"),
    "database with a timeout in words": (
        "database: sqlite:///x.db?timeout=abc\n",
        "1:11: database: expected a number of seconds as timeout",
    ),
    "database with an option that no file has": ("database: sqlite:///what?.db\n", "1:11: database: unknown option"),
    "database with a port in words": (
        "database: postgresql://h:abc/x\n",
        "1:11: database: expected scheme://user:password@host:port/name, the port a number",
    ),
    "database with a port too high": (
        "database: postgresql://h:99999/x\n",
        "1:11: database: expected a port of at most 65535",
    ),
    "database with an @ in the password": ("database: postgresql://u:p@s@h/x\n", "1:11: database: more than one `@`"),
    "allow without a port": (
        "fetch: {allow: [127.0.0.1]}\n",
        '1:17: fetch.allow.0: expected host:port, such as 127.0.0.1:8800, got "127.0.0.1"',
    ),
    "size without a unit": (
        "fetch: {max_body: 20000000}\n",
        '1:19: fetch.max_body: expected a size such as 500kB, 20MB or 1GB, got "20000000"',
    ),
    "contact that is none": ("fetch: {contact: Me}\n", "1:18: fetch.contact: expected how publishers reach you"),
    "a SOCKS proxy without its package": (
        "fetch: {proxy: 'socks5://127.0.0.1:9050'}\n",
        "1:16: fetch.proxy: a SOCKS proxy needs one package more: pip install 'feedhub[socks]'",
    ),
    "a header that is ours": (
        row("headers: {User-Agent: x}"),
        "4:14: sources.0.headers: User-Agent is the program's own: use user_agent",
    ),
    "a header over two lines": (
        row('headers: {X-Key: "a\\nb"}'),
        "4:14: sources.0.headers: the value of X-Key is to be",
    ),
    "a header that is a number": (row("headers: {X-Key: 5}"), "4:22: sources.0.headers.X-Key: expected text: quote it"),
    "a user agent in another script": (row("user_agent: Léser"), "4:17: sources.0.user_agent: expected ASCII text"),
    "proxy without a scheme": (
        "fetch: {proxy: proxy.example}\n",
        "1:16: fetch.proxy: expected an address that begins with http",
    ),
    "retention below the window": (
        "match: {window: 5d}\nretention: 4d\n",
        "2:12: retention: retention (4d) must be at least match.window (5d)",
    ),
    "window above the default retention": (
        "match: {window: 60d}\n",
        "1:17: match.window: retention (30d) must be at least match.window (60d)",
    ),
    "interval below the floor": (
        "polling: {interval: 5m}\n",
        "1:21: polling.interval: shorter than polling.floor (15m)",
    ),
    "source's interval below the floor": (
        row("interval: 5m"),
        "4:15: sources.0.interval: shorter than polling.floor (15m)",
    ),
    "variable that is not set": (
        row("name: ${NOBODY}"),
        "4:11: sources.0.name: the environment variable NOBODY is not set",
    ),
    "variable without a name": (row("name: ${a-b}"), "4:11: sources.0.name: expected ${NAME}"),
    "truth for text": (
        row("language: no"),
        '4:15: sources.0.language: expected text, got a truth value: quote it ("no")',
    ),
    "number for text": (row("name: 0123"), '4:11: sources.0.name: expected text, got a number: quote it ("0123")'),
    "clock for text": (row("name: 12:30"), '4:11: sources.0.name: expected text, got a number: quote it ("12:30")'),
    "date for text": (
        row("name: 2026-11-02"),
        '4:11: sources.0.name: expected text, got a date: quote it ("2026-11-02")',
    ),
    "list for text": (row("name: [a]"), "4:11: sources.0.name: expected text, got a list"),
    "unknown rights": (row("rights: all"), '4:13: sources.0.rights: expected headline, summary or full, got "all"'),
    "text for truth": (
        row("fulltext: maybe"),
        '4:15: sources.0.fulltext: expected never, decide or publish, got "maybe"',
    ),
    "list for truth": (
        row("fulltext: [a]"),
        "4:15: sources.0.fulltext: expected never, decide or publish, got a list",
    ),
    "unknown key of a filter": (
        row("exclude: {word: [a]}"),
        "4:15: sources.0.exclude.word: unknown key; did you mean `words`?",
    ),
    "word of a filter that is no word": (
        row("exclude: {words: ['*']}"),
        "4:23: sources.0.exclude.words.0: expected a word or a phrase",
    ),
    "nothing to be told of": (
        "notify:\n  - {url: 'json://h', on: []}\n",
        "2:27: notify.0.on: expected a list of at least 1, got an empty list",
    ),
    "short secret": (
        "webhooks:\n  - {url: https://h.example/, secret: sesame}\n",
        "2:39: webhooks.0.secret: expected at least 16 characters",
    ),
    "language in words": (row("language: English"), "4:15: sources.0.language: expected a language tag such as en"),
    "unknown key of a source": (row("agancy: XY"), "4:5: sources.0.agancy: unknown key; did you mean `agency`?"),
    "a tag": (
        row("name: !!python/name:os.system x"),
        "4:11: sources.0.name: the tag tag:yaml.org,2002:python/name:os.system has no",
    ),
    "source without an address": ("sources:\n  - id: a\n", "2:5: sources.0.url: missing"),
    "two sources whose names make one id": (
        "sources:\n  - {name: A B, url: https://a.example/}\n  - {name: a-b, url: https://b.example/}\n",
        '3:5: sources.1.id: "a-b" is the id of the one in line 2 already, made from its name or address: write an',
    ),
    "an address twice": (
        "sources:\n  - https://a.example/\n  - http://www.a.example\n",
        '3:5: sources.1.id: "a.example" is the id of the one in line 2 already, made from its name or address',
    ),
    "source of a name alone": ("sources:\n  - {name: A}\n", "2:5: sources.0.url: missing"),
    "bare address without a scheme": (
        "sources:\n  - www.a.example/feed\n",
        "2:5: sources.0.url: there is no such file: https:// missing?",
    ),
    "a list on the line of its key": (
        "sources: - https://a.example/\n",
        "1:10: not YAML: block sequence entries are not allowed in this context: a list begins on the line below",
    ),
    "typographic quotes": (
        "sources:\n  - url: “https://a.example/”\n",
        "2:10: sources.0.url: typographic quotes are part of the text here",
    ),
    "address without a colon": (
        "sources:\n  - https//a.example/\n",
        "2:5: sources.0.url: expected an address that begins with http:// or https://: is a `:` or a `/` missing?",
    ),
    "half an address": (
        "sources:\n  - https://[/a.example\n",
        "2:5: sources.0.url: the address has no host, or one that cannot be",
    ),
    "a tag before what is no such thing": (
        "hold: !!int ''\n",
        '1:7: hold: expected a duration such as 2s, 15m, 2h or 30d, got ""',
    ),
    "a tag before no truth": ("server: {index: !!bool foo}\n", '1:17: server.index: expected true or false, got "foo"'),
    "a path with NUL": ('fetch: {paths: ["\\0"]}\n', "1:17: fetch.paths.0: expected text that UTF-8 can hold"),
    "address with one slash": ("sources:\n  - http:/a.example/\n", "2:5: sources.0.url: the address has no host"),
    "a number as a source": ("sources:\n  - 4711\n", "sources.0: expected an address, or `key: value` pairs, got"),
    "headers as a list": (row("headers: ['A: b']"), "4:14: sources.0.headers: expected `key: value` pairs"),
    "a tab": ("server:\n\tport: 1\n", ": indent with blanks, not with tabs"),
    "a colon in a name": ("sources:\n  - name: A: B\n", ": text with `: ` in it stands in quotes"),
    "a star first": ("feeds:\n  - {name: a, words: [*b]}\n", ": text that begins with * stands in quotes"),
    "address without a scheme": (
        "sources:\n  - url: bbc.co.uk\n",
        "2:10: sources.0.url: there is no such file: https://",
    ),
    "address of a port without a scheme": (
        "sources:\n  - localhost:8080/feed\n",
        "2:5: sources.0.url: expected an http:// or https:// address, or a path: http:// missing?",
    ),
    "address for a reader of feeds": (
        "sources:\n  - feed://a.example/rss\n",
        "2:5: sources.0.url: expected an http:// or https:// address: write http://",
    ),
    "a list as a source": (
        "sources:\n  - seeds/asia.opml\n",
        "2:5: sources.0.url: a list of sources is named with `opml:`, as {opml: seeds/asia.opml}",
    ),
    "source that is nothing": ("sources:\n  -\n", "sources.0: expected an address, or `key: value` pairs, got nothing"),
    "sources that are no list": ("sources:\n  a: https://a.example/\n", "2:3: sources: expected a list"),
    "id with a blank": (
        'sources:\n  - {id: "a b", url: "https://a.example/"}\n',
        "2:10: sources.0.id: expected letters, digits",
    ),
    "id twice": (
        row("") + "  - {id: a, url: 'https://b.example/'}\n",
        '5:10: sources.1.id: "a" is the id of the one in line 2 already',
    ),
    "list that is not there": ("sources:\n  - opml: seeds/none.opml\n", "2:11: sources.0.opml: there is no such file"),
    "list with an address": (
        "sources:\n  - {opml: 'https://a.example/x.opml'}\n",
        "2:12: sources.0.opml: a list is a file",
    ),
    "output without a name": ("feeds:\n  - limit: 3\n", "2:5: feeds.0.name: missing"),
    "output named like a file": ("feeds:\n  - name: a.atom\n", "2:11: feeds.0.name: expected letters, digits"),
    "output twice but for capitals": (
        "feeds:\n  - name: asia\n  - name: Asia\n",
        '3:11: feeds.1.name: "asia" is the name of the one in line 2',
    ),
    "one word for a list": (
        "feeds:\n  - {name: a, categories: x}\n",
        '2:27: feeds.0.categories: expected a list: write it as [a, b], got "x"',
    ),
    "limit of nothing": (
        "feeds:\n  - {name: a, limit: 0}\n",
        '2:22: feeds.0.limit: expected a whole number of at least 1, got "0"',
    ),
    "unknown order": (
        "feeds:\n  - {name: a, order: new}\n",
        "2:22: feeds.0.order: expected entered, published, updated or copies",
    ),
    "token that is no part of an address": (
        "feeds:\n  - {name: a, token: 'aaaaaaaaaaaaaaaaaa/b'}\n",
        "feeds.0.token: a token stands in addresses",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_a_mistake_is_told_at_its_place(case: str, tmp_path: Path) -> None:
    text, said = CASES[case]
    told = mistakes(tmp_path, text)
    assert len(told) == 1, told
    assert told[0].startswith("config.yaml:")
    assert said in told[0]


PASSWORD = "secretsecret"
PASSWORDS = {
    "an address in place of a row": f"notify: [tgram://{PASSWORD}/1]\n",
    "an address in place of a webhook": f"webhooks: [https://hooks.example/{PASSWORD}]\n",
    "text in place of a section": f"server: {PASSWORD}\n",
    "a password in the hub's address": f"server: {{base_url: 'https://me:{PASSWORD}@hub.example/?a'}}\n",
    "a password in the address of a site": row(f"site: 'ftp://me:{PASSWORD}@a.example/'"),
    "a header in place of its name": row(f"headers: {{'X-Key: {PASSWORD}': 1}}"),
    "an address in place of a key": row(f"'https://me:{PASSWORD}@a.example/': 1"),
    "an address of a list": f"sources: ['x://{PASSWORD}/x.opml']\n",
}


@pytest.mark.parametrize("case", PASSWORDS)
def test_no_mistake_repeats_what_may_be_a_password(case: str, tmp_path: Path) -> None:
    (told,) = mistakes(tmp_path, PASSWORDS[case])
    assert PASSWORD not in told


def test_text_out_of_a_variable_is_plain_text(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        "title: ${T}\nsources: [{id: a, url: '${U}', outlet: '${T}', trust: '${R}', headers: {X-Key: '${T}'}}]\n"
    )
    config = load(path, environ={"T": "Wire", "U": "https://a.example/rss", "R": "low"})
    (source,) = config.sources
    given = [config.title, source.url, source.outlet, source.trust, *source.headers[0]]
    assert given == ["Wire", "https://a.example/rss", "Wire", "low", "X-Key", "Wire"]
    assert {type(each) for each in given} == {str}


def test_a_variable_that_is_not_utf8_or_too_long_for_a_number_is_a_mistake(tmp_path: Path) -> None:
    told = mistakes(tmp_path, "title: ${X}\nserver: {port: '${Y}'}\n", X="a\udcff", Y="9" * 5_000)
    assert [line.partition(", got ")[0] for line in told] == [
        "config.yaml:1:8: title: expected text that UTF-8 can hold, without NUL",
        "config.yaml:2:16: server.port: expected a whole number",
    ]


ADDRESSES = {
    "no host": ("https://", "the address has no host"),
    "a blank": ("https://a.example/a b", "an address has no blanks"),
    "a line break": (r"https://a.example/\n", "an address has no blanks"),
    "a port that cannot be": ("https://a.example:99999/", "the address has no host, or one that cannot be"),
    "an underscore for a host": ("https://-/", "the address has no host, or one that cannot be"),
    "another scheme": ("ftp://a.example/x", "expected an http:// or https:// address, or a path"),
    "file scheme": ("file:///etc/hosts", "expected an http:// or https:// address, or a path"),
    "an absolute path": ("/etc/hosts", "an absolute path must lie below one of fetch.paths"),
    "a path that climbs": ("../x.xml", "the path leaves the configuration's folder"),
    "a path that climbs late": ("a/../../x.xml", "the path leaves the configuration's folder"),
    "a home": ("~/x.xml", "write the path out"),
}


@pytest.mark.parametrize("case", ADDRESSES)
def test_an_address_that_cannot_be_polled_is_a_mistake(case: str, tmp_path: Path) -> None:
    url, said = ADDRESSES[case]
    (line,) = mistakes(tmp_path, f'sources:\n  - id: a\n    url: "{url}"\n')
    assert line.startswith(f"config.yaml:3:10: sources.0.url: {said}")


@pytest.mark.skipif(sys.platform == "win32", reason="has no named pipes in folders")
def test_a_configuration_is_no_named_pipe_but_may_come_through_a_shells(tmp_path: Path) -> None:
    pipe = tmp_path / "config.yaml"
    os.mkfifo(pipe)
    with pytest.raises(ConfigError, match="named pipe"):
        load(pipe)
    out, into = os.pipe()
    try:
        os.write(into, b"title: By a pipe\n")
        os.close(into)
        assert load(Path(f"/dev/fd/{out}")).title == "By a pipe"
    finally:
        os.close(out)


def test_a_link_that_leads_out_of_the_folder_is_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "hub").mkdir()
    (tmp_path / "secret.xml").touch()
    (tmp_path / "hub" / "feed.xml").symlink_to(tmp_path / "secret.xml")
    (line,) = mistakes(tmp_path / "hub", "sources:\n  - {id: a, url: feed.xml}\n")
    assert "the path leaves the configuration's folder" in line


def test_all_mistakes_of_a_file_are_told_together_in_the_order_of_its_lines(tmp_path: Path) -> None:
    told = mistakes(
        tmp_path,
        """\
hold: soon
server: {port: x, admin_token: short}
sources:
  - {id: no, url: ../x.xml, langage: en}
  - {id: b, url: 'https://b.example/', rights: all, interval: 2m}
  - {id: b, url: /etc/hosts}
feeds:
  - {name: x, token: "${TOKEN}"}
""",
        TOKEN="short",
    )
    assert [line.split(": ")[1] for line in told] == [
        "hold",
        "server.port",
        "server.admin_token",
        "sources.0.id",
        "sources.0.url",
        "sources.0.langage",
        "sources.1.rights",
        "sources.1.interval",
        "sources.2.id",
        "sources.2.url",
        "feeds.0.token",
    ]


SECRETS = {
    "token": "feeds:\n  - {name: a, token: hush-hush/hush-hush}\n",
    "short token": "server: {admin_token: hush-hush}\n",
    "number for a token": "server: {admin_token: 4711471147114711}\n",
    "address": "sources:\n  - {id: a, url: 'ftp://u:hush-hush@a.example/?4711471147114711'}\n",
    "database": "database: mysql://u:hush-hush@h/x\n",
    "database with an @": "database: postgresql://u:hush@hush-hush@h/x\n",
    "database with an @ and a ?": "database: postgresql://u:x@hush-hush?hush-hush@h/x\n",
    "database with a port in words": "database: postgresql://u:hush-hush@h:4711471147114711x/x\n",
    "proxy": "fetch: {proxy: 'u:hush-hush@proxy.example:1'}\n",
    "header": row("headers: {Host: hush-hush}"),
    "header over lines": row('headers: {X-Key: "hush-hush\\nhush-hush"}'),
    "proxy of a source": row("proxy: 'u:hush-hush@proxy.example:1'"),
    "variable": row("name: a") + "    language: ${SECRET}\n",
}


@pytest.mark.parametrize("case", SECRETS)
def test_no_message_repeats_a_secret(case: str, tmp_path: Path) -> None:
    told = "".join(mistakes(tmp_path, SECRETS[case], SECRET="hush-hush"))
    assert "hush-hush" not in told
    assert "4711471147114711" not in told


def test_a_list_takes_no_id_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "x.opml").write_text("<opml version='2.0'><body/></opml>")
    (line,) = mistakes(tmp_path, "sources:\n  - {opml: x.opml, id: a}\n")
    assert line.startswith("config.yaml:2:20: sources.0.id: unknown key; known are")


def test_a_missing_file_says_how_to_name_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"there is no such file: `feedhub init` writes one, -c names another"):
        load(tmp_path / "config.yaml")


def test_a_folder_is_no_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load(tmp_path)


def test_a_file_in_another_encoding_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_bytes(b"hold: 2s\n# caf\xe9\n")
    with pytest.raises(ConfigError, match=r"config.yaml:2:1: not UTF-8"):
        load(path)


def test_an_alias_that_holds_itself_is_no_endless_file(tmp_path: Path) -> None:
    assert mistakes(tmp_path, "server: &a\n  port: *a\n  hoost: x\n") == [
        "config.yaml:3:3: server.hoost: unknown key; did you mean `host`?"
    ]
