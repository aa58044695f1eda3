"""What holds for every request of the desk, whatever its page: origin, cookie, token, read-only, nothing cached.

Cookies know no ports: any page that another server on this machine shows is of the same site. So a request has to come
from a page of the desk itself, by `Sec-Fetch-Site` and `Origin`, and a form has to hold the token of its session.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from hmac import compare_digest
from typing import Protocol
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from feedhub.desk.desk_session import Session, Sessions
from feedhub.serve.http_document import RawHeaders

SIGN_IN = "/sign-in"
#: anybody may load these: they say nothing of the hub
PUBLIC = ("/static/", "/favicon.ico")
#: bytes and fields of a form: labels are brought in by one
MAX_FORM_BYTES, MAX_FORM_FIELDS = 4_000_000, 1_000
#: what is longer is read in a thread
_LONG_FORM_BYTES = 16_000
_FORM = "application/x-www-form-urlencoded"
_OWN = ("same-origin", "none")
#: scripts, styles and pictures of our own alone; the forms' Origin is only sent where a referrer may be
DESK_HEADERS: RawHeaders = [
    (
        b"content-security-policy",
        b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; "
        b"form-action 'self'; frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
]
_SIGN_IN_AGAIN = (
    "This browser is not signed in here. Open the address that the command prints at its start; "
    "Enter in its terminal prints a fresh one."
)


class Refusal(Exception):
    """A request that is not let through: its status, and why, for a person."""

    def __init__(self, status: int, text: str) -> None:
        self.status = status
        self.text = text
        super().__init__(text)


class RefusalPage(Protocol):
    """Renders why a request was refused."""

    def __call__(self, status: int, text: str) -> Response:
        """Return the page."""


class DeskGuard:
    """ASGI middleware that lets through what a signed-in person's own browser asks for, and refuses the rest."""

    def __init__(self, app: ASGIApp, sessions: Sessions, *, port: int, read_only: bool, page: RefusalPage) -> None:
        self._app = app
        self._sessions = sessions
        self._read_only = read_only
        self._page = page
        #: several desks on one machine share their cookies
        self._cookie = f"feedhub-desk-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request through the app, or say why not."""
        if scope["type"] != "http":
            return
        response: Response | None = None
        try:
            response = await self._admit(scope, receive)
        except Refusal as refusal:
            response = self._page(refusal.status, refusal.text)
        except ClientDisconnect:
            return
        if response is not None:
            await response(scope, receive, send)
        else:
            await self._app(scope, _nothing, send)

    async def _admit(self, scope: Scope, receive: Receive) -> Response | None:
        """Put session and form into the scope; return what answers the request where no page is to."""
        headers, path, method = Headers(scope=scope), scope["path"], scope["method"]
        if method not in ("GET", "HEAD", "POST"):
            raise Refusal(405, "The desk knows GET and POST alone.")
        if headers.get("sec-fetch-site", "none") not in _OWN:
            raise Refusal(403, "This request comes from another site's page. Open the desk by its own address.")
        if path.startswith(PUBLIC) and method != "POST":
            return None
        if path == SIGN_IN and method == "GET":
            return self._sign_in(scope)
        session = self._session(headers)
        if session is None:
            raise Refusal(401, _SIGN_IN_AGAIN)
        scope["desk_session"] = session
        scope["desk_form"] = await self._form(session, scope, receive) if method == "POST" else {}
        return None

    def _sign_in(self, scope: Scope) -> Response:
        keys = parse_qs(scope["query_string"].decode("latin-1"), max_num_fields=8).get("key", [])
        cookie = self._sessions.exchange(keys[0]) if len(keys) == 1 else None
        if cookie is None:
            raise Refusal(
                403,
                "This address was used before, or a fresh one took its place. Enter in the terminal of the command "
                "prints a new one; so does its next start.",
            )
        response = RedirectResponse("/", 303)
        response.set_cookie(self._cookie, cookie, httponly=True, samesite="strict")
        return response

    def _session(self, headers: Headers) -> Session | None:
        """Return the session of one of our cookies, however many there are.

        Any other server of this machine sets cookies that are sent here: of whatever form, and under our name.
        """
        pairs = (part.partition("=") for text in headers.getlist("cookie") for part in text.split(";"))
        ours = (value.strip() for name, _, value in pairs if name.strip() == self._cookie)
        return next((known for value in ours if (known := self._sessions.of(value)) is not None), None)

    async def _form(self, session: Session, scope: Scope, receive: Receive) -> Mapping[str, list[str]]:
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        is_own = origin == f"http://{headers['host']}" if origin else headers.get("sec-fetch-site") == "same-origin"
        if not is_own:
            raise Refusal(403, "This form was sent by a page that is not of this desk.")
        if self._read_only:
            raise Refusal(403, "This desk is read-only: it was started with --read-only, and nothing was changed.")
        if headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
            raise Refusal(415, f"A form of the desk comes as {_FORM}.")
        body = await _body(scope, receive)
        # megabytes of `%` take seconds, in which the loop serves others
        form = _read_form(body) if len(body) <= _LONG_FORM_BYTES else await asyncio.to_thread(_read_form, body)
        tokens = form.pop("token", [])
        if len(tokens) != 1 or not compare_digest(tokens[0].encode(), session.token.encode()):
            raise Refusal(403, "This form is of an earlier session, or was forged. Load the page again and repeat.")
        return form


def _read_form(body: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=MAX_FORM_FIELDS)
    except ValueError:
        raise Refusal(400, "This form cannot be read.") from None


async def _body(scope: Scope, receive: Receive) -> bytes:
    body = bytearray()
    async for chunk in Request(scope, receive).stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise Refusal(413, f"A form of the desk has at most {MAX_FORM_BYTES:,} bytes.")
    return bytes(body)


async def _nothing() -> Message:
    """Say that the body is at its end: it has been read."""
    return {"type": "http.request", "body": b"", "more_body": False}
