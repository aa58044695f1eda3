"""An archive of 10^7 items and more, deduplicated anew on Apache Spark, from Parquet to Parquet, and into a hub.

    items.parquet
    | clean       item                   -> copy, its keys
    | learn       keys that a source repeats -> its furniture
    | pair        keys that two items share  -> pairs worth comparing
    | judge       pairs, on all machines     -> those that merge
    | components  pairs                  -> connected components
    | partition   component              -> stories
    stories.parquet
    | bring_in    stories                -> a hub's database

The steps are those of `feedhub dedupe`, and so are the stories. Spark only brings together what has to meet.
"""
