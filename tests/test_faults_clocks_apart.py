"""Workers whose clocks are hours apart share one database: each story once, nobody starves, nobody asks too often."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest
from commands import Desk, ended, item, until
from commands import feed as document
from daemons import Subscriber
from engines import Served
from origin import Origin, Reply
from postgres import Cluster

PAPERS = ("courier", "gazette", "herald", "post")
#: seconds from the machine's clock to each worker's
APART = (0, 7_200, -900)
SETTINGS = (
    'database: "{url}"\npolling: {{interval: 2s, floor: 2s, host_delay: 0s, per_host: 4}}\n'
    'fetch: {{allow: ["{place}"]}}\nserver: {{port: 0}}\n'
)


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as made:
        yield made


def publish(origin: Origin, stories: int) -> None:
    """Every paper runs the same stories."""
    for paper in PAPERS:
        items = [item(f"{paper}-{n}", f"Ferry{n} aground off the cape") for n in range(stories)]
        for n, each in enumerate(items):
            each["url"] = f"https://{paper}.test/{n}"
        origin.serve(f"/{paper}", Reply(200, {"Content-Type": "application/json"}, document(paper, *items)))


def test_workers_whose_clocks_are_hours_apart_make_each_story_once(
    postgres: Cluster, template: str, origin: Origin, tmp_path: Path
) -> None:
    shim = tmp_path / "shim"
    shim.mkdir()
    (shim / "sitecustomize.py").write_bytes((Path(__file__).parent / "shiftclock.py").read_bytes())
    publish(origin, 3)
    with Served(postgres, template).new() as url, ExitStack() as stack:
        running = []
        for number, seconds in enumerate(APART):
            folder = tmp_path / f"worker{number}"
            folder.mkdir()
            (folder / "shift").write_text(str(seconds))
            desk = Desk(folder, before=shim)
            rows = "".join(
                f'  - {{id: {paper}, url: "{origin.url("/" + paper)}", outlet: {paper}}}\n' for paper in PAPERS
            )
            desk.configure(rows, SETTINGS.format(url=url, place=origin.place))
            more = {"SHIFTED_CLOCK": str(folder / "shift")}
            running.append((desk, stack.enter_context(desk.start("worker" if number else "run", more=more))))
        client = Subscriber(*running[0])

        def copies() -> list[int]:
            items = json.loads(client.ask("/feeds/all.json").body)["items"]
            return [len(each["_feedhub"]["copies"]) for each in items]

        until(lambda: copies() == [len(PAPERS)] * 3, "each story once, in all papers")
        publish(origin, 5)
        until(lambda: copies() == [len(PAPERS)] * 5, "the newer stories", 60)
        for desk, process in running:
            assert ended(process, signal.SIGTERM) == 0
            assert "Traceback" not in desk.log
        for paper in PAPERS:
            times = [each.at for each in origin.seen(f"/{paper}")]
            assert all(later - earlier > 1.5 for earlier, later in pairwise(times)), times
        assert [("clocks differ" in desk.log) for desk, _ in running] == [bool(seconds) for seconds in APART]
        verified = running[0][0].run("db", "verify", more={"SHIFTED_CLOCK": str(tmp_path / "worker0" / "shift")})
        assert verified.code == 0, verified.out
