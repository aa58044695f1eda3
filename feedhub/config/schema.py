"""The keys of a configuration and what each may hold. Defaults stand in `settings` and in `model`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from feedhub.config import databases, scalar_forms
from feedhub.config.settings import TOPICS
from feedhub.config.value_checks import (
    Check,
    Section,
    duration,
    flag,
    form,
    headers,
    list_of,
    long_text,
    member_of,
    number,
    one_of,
    path,
    size,
    some_duration,
    text,
)
from feedhub.model import AuthorForm, Fulltext, Grouping, Rights, Trust

_COUNT = number(least=1)
_TEXTS = list_of(text)
_LANGUAGE = form(scalar_forms.language)
_WEB = form(scalar_forms.web)
_TOKEN = form(scalar_forms.token)
_PROXY = form(scalar_forms.proxy)
_PAGES = member_of(Fulltext, true=Fulltext.PUBLISH, false=Fulltext.NEVER)

#: the keys at the top that are no sections
TOP = Section(
    keys={
        "title": text,
        "database": form(databases.check),
        "identity": form(scalar_forms.identity),
        "retention": some_duration,
        "hold": duration,
        "fulltext": _PAGES,
    }
)
_SERVER = Section(
    keys={
        "host": text,
        "port": number(least=0, most=65535),
        "base_url": form(scalar_forms.base_url),
        "hosts": list_of(form(scalar_forms.host_name)),
        "admin_token": _TOKEN,
        "index": flag,
        "hubs": list_of(_WEB),
    }
)
_POLLING = Section(
    keys={
        "interval": some_duration,
        "floor": duration,
        "concurrency": _COUNT,
        "per_host": _COUNT,
        "host_delay": duration,
    }
)
_FETCH = Section(
    keys={
        "allow": list_of(form(scalar_forms.host_port)),
        "paths": _TEXTS,
        "proxy": _PROXY,
        "contact": form(scalar_forms.contact),
        "max_body": size,
    }
)
_MATCH = Section(keys={"window": some_duration, "revision": some_duration})
_PAGE_READING = Section(keys={"per_host_hour": _COUNT, "wait": duration})
#: the filters of an output, and the keys of `exclude`
_FILTERS: Mapping[str, Check] = {
    "categories": _TEXTS,
    "languages": list_of(_LANGUAGE),
    "agencies": _TEXTS,
    "outlets": _TEXTS,
    "words": list_of(form(scalar_forms.phrase)),
}
_EXCLUDE = Section(keys=_FILTERS)
#: what may be said of one source, or of a whole list of them
_TRAITS: Mapping[str, Check] = {
    "outlet": text,
    "agency": text,
    "credit": text,
    "priority": number(),
    "trust": one_of(get_args(Trust)),
    "quota": _COUNT,
    "exclude": _EXCLUDE,
    "language": _LANGUAGE,
    "category": text,
    "interval": some_duration,
    "rights": member_of(Rights),
    "fulltext": _PAGES,
    "public": flag,
    "user_agent": form(scalar_forms.user_agent),
    "headers": headers,
    "proxy": _PROXY,
}
SOURCE = Section(
    keys={
        **_TRAITS,
        "id": form(scalar_forms.source_id),
        "url": path(scalar_forms.feed),
        "name": text,
        "site": _WEB,
    },
    required=frozenset({"id", "url"}),
)
#: a row of `sources` that names an OPML list
SOURCE_LIST = Section(keys={**_TRAITS, "opml": path(scalar_forms.list_file)}, required=frozenset({"opml"}))
FEED = Section(
    keys={
        **_FILTERS,
        "name": form(scalar_forms.output_name),
        "title": text,
        "exclude": _EXCLUDE,
        "min_copies": _COUNT,
        "within": some_duration,
        "limit": _COUNT,
        "per_outlet": _COUNT,
        "order": one_of(("entered", "published", "updated", "copies")),
        "token": _TOKEN,
        "also": flag,
        "author": one_of(get_args(AuthorForm)),
        "group": one_of(get_args(Grouping)),
    },
    required=frozenset({"name"}),
)
NOTIFY = Section(keys={"url": text, "on": list_of(one_of(TOPICS), least=1)}, required=frozenset({"url"}))
WEBHOOK = Section(
    keys={"url": _WEB, "feed": text, "secret": long_text(scalar_forms.TOKEN_LENGTH)},
    required=frozenset({"url", "secret"}),
)

SECTIONS: Mapping[str, Section] = {
    "server": _SERVER,
    "polling": _POLLING,
    "fetch": _FETCH,
    "match": _MATCH,
    "pages": _PAGE_READING,
}
LISTS: Mapping[str, tuple[Section, ...]] = {
    "sources": (SOURCE, SOURCE_LIST),
    "feeds": (FEED,),
    "notify": (NOTIFY,),
    "webhooks": (WEBHOOK,),
}
#: values that no message may repeat: they can hold a password
SECRET = {"database", "admin_token", "token", "secret", "url", "proxy", "headers"}
