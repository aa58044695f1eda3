"""The web half: documents, pages and health as an ASGI app, and the server that runs it.

backend          what the app asks of whoever has the stories
http_document    a body with its validators and codings, made once per version
http_response    Document, request headers -> 200, 226 or 304     (pure)
security         every request: Host, security headers, log, who may see details
feed_requests    the documents, served before any routing
app              the routes                                       (starlette)
html_pages       the HTML                                         (jinja2)
story_rows       a story as lists of stories show it              (pure)
story_page       copies in the order of time, and their picture   (pure)
page_filters     dates, how long ago, directions, safe addresses  (pure)
version_diff     what each version of a story changed, word by word
prometheus_text  numbers as a collector reads them                (prometheus_client)
workers          threads for what would hold the event loop, and a limit to what waits for them
body_framing     how small the pieces of a body may be, and what may stand between them
connections      how many there may be, and when each of them ends
limited_http     heads, targets and time within limits (uvicorn, httptools)
server           a bound port, and uvicorn on it                  (uvicorn)

`app` and `server` are not imported here: a round from a shell has no use for them, and would wait for them.
"""

from __future__ import annotations

from feedhub.serve.backend import (
    Backend,
    HealthStatus,
    OutputInfo,
    SearchPage,
    ServerSettings,
    SourceLine,
    StoryList,
    story_key,
    token_digest,
)
from feedhub.serve.http_document import Document, delta, document, version_of
from feedhub.serve.version_diff import MAX_VERSIONS
from feedhub.serve.workers import Workers

__all__ = [
    "MAX_VERSIONS",
    "Backend",
    "Document",
    "HealthStatus",
    "OutputInfo",
    "SearchPage",
    "ServerSettings",
    "SourceLine",
    "StoryList",
    "Workers",
    "delta",
    "document",
    "story_key",
    "token_digest",
    "version_of",
]
