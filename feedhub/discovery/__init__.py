"""The address of any page -> the feeds that stand behind it, tried and compared.

known_sites     an address of a known site -> its feeds' addresses; pure
finder          the page read, its offers tried by the hub's own client and parsers; the usual places where it has none
feed_offer      what a feed carries, and which of several is the best; pure
"""

from feedhub.discovery.feed_offer import FeedOffer, best_first
from feedhub.discovery.finder import Discovery, FeedFinder
from feedhub.discovery.known_sites import known_feeds, usual_places

__all__ = ["Discovery", "FeedFinder", "FeedOffer", "best_first", "known_feeds", "usual_places"]
