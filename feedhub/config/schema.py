"""The keys of a configuration and what each may hold, as pydantic models. Defaults stand in `values` and in `model`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, TypedDict

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from feedhub.config import databases, scalar_forms
from feedhub.config.settings import NotificationTopic
from feedhub.config.yaml_document import Expanded
from feedhub.model import AuthorForm, Fulltext, Grouping, Rights, Trust


def _number(value: object) -> object:
    return int(value) if isinstance(value, Expanded) and value.isdecimal() else value


def _truth(value: object) -> object:
    return {"true": True, "false": False}.get(value.lower(), value) if isinstance(value, Expanded) else value


def _some(value: timedelta) -> timedelta:
    if not value:
        raise ValueError("expected a duration longer than nothing")
    return value


class Surroundings(TypedDict):
    """What a path is judged by; the `context` of validation."""

    folder: Path
    allowed: Sequence[Path]


def _feed(value: str, info: ValidationInfo[Surroundings]) -> str:
    return scalar_forms.feed(value, **info.context)


def _list_file(value: str, info: ValidationInfo[Surroundings]) -> str:
    return scalar_forms.list_file(value, **info.context)


Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[tuple[Text, ...], Field(strict=False)]


def _fulltext(value: object) -> object:
    return {True: "publish", False: "never", "true": "publish", "false": "never"}.get(value, value)


Pages = Annotated[Fulltext, Field(strict=False), BeforeValidator(_fulltext)]
Flag = Annotated[bool, BeforeValidator(_truth)]
Number = Annotated[int, BeforeValidator(_number)]
Count = Annotated[Number, Field(ge=1)]
Pause = Annotated[timedelta, BeforeValidator(scalar_forms.duration)]
Span = Annotated[Pause, AfterValidator(_some)]
Language = Annotated[str, AfterValidator(scalar_forms.language)]
HostName = Annotated[str, AfterValidator(scalar_forms.host_name)]
Token = Annotated[str, AfterValidator(scalar_forms.token)]
Proxy = Annotated[str, AfterValidator(scalar_forms.proxy)]
Headers = Annotated[dict[str, str], AfterValidator(scalar_forms.headers)]


class Row(BaseModel):
    """Known keys only, nothing converted behind the writer's back."""

    # most files have a few of the sections: what checks the others is never made
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, defer_build=True)


class Top(Row):
    """The keys at the top that are no sections."""

    title: Text | None = None
    database: Annotated[str, AfterValidator(databases.check)] | None = None
    identity: Annotated[str, AfterValidator(scalar_forms.identity)] | None = None
    retention: Span | None = None
    hold: Pause | None = None
    fulltext: Pages | None = None


class ServerRow(Row):
    """The keys of `server`."""

    host: Text | None = None
    port: Annotated[Number, Field(ge=0, le=65535)] | None = None
    base_url: Annotated[str, AfterValidator(scalar_forms.base_url)] | None = None
    hosts: Annotated[tuple[HostName, ...], Field(strict=False)] | None = None
    admin_token: Token | None = None
    index: Flag | None = None
    hubs: Annotated[tuple[Annotated[str, AfterValidator(scalar_forms.web)], ...], Field(strict=False)] | None = None


class PollingRow(Row):
    """The keys of `polling`."""

    interval: Span | None = None
    floor: Pause | None = None
    concurrency: Count | None = None
    per_host: Count | None = None
    host_delay: Pause | None = None


class PagesRow(Row):
    """The keys of `pages`."""

    per_host_hour: Count | None = None
    wait: Pause | None = None


class FetchRow(Row):
    """The keys of `fetch`."""

    allow: Annotated[tuple[Annotated[str, AfterValidator(scalar_forms.host_port)], ...], Field(strict=False)] | None = (
        None
    )
    paths: Texts | None = None
    proxy: Proxy | None = None
    contact: Annotated[str, AfterValidator(scalar_forms.contact)] | None = None
    max_body: Annotated[int, BeforeValidator(scalar_forms.size)] | None = None


class MatchRow(Row):
    """The keys of `match`."""

    window: Span | None = None
    revision: Span | None = None


class FilterRow(Row):
    """The filters of an output, and the keys of `exclude`."""

    categories: Texts | None = None
    languages: Annotated[tuple[Language, ...], Field(strict=False)] | None = None
    agencies: Texts | None = None
    outlets: Texts | None = None
    words: Annotated[tuple[Annotated[str, AfterValidator(scalar_forms.phrase)], ...], Field(strict=False)] | None = None


class SourceTraits(Row):
    """What may be said of one source, or of a whole list of them."""

    outlet: Text | None = None
    agency: Text | None = None
    credit: Text | None = None
    priority: Number | None = None
    trust: Trust | None = None
    quota: Count | None = None
    exclude: FilterRow | None = None
    language: Language | None = None
    category: Text | None = None
    interval: Span | None = None
    rights: Annotated[Rights, Field(strict=False)] | None = None
    fulltext: Pages | None = None
    public: Flag | None = None
    user_agent: Annotated[str, AfterValidator(scalar_forms.user_agent)] | None = None
    headers: Headers | None = None
    proxy: Proxy | None = None


class SourceFields(SourceTraits):
    """The keys of a row of `sources`."""

    id: Annotated[str, AfterValidator(scalar_forms.source_id)]
    url: Annotated[Text, AfterValidator(_feed)]
    name: Text | None = None
    site: Annotated[str, AfterValidator(scalar_forms.web)] | None = None


class OpmlRow(SourceTraits):
    """The keys of a row of `sources` that names an OPML list."""

    opml: Annotated[Text, AfterValidator(_list_file)]


class FeedRow(FilterRow):
    """The keys of a row of `feeds`."""

    name: Annotated[str, AfterValidator(scalar_forms.output_name)]
    title: Text | None = None
    exclude: FilterRow | None = None
    min_copies: Count | None = None
    within: Span | None = None
    limit: Count | None = None
    per_outlet: Count | None = None
    order: Literal["entered", "published", "updated", "copies"] | None = None
    token: Token | None = None
    also: Flag | None = None
    author: AuthorForm | None = None
    group: Grouping | None = None


class NotifyRow(Row):
    """The keys of a row of `notify`."""

    url: Text
    on: Annotated[tuple[NotificationTopic, ...], Field(strict=False, min_length=1)] | None = None


class WebhookRow(Row):
    """The keys of a row of `webhooks`."""

    url: Annotated[str, AfterValidator(scalar_forms.web)]
    feed: Text | None = None
    secret: Annotated[str, Field(min_length=scalar_forms.TOKEN_LENGTH)]


SECTIONS: dict[str, type[Row]] = {
    "server": ServerRow,
    "polling": PollingRow,
    "fetch": FetchRow,
    "match": MatchRow,
    "pages": PagesRow,
}
LISTS: dict[str, tuple[type[Row], ...]] = {
    "sources": (SourceFields, OpmlRow),
    "feeds": (FeedRow,),
    "notify": (NotifyRow,),
    "webhooks": (WebhookRow,),
}
#: values that no message may repeat: they can hold a password
SECRET = {"database", "admin_token", "token", "secret", "url", "proxy", "headers"}
