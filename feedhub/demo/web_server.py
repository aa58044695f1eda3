"""The invented outlets' servers: real HTTP on loopback, with validators, counting their responses."""

from __future__ import annotations

import gzip
import hashlib
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from feedhub.demo.world import DemoWorld, Part

_TYPES = {"json": "application/feed+json", "xml": "application/xml"}


class DemoOrigin:
    """Serves a world's documents at `/SOURCE`; which round's is `part`."""

    def __init__(self, world: DemoWorld, *, port: int = 0) -> None:
        self.world = world
        self.part: Part = "morning"
        #: responses by status since the last round began
        self.responses: Counter[int] = Counter()
        origin = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                origin.respond(self)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing: the round reports what was fetched."""

        self._server = _Server(("127.0.0.1", port), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="demo-origin", daemon=True)

    @property
    def address(self) -> str:
        """`host:port`."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def url(self, source: str) -> str:
        """Return the address of a source's document."""
        return f"http://{self.address}/{source}"

    def __enter__(self) -> DemoOrigin:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def respond(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one GET: the document with an ETag, or 304 where the client has it."""
        source = request.path.strip("/")
        if source not in self.world.files:
            self.responses[404] += 1
            request.send_error(404)
            return
        path = self.world.document(source, self.part)
        body = path.read_bytes()
        etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
        status = 304 if request.headers.get("If-None-Match") == etag else 200
        self.responses[status] += 1
        request.send_response(status)
        request.send_header("ETag", etag)
        if status == 200:
            packed = gzip.compress(body, 4, mtime=0)
            request.send_header("Content-Type", _TYPES[path.suffix.lstrip(".")])
            request.send_header("Content-Encoding", "gzip")
            request.send_header("Content-Length", str(len(packed)))
            request.end_headers()
            request.wfile.write(packed)
        else:
            request.end_headers()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    #: the default of 5 resets clients that come all at once
    request_queue_size = 256
