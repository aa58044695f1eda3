"""Markup that tells something stays: code, tables, lists, directions, rules, notes, ruby, formulas."""

import pytest

from feedhub.clean.html import read, render
from feedhub.model import Markup

BASE = "https://quay.example/a/1"
ROW = "<tr><td>Selm</td><td>40</td></tr>"
LONG = "The wall of the northern basin was built with stones of the old breakwater. " * 6


def cleaned(markup: str) -> str:
    return render(read(Markup(value=markup), BASE))


def table(rows: str) -> str:
    return f"<table><tbody>{rows}</tbody></table>"


SHAPES = {
    # code
    "indentation and empty lines": (
        "<pre><code>def f(x):\n    if x:\n        return 1\n\n    return 2\n</code></pre>",
        "<pre><code>def f(x):\n    if x:\n        return 1\n\n    return 2</code></pre>",
    ),
    "tabs, and blanks within": ("<pre>a:\n\tb  c\n</pre>", "<pre>a:\n\tb  c</pre>"),
    "code in coloured pieces": (
        '<pre><span class="k">if</span> <span>x</span>:\n  <b>y</b>\n</pre>',
        "<pre>if x:\n  <strong>y</strong></pre>",
    ),
    "code with breaks": ("<pre>a<br>  b<br><br>c</pre>", "<pre>a\n  b\n\nc</pre>"),
    "code with a line to a block": ("<pre><div>a</div><div>  b</div></pre>", "<pre>a\n  b</pre>"),
    "entities that are code": ("<pre>&amp;lt;p&amp;gt; &amp;amp;</pre>", "<pre>&amp;lt;p&amp;gt; &amp;amp;</pre>"),
    "entities in a line of code": (
        "<p>Write <code>&amp;nbsp;</code> here.</p>",
        "<p>Write <code>&amp;nbsp;</code> here.</p>",
    ),
    "numbered code": (
        '<table><tr><td class="gutter"><pre>1\n2</pre></td><td class="code"><pre>a\n  b</pre></td></tr></table>',
        "<pre>a\n  b</pre>",
    ),
    "no code": ("<p>a:\n    b\n\n  c</p>", "<p>a: b c</p>"),
    "code that a script would show": (
        '<script src="https://gist.github.com/quay/0123456789ab.js"></script><noscript><pre>a\n  b</pre></noscript>',
        '<figure><p><a href="https://gist.github.com/quay/0123456789ab" rel="noopener noreferrer">'
        "gist.github.com/quay/0123456789ab</a></p></figure><pre>a\n  b</pre>",
    ),
    "code in numbered rows": (
        '<table><tr><td class="blob-num">1</td><td class="blob-code js">a:</td></tr>'
        '<tr><td class="blob-num">2</td><td class="blob-code js">  b</td></tr></table>',
        "<pre>a:\n  b</pre>",
    ),
    "code by its style": ('<div style="white-space: pre">a:\n  b</div>', "<pre>a:\n  b</pre>"),
    "prose by that style": (
        '<p style="white-space: pre-wrap">One line\nand another</p>',
        "<p>One line and another</p>",
    ),
    "a task that is done, one that is open": (
        '<ul><li><input type="checkbox" checked> a</li><li><input type="checkbox"> b</li></ul>',
        "<ul><li>\u2611 a</li><li>\u2610 b</li></ul>",
    ),
    "a formula for a script": (
        '<p>Thus <span class="MathJax_Preview">x</span><script type="math/tex">x^2</script>.</p>',
        r"<p>Thus \(x^2\).</p>",
    ),
    "a note by the page's whole address": (
        '<p>a<a href="https://quay.example/a/1#n1">1</a></p><p id="n1">b</p>',
        '<p>a<a href="#n-n1" rel="noopener noreferrer">1</a></p><p><span id="n-n1"></span>b</p>',
    ),
    "a note by its escaped name": (
        '<p>a<a href="#n%3A1">1</a></p><p id="n:1">b</p>',
        '<p>a<a href="#n-n:1" rel="noopener noreferrer">1</a></p><p><span id="n-n:1"></span>b</p>',
    ),
    "direction by a style": ('<p style="color:red; direction: rtl">a</p>', '<p dir="rtl">a</p>'),
    "language as XML writes it": (
        '<p>a <span xml:lang="fr">b</span></p>',
        '<p>a <span lang="fr">b</span></p>',
    ),
    # tables
    "pictures in cells": (
        f'<table><tr><th>Club</th><th>Points</th></tr><tr><td><img src="/c.png"> Selm</td><td>3</td></tr>{ROW}</table>',
        table(
            '<tr><th>Club</th><th>Points</th></tr><tr><td><img src="https://quay.example/c.png"> Selm</td><td>3</td>'
            f"</tr>{ROW}"
        ),
    ),
    "breaks in cells": (
        f"<table><tr><td>Selm<br>north</td><td>40</td></tr>{ROW}</table>",
        table(f"<tr><td>Selm<br>north</td><td>40</td></tr>{ROW}"),
    ),
    "paragraphs in cells": (
        f"<table><tr><td><p>Selm</p><p>north</p></td><td><p>40</p></td></tr>{ROW}</table>",
        table(f"<tr><td>Selm<br>north</td><td>40</td></tr>{ROW}"),
    ),
    "lists in cells": (
        f"<table><tr><th>a</th><th>b</th></tr><tr><td><ul><li>x</li><li>y</li></ul></td><td>40</td></tr>{ROW}</table>",
        table(f"<tr><th>a</th><th>b</th></tr><tr><td><ul><li>x</li><li>y</li></ul></td><td>40</td></tr>{ROW}"),
    ),
    "spans": (
        f'<table><tr><th colspan="2">Tons</th></tr><tr><td rowspan=2>a</td><td colspan="1">b</td></tr>{ROW}</table>',
        table(f'<tr><th colspan="2">Tons</th></tr><tr><td rowspan="2">a</td><td>b</td></tr>{ROW}'),
    ),
    "empty cells": (
        f"<table><tr><td></td><td>40</td></tr>{ROW}</table>",
        table(f"<tr><td></td><td>40</td></tr>{ROW}"),
    ),
    "head of a table": (
        f"<table><caption>Ports</caption><thead><tr><td>a</td><td>b</td></tr></thead><tbody>{ROW}</tbody></table>",
        f"<p>Ports</p>{table(f'<tr><th>a</th><th>b</th></tr>{ROW}')}",
    ),
    "one row arranges": ("<table><tr><td>a</td><td>b</td></tr></table>", "<p>a</p><p>b</p>"),
    "one column arranges": ("<table><tr><td>a</td></tr><tr><td>b</td></tr></table>", "<p>a</p><p>b</p>"),
    "a table round a table arranges": (
        f"<table><tr><td>a</td><td><table>{ROW}{ROW}</table></td></tr><tr><td>b</td><td>c</td></tr></table>",
        f"<p>a</p>{table(ROW + ROW)}<p>b</p><p>c</p>",
    ),
    "one column with a header": (
        "<table><tr><th>a</th></tr><tr><td>b</td></tr></table>",
        table("<tr><th>a</th></tr><tr><td>b</td></tr>"),
    ),
    "a table within a table of data": (
        "<table><tr><th>a</th><td>b</td></tr><tr><th>c</th><td><table><tr><td>d</td></tr><tr><td>e</td></tr></table>"
        "</td></tr></table>",
        table("<tr><th>a</th><td>b</td></tr><tr><th>c</th><td>d<br>e</td></tr>"),
    ),
    "a table for presentation arranges": (
        f'<table role="presentation">{ROW}{ROW}</table>',
        "<p>Selm</p><p>40</p><p>Selm</p><p>40</p>",
    ),
    "texts side by side are arranged": (
        f"<table><tr><td>{LONG}</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>",
        f"<p>{LONG.strip()}</p><p>b</p><p>c</p><p>d</p>",
    ),
    "a table with nothing in it": ("<table><tr><td></td><td> </td></tr><tr><td></td><td></td></tr></table>", ""),
    # lists
    "where a list begins": ('<ol start="5"><li>a</li></ol>', '<ol start="5"><li>a</li></ol>'),
    "how a list is numbered": (
        '<ol type="a" reversed><li value="7">a</li></ol>',
        '<ol type="a" reversed=""><li value="7">a</li></ol>',
    ),
    "a list that begins at one": ('<ol start="1" type="disc"><li>a</li></ol>', "<ol><li>a</li></ol>"),
    "a quotation in a list": (
        "<ul><li>a<blockquote>b</blockquote></li></ul>",
        "<ul><li>a<blockquote><p>b</p></blockquote></li></ul>",
    ),
    "code in a list": ("<ol><li>a<pre>b\n  c</pre></li></ol>", "<ol><li>a<pre>b\n  c</pre></li></ol>"),
    "items without a list": ("<li>a</li><li>b</li>", "<ul><li>a</li><li>b</li></ul>"),
    "definitions": (
        "<dl><dt>Mole</dt><dd>A wall.</dd><dd><p>Or an animal.</p></dd></dl>",
        "<dl><dt>Mole</dt><dd>A wall.</dd><dd>Or an animal.</dd></dl>",
    ),
    "a definition without its list": ("<dd>a</dd>", "<p>a</p>"),
    # directions
    "direction of a paragraph": ('<p dir="rtl">a</p>', '<p dir="rtl">a</p>'),
    "direction of many": ('<div dir="RTL"><p>a</p><p>b</p></div>', '<div dir="rtl"><p>a</p><p>b</p></div>'),
    "direction within a direction": (
        '<div dir="rtl" lang="ar"><p dir="rtl">a</p><p dir="ltr" lang="en">b</p></div>',
        '<div dir="rtl" lang="ar"><p>a</p><p dir="ltr" lang="en">b</p></div>',
    ),
    "direction of a word": ('<p>a <span dir="rtl">b</span></p>', '<p>a <span dir="rtl">b</span></p>'),
    "words apart": ("<p>a <bdi>b</bdi> <bdo dir=rtl>c</bdo></p>", '<p>a <bdi>b</bdi> <bdo dir="rtl">c</bdo></p>'),
    "language of a quotation": ('<blockquote lang="fr">a</blockquote>', '<blockquote lang="fr"><p>a</p></blockquote>'),
    "no direction": ('<p dir="sideways" lang="?">a</p>', "<p>a</p>"),
    # rules
    "a rule": ("<p>a</p><hr><p>b</p>", "<p>a</p><hr><p>b</p>"),
    "a rule in a cell is none": (
        f"<table><tr><td>a<hr>b</td><td>c</td></tr>{ROW}</table>",
        table(f"<tr><td>a<br>b</td><td>c</td></tr>{ROW}"),
    ),
    # notes
    "a note and the way back": (
        '<p>Stone<sup id="r1"><a href="#f1">1</a></sup>.</p><ol><li id="f1">Basalt. <a href="#r1">back</a></li></ol>',
        '<p>Stone<span id="n-r1"></span><sup><a href="#n-f1" rel="noopener noreferrer">1</a></sup>.</p>'
        '<ol><li><span id="n-f1"></span>Basalt. <a href="#n-r1" rel="noopener noreferrer">back</a></li></ol>',
    ),
    "a name of old": (
        '<p><a href="#x">a</a></p><p><a name="x"></a>b</p>',
        '<p><a href="#n-x" rel="noopener noreferrer">a</a></p><p><span id="n-x"></span>b</p>',
    ),
    "contents of the article": (
        '<nav><a href="#x">a</a></nav><p id="x">b</p>',
        '<p><a href="#n-x" rel="noopener noreferrer">a</a></p><p><span id="n-x"></span>b</p>',
    ),
    "contents of the site": ('<nav><a href="/x">a</a></nav><p id="x">b</p>', "<p>b</p>"),
    "a place elsewhere": (
        '<p><a href="#comments">a</a></p>',
        '<p><a href="https://quay.example/a/1#comments" rel="noopener noreferrer">a</a></p>',
    ),
    "a name that no link leads to": ('<p id="x">a</p>', "<p>a</p>"),
    # ruby and formulas
    "ruby": (
        "<p><ruby>港<rp>(</rp><rt>みなと</rt><rp>)</rp></ruby></p>",
        "<p><ruby>港<rp>(</rp><rt>みなと</rt><rp>)</rp></ruby></p>",
    ),
    "a formula": (
        '<p>Energy is <math xmlns="http://www.w3.org/1998/Math/MathML"><mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi>'
        "<mn>2</mn></msup></math> as known.</p>",
        "<p>Energy is <math><mi>E</mi><mo>=</mo><mi>m</mi><msup><mi>c</mi><mn>2</mn></msup></math> as known.</p>",
    ),
    "a formula for machines": (
        "<p><math alttext='x'><semantics><mi>x</mi><annotation encoding='TeX'>x</annotation></semantics></math></p>",
        "<p><math><semantics><mi>x</mi></semantics></math></p>",
    ),
    "a formula that shows nothing": ("<p>a <math alttext='x + y'><mspace/></math></p>", "<p>a x + y</p>"),
    "a formula drawn a second time": (
        '<p><span class="katex"><span class="katex-mathml"><math><mi>x</mi></math></span>'
        '<span class="katex-html" aria-hidden="true"><span>x</span></span></span></p>',
        "<p><math><mi>x</mi></math></p>",
    ),
    "a formula of its own line": (
        "<math display='block'><mi>x</mi></math>",
        '<p><math display="block"><mi>x</mi></math></p>',
    ),
    # blanks
    "blanks round a picture": (
        '<p>Great <img src="/e.png"> news</p>',
        '<p>Great <img src="https://quay.example/e.png"> news</p>',
    ),
    "a blank behind a first picture": (
        '<p><img src="/e.png"> news</p>',
        '<p><img src="https://quay.example/e.png"> news</p>',
    ),
    "no blank behind a picture": (
        '<p><img src="/e.png">news <img src="/e.png"> </p>',
        '<p><img src="https://quay.example/e.png">news <img src="https://quay.example/e.png"></p>',
    ),
}


@pytest.mark.parametrize(("markup", "html"), SHAPES.values(), ids=SHAPES)
def test_markup_that_tells_something_stays(markup: str, html: str) -> None:
    assert cleaned(markup) == html
    assert cleaned(html) == html


@pytest.mark.parametrize(("markup", "html"), SHAPES.values(), ids=SHAPES)
def test_it_stays_among_many_tags(markup: str, html: str) -> None:
    assert cleaned("<!---->" * 400 + markup) == html


CLOSED = {
    "script": "<script src='https://w.example/a.js'/>",
    "script with attributes": '<script async="async" src="https://w.example/a.js" />',
    "style": "<style/>",
    "title": "<title />",
    "textarea": "<textarea/>",
    "frame": "<iframe src='https://video.example/1' />",
    "drawing": "<svg/>",
    "choice": "<select/>",
    "template": "<template />",
    "canvas": "<canvas id='a'/>",
    "what scripts replace": "<noscript/>",
    "an address without its end": '<a href="https://x.example/1></a>',
    "two scripts": "<script src='a.js'/><p>between</p><script src='b.js'></script>",
}


@pytest.mark.parametrize("element", CLOSED.values(), ids=CLOSED)
def test_what_is_closed_in_itself_swallows_nothing(element: str) -> None:
    html = cleaned(f"<p>One</p>{element}<p>Two</p><p>Three</p>")
    assert html.startswith("<p>One</p>")
    assert html.endswith("<p>Two</p><p>Three</p>")
    assert ("between" in html) == ("between" in element)


def test_a_script_that_only_looks_closed_is_no_text() -> None:
    assert cleaned("<p>One</p><script src='a.js'/>var x = 1;</script><p>Two</p>") == "<p>One</p><p>Two</p>"


def test_the_text_behind_an_xml_declaration_in_a_drawing_stays() -> None:
    drawing = '<svg xmlns="http://www.w3.org/2000/svg"><?xml version="1.0"?><path d="M0"/></svg>'
    assert cleaned(f"<p>One</p>{drawing}<p>Two</p>") == "<p>One</p><p>Two</p>"
