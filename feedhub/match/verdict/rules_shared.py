"""Rules on what two texts share: where it stands, how much it is, what it is made of."""

from __future__ import annotations

from feedhub.match.text.overlap import SHORT
from feedhub.match.text.prepare import LEAD
from feedhub.match.verdict.evidence import Evidence
from feedhub.match.verdict.headlines import other_script, owns_headline, quotes_what_is_nowhere, tells_its_own
from feedhub.match.verdict.rule import (
    EQUAL_TEXT,
    LONG_REPRINT,
    MARKED,
    NOTHING_ABOVE,
    TEASER_OF_HEADLINE,
    WHOLE_TEASER,
    Stage,
    rule,
)
from feedhub.match.verdict.thresholds import Thresholds


@rule(
    "foreign-headline",
    Stage.SHARED,
    "a headline belongs to neither text",
    raises_by="foreign_raises",
    overruled_by=(WHOLE_TEASER,),
    case="ag-2115/ag-2760: the page's teaser under the headline is another article's",
    fires="“Eggs cooked well” over the first words of a report on a ferry",
    silent="a pun over 36 words that stand whole in both",
)
def foreign_headline(e: Evidence, t: Thresholds) -> bool:
    o = e.overlap
    if not e.titled or o.title >= t.foreign_title:
        return False
    return not (owns_headline(o.short, o.long) and owns_headline(o.long, o.short))


@rule(
    "own-lede",
    Stage.SHARED,
    "one begins with a lede of its own",
    raises_by="own_lede_raises",
    case="odu-4f14712452161207/odu-b47b186b31161207: old background under a new report",
    fires="agency paragraphs at the end of an own report",
    silent="a write-through: a new lede over 250 words and more of the old text",
)
def own_lede(e: Evidence, t: Thresholds) -> bool:
    o = e.overlap
    return e.words >= SHORT and min(o.short_lead, o.long_lead) < t.lede and o.out < 0.8 and o.shared_words < t.insert


@rule(
    "insert",
    Stage.SHARED,
    "stands inside a longer text under another lede",
    overruled_by=(TEASER_OF_HEADLINE, NOTHING_ABOVE),
    case="fnc-train-1056/fnc-train-767: a transcript that holds the report",
    fires="an agency brief of 90 words in the middle of an own report",
    silent="a teaser under a headline like the text's; a text under byline, credit and tickers",
)
def insert(e: Evidence, t: Thresholds) -> bool:
    o, n = e.overlap, e.words
    inside = o.long_lead < t.lede if LEAD <= n < t.brief_report else o.top < t.lede and e.is_excerpt
    return inside and o.back < 0.5 and (o.title < 0.3 or n < t.brief_report)


@rule(
    "quoted-part",
    Stage.SHARED,
    "what one quotes is no more than a part of the other",
    case="fnc-train-1214/fnc-train-16: both quote one letter",
    fires="two reports that quote one statement",
    silent="a report with quotations, printed whole by both",
)
def quoted_part(e: Evidence, t: Thresholds) -> bool:
    return e.overlap.back < 0.6 and e.overlap.quotation > t.quotation


@rule(
    "other-order",
    Stage.SHARED,
    "what is shared comes in another order",
    case="ag-765/ag-834: the same phrases, written anew",
    fires="three sentences of a report, the last one first",
    silent="a long report with two paragraphs moved",
)
def other_order(e: Evidence, t: Thresholds) -> bool:
    return e.overlap.order < 0.5


@rule(
    "few-words",
    Stage.SHARED,
    "too few words",
    case="odu-1b7a605388161105/odu-270881942b161105: two teasers share five words",
    fires="“three people, among them the captain” in two teasers",
    silent="equal teasers of seven words under a headline of five",
)
def few_words(e: Evidence, t: Thresholds) -> bool:
    o = e.overlap
    headline = min(len(o.short.title), len(o.long.title))
    if o.title > 0.9 and e.equal and min(e.words, o.short.size) + headline >= t.stock:
        return False
    return min(e.words, max(o.shared_words, o.shared_back)) < t.floor


@rule(
    "names-alone",
    Stage.READ,
    "the teasers share names, and little of what they say of them",
    overruled_by=(MARKED,),
    case="nf-54d17abaa7/nf-a2089a3f32: two reporters on one arrest",
    fires="“Ex-mayor Ilse Brandvold was arrested ... at the Northern Medical College”, else other words",
    silent="a lead with half of its words changed, verbs and names alike",
)
def names_alone(e: Evidence, t: Thresholds) -> bool:
    return e.words < t.teaser_of and e.overlap.out < 0.8 and e.plain_part < t.plain_part


@rule(
    "little-of-a-teaser",
    Stage.SHARED,
    "less than half of either teaser, and headlines that are not alike",
    overruled_by=(MARKED,),
    case="two reports on one closure that share the firm's and the office's names",
    fires="eleven of thirty words under “Office shuts three kitchens” and “Crackdown: three kitchens lose licences”",
    silent="a third of a lightly edited lead under nearly the same headline",
)
def little_of_a_teaser(e: Evidence, t: Thresholds) -> bool:
    o = e.overlap
    return e.words < t.teaser_of and max(o.out, o.back) < t.little and o.title < t.little_title


@rule(
    "own-beginnings",
    Stage.READ,
    "each begins with a sentence of its own",
    overruled_by=(MARKED,),
    case="nf-19995b3fd2/nf-2fe869c1d2: what is shared is the name of the law",
    fires="two teasers that say, each after its own ten words, under which Act a man was charged",
    silent="two teasers, one of which has a place and a byline above the sentence",
)
def own_beginnings(e: Evidence, t: Thresholds) -> bool:
    if e.words >= t.teaser_of or e.overlap.long_words >= 2 * t.teaser_of or e.overlap.out >= t.own_beginning_share:
        return False
    return min(e.above) >= t.own_beginning


@rule(
    "closing-sentence",
    Stage.SHARED,
    "one sentence, which the other says after others of its own",
    case="nf-71b2c5d796/nf-8164d037e4: both give the minister's sentence",
    fires="“The minister says it is the most important find in years.” alone, and behind another sentence",
    silent="the same under one headline",
)
def closing_sentence(e: Evidence, t: Thresholds) -> bool:
    o = e.overlap
    return e.words < t.teaser_floor and o.title < t.sentence_title and e.above[1] >= t.floor and o.all > 0.8


@rule(
    "quoted-headline",
    Stage.READ,
    "a headline quotes what the longer text does not say",
    case="nf-0d6fd4f174/nf-200e891e80: a reaction whose teaser tells the event in the agency's words",
    fires="“‘Total failure of the harbour’: opposition on ferry” over the report's first sentence",
    silent="a headline that quotes a sentence of the text",
)
def quoted_headline(e: Evidence, t: Thresholds) -> bool:
    o = e.overlap
    return e.is_short and e.is_excerpt and quotes_what_is_nowhere(o.short, o.long)


@rule(
    "other-script",
    Stage.READ,
    "their ledes are written in two scripts",
    case="dailymirrorlk-89ab7106/virakesarilk-11126a7b: an English list inside a Tamil report",
    fires="an English report and a Tamil one that appends its list of names",
    silent="two Tamil reports with English names in them",
)
def unlike_scripts(e: Evidence, t: Thresholds) -> bool:
    return e.overlap.short_lead < t.lede and e.overlap.long_lead < t.lede and other_script(e.left, e.right)


@rule(
    "two-agencies",
    Stage.SHARED,
    "each is signed by another agency",
    overruled_by=(EQUAL_TEXT, WHOLE_TEASER),
    case="wirepool: teasers signed Bloomberg and Reuters are nearly always two texts",
    fires="two teasers on one event, one signed Reuters, one Bloomberg, with a clause in common",
    silent="one text of 60 words that two papers credit otherwise",
)
def two_agencies(e: Evidence, t: Thresholds) -> bool:
    one, other = e.left.copy.wire.agency, e.right.copy.wire.agency
    return e.is_short and one is not None and other is not None and one.casefold() != other.casefold()


@rule(
    "own-headlines",
    Stage.READ,
    "each headline is told by what only its own text says",
    overruled_by=(MARKED, EQUAL_TEXT, LONG_REPRINT),
    case="two planning notices of one council in which only the officer is the same",
    fires="“Harrow Road to close” and “Library opens on Sundays” over one form of minutes",
    silent="one text under two headlines",
)
def own_headlines(e: Evidence, t: Thresholds) -> bool:
    o = e.overlap
    if o.title >= 0.6 or o.all > t.equal:
        return False
    return tells_its_own(o.short, o.long, t) and tells_its_own(o.long, o.short, t)
