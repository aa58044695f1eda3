"""What a collector gets is sound by Prometheus' own tool; the rules and the dashboard ask for what there is."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from hubs import Newsroom
from outlets import Stand, plain_item

ROOT = Path(__file__).parent.parent
RULES, DASHBOARD = ROOT / "deploy" / "prometheus-rules.yaml", ROOT / "deploy" / "grafana-dashboard.json"
#: labels of a metric that stand for no more than a few dozen values, whatever strangers send
BOUNDED = {"outcome", "relation", "rule", "reason", "le", "page", "status", "version", "python", "kind", "state"}
#: and those that are as many as the configuration names, or the hosts whose pages were read
CONFIGURED = {"source", "output", "host"}


@pytest.fixture
def text(tmp_path: Path) -> str:
    room = Newsroom(tmp_path)
    room.source("courier")
    room.source("herald")
    room.serve("courier", *(plain_item(n) for n in range(4)))
    room.serve("herald", *(plain_item(n) for n in range(4)))
    stand = Stand(room)
    stand.round()
    with stand.served() as hub:
        for path in ("/", "/feeds/all.atom", "/no/such/page", "/story/x", "/x" * 200):
            hub.get(path)
        return hub.get("/metrics").text


def names(metrics: str) -> set[str]:
    return {line.split(" ")[0].partition("{")[0] for line in metrics.splitlines() if line and line[0] != "#"}


def asked(expression: str) -> set[str]:
    return set(re.findall(r"\b(?:feedhub|process)_[a-z_]+", expression))


def test_rules_and_dashboard_ask_for_metrics_that_are_there(text: str) -> None:
    shown = [target["expr"] for panel in json.loads(DASHBOARD.read_text())["panels"] for target in panel["targets"]]
    wanted = asked(RULES.read_text()) | asked(" ".join(shown))
    # nothing is wrong with the invented sources, and no rule had to speak
    assert wanted - names(text) == {"feedhub_source_condition", "feedhub_vetoes_total"}


def test_no_label_takes_what_a_stranger_sends(text: str) -> None:
    assert set(re.findall(r'(\w+)="', text)) <= BOUNDED | CONFIGURED
    pages = set(re.findall(r'page="([^"]*)"', text))
    assert pages <= {"index", "feeds", "story", "static", "metrics", "other"}


def promtool(*arguments: str, stdin: str = "", folder: Path = ROOT) -> str:
    tool = shutil.which("promtool")
    assert tool is not None, "needs promtool: apt-get install prometheus"
    done = subprocess.run(
        [tool, *arguments], input=stdin, capture_output=True, text=True, timeout=60, cwd=folder, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.prometheus
def test_promtool_finds_nothing_to_say_of_the_metrics(text: str) -> None:
    assert promtool("check", "metrics", stdin=text) == ""


@pytest.mark.prometheus
def test_promtool_finds_the_rules_sound(tmp_path: Path) -> None:
    assert "9 rules found" in promtool("check", "rules", str(RULES))
    for path in (RULES, ROOT / "tests" / "data" / "prometheus-rules-test.yaml"):
        shutil.copy(path, tmp_path)
    assert "SUCCESS" in promtool("test", "rules", "prometheus-rules-test.yaml", folder=tmp_path)
