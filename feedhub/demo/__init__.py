"""The invented newsroom under `fixtures/`, served over real HTTP on loopback, and the truth to check it by."""

from feedhub.demo.score import Score, score
from feedhub.demo.web_server import DemoOrigin
from feedhub.demo.world import EVENING, MORNING, DemoWorld, load

__all__ = ["EVENING", "MORNING", "DemoOrigin", "DemoWorld", "Score", "load", "score"]
