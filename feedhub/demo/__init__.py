"""The invented newsroom under `fixtures/`, served over real HTTP on loopback, and the truth to check it by."""

from feedhub.demo.score import Verdict, compare
from feedhub.demo.web_server import Origin
from feedhub.demo.world import EVENING, MORNING, World, load

__all__ = ["EVENING", "MORNING", "Origin", "Verdict", "World", "compare", "load"]
