"""Which articles' pages are worth reading, because headlines and teasers do not decide.

word_weights   how rare a word is: shipped, then learned from what is indexed
teaser         Copy -> Teaser        its telling words, weighted
teaser_pack    Teaser... <-> bytes     so that a process that begins need not make them anew
teaser_index   Teaser... -> OpenPair pairs of outlets that may tell one story, most promising first
page_plan      OpenPair... -> pages  one page of a pair first, the other only where that one speaks for it
"""
