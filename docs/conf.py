"""The documentation site: `make docs`, strict; the pages of reference are made from the program each time."""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import reference_pages  # noqa: E402

reference_pages.write(HERE / "reference")

project = "feedhub"
author = "The feedhub developers"
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
html_theme = "furo"
html_title = "feedhub"
html_static_path: list[str] = []
autodoc_typehints = "description"
autodoc_member_order = "bysource"
autodoc_default_options = {"members": True, "undoc-members": False}
nitpicky = False
# what a page names outside this folder is a file of the repository, not a page
suppress_warnings = ["myst.xref_missing", "misc.highlighting_failure"]
