"""Rules on what differs in aligned text and in headlines, and the stricter ones inside one outlet."""

from __future__ import annotations

from feedhub.match.text.overlap import SHORT
from feedhub.match.verdict.evidence import Evidence
from feedhub.match.verdict.rule import EQUAL_TEXT, LONG_REPRINT, MARKED, ONE_PAGE, Stage, rule
from feedhub.match.verdict.rules_shared import foreign_headline
from feedhub.match.verdict.thresholds import DAY, Thresholds


@rule(
    "numbers-differ",
    Stage.ALIGNED,
    "numbers differ",
    raises_by="numbers_raise",
    case="ag-5600/ag-5618: two reports with other figures",
    fires="“12 pct” and “7 pct” in two teasers and nothing else in figures",
    silent="two teasers that share a number",
)
def numbers_differ(e: Evidence, t: Thresholds) -> bool:
    return e.is_short and (e.numbers_apart or (e.d.headline_numbers and not e.numbers_agree))


@rule(
    "follow-up",
    Stage.ALIGNED,
    "another day, under a lede of its own: a follow-up",
    overruled_by=(ONE_PAGE, MARKED),
    case="odu-c153f2a116161206/odu-c69d42b19f161204: the next report on the old background",
    fires="two days later, a survivor's words above seven tenths of the old report",
    silent="a write-through of the same evening",
)
def follow_up(e: Evidence, t: Thresholds) -> bool:
    return not e.near and e.words >= SHORT and e.overlap.lead < t.followed


@rule(
    "late-conflict",
    Stage.ALIGNED,
    "numbers, dates or negation differ, further apart than a revision",
    overruled_by=(ONE_PAGE, MARKED),
    case="reuters: the same form, days later",
    fires="34 dead; two days later 36 dead",
    silent="34 dead; six hours later 36 dead",
)
def late_conflict(e: Evidence, t: Thresholds) -> bool:
    return e.conflict and not e.near


@rule(
    "little-shared",
    Stage.ALIGNED,
    "numbers, dates or negation differ and little else is shared",
    overruled_by=(ONE_PAGE,),
    case="ag-1299/ag-1316: thirty words with another toll are a revision, ten are not",
    fires="ten shared words and another number",
    silent="thirty shared words and another toll",
)
def little_shared(e: Evidence, t: Thresholds) -> bool:
    if not e.conflict:
        return False
    denied = e.words < t.brief and e.d.count("negation") > 0 and not e.marked
    return e.overlap.shared_words < 12 or denied


@rule(
    "other-names",
    Stage.ALIGNED,
    "the headlines name others",
    overruled_by=(ONE_PAGE, EQUAL_TEXT, LONG_REPRINT),
    case="two makers of chips that cross one mark",
    fires="“Gunman kills three in Tolvik bank” and “... in Harsund bank”",
    silent="888 of 915 words in common under two ways to name a country",
)
def other_names(e: Evidence, t: Thresholds) -> bool:
    o, d = e.overlap, e.d
    replaced = d.hard + d.count("word") if d.count("word") else 0
    others = d.headline_names or (d.headline_words_both and d.hard > 0 and replaced >= 3)
    return others and (o.title >= 0.3 or d.count("hour") > 0)


@rule(
    "swapped-headlines",
    Stage.ALIGNED,
    "each headline names what stands in the other's place in the text",
    overruled_by=(ONE_PAGE, MARKED),
    case="one warning for two places, two recalls of one bakery",
    fires="“Glass in poppy rolls” and “Mills wants cheese sticks back” over one form",
    silent="El Niño and El Nino",
)
def swapped_headlines(e: Evidence, t: Thresholds) -> bool:
    return e.d.headline_swapped


@rule(
    "denying-headline",
    Stage.ALIGNED,
    "one headline denies what the other says",
    overruled_by=(ONE_PAGE, MARKED),
    case="two ballots",
    fires="“Pilots vote to strike” and “Pilots vote not to strike”",
    silent="headlines that are not alike",
)
def denying_headline(e: Evidence, t: Thresholds) -> bool:
    return e.d.headline_negation


# ---------------------------------------------------------------- one outlet seldom runs a story twice


@rule(
    "outlet-conflict",
    Stage.ALIGNED,
    "one source, other numbers, dates or negation",
    overruled_by=(ONE_PAGE, MARKED),
    case="reuters: dividends and payouts of one day",
    fires="“sets payout of 12 cents” and “sets payout of 14 cents” on one wire",
    silent="a toll raised within the day in a running text of 40 words and more under its headline",
)
def outlet_conflict(e: Evidence, t: Thresholds) -> bool:
    if not (e.one_outlet and e.conflict):
        return False
    running = e.near and e.overlap.title >= 0.5 and e.words >= 40 and 40 * e.d.hard <= e.d.aligned
    return not running


@rule(
    "outlet-follow-up",
    Stage.ALIGNED,
    "one source, a lede of its own under another headline: a follow-up",
    overruled_by=(ONE_PAGE, MARKED),
    case="adaderanalk-ae508c02/adaderanalk-ecb08959: arrested, then shot dead",
    fires="“Suspect arrested”, and 14 hours later “Suspect killed” over the same background",
    silent="the same headline over a text with a new lede; an equal text under a new headline",
)
def outlet_follow_up(e: Evidence, t: Thresholds) -> bool:
    o = e.overlap
    return e.one_outlet and min(o.short_lead, o.long_lead) < t.lede and o.title < t.outlet_headline


@rule(
    "outlet-headlines",
    Stage.ALIGNED,
    "one source, unlike headlines",
    overruled_by=(ONE_PAGE,),
    case="reuters: one form, two companies",
    fires="two payouts of one wire",
    silent="an equal text under a new headline within half a day",
)
def outlet_headlines(e: Evidence, t: Thresholds) -> bool:
    return e.one_outlet and e.overlap.title < t.outlet_title and not (e.equal and e.half_a_day)


@rule(
    "outlet-advert",
    Stage.ALIGNED,
    "one source shows this text under headlines that have nothing to do with it",
    overruled_by=(ONE_PAGE,),
    case="odu: a site's advert under two headlines",
    fires="“Sign up for our briefing” under two headlines",
    silent="a pun over its own text",
)
def outlet_advert(e: Evidence, t: Thresholds) -> bool:
    return e.one_outlet and foreign_headline(e, t)


@rule(
    "outlet-another-day",
    Stage.ALIGNED,
    "one source, another day, new text or numbers",
    overruled_by=(ONE_PAGE, MARKED),
    case="reuters: market reports of two days",
    fires="half a day later, two tenths of the text are new",
    silent="the morning's text again in the evening",
)
def outlet_another_day(e: Evidence, t: Thresholds) -> bool:
    return e.one_outlet and not e.half_a_day and (e.overlap.out < 0.8 or e.fresh_numbers)


@rule(
    "side-by-side",
    Stage.ALIGNED,
    "one document lists both, under different pages: two items",
    overruled_by=(ONE_PAGE, MARKED),
    case="three warnings of wind, three bulletins, three answers of one thread in one feed",
    fires="“Yellow warning of wind” twice in one feed, each with a page of its own",
    silent="sixty words and more: a reprint; an entry that came when the other had gone",
)
def side_by_side(e: Evidence, t: Thresholds) -> bool:
    return e.side_by_side and e.words < t.reprint


@rule(
    "recurring-item",
    Stage.ALIGNED,
    "one source, the same few words on another page and day: it recurs",
    overruled_by=(ONE_PAGE, MARKED),
    case="“Yellow warning of wind”, “Letters to the editor”, the hourly bulletin",
    fires="a warning of wind in the same twelve words, a day later, on another page",
    silent="sixty words and more; the same words an hour later",
)
def recurring_item(e: Evidence, t: Thresholds) -> bool:
    a, b = e.left, e.right
    if a.key.source != b.key.source or e.words >= t.reprint or e.half_a_day:
        return False
    return a.copy.url_key is not None and b.copy.url_key is not None and a.copy.url_key != b.copy.url_key


@rule(
    "outlet-headline-word",
    Stage.ALIGNED,
    "one source, a headline word that the other never says",
    overruled_by=(ONE_PAGE, MARKED),
    case="reuters: the payouts of two funds of one house",
    fires="two funds of one house",
    silent="an equal text of 40 words within half a day",
)
def outlet_headline_word(e: Evidence, t: Thresholds) -> bool:
    sure = e.equal and e.words >= 40 and not e.d.hard and e.half_a_day
    return e.one_outlet and e.is_short and e.d.headline_words and e.overlap.title < t.same_headline and not sure


@rule(
    "outlet-days",
    Stage.ALIGNED,
    "one source, headlines of different days",
    overruled_by=(ONE_PAGE,),
    case="“Tuesday's fixtures”, “Wednesday's fixtures”",
    fires="two lists of fixtures",
    silent="a headline that drops the day",
)
def outlet_days(e: Evidence, t: Thresholds) -> bool:
    return e.one_outlet and e.d.headline_days


@rule(
    "recurring-headline",
    Stage.ALIGNED,
    "one source, a headline that recurs",
    overruled_by=(ONE_PAGE, EQUAL_TEXT),
    case="reuters: a report on the money market, every other day",
    fires="“Weather” again two days later with other numbers",
    silent="a text found whole two days later",
)
def recurring_headline(e: Evidence, t: Thresholds) -> bool:
    if not e.one_outlet or e.overlap.title <= 0.8 or e.gap <= t.recurs * DAY:
        return False
    return e.d.hard > 0 or e.fresh_numbers
