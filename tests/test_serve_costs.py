"""What a stranger asks for costs little CPU and memory, however long the texts are that a source has sent."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Desk, item, until
from daemons import Subscriber

from feedhub.feeds.page_queries import FEED_TEXT

#: articles of a source, and characters of each
ARTICLES, LONG = 14, 90_000


def article(number: int) -> dict[str, object]:
    chance = random.Random(number)
    words = ["".join(chance.choices("abcdefghijklmnoprstuw", k=chance.randint(3, 9))) for _ in range(LONG // 7)]
    body = "".join(f"<p>{' '.join(words[start : start + 60])}</p>" for start in range(0, len(words), 60))
    return item(str(number), f"Report {number} on {' '.join(words[:3])}", content_html=body)


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Subscriber]:
    desk = Desk(tmp_path_factory.mktemp("costs"))
    desk.configure(desk.file("paper", *map(article, range(ARTICLES))), "server: {port: 0}")
    with desk.start("run") as process:
        client = Subscriber(desk, process)
        until(lambda: len(client.titles()) == ARTICLES, "the stories of the source")
        until(lambda: len(client.ask("/search.json?q=report").body) > FEED_TEXT / 2, "the search to find them")
        yield client


def cpu(client: Subscriber) -> float:
    """CPU seconds of the daemon and of its process that serves."""
    stats = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in client.pids]
    return sum(int(fields[11]) + int(fields[12]) for fields in stats) / 100


def test_a_list_of_long_articles_costs_as_much_as_one_of_short_ones(hub: Subscriber) -> None:
    assert hub.ask("/").status == 200
    before = cpu(hub)
    for path in ("/", "/search?q=report", "/feeds/all.html") * 5:
        assert hub.ask(path).status == 200
    # each parsed every article three times, a tenth of a second
    assert cpu(hub) - before < 0.7


@pytest.mark.parametrize("suffix", ["json", "atom", "rss"])
def test_a_search_to_subscribe_to_is_bounded_by_its_length(hub: Subscriber, suffix: str) -> None:
    answer = hub.ask(f"/search.{suffix}?q=report")
    assert answer.status == 200
    assert FEED_TEXT / 2 < len(answer.body) < FEED_TEXT * 1.3
    few = hub.ask(f"/search.{suffix}?q=report+7")
    assert few.status == 200
    assert LONG / 2 < len(few.body) < LONG * 1.5
