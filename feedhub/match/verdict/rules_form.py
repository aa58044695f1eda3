"""Rules against forms: the same words of another day, place, score or verdict."""

from __future__ import annotations

from feedhub.match.text.overlap import SHORT
from feedhub.match.verdict.disagreements import raw_disagreements
from feedhub.match.verdict.evidence import Evidence
from feedhub.match.verdict.rule import LONG_REPRINT, MARKED, MOSTLY_ONE_TEXT, ONE_HEADLINE, ONE_PAGE, Stage, rule
from feedhub.match.verdict.thresholds import DAY, Thresholds


def _brief(e: Evidence) -> float:
    """Words of the shorter text; a character of a script without spaces is less than a word."""
    return min(e.words, e.overlap.short.size)


@rule(
    "form",
    Stage.ALIGNED,
    "half of it is furniture: a form, whose names, numbers or words are others",
    overruled_by=(ONE_PAGE, MARKED),
    case="the minutes of two committees, of which eleven words were left, six of them alike",
    fires="minutes of two committees, once their sentences were learned as furniture",
    silent="one notice, printed whole by two papers",
)
def form(e: Evidence, t: Thresholds) -> bool:
    if not e.is_form:
        return False
    o = e.overlap
    if not (o.title >= t.form_headline and o.all >= t.form_shared_under_it):
        if e.words < t.brief and not e.equal:
            return True
        if e.words < SHORT and o.all < t.form_shared:
            return True
    raw = raw_disagreements(o)
    return bool(raw.hard + raw.count("name"))


@rule(
    "other-day-form",
    Stage.ALIGNED,
    "the same words of another day, with other numbers or names",
    overruled_by=(ONE_PAGE, MARKED),
    case="forecasts, markets and draws of two days",
    fires="“... on Tuesday ... 18 degrees” and “... on Wednesday ... 21 degrees”",
    silent="one forecast in two papers",
)
def other_day_form(e: Evidence, t: Thresholds) -> bool:
    d = e.d
    return _brief(e) < t.dated and d.count("date") > 0 and d.count("number") + d.count("name") > 0


@rule(
    "next-day-form",
    Stage.ALIGNED,
    "one says today where the other says tomorrow, and more of the words differ",
    overruled_by=(ONE_PAGE, MARKED),
    case="adaderanalk-ef31b57a/dailymirrorlk-c69a18e3: the bulletins of two days",
    fires="“showers from tomorrow”, and nineteen hours later “showers from today”",
    silent="a text printed whole the next morning, its “tomorrow” made “today”",
)
def next_day_form(e: Evidence, t: Thresholds) -> bool:
    if _brief(e) >= t.dated or e.gap < t.next_day * DAY or e.overlap.all >= t.next_day_shared:
        return False
    return e.d.headline_forward or e.d.count("relative-day") > 0


@rule(
    "short-form-numbers",
    Stage.ALIGNED,
    "few words, and most of the numbers others: a template",
    overruled_by=(ONE_PAGE, MARKED),
    case="weather, prices and notices of two places",
    fires="“flour 12 crowns, eggs 30” and “flour 14 crowns, eggs 33”",
    silent="34 dead, then 36 dead, of 120 on board",
)
def short_form_numbers(e: Evidence, t: Thresholds) -> bool:
    numbers = e.d.count("number")
    return _brief(e) < SHORT and numbers >= t.changed and numbers >= t.changed_numbers * e.d.numbers


@rule(
    "short-form-names",
    Stage.ALIGNED,
    "few words, and other names: a template",
    overruled_by=(ONE_PAGE, MARKED, ONE_HEADLINE),
    case="two roads, two matches",
    fires="“A gunman shot dead three people in a bank in Tolvik” and “... in Harsund”, twice each",
    silent="one teaser under one long headline, in capitals here and small letters there",
)
def short_form_names(e: Evidence, t: Thresholds) -> bool:
    d = e.d
    if _brief(e) >= SHORT or not d.count("name") or d.places < t.changed:
        return False
    return t.names_every * d.places > d.aligned


@rule(
    "opposite-headlines",
    Stage.ALIGNED,
    "the headlines name opposites, and more of the text differs",
    overruled_by=(ONE_PAGE, MARKED, MOSTLY_ONE_TEXT),
    case="convicted, acquitted",
    fires="“Mayor convicted” and “Mayor acquitted” over one form of report",
    silent="101 of 132 words in common, and a country spelled in two ways",
)
def opposite_headlines(e: Evidence, t: Thresholds) -> bool:
    return _brief(e) < t.dated and e.d.headline_opposed and len(e.d.body) > 1


@rule(
    "denial",
    Stage.ALIGNED,
    "one denies what the other says",
    overruled_by=(ONE_PAGE, MARKED, LONG_REPRINT),
    case="a court that lets a road be built, and one that does not",
    fires="“may be built through the reserve” and “may not be built through the reserve”",
    silent="a “not” among 1,390 words in common",
)
def denial(e: Evidence, t: Thresholds) -> bool:
    return e.d.count("negation") > 0 and (_brief(e) < t.dated or e.d.headline_words_both)


@rule(
    "template",
    Stage.ALIGNED,
    "same words, other numbers or names: a template",
    overruled_by=(ONE_PAGE,),
    case="earnings of two companies",
    fires="“Aldermoor profit rises 12 pct” and “Brackwater profit rises 7 pct”",
    silent="a toll and the number of the missing, corrected in 200 words",
)
def template(e: Evidence, t: Thresholds) -> bool:
    d = e.d
    places = d.hard + d.count("name")
    return e.conflict and places >= t.template_places and t.template_every * places > d.aligned


@rule(
    "template-numbers",
    Stage.ALIGNED,
    "same words, most of the numbers others: a template",
    overruled_by=(ONE_PAGE,),
    case="market reports of two days",
    fires="a market report in which three of five figures are others",
    silent="a report of 400 words with two tolls corrected",
)
def template_numbers(e: Evidence, t: Thresholds) -> bool:
    others = e.d.count("number")
    if not e.conflict or others < t.template_places or others <= t.template_numbers * e.d.numbers:
        return False
    return t.numbers_every * others > e.d.aligned


@rule(
    "other-date",
    Stage.ALIGNED,
    "the same words of another date",
    overruled_by=(ONE_PAGE, MARKED),
    case="the same form, Tuesday the 6th and Wednesday the 7th",
    fires="“on Tuesday, May 6” and “on Wednesday, May 7”",
    silent="a weekday left out",
)
def other_date(e: Evidence, t: Thresholds) -> bool:
    return e.conflict and e.d.dates > 0


@rule(
    "other-hour",
    Stage.ALIGNED,
    "the same words of another hour, with other numbers",
    overruled_by=(ONE_PAGE, MARKED),
    case="two tremors of a day",
    fires="“a quake of 4.6 at 06:12” and “a quake of 5.1 at 15:45”",
    silent="the hour of one quake in two zones",
)
def other_hour(e: Evidence, t: Thresholds) -> bool:
    return e.conflict and e.d.count("hour") > 0 and e.d.count("number") + e.d.headline_numbers > 1
