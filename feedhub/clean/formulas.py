"""Write a <math> element anew, with what it shows and nothing else (MathML Core)."""

from __future__ import annotations

from selectolax.lexbor import LexborNode

from feedhub.clean.lines import Tag
from feedhub.clean.text import repair, tidy, word_set

#: elements that hold text
LEAVES = word_set("mi mn mo ms mtext")
ELEMENTS = LEAVES | word_set(
    """
    math mrow mspace mfrac msqrt mroot mstyle mpadded mphantom menclose msub msup msubsup munder mover munderover
    mmultiscripts mprescripts none mtable mtr mtd semantics
    """
)
#: text for machines
_UNSEEN = word_set("annotation annotation-xml maction maligngroup malignmark mglyph script style")
_MOST_NODES = 3_000
_DEEPEST = 40


def formula(node: LexborNode) -> list[str]:
    """Return a <math> element as tags and text; its alternative text where it shows nothing or is beyond measure."""
    tokens: list[str] = []
    is_whole = _write(node, tokens, 0)
    if is_whole and any(not isinstance(token, Tag) for token in tokens):
        return tokens
    text = tidy(node.attributes.get("alttext") or "") or tidy(node.text(deep=True))
    return [text] if text else []


def _write(node: LexborNode, tokens: list[str], depth: int) -> bool:
    name = node.tag or ""
    shown = ' display="block"' if name == "math" and node.attributes.get("display") == "block" else ""
    tokens.append(Tag(f"<{name}{shown}>"))
    child = node.child
    while child is not None:
        tag = child.tag or ""
        if len(tokens) > _MOST_NODES or depth > _DEEPEST:
            return False
        if tag == "-text":
            text = " ".join(repair(child.text_content or "").split())
            if text and name in LEAVES:
                tokens.append(text)
        elif tag in ELEMENTS and name not in LEAVES and tag != "math":
            if not _write(child, tokens, depth + 1):
                return False
        elif tag not in _UNSEEN and not child.is_comment_node:
            # an element that is none of a formula's: what it says is
            text = tidy(child.text(deep=True))
            if text and name in LEAVES:
                tokens.append(text)
            elif text:
                tokens += [Tag("<mtext>"), text, Tag("</mtext>")]
        child = child.next
    tokens.append(Tag(f"</{name}>"))
    return True
