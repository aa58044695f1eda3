"""Full-text search: what a person types finds the stories that say it, on both engines, and nothing that is gone."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

import newsstand
import pytest
from hubs import BRIDGE, NOON, ORCHESTRA, Newsroom, item
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select, update

from feedhub.admin import decide
from feedhub.hub import Hub
from feedhub.model import OutputRule
from feedhub.store import Connection, Database, search, transfer
from feedhub.store.search_query import MAX_TERMS, SearchQuery, parse_query
from feedhub.store.search_tokens import text_with_tokens, tokens, tokens_of
from feedhub.store.tables import article_text, copy, search_pending

LATER = NOON + timedelta(hours=1)

TEXTS = {
    "bridge": ("Bridge at Marrow Ferry shut for eleven weeks", *BRIDGE),
    "orchestra": ("Halden musicians elect the cellist Lindqvist", *ORCHESTRA),
    "zoo": ("Zoë's café in Zürich reopens", "The Müller family said that the ovens were as good as new, naïve or not."),
    "han": ("北京大学开设新课程", "课程从九月开始，每周两次，由三位教授轮流主讲。"),
    "kana": ("東京タワーの夜景", "展望台は夜十時まで開いている。"),
    "hangul": ("서울의 학교에서 새 학기가 시작됐다", "학생들은 아침 아홉 시에 모였다."),
    "thai": ("นายกรัฐมนตรีเปิดสะพานใหม่", "พิธีจัดขึ้นในเช้าวันจันทร์ที่ริมแม่น้ำ"),
    "hindi": ("दिल्ली में नई हिन्दी पुस्तकें", "पुस्तक मेले में हजारों लोग आए।"),
    "arabic": ("مُدِيرُ المدرسة يفتتح المكتبة", "حضر الافتتاح عدد كبير من الطلاب."),
}


@pytest.fixture
def room(tmp_path: Path) -> Newsroom:
    room = Newsroom(tmp_path, settings={"feeds": (OutputRule(name="all"), OutputRule(name="east", languages=("zh",)))})
    for name in TEXTS:
        room.source(name, outlet=f"The {name.title()} Post", language="zh-Hans" if name == "han" else "en-GB")
        room.serve(name, item(f"{name}-1", TEXTS[name][0], *TEXTS[name][1:]))
    room.round()
    return room


def found(room: Newsroom, text: str, **more: object) -> set[str]:
    """The sources whose stories a query finds."""
    query = parse_query(text, LATER)
    room.index()
    hits = room.read(lambda connection: search.find(connection, query, now=LATER, **more))  # type: ignore[arg-type]
    return {hit.story.canonical.source for hit in hits}


@pytest.mark.usefixtures("engine")
def test_what_a_person_types_finds_the_stories_that_say_it(room: Newsroom) -> None:
    cases = {
        "bridge marrow": {"bridge"},
        "BRIDGE": {"bridge"},
        "suspension cellist": set(),
        '"passenger boat"': {"bridge"},
        '"boat passenger"': set(),
        # no phrase reaches from the headline into the text
        '"eleven weeks engineers"': set(),
        "symphon*": {"orchestra"},
        "zurich cafe naive": {"zoo"},
        "ZÜRICH": {"zoo"},
        "said -bridge": {"orchestra", "zoo"},
        "-bridge": set(),
        "大学": {"han"},
        "北京大学": {"han"},
        "学大": set(),
        "京": {"han", "kana"},
        "程": {"han"},
        "夜景": {"kana"},
        "タワー": {"kana"},
        "학교": {"hangul"},
        "สะพาน": {"thai"},
        "हिन्दी": {"hindi"},
        "हन्द": set(),
        "مدير": {"arabic"},
        "outlet:bridge": {"bridge"},
        'outlet:"the zoo post"': {"zoo"},
        "outlet:post said -outlet:zoo": {"bridge", "orchestra"},
        "language:zh": {"han"},
        "language:zh-Hans": {"han"},
        "agency:reuters": set(),
        "bridge since:1h": {"bridge"},
        "bridge since:2026-03-11": set(),
        "大学 feed:east": {"han"},
        "bridge feed:east": set(),
    }
    assert {text: found(room, text) for text in cases} == cases


@pytest.mark.usefixtures("engine")
def test_results_are_bounded_by_outputs_pages_and_release(room: Newsroom) -> None:
    assert found(room, "bridge", outputs=["all"]) == {"bridge"}
    assert found(room, "bridge", outputs=["east"]) == set()
    assert found(room, "bridge", outputs=[]) == set()

    room.index()
    query = parse_query("language:en", LATER)
    seen: list[str] = []
    before: int | None = None
    while True:
        # a page goes on where the last one ended
        page = room.read(lambda c, b=before: search.find(c, query, now=LATER, limit=3, before=b))  # type: ignore[misc]
        if not page:
            break
        assert len(page) <= 3
        seen += [hit.story.canonical.source for hit in page]
        before = page[-1].id
    assert sorted(seen) == sorted(TEXTS.keys() - {"han"})

    early = NOON - timedelta(minutes=1)
    assert room.read(lambda connection: search.find(connection, query, now=early)) == []


HOSTILE = (
    '"', '""', '"unended phrase', "AND OR NOT", "a NEAR(b, 2)", "tokens: x", "* ** -*", "' OR 1=1 --", "(((",
    "!a|b&c<->d", "\x00\ud800", "outlet:", 'outlet:"', "since:soon", "-", "🙂",
    "a:*b", "\\'", "^x", "{a b}:c", "x" * 5_000,
    '"a b" ' * 400, "a* " * 400,
    "feed:\x00\ud800", "since:0001-01-01T00:00+05:00", "since:9999-12-31T23:00-05:00",
)  # fmt: skip


@pytest.mark.usefixtures("engine")
def test_no_query_is_an_error(room: Newsroom) -> None:
    for text in HOSTILE:
        assert found(room, text) <= TEXTS.keys(), text


def test_beginnings_are_few_and_not_a_single_letter() -> None:
    query = parse_query("a* ab* ac* ad* ae* af* 京", LATER)
    assert [term.tokens for term in query.terms] == [("ab",), ("ac",), ("ad",), ("ae",)]
    assert query.ignored == ("a*", "af*", "京")
    (alone,) = parse_query("京*", LATER).terms
    assert alone.is_prefix


@given(st.text(max_size=80))
def test_a_query_is_bounded_and_its_terms_are_words_alone(text: str) -> None:
    query = parse_query(text, LATER)
    assert len(query.terms) <= MAX_TERMS
    for token in (token for term in query.terms for token in term.tokens):
        assert token
        assert not set(token) & set("\"'()*:&|!<>-^{} \x00")


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=60))
def test_a_text_has_all_tokens_of_each_of_its_parts(text: str) -> None:
    whole = list(tokens(text))
    query = parse_query(f'"{text.replace(chr(34), " ")}"', LATER)
    for term in query.terms:
        *inner, last = term.tokens
        assert set(inner) <= {token[:60] for token in whole}
        assert any(token.startswith(last) for token in whole)


@pytest.mark.usefixtures("engine")
def test_an_edit_a_kill_and_retention_leave_the_index(room: Newsroom) -> None:
    room.serve("bridge", item("bridge-1", "Bridge at Marrow Ferry open again", *BRIDGE[:2], "A ribbon was cut."))
    room.round(hours=0.5)
    assert found(room, "ribbon") == {"bridge"}
    assert found(room, "shopkeepers") == set()
    tag = room.story_of("orchestra", "orchestra-1")
    room.decide(decide.kill, tag, hours=0.6)
    assert found(room, "cellist") == set()
    room.round(hours=24 * 60)
    assert room.read(search.indexed) == set()


@pytest.mark.usefixtures("engine")
def test_a_round_leaves_the_index_alone_and_what_changed_meanwhile_is_found_as_it_is(room: Newsroom) -> None:
    query = parse_query("language:en", LATER)
    assert room.read(lambda connection: search.find(connection, query, now=LATER)) == []
    assert len(room.read(search.waiting)) == len(TEXTS)
    # an edit, a kill and retention, each of a story that waits
    room.serve("bridge", item("bridge-1", "Bridge at Marrow Ferry open again", *BRIDGE[:2], "A ribbon was cut."))
    room.round(hours=0.5)
    room.decide(decide.kill, room.story_of("orchestra", "orchestra-1"), hours=0.6)
    assert len(room.read(search.waiting)) == len(TEXTS) - 1
    assert found(room, "ribbon") == {"bridge"}
    assert found(room, "shopkeepers") == found(room, "cellist") == set()
    room.serve("zoo", item("zoo-1", "Zoo closes", "The Müller family has sold it."))
    room.round(hours=0.7)
    room.round(hours=24 * 60)
    assert room.read(search.waiting) == room.read(search.indexed) == set()


@settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(["bridge", "orchestra", "zoo", "index"]), min_size=1, max_size=6))
def test_the_index_is_what_one_made_anew_is_whenever_it_takes_stories_in(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str]
) -> None:
    room = Newsroom(tmp_path_factory.mktemp("room"))
    for name in ("bridge", "orchestra", "zoo"):
        room.source(name)
        room.serve(name, item(f"{name}-1", TEXTS[name][0], *TEXTS[name][1:]))
    for number, step in enumerate(steps):
        if step == "index":
            room.index()
            continue
        room.serve(step, item(f"{step}-1", f"{TEXTS[step][0]} {number}th", *TEXTS[step][1:]))
        room.round(hours=number / 10)
    queries = [*(f"{number}th" for number in range(len(steps))), "said", "bridge", "cellist"]
    there = {text: found(room, text) for text in queries}
    sizes = room.read(indexed_sizes)
    room.store.transact(search.rebuild)
    assert sizes == room.read(indexed_sizes)
    assert there == {text: found(room, text) for text in queries}


def indexed_sizes(connection: Connection) -> list[tuple[int, bytes]]:
    """How many words SQLite's index has of each story."""
    return [tuple(row) for row in connection.exec_driver_sql("SELECT id, sz FROM story_search_docsize ORDER BY id")]


@pytest.mark.usefixtures("engine")
def test_a_second_source_of_one_outlet_is_found_and_its_story_may_change(room: Newsroom) -> None:
    body = " ".join(f"harbour{number} ferry{number} tide{number}" for number in range(40))
    for hours, name in ((0.1, "local"), (0.2, "world")):
        room.source(name, outlet="The Quay Post", name="Quay")
        room.serve(name, item(f"{name}-1", "Ferry aground at Marrow", body, "Tugs stood by."))
        room.round(hours=hours)
        assert found(room, f"outlet:{name}") == {"local"}
    for name in ("local", "world"):
        room.serve(name, item(f"{name}-1", "Ferry aground at Marrow", body, "It was towed off at noon."))
    room.round(hours=0.3)
    assert found(room, "towed outlet:world") == {"local"}
    assert found(room, "tugs") == set()


@pytest.mark.usefixtures("engine")
def test_a_story_that_cannot_be_read_keeps_no_other_out_of_the_index(room: Newsroom) -> None:
    with room.store.write() as connection:
        query = select(copy.c.text).where(copy.c.source == "bridge").scalar_subquery()
        before = connection.execute(select(article_text.c.body).where(article_text.c.id == query)).scalar_one()
        connection.execute(update(article_text).where(article_text.c.id == query).values(body=b"\x00\x11"))
        while search.index_waiting(connection):
            pass
        assert len(search.indexed(connection)) == len(TEXTS) - 1
        assert search.waiting(connection) == set()
        connection.execute(update(article_text).where(article_text.c.id == query).values(body=before))
    # its text is put right, and it changes
    room.serve("bridge", item("bridge-1", "Bridge at Marrow Ferry open again", *BRIDGE[:2], "A ribbon was cut."))
    room.round(hours=0.5)
    assert found(room, "ribbon") == {"bridge"}


def test_a_story_that_the_index_never_had_may_change(tmp_path: Path) -> None:
    room = Newsroom(tmp_path)
    room.source("bridge")
    room.serve("bridge", item("bridge-1", TEXTS["bridge"][0], *BRIDGE))
    asyncio.run(one_round(room, NOON))
    with room.store.write() as connection:
        connection.execute(delete(search_pending))
    room.serve("bridge", item("bridge-1", "Bridge at Marrow Ferry open again", *BRIDGE[:2], "A ribbon was cut."))
    asyncio.run(one_round(room, NOON + timedelta(hours=0.5)))
    assert found(room, "ribbon") == {"bridge"}


async def one_round(room: Newsroom, now: datetime) -> None:
    async with Hub.open(room.config, now) as hub:
        await hub.round(now, everything=True)


def test_a_join_and_a_split_are_found_as_they_stand(room: Newsroom) -> None:
    bridge, orchestra = room.story_of("bridge", "bridge-1"), room.story_of("orchestra", "orchestra-1")
    room.decide(decide.merge, bridge, orchestra, hours=0.5)
    assert len(found(room, "outlet:bridge outlet:orchestra")) == 1
    room.decide(decide.split, bridge, ["orchestra-1"], hours=0.6)
    assert found(room, "outlet:bridge outlet:orchestra") == set()
    assert found(room, "cellist") == {"orchestra"}


def test_a_moved_hub_and_a_rebuilt_index_find_the_same(room: Newsroom, tmp_path: Path) -> None:
    target = f"sqlite:///{tmp_path / 'moved.db'}"
    room.index()
    transfer.move(room.config.database, target)
    moved = Database.open(target)
    query: SearchQuery = parse_query("language:en", LATER)
    with moved.write() as connection:
        there = [hit.id for hit in search.find(connection, query, now=LATER)]
        assert there == [hit.id for hit in room.read(lambda c: search.find(c, query, now=LATER))]
        assert search.rebuild(connection) == len(TEXTS)
        assert there == [hit.id for hit in search.find(connection, query, now=LATER)]
    moved.close()


def indexed_by_sqlite(path: Path, text: str) -> list[str]:
    """The tokens that the hub's index has of a text, in order; the index is cleared afterwards."""
    connection = sqlite3.connect(path)
    connection.execute("CREATE VIRTUAL TABLE temp.word USING fts5vocab(main, story_search, instance)")
    connection.execute("INSERT INTO story_search (rowid, tokens) VALUES (1, ?)", (text,))
    terms = [term for (term,) in connection.execute('SELECT term FROM word ORDER BY "offset"')]
    connection.close()
    return terms


PART = st.one_of(
    st.text(alphabet=st.characters(codec="ascii", exclude_characters="<&"), max_size=80),
    st.text(alphabet="aZ9 _-\n<>&;", max_size=90),
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20),
    st.sampled_from(["a" * 60, "b" * 61 + " c", "http://paper.example/" + "d-" * 40, "e" * 300, "f " * 13_000]),
)


@settings(max_examples=60, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(st.lists(PART, max_size=4), st.booleans())
def test_sqlite_indexes_the_tokens_of_a_story_and_no_others(tmp_path: Path, parts: list[str], is_html: bool) -> None:
    path = tmp_path / "hub.db"
    Database.open(f"sqlite:///{path}").close()
    text = " ".join(parts)
    body = newsstand.story(title="Ferry’s news", html=text if is_html else None, summary=None if is_html else text)
    assert indexed_by_sqlite(path, text_with_tokens(body)) == tokens_of(body)


@given(st.text("aZ9 _-’“…—\n<", max_size=20))
def test_typographic_marks_part_words_as_blanks_do(written: str) -> None:
    plainly = "".join(sign if sign.isascii() else " " for sign in written)
    assert tokens(written) == re.findall("[a-z0-9]+", plainly.lower())
