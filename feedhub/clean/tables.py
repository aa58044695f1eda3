"""Tell tables that show data from tables that arrange the page."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

#: a cell beyond this many characters holds a text of its own
_TEXT = 400
_ARRANGING = ("presentation", "none")
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
