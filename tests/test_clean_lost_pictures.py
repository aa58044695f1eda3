"""Pictures whose address the sanitiser refuses: they go, and cleaning ends, whatever other sizes they name."""

from __future__ import annotations

import re

import pytest

from feedhub.clean.html import read, render
from feedhub.model import Markup

BASE = "http://base.test/"


def cleaned(markup: str) -> str:
    return render(read(Markup(value=markup), BASE))


#: addresses that we take for such, and the sanitiser does not
NO_HOSTS = (
    "http://a^b/x.jpg",
    "http://%zz/x.jpg",
    "http://a%20b/x.jpg",
    "http://exa\u2100mple.com/x.jpg",
    "http://h:99999/x",
)
LOST = {
    "sizes beside the address": ('<p>a</p><img src="{}" srcset="{} 2x" alt="b">', "<p>a</p>"),
    "sizes alone": ('<p>a</p><img srcset="{} 2x">', "<p>a</p>"),
    "in a link": ('<p>a</p><a href="{}"><img src="{}" srcset="{} 1x, {} 2x"></a>', "<p>a</p>"),
    "loaded late": ('<p>a</p><img data-src="{}" srcset="{} 640w" width="640">', "<p>a</p>"),
    "a figure": ('<p>a</p><figure><img src="{}" srcset="{} 2x"><figcaption>b</figcaption></figure>', "<figcaption>b"),
    "a film": ('<p>a</p><video src="{}" poster="{}"></video>', "<p>a</p>"),
    "a picture beside it": (
        '<p>a</p><img src="{}" srcset="{} 2x"><img src="http://c.test/d.jpg">',
        'src="http://c.test/d.jpg"',
    ),
    "another size is good": ('<p>a</p><img src="http://c.test/d.jpg" srcset="{} 2x">', 'src="http://c.test/d.jpg"'),
}


@pytest.mark.parametrize("address", NO_HOSTS)
@pytest.mark.parametrize(("markup", "wanted"), LOST.values(), ids=LOST)
def test_a_picture_that_lost_its_address_is_gone(markup: str, wanted: str, address: str) -> None:
    """By its other sizes it came back each time, and the poll of its source ended with an error each time."""
    html = cleaned(markup.replace("{}", address))
    assert wanted in html
    assert not re.search(r"<(?:img|video)(?! src=)", html)
    assert cleaned(html) == html
