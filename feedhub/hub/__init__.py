"""One round, from the sources that are due to what subscribers see.

sources
| fetch      Source      -> Fetched | NotModified | FetchFailed
| parse      Fetched     -> Feed of Entry...
| clean      Entry       -> Copy
| record     Copy...     -> rows that wait, with the validators that vouch for them   (one transaction a source)
| match      Copy, Copy  -> Match
| merge      Copy...     -> Story
| settle     Story...    -> rows that subscribers see, ids minted                     (one transaction a batch)
| publish    Story...    -> bytes

`ingest` takes one source as far as `record`, `settle` does the rest for all that wait; `hub` runs the rounds.
"""

from feedhub.hub.hub import Hub
from feedhub.hub.round_report import ReportedStory, RoundReport, changed_stories
from feedhub.ingest.source_report import SourceReport

__all__ = ["Hub", "ReportedStory", "RoundReport", "SourceReport", "changed_stories"]
