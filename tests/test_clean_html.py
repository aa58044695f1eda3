"""HTML: safe whatever comes in, the same when cleaned again, and never slow."""

import re

import nh3
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from feedhub.clean.html import plain_lines, read, render
from feedhub.model import Markup

BASE = "https://paper.example/news/today.html"
ALLOWED = {"href", "title", "src", "srcset", "alt", "width", "height", "poster", "controls", "rel"} | {
    "dir", "lang", "start", "type", "reversed", "value", "colspan", "rowspan", "id", "display",
}  # fmt: skip
PAYLOADS = {
    "script": "<p>a</p><script>alert(1)</script>",
    "script upper case": "<p>a</p><SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "nested script": "<p>a<scr<script>ipt>alert(1)</scr</script>ipt></p>",
    "handler": '<p onclick="alert(1)">a</p><img src=x onerror=alert(1)>',
    "handler without quotes": "<p/onmouseover=alert(1)>a</p>",
    "javascript link": '<p><a href="javascript:alert(1)">a</a></p>',
    "javascript with entities": '<p><a href="&#106;avascript&colon;alert(1)">a</a></p>',
    "javascript with a tab": '<p><a href="java\tscript:alert(1)">a</a></p>',
    "data link": '<p><a href="data:text/html;base64,PHNjcmlwdD4=">a</a></p>',
    "data image": '<p>a<img src="data:image/svg+xml;base64,PHN2Zz4="></p>',
    "vbscript": '<p><a href="vbscript:msgbox(1)">a</a></p>',
    "svg": "<p>a</p><svg onload=alert(1)><script>alert(1)</script></svg>",
    "math": '<p>a</p><math><mtext><table><mglyph><style><img src=x onerror="alert(1)">',
    "iframe": "<p>a</p><iframe src=javascript:alert(1) srcdoc='<script>x</script>'></iframe>",
    "object": "<p>a</p><object data=evil.swf></object><embed src=evil.swf>",
    "form": "<form action=//evil.example><p>a</p><input name=x autofocus onfocus=alert(1)><button>go</button></form>",
    "style": "<style>p{background:url(javascript:alert(1))}</style><p style='background:url(//evil.example)'>a</p>",
    "base": "<base href=//evil.example/><p>a <a href=x>b</a></p>",
    "meta refresh": "<meta http-equiv=refresh content='0;url=javascript:alert(1)'><p>a</p>",
    "srcset": '<p>a<img src="/ok.jpg" srcset="javascript:alert(1) 1x"></p>',
    "template": "<p>a</p><template><script>alert(1)</script></template>",
    "noscript": "<p>a</p><noscript><p title='</noscript><img src=x onerror=alert(1)>'></noscript>",
    "math with a script": "<p>a</p><math><mtext><script>alert(1)</script></mtext><mi>x</mi></math>",
    "math with a link": '<p>a</p><math href="javascript:alert(1)"><mi xlink:href="javascript:alert(1)">x</mi></math>',
    "math that hides a style": "<p>a</p><math><mi><mglyph><style><!--</style><img title='--><img src=1 onerror=a()>'>",
    "math with annotations": (
        "<p>a</p><math><semantics><mi>x</mi><annotation-xml encoding='text/html'><img src=x onerror=alert(1)>"
        "</annotation-xml></semantics></math>"
    ),
    "frame of a script": '<p>a</p><iframe title="x" src="javascript:alert(1)"></iframe><iframe src="data:text/html,x">',
    "frame with markup for a title": (
        "<p>a</p><iframe src='https://x.example/' title='\"><img src=x onerror=alert(1)>'></iframe>"
    ),
    "object of a script": '<p>a</p><object data="javascript:alert(1)"><param name=movie value="javascript:x"></object>',
    "late picture": '<p>a</p><img src=/blank.gif data-src="javascript:alert(1)" data-srcset="data:image/svg+xml,x 1x">',
    "picture": '<p>a</p><picture><source srcset="javascript:alert(1) 2x"><img src=x onerror=alert(1)></picture>',
    "noscript picture": '<p>a</p><noscript><img src="javascript:alert(1)" onerror=alert(1)><b>x</b></noscript>',
    "post": '<p>a</p><blockquote data-instgrm-permalink="javascript:alert(1)">b</blockquote>',
    "post by a script": '<p>a</p><script data-telegram-post="&quot;onload=alert(1)//x"></script>',
    "name": '<p>a</p><a href="#x">b</a><form id="x" name="x"></form><img id="x" name="getElementById" src=/ok.png>',
    "name with quotes": """<p>a</p><a href='#"><script>x</script>'>b</a><b id='"><script>x</script>'>c</b>""",
    "direction": '<p>a</p><p dir="rtl onload=x" lang="en&quot; onload=&quot;x">b</p><bdo dir=javascript:x>c</bdo>',
    "cell": '<p>a</p><table><tr><td colspan="2 onload=x" onclick=x>b<td rowspan="-1">c<tr><td>d<td>e</table>',
    "list": '<p>a</p><ol start="1;x" type="javascript:x" onclick=x><li value="x" onclick=x>b</li></ol>',
    "rule": "<p>a</p><hr onclick=alert(1) style='background:url(//evil.example)'><p>b</p>",
    "ruby": "<p>a</p><ruby onclick=x>b<rp onclick=x>(</rp><rt style='x'>c<script>alert(1)</script></rt></ruby>",
    "definitions": "<p>a</p><dl onclick=x><dt onclick=x>b<dd><script>alert(1)</script>c</dl>",
    "script closed in itself": "<p>a</p><script src=//evil.example/x.js />alert(1)</script><p>b</p>",
    "code": "<p>a</p><pre onclick=x>&lt;script&gt;alert(1)&lt;/script&gt;<script>alert(1)</script>\n  b</pre>",
    "comment": "<p>a</p><!--><img src=x onerror=alert(1)>-->",
    "cdata": "<p>a</p><![CDATA[<script>alert(1)</script>]]>",
    "textarea": "<p>a</p><textarea><script>alert(1)</script></textarea>",
    "video": "<p>a</p><video src=javascript:alert(1) poster=javascript:alert(1) onerror=alert(1)></video>",
    "escaped twice": "&lt;p&gt;a&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;",
    "plaintext": "<p>a</p><plaintext><script>alert(1)</script>",
    "unclosed": "<p>a</p><img src=x onerror=alert(1)//",
    "attribute in text": '<p>a</p><a title="</a><img src=x onerror=alert(1)>" href=/x>b</a>',
    "namespace": '<p>a</p><x:script xmlns:x="http://www.w3.org/1999/xhtml">alert(1)</x:script>',
}
PIECES = """
<p> </p> <br> <b> </b> </a> <ul> <li> </li> </ul> <table> <tr> <td> </td> </tr> </table> <pre> </pre> <h1>
</h1> <div> </div> <blockquote> </blockquote> &amp;lt; &lt;b&gt; <script> </script> <svg> </svg> <!-- -->
<form> <i> </i> <figure> </figure> <figcaption> <code> </code> <a> <q> <style> </style> <span> </span> <hr>
<dl> <dt> <math> <p onclick=x javascript: <table> <dd> </dl> <ol> </ol> <ruby> <rt> </ruby> <noscript> </noscript>
<picture> </picture> <thead> <th> </th> <caption> <object> </object> </math> <mi> <mrow> <mtext> <script/> <bdo>
"""
SPACED = [
    "<a href='/x'>",
    "<img src=a>",
    "<video src=v>",
    "<a href='javascript:x'>",
    "<a href='http://a b'>",
    "\n",
    "\x00",
    " ",
    "    code\n\n",
    "<p dir=rtl>",
    "<div lang=en dir=ltr>",
    "<span dir=rtl>",
    "<ol start=3>",
    "<td colspan=2>",
    "<iframe src='https://video.example/1'></iframe>",
    "<img src=/blank.gif data-src=/late.jpg>",
    "<noscript><img src=/spare.jpg></noscript>",
    "<img src=/e.png> x",
    "<p class=caption>",
    "<a href='#f1'>",
    "<sup id='f1'>",
    "<blockquote data-instgrm-permalink='https://posts.example/1'>",
]
MARKUP = st.lists(st.one_of(st.text(max_size=12), st.sampled_from([*PIECES.split(), *SPACED])), max_size=25).map(
    "".join
)


def cleaned(markup: str) -> str:
    return render(read(Markup(value=markup), BASE))


def assert_safe(html: str) -> None:
    for node in LexborHTMLParser(html).root.traverse():  # type: ignore[union-attr]
        assert node.tag not in {
            "script",
            "style",
            "iframe",
            "object",
            "embed",
            "form",
            "input",
            "svg",
            "base",
            "meta",
            "annotation-xml",
            "mglyph",
            "noscript",
            "picture",
            "source",
            "template",
        }
        for name, value in node.attributes.items():
            assert name in ALLOWED, name
            if name in ("href", "src", "poster"):
                assert (value or "").startswith(("http://", "https://", "mailto:", "#n-")), value
            if name == "id":
                assert (value or "").startswith("n-"), value
            if name in ("dir", "display"):
                assert value in ("rtl", "ltr", "auto", "block"), value
            if name in ("colspan", "rowspan", "start", "value"):
                assert re.fullmatch(r"-?[0-9]{1,6}", value or ""), value
    assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]", html)
    assert nh3.clean(html, link_rel=None, attributes={"*": ALLOWED - {"rel"}, "a": {"rel"}}) is not None


@pytest.mark.parametrize("markup", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_an_attack_is_disarmed_and_the_text_stays(markup: str) -> None:
    html = cleaned(markup)
    assert_safe(html)
    assert read(Markup(value=markup), BASE)[0].text.startswith("a")


@given(MARKUP)
def test_any_markup_comes_out_safe(markup: str) -> None:
    assert_safe(cleaned(markup))


@pytest.mark.parametrize("between", ["\t", "\n", "\u2028"])
def test_what_stands_before_a_blank_does_not_keep_a_wrong_encoding_behind_it(between: str) -> None:
    greek = "Η χώρα και η πόλη"
    garbled = "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in greek.encode())
    assert cleaned(f"<p>ÃO É{between}{garbled}</p>") == f"<p>ÃO É {greek}</p>"


@example("\r\xadÄ\x91Ù\t0")
@example("œ™\r\x91")
@example("bÄ‘ \n\u200d")
@example("Ã\u2028é\x91<b")
@given(MARKUP)
def test_cleaning_html_twice_is_cleaning_it_once(markup: str) -> None:
    once = cleaned(markup)
    assert cleaned(once) == once


@given(MARKUP)
def test_the_lines_of_the_cleaned_html_are_the_lines_read(markup: str) -> None:
    lines = read(Markup(value=markup), BASE)
    texts = [line.text for line in lines if line.text]
    assert [line.text for line in read(Markup(value=render(lines)), BASE) if line.text] == texts


SHAPES = {
    "paragraphs": ("<p>One</p><p>Two</p>", "<p>One</p><p>Two</p>", ["One", "Two"]),
    "line breaks": ("One<br>two<br><br>three", "<p>One<br>two</p><p>three</p>", ["One", "two", "three"]),
    "divisions": ("<div>One<div>two</div></div>", "<p>One</p><p>two</p>", ["One", "two"]),
    "nested list": ("<ul><li>a<ul><li>b</li></ul></li></ul>", "<ul><li>a<ul><li>b</li></ul></li></ul>", ["a", "b"]),
    "quotation": ("<blockquote><p>Said</p></blockquote>", "<blockquote><p>Said</p></blockquote>", ["Said"]),
    "heading one": ("<h1>Top</h1><p>x</p>", "<h2>Top</h2><p>x</p>", ["Top", "x"]),
    "bold across a break": ("<b>a<br>b</b>", "<p><strong>a</strong><br><strong>b</strong></p>", ["a", "b"]),
    "data table": (
        "<table><tr><th>A</th><td>1</td></tr></table>",
        "<table><tbody><tr><th>A</th><td>1</td></tr></tbody></table>",
        ["A", "1"],
    ),
    "layout table": ("<table><tr><td><p>One</p><p>Two</p></td></tr></table>", "<p>One</p><p>Two</p>", ["One", "Two"]),
    "hidden": ('<p>a</p><div style="display: none">b</div><p hidden>c</p>', "<p>a</p>", ["a"]),
    "pixel": ('<p>a<img src="/x.gif" width="1" height="1"></p>', "<p>a</p>", ["a"]),
    "pixel in a style": ('<p>a<img src="/x.gif" style="border:0; height: 1px !important"></p>', "<p>a</p>", ["a"]),
    "pixel of decimals": ('<p>a<img src="/x.gif" width="1.0"><img src="/y.gif" height="0px;"></p>', "<p>a</p>", ["a"]),
    "small percentage": (
        '<p>a<img src="/x.gif" width="1%" style="line-height:1"></p>',
        '<p>a<img src="https://paper.example/x.gif"></p>',
        ["a"],
    ),
    "counted players": (
        '<video src="/v" poster="https://pixel.wp.com/b.gif">a</video><audio src="https://pixel.wp.com/b.gif"></audio>',
        '<p><video src="https://paper.example/v" controls="">a</video></p>',
        ["a"],
    ),
    "late picture": (
        '<p><img src="data:image/gif;base64,R0" data-src="/real.jpg"></p>',
        '<p><img src="https://paper.example/real.jpg"></p>',
        [],
    ),
    "escaped markup": ("&lt;p&gt;One&lt;/p&gt;", "<p>One</p>", ["One"]),
    "link without a host": ("<p><a href='http://a b/'>One</a></p>", "<p>One</p>", ["One"]),
    "unknown tag": ("<p>Shares of <ticker>ABC</ticker> rose</p>", "<p>Shares of ABC rose</p>", ["Shares of ABC rose"]),
    "blank lines in inline markup": (
        "One <b>x</b>\n\nTwo",
        "<p>One <strong>x</strong></p><p>Two</p>",
        ["One x", "Two"],
    ),
    "tracking link": (
        '<p><a href="/a?utm_source=x" onclick="y">b</a></p>',
        '<p><a href="https://paper.example/a" rel="noopener noreferrer">b</a></p>',
        ["b"],
    ),
}


@pytest.mark.parametrize(("markup", "html", "texts"), SHAPES.values(), ids=SHAPES.keys())
def test_markup_keeps_its_shape(markup: str, html: str, texts: list[str]) -> None:
    lines = read(Markup(value=markup), BASE)
    assert render(lines) == html
    assert [line.text for line in lines if line.text] == texts


def test_plain_text_is_escaped_not_parsed() -> None:
    assert render(read(Markup(value="if a < b & c: <b>", html=False), BASE)) == "<p>if a &lt; b &amp; c: &lt;b&gt;</p>"


def test_lines_wrapped_at_a_width_are_joined() -> None:
    text = (
        "The council of the island said it would close\nthe last ferry line in the month of May, after\n"
        "the subsidy from the mainland had come to an end.\n"
        " Nobody on the quay had been told of it before,\nsaid the keeper of the lighthouse on Monday.\n"
    )
    first, second = plain_lines(text)
    assert first.endswith(
        "close the last ferry line in the month of May, after the subsidy from the mainland had come to an end."
    )
    assert second == "Nobody on the quay had been told of it before, said the keeper of the lighthouse on Monday."


def test_long_lines_are_paragraphs() -> None:
    line = (
        "The council of the island said it would close the last ferry line in May, after the subsidy ended on Monday."
    )
    assert plain_lines(f"{line}\n{line}\n\n{line}") == [line] * 3


HEAVY = {
    "deep divisions": "<div>" * 60_000 + "x",
    "deep and closed": "<div>" * 30_000 + "x" + "</div>" * 30_000,
    "deep inline": "<b><i>" * 20_000 + "x",
    "many links": "<a href=x>y" * 40_000,
    "tables in tables": "<table><tr><td>" * 10_000,
    "many attributes": "<p " + " ".join(f"a{n}=1" for n in range(50_000)) + ">x</p>",
    "huge text": "<p>" + "word " * 400_000 + "</p>",
    "open brackets": "<" * 300_000,
    "entities": "&amp;" * 100_000,
    "blanks": "<p>a" + " " * 400_000 + "b</p>",
    "breaks": "<br>" * 100_000,
    "parentheses": "<p>" + "(" * 200_000,
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("markup", HEAVY.values(), ids=HEAVY.keys())
def test_cleaning_absurd_markup_comes_to_an_end(markup: str) -> None:
    assert_safe(cleaned(markup)[:10_000])
