"""Every number that a verdict hangs on, in one frozen value; each stands with the case that fixed it.

The ids are of judged pairs in the sets for tuning.
"""

from __future__ import annotations

from msgspec import Struct

DAY = 86400.0


class Thresholds(Struct, frozen=True, kw_only=True):
    """The numbers of the score and of the guards; words are words of the shorter text outside furniture."""

    # ---------------------------------------------------------------- the score

    #: full texts: share outside quotation plus a little for headline and lead (containment of an abridged copy)
    full: float = 0.55
    title_helps: float = 0.07
    lead_helps: float = 0.1
    #: texts below 80 words: weighty share, share of the other's top, headline
    #: (odu-e938d84ab9161212/odu-f213597cd8161212)
    short: float = 0.54
    #: it rises as texts get shorter than this (ag-5668/ag-5764: one headline, two reports in 21 words)
    brief: int = 36
    rise: float = 0.005
    #: against a text of twice the length nothing was cut away: an excerpt is found almost whole
    #: (odu-2311396528161106/odu-7e91e4c608161106 reaches .67, true excerpts 1.08 and more); lower also where the
    #: shorter one is not short, but borrows from a long report (odu-3a8b6c36fa161210/odu-59da418649161211, .65)
    excerpt: float = 0.8
    excerpt_untitled: float = 0.7
    #: one page of one outlet needs next to nothing
    page: float = 0.3
    #: a headline of so many words (signs, where no spaces are set), alike this much, within a day, is a story where one
    #: side has nothing but it ...
    headline_words: int = 12
    headline_signs: int = 30
    #: ... and so many where that side names the outlet or the agency of the other
    named_headline_words: int = 8
    named_headline_signs: int = 20
    same_headline: float = 0.95
    #: words beside its own headline up to which a text is nothing (the outlet's name)
    nothing: int = 4
    #: teasers of fewer words do not decide, so that such a headline does (odu-59a0ce2461161208/odu-b661b74109161208)
    teaser: int = 25

    # ---------------------------------------------------------------- guards that raise it

    #: a headline that belongs to neither text (ag-2115/ag-2760: the page's teaser under it is another's)
    foreign_title: float = 0.2
    foreign_raises: float = 0.5
    #: a lede is another's when less than this of it is shared; then the middle alone must carry the merge
    #: (partial wire and follow-ups with old background: odu-4f14712452161207/odu-b47b186b31161207)
    lede: float = 0.3
    own_lede_raises: float = 0.12
    #: ... unless more is shared than anybody borrows (write-throughs: fnc-train-1489/fnc-train-872)
    insert: int = 250
    #: numbers of headlines, or of two short texts, have nothing in common (ag-5600/ag-5618)
    numbers_raise: float = 0.15

    # ---------------------------------------------------------------- guards on what is shared

    #: shared words below which nothing is said: one phrase is no text (odu-1b7a605388161105/odu-270881942b161105)
    floor: int = 8
    #: ... unless headline and text are equal, and no stock line (“Letters to the editor”: readers write about the week)
    stock: int = 12
    #: mostly quotation, in either text (fnc-train-1214/fnc-train-16)
    quotation: float = 0.6
    #: below so many words a text that stands whole in a longer one is an insert there, not the story told at length
    brief_report: int = 150
    #: ... and up to so many a teaser, which may be any paragraph of the text under its headline
    teaser_of: int = 60
    teaser_title: float = 0.5
    teaser_floor: int = 20
    sentence_title: float = 0.85
    #: weight of plain words that a lede has; a byline, a caption's credit and tickers have fewer
    above: float = 5.0
    #: own words in front of what is shared, in both teasers, from which on each begins with a sentence of its own
    own_beginning: int = 10
    #: ... unless more than half is shared all the same (tamilmirrorlk-a8b80292/virakesarilk-513e1d9d)
    own_beginning_share: float = 0.55
    #: share of a teaser below which the headlines must agree this much (odu-e938d84ab9161212/odu-f213597cd8161212 does)
    little: float = 0.4
    little_title: float = 0.75
    #: a teaser whose shared words are names to this part has only said whom it is about
    plain_part: float = 0.62
    #: furniture in either text from which on it is a form, and what a form must have in common beside it
    form_shared: float = 0.85
    #: ... less where the headlines agree this much (a site's bar above the text is furniture and no form)
    form_headline: float = 0.8
    form_shared_under_it: float = 0.8

    # ---------------------------------------------------------------- guards on what differs

    #: a template changes numbers or names more often than once in so many words, at three places or more
    template_every: int = 25
    template_places: int = 3
    #: ... or this share of all the numbers that stand in the same place of both, once in so many words (a toll that
    #: rises takes the injured and the missing along, but not the hour and the place)
    template_numbers: float = 0.4
    numbers_every: int = 45
    #: texts below so many words are told by their day: who edits a brief leaves the weekday, a form changes it
    dated: int = 150
    #: days from which on today and tomorrow are two bulletins, not two clocks
    next_day: float = 0.25
    #: ... unless so much is one text (tamilmirrorlk-9b5a77a9/virakesarilk-39c37e8f: a feast begins tomorrow, today)
    next_day_shared: float = 0.75
    #: numbers, or names with numbers, that a short form changes; a rising toll changes one, or is the smaller part
    changed: int = 2
    changed_numbers: float = 0.5
    #: ... once in so many words at least (a traffic notice: two roads, two pairs of towns, two delays in 40)
    names_every: int = 50
    #: share of a lede that a follow-up keeps (odu-c153f2a116161206/odu-c69d42b19f161204)
    followed: float = 0.5
    #: weighty words of a headline which only its own text says
    own_words: int = 2
    own_part: float = 0.4

    # ---------------------------------------------------------------- one outlet

    #: one outlet seldom runs a story twice: headlines less alike than this are two stories
    outlet_title: float = 0.4
    #: ... and a new lede needs the headline to stay
    outlet_headline: float = 0.85
    #: days after which an equal headline recurs
    recurs: float = 1.2

    # ---------------------------------------------------------------- how near two texts are to one

    #: words from which on a text is long enough to be a reprint
    reprint: int = 60
    #: shares of both texts
    equal: float = 0.9
    #: words in common that overrule what a single word says
    long_reprint: int = 200
    mostly: int = 100
    mostly_part: float = 0.7


THRESHOLDS = Thresholds()
