"""An element with its namespace's prefix, as feedgen makes its own."""

from __future__ import annotations

from lxml import etree

Element = etree._Element


def add(parent: Element, tag: str, text: str | None = None, /, prefix: str | None = None, **attributes: str) -> Element:
    """Append an element; attributes without a value are left out."""
    namespace = etree.QName(tag).namespace
    nsmap = {prefix: namespace} if prefix and namespace else None
    element = etree.SubElement(parent, tag, {key: value for key, value in attributes.items() if value}, nsmap)
    element.text = text
    return element
