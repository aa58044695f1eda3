"""A story that a webhook is told of -> the message and its signature, by the Standard Webhooks specification 1.0."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from feedhub.directory import OutputDirectory
from feedhub.feeds.output_query import OutputQuery
from feedhub.publish import json_feed
from feedhub.store import Connection, stories
from feedhub.store.deliveries import Delivery

#: a secret with this in front is base64, as others' tools make them
_BASE64 = "whsec_"


def message_body(
    connection: Connection, directory: OutputDirectory, query: OutputQuery, output: str, sent: Delivery
) -> bytes:
    """Return a message as JSON: what happened to the story, and the story as the output's JSON Feed shows it now."""
    rule = directory.rule(output)
    row = stories.by_tag(connection, sent.subject)
    data: dict[str, Any] = {"feed": output, "story": sent.subject}
    topic = sent.topic
    if rule is None or row is None or row.state != "live" or row.body is None:
        topic = "gone"
        stone = None if row is None or row.state == "live" else stories.tombstone(connection, row)
        data |= {"reason": stone and stone.reason, "became": stone and stone.successor}
    else:
        feed = query.of_story(connection, rule, row.body)
        data["item"] = json.loads(json_feed(feed))["items"][0]
    value = {"type": f"story.{topic}", "timestamp": sent.queued_at.isoformat(), "data": data}
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def signed_headers(secret: str, message: str, body: bytes, now: datetime) -> Mapping[str, str]:
    """Return the headers that name, date and sign a message: HMAC-SHA256 over `id.timestamp.body`, in base64."""
    stamp = str(int(now.astimezone(UTC).timestamp()))
    key = base64.b64decode(secret.removeprefix(_BASE64)) if secret.startswith(_BASE64) else secret.encode()
    digest = hmac.new(key, f"{message}.{stamp}.".encode() + body, sha256).digest()
    return {
        "Content-Type": "application/json",
        "webhook-id": message,
        "webhook-timestamp": stamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }
