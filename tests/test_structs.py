"""Frozen values."""

from __future__ import annotations

import pytest
from rich.pretty import pretty_repr

from feedhub.config.settings import Webhook
from feedhub.model import Source
from feedhub.structs import replace

SOURCE = Source(
    id="city",
    url="https://city.example/feed",
    name="City Herald",
    headers=(("X-Key", "hush"),),
    proxy="http://u:hush@proxy.example",
)


def test_what_may_be_a_secret_is_written_nowhere() -> None:
    hook = Webhook(url="https://hooks.example/hush", secret="hush", feed="north")
    for value, shown in ((SOURCE, "https://city.example/feed"), (hook, "north")):
        for written in (repr(value), str(value), f"{value}", pretty_repr(value), pretty_repr([value])):
            assert "hush" not in written
            assert shown in written


def test_a_value_does_not_change_and_another_is_made_of_it() -> None:
    with pytest.raises(AttributeError):
        SOURCE.priority = 3  # type: ignore[misc]
    other = replace(SOURCE, priority=3)
    assert (other.priority, SOURCE.priority) == (3, 0)
    assert other != SOURCE
    assert replace(other, priority=0) == SOURCE
    with pytest.raises(TypeError):
        replace(SOURCE, no_field=1)  # type: ignore[call-arg]
