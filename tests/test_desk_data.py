"""Sources, charts, labels and tuning at the desk: what a form leads to in the store, and the commands beside it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Desk, item
from desk_world import HANDLER, NOW, SCRIPT, Browser, desk_open, furnish

NEW_PAGES = ("/sources", "/sources/herald", "/charts", "/charts?by=day", "/label", "/label/pairs.jsonl", "/tune")


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    return furnish(tmp_path_factory.mktemp("desk"))


@pytest.fixture(scope="module")
def browser(hub: Desk) -> Iterator[Browser]:
    with desk_open(hub) as opened:
        yield opened


@pytest.mark.parametrize("path", NEW_PAGES)
def test_what_a_source_wrote_is_escaped_on_every_page(browser: Browser, path: str) -> None:
    page = browser.read(path)
    assert SCRIPT not in page
    assert HANDLER not in page


def test_a_source_is_paused_with_who_and_why_and_goes_on(browser: Browser, hub: Desk) -> None:
    browser.read("/sources/herald")
    page = browser.post("/sources", name="herald", do="pause", why=f"floods {SCRIPT}")
    assert "herald is paused" in page
    assert SCRIPT not in page
    assert hub.ask("SELECT source || ' ' || paused_by || ' ' || reason FROM source_pause") == [
        f"herald anna floods {SCRIPT}"
    ]
    states = {each["id"]: each["state"] for each in hub.run("sources", "list", "--json").json}
    assert states == {"herald": "paused", "courier": "well"}
    assert hub.run("sources", "poll", "herald", "--now", NOW).code == 2
    rounds = hub.run("once", "--all", "--json", "--now", "2026-03-10T18:05:00Z")
    assert [each["source"] for each in rounds.json["sources"]] == ["courier"]
    done = hub.run("sources", "resume", "herald", "--as", "bo", "--now", NOW)
    assert (done.code, hub.ask("SELECT resumed_by FROM source_pause")) == (0, ["bo"])
    assert hub.run("sources", "resume", "herald").code == 2


def test_poll_now_makes_a_source_due_at_the_desk_as_on_the_command_line(browser: Browser, hub: Desk) -> None:
    due = "SELECT due_at FROM source WHERE id = 'courier'"
    (before,) = hub.ask(due)
    browser.read("/sources/courier")
    assert "courier is due" in browser.post("/sources", name="courier", do="poll")
    (after,) = hub.ask(due)
    assert after < before
    assert hub.run("sources", "poll", "courier", "--now", "2026-03-10T17:00:00Z").code == 0
    assert hub.ask(due)[0] < after


def test_furniture_is_forgotten_and_who_did_so_is_remarked(browser: Browser, hub: Desk) -> None:
    browser.read("/sources/herald")
    status, _, _ = browser.ask("POST", "/sources", {"token": browser.token, "name": "herald", "do": "forget-furniture"})
    assert status == 409, "nothing is known"
    hub.ask("SELECT 1")
    done = hub.run("sources", "forget-furniture", "herald")
    assert (done.code, "knows of nothing" in done.err) == (2, True)


@pytest.mark.parametrize("name", ["nobody", "herald/../x", "%00", "courier%2F"])
def test_a_source_that_is_none_is_not_there(browser: Browser, name: str) -> None:
    assert browser.ask("GET", f"/sources/{name}")[0] == 404


def test_a_preview_of_trust_tells_who_would_speak_and_changes_nothing(browser: Browser, hub: Desk) -> None:
    before = hub.ask("SELECT quote(body) || updated || change FROM story ORDER BY id"), hub.ask("SELECT id FROM copy")
    page = browser.read("/sources/herald?trust=high&priority=9")
    assert re.search(r"Of its 1 newest stories .*<strong>1</strong> would say something else", page)
    assert "trust: high\npriority: 9" in page
    assert "would speak for" in page
    low = browser.read("/sources/courier?trust=low")
    assert "1 of its copies there would count for nothing (0 now)" in low
    after = hub.ask("SELECT quote(body) || updated || change FROM story ORDER BY id"), hub.ask("SELECT id FROM copy")
    assert after == before
    assert hub.ask("SELECT count(*) FROM copy WHERE pending") == [0]
    for wrong in ("trust=total", "priority=x", "priority=99999999999"):
        assert browser.ask("GET", f"/sources/courier?{wrong}")[0] == 400


def test_charts_have_pictures_and_tables(browser: Browser) -> None:
    page = browser.read("/charts?by=day")
    assert page.count('<svg class="chart"') == 5
    assert "nan" not in page.lower()
    assert re.search(r'<td class="number">4</td>', page), "four entries"


def test_labels_are_each_person_s_own_and_lead_to_a_report_and_a_pack(
    tmp_path: Path, browser: Browser, hub: Desk
) -> None:
    for _ in range(2):
        page = browser.read("/label")
        pair = dict(re.findall(r'name="(left|right)" value="(\d+)"', page))
        judgement = "other" if "Lotto" in page.partition("</form>")[0] else "same"
        assert "Labelled" in browser.post("/label", **pair, do=judgement)
    assert "no pair that you have not labelled" in browser.read("/label")
    assert hub.ask("SELECT judgement || ' ' || labelled_by FROM label ORDER BY judgement") == [
        "other anna",
        "same anna",
    ]

    exported = hub.run("labels", "export", "-")
    rows = [json.loads(line) for line in exported.out.splitlines()]
    assert sorted((row["label"], row["by"]) for row in rows) == [(0, {"anna": 0}), (1, {"anna": 1})]
    assert browser.read("/label/pairs.jsonl") == exported.out

    bo = "".join(json.dumps({**row, "by": {"bo": 1}}) + "\n" for row in rows)
    bad = bo + '{"a": "herald nobody", "b": "courier 9", "label": 1}\n[1]\n'
    done = hub.run("labels", "import", "-", "--now", NOW, stdin=bad.encode())
    assert done.code == 3
    assert "-:3: herald nobody: no entry of this hub is called so" in done.err
    assert "-:4: expected an object" in done.err
    assert "agree on 1 of 2 (50 %), Cohen's kappa 0.00" in browser.read("/label")

    while "is being made" in (tuned := browser.read("/tune")):
        pass
    assert "1 of 1" in tuned, "what they differ on is not held against the matcher"
    status, pack, headers = browser.ask("GET", "/tune/pack.jsonl")
    assert (status, "attachment" in (headers["content-disposition"] or "")) == (200, True)
    (hub.folder / "pack.jsonl").write_text(pack, encoding="utf-8")
    assert hub.run("check", "--labels", "pack.jsonl").out == "1 pairs: 0 lost, 0 gained since feedhub 0.1.0\n"
    written = hub.run("labels", "export", "labels.jsonl", "--items", "items.jsonl", "--by", "anna")
    assert written.code == 0
    report = hub.run("tune", "items.jsonl", "labels.jsonl", "--json").json
    assert (report["recall"]["total"], report["false_merges"]["count"]) == (1, 0)

    names = {"left": rows[0]["a"], "right": rows[0]["b"]}
    assert "was taken back" in browser.post("/label", **names, do="remove")
    assert hub.ask("SELECT count(*) FROM label") == [3]
    assert browser.ask("POST", "/label", {"token": browser.token, **names, "do": "remove"})[0] == 409


def test_labels_of_a_form_are_brought_in_and_hostile_ones_refused(browser: Browser, hub: Desk) -> None:
    browser.read("/label")
    line = {"a": "courier 8", "b": "herald 1", "label": None, "kind": SCRIPT, "by": {"cy": None}}
    page = browser.post("/label", do="import", lines=json.dumps(line))
    assert "1 labels were kept" in page
    assert hub.ask("SELECT judgement FROM label WHERE labelled_by = 'cy'") == ["unclear"]
    for wrong in ({"by": {"\x00": 1}}, {"by": {"x": 2}}, {"a": 1}, {"a": "herald 1"}, {"by": {}, "label": "yes"}):
        body = {"token": browser.token, "do": "import", "lines": json.dumps(line | wrong)}
        status, page, _ = browser.ask("POST", "/label", body)
        assert (status, SCRIPT in page) == (409, False)
    assert browser.ask("POST", "/label", {"token": browser.token, "do": "same", "left": "999", "right": "1"})[0] == 404
    assert browser.ask("POST", "/label", {"token": browser.token, "do": "maybe"})[0] == 404


def test_a_desk_that_is_read_only_shows_all_and_has_no_buttons(hub: Desk) -> None:
    with desk_open(hub, "--read-only") as reader:
        for path in NEW_PAGES:
            page = reader.read(path)
            assert 'method="post"' not in page
        assert reader.ask("POST", "/sources", {"token": reader.token, "name": "herald", "do": "pause"})[0] == 403


def test_a_hub_of_no_rounds_has_empty_pages(tmp_path: Path) -> None:
    empty = Desk(tmp_path)
    empty.configure(empty.file("paper", item("1", "Bridge shut")))
    assert empty.run("once", "--now", "2026-03-01T00:00:00Z").code == 0
    with desk_open(empty) as reader:
        assert "no pair that you have not labelled" in reader.read("/label")
        assert "No pair is labelled yet" in reader.read("/tune")
        assert reader.ask("GET", "/tune/pack.jsonl")[0] == 404
        assert "Nothing in this time" in reader.read("/charts")
