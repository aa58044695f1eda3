"""A claimed source -> rows that wait to be settled.

poll             one source, from its claim to its rows
document         Fetched -> new and edited entries, cleaned
unchanged        which entries of a document were there at the last poll
identify         Entry... -> which copies of the source they are
entry_isolation  an entry at which the program fails -> left out with a record
record           copies -> rows, with the validators that vouch for them
quota            how many new entries of a source are taken in a round
article_pages    the pages of articles, for sources that ask for the full text
fulltext         Entry, Page -> Entry with the text of its page
host_leases      the hosts that this process may ask
write_batcher    the writes of many polls in one transaction
outlet           the host that names an outlet
source_report    the report of one poll
"""

from feedhub.ingest.source_report import Outcome, SourceReport

__all__ = ["Outcome", "SourceReport"]
