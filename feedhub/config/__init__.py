"""config.yaml -> Config; every mistake reported at once, by its place in the file."""

from feedhub.config.config_file import load
from feedhub.config.editing import Import, append_sources, import_yaml
from feedhub.config.settings import Config, Fetch, MatchSettings, Pages, Polling, Server

__all__ = [
    "Config",
    "Fetch",
    "Import",
    "MatchSettings",
    "Pages",
    "Polling",
    "Server",
    "append_sources",
    "import_yaml",
    "load",
]
