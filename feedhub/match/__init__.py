"""Copies -> which of them tell the same story, and on what ground. Pure functions throughout.

prepare      Copy               -> Prepared      tokens, shingles, quotations, numbers as arrays
keys         Prepared           -> uint64 array  by which it is looked up (SQL index and memory alike)
coded        Copy...            -> Coded...      words as numbers, from which keys_of and prepare_coded go on
segment_of   keys of Copy...    -> Segment       packed; Lookup holds many, Search looks a batch up
learn        Prepared...        -> Furniture     what each source repeats under unlike headlines
judge        Prepared, Prepared -> Verdict       score, threshold, rules, relation
explain_pair Prepared, Prepared -> Explanation   the same, laid out for a person
partition    Prepared..., judge -> Place...      one connected component parted into stories
match_stream Copy...            -> Row...        all of it over a finite stream, in bounded memory
events       Teaser...          -> groups        reports of one happening, for the eye alone
open pairs   Teaser...          -> OpenPair...   which pages are worth reading (`reading`)
Replay       Copy...            -> the run again, to be asked why a pair is one story
shares       text, text         -> share         of one text's words that stand in runs of the other
"""

from feedhub.match.cluster.guid_reuse import is_guid_reused
from feedhub.match.cluster.partition import partition
from feedhub.match.cluster.replay import Replay
from feedhub.match.cluster.rows import DedupeRow
from feedhub.match.cluster.stream import match_stream
from feedhub.match.event_groups import group_events
from feedhub.match.index.batch_search import RepeatedGroup, Search
from feedhub.match.index.keys import keys, keys_of
from feedhub.match.index.learned_furniture import (
    NO_FURNITURE,
    Furniture,
    Shingles,
    learn,
    learn_groups,
    learned_lines,
    same_shingles,
)
from feedhub.match.index.lookup import Lookup, furniture_keys
from feedhub.match.index.segment import Segment, segment_of
from feedhub.match.reading.page_plan import WantedPage, is_own_page, read_pages, wanted
from feedhub.match.reading.teaser import (
    ENOUGH_WORDS,
    Teaser,
    TeaserText,
    are_alike,
    supports,
    teaser_of,
    teasers_of,
)
from feedhub.match.reading.teaser_index import OpenPair, TeaserIndex
from feedhub.match.reading.teaser_pack import numbers_of, pack_teasers, unpack_teasers
from feedhub.match.reading.word_weights import WordWeights
from feedhub.match.text.hashing import hash64
from feedhub.match.text.overlap import shares
from feedhub.match.text.prepare import Coded, Prepared, coded, prepare, prepare_coded
from feedhub.match.text.tokens import U64, codes, forget_numbers, forget_spellings
from feedhub.match.verdict.explanation import Explanation, explain_pair
from feedhub.match.verdict.judge import judge

__all__ = [
    "ENOUGH_WORDS",
    "NO_FURNITURE",
    "U64",
    "Coded",
    "DedupeRow",
    "Explanation",
    "Furniture",
    "Lookup",
    "OpenPair",
    "Prepared",
    "RepeatedGroup",
    "Replay",
    "Search",
    "Segment",
    "Shingles",
    "Teaser",
    "TeaserIndex",
    "TeaserText",
    "WantedPage",
    "WordWeights",
    "are_alike",
    "coded",
    "codes",
    "explain_pair",
    "forget_numbers",
    "forget_spellings",
    "furniture_keys",
    "group_events",
    "hash64",
    "is_guid_reused",
    "is_own_page",
    "judge",
    "keys",
    "keys_of",
    "learn",
    "learn_groups",
    "learned_lines",
    "match_stream",
    "numbers_of",
    "pack_teasers",
    "partition",
    "prepare",
    "prepare_coded",
    "read_pages",
    "same_shingles",
    "segment_of",
    "shares",
    "supports",
    "teaser_of",
    "teasers_of",
    "unpack_teasers",
    "wanted",
]
