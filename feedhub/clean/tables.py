"""Tell tables that show data from tables that arrange the page."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborNode

#: a cell beyond this many characters holds a text of its own
_TEXT = 400
_ARRANGING = ("presentation", "none")
#: cells that hold a line of code, beside its number
_CODE_CELL = re.compile(r"(?:^|\s)(?:blob-code|hljs-ln-code|code-line|line-code|lineContent)(?:[\s_-]|$)")
_BLOCKS = "td h1,td h2,td h3,td h4,td pre,td blockquote,td form"
#: rows and cells that are looked at
_MOST_ROWS, _MOST_CELLS = 60, 400


def arranges_page(table: LexborNode) -> bool:
    """Tell whether a table arranges the page instead of showing data.

    It does where it says so, or has one row or one column. A header of its own tells data; without one, another table
    in it, cells with headings, code or texts of their own tell an arrangement, and so do cells with pictures alone.
    """
    if (table.attributes.get("role") or "").strip().lower() in _ARRANGING:
        return True
    rows = [row for row in table.css("tr")[:_MOST_ROWS] if _is_own(row, table) and _cells(row)]
    cells = [_cells(row) for row in rows]
    is_wide = max(map(len, cells), default=0) > 1
    if any("th" in tags for tags in cells) or any(_is_head(row) for row in rows):
        return not is_wide and len(rows) < 2
    if not is_wide:
        return True
    # a table is found below itself where it stands in another
    if any(inner.mem_id != table.mem_id for inner in table.css("table")[:2]):
        return True
    if len(rows) < 2 or table.css_first(_BLOCKS):
        return True
    lengths = [len(cell.text(deep=True, strip=True)) for cell in table.css("td")[:_MOST_CELLS]]
    return max(lengths, default=0) > _TEXT or not any(lengths)


def listing(table: LexborNode) -> str | None:
    """Return the text of a table that numbers lines of code; None where it is none."""
    if (row := table.css_first("tr")) is None or not any(_CODE_CELL.search(names) for names in _names(row)):
        return None
    lines = []
    for row in table.css("tr"):
        cells = [cell for cell in row.css("td") if _CODE_CELL.search(cell.attributes.get("class") or "")]
        if len(cells) != 1 or cells[0].css_first("pre,table,p") is not None:
            return None
        lines.append((cells[0].text(deep=True) or "").strip("\n"))
    return "\n".join(lines) if len(lines) > 1 else None


def _names(row: LexborNode) -> list[str]:
    return [cell.attributes.get("class") or "" for cell in row.css("td")[:4]]


def _is_own(row: LexborNode, table: LexborNode) -> bool:
    above = row.parent
    if above is not None and above.mem_id != table.mem_id:
        above = above.parent
    return above is not None and above.mem_id == table.mem_id


def _is_head(row: LexborNode) -> bool:
    return row.parent is not None and row.parent.tag == "thead"


def _cells(row: LexborNode) -> list[str]:
    tags, child = [], row.child
    while child is not None:
        if child.tag in ("td", "th"):
            tags.append(child.tag)
        child = child.next
    return tags
