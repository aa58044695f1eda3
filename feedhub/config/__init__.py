"""config.yaml -> Config; every mistake reported at once, by its place in the file."""

from feedhub.config.config_file import load
from feedhub.config.editing import Import, append_sources, import_yaml, remove_source
from feedhub.config.row_text import row_text
from feedhub.config.settings import (
    Config,
    Fetch,
    MatchSettings,
    Notify,
    Pages,
    Polling,
    Server,
    Webhook,
    notification_targets,
)
from feedhub.config.starter import starter_text

__all__ = [
    "Config",
    "Fetch",
    "Import",
    "MatchSettings",
    "Notify",
    "Pages",
    "Polling",
    "Server",
    "Webhook",
    "append_sources",
    "import_yaml",
    "load",
    "notification_targets",
    "remove_source",
    "row_text",
    "starter_text",
]
