"""The web half: documents, pages and health as an ASGI app, and the server that runs it.

reader    what the app asks of whoever keeps the stories
document  a body with its validators and codings, made once per version
answer    Document, request headers -> 200, 304 or HEAD     (pure)
guard     every request: Host, security headers, log, who may see details
feeds     the documents, answered before any routing
app       the routes                                        (starlette)
pages     the HTML                                          (jinja2)
metrics   numbers as a collector reads them                 (prometheus_client)
server    a bound port, and uvicorn on it                   (uvicorn)

`app` and `server` are imported by these names: a round from a shell has no use for them, and would wait for them.
"""

from __future__ import annotations

from feedhub.serve.http_document import Document, delta, document, version_of
from feedhub.serve.port import Health, OutputInfo, Reader, Settings, story_key, token_digest

__all__ = [
    "Document",
    "Health",
    "OutputInfo",
    "Reader",
    "Settings",
    "delta",
    "document",
    "story_key",
    "token_digest",
    "version_of",
]
