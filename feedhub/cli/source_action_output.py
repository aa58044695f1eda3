"""`feedhub sources pause`, `resume`, `poll`, `forget-furniture`: the same rows as the desk writes."""

from __future__ import annotations

from pathlib import Path

from feedhub.admin.source_actions import ACTIONS
from feedhub.cli.console import print_json, print_message, set_up_log
from feedhub.cli.operator_name import operator_name
from feedhub.cli.steady_clock import clock_of
from feedhub.cli.story_output import open_hub
from feedhub.structured_log import structlog

log = structlog.get_logger("feedhub.sources")


def run(word: str, name: str, *, reason: str | None, who: str | None, config: Path, json: bool, now: str | None) -> int:
    """Do it and say what was done; raises UsageError where it makes no sense."""
    by, at = operator_name(who), clock_of(now)()
    _, store = open_hub(config, quiet=json)
    try:
        done = store.transact(lambda connection: ACTIONS[word](connection, name, now=at, by=by, reason=reason))
    finally:
        store.close()
    set_up_log()
    log.info("source", action=word, source=name, by=by)
    if json:
        print_json({"source": name, "action": word, "by": by, "at": at.isoformat(), "done": done})
    else:
        print_message(done)
    return 0
