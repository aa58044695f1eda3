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

    It does where it says so, holds another table, or has one row or one column. A header tells data; without one, cells
    with headings, code or texts of their own tell an arrangement, and so do cells with pictures alone.
    """
    if (table.attributes.get("role") or "").strip().lower() in _ARRANGING:
        return True
    # a table is found below itself where it stands in another
    if any(inner.mem_id != table.mem_id for inner in table.css("table")[:2]):
        return True
    rows = table.css("tr")
    widths = [_cells(row) for row in rows[:_MOST_ROWS]]
    if max(widths, default=0) < 2:
        return True
    if table.css_first("th,thead td"):
        return False
    if len(rows) < 2 or table.css_first(_BLOCKS):
        return True
    lengths = [len(cell.text(deep=True, strip=True)) for cell in table.css("td")[:_MOST_CELLS]]
    return max(lengths, default=0) > _TEXT or not any(lengths)


def _cells(row: LexborNode) -> int:
    count, child = 0, row.child
    while child is not None:
        count += child.tag in ("td", "th")
        child = child.next
    return count
