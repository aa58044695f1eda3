"""Pairs -> connected components, each named by its lowest member: large-star and small-star by turns.

Kiveris and others, Connected Components in MapReduce and Beyond (2014): no member meets more than its own neighbours,
and a chain of n takes rounds in the order of log² n, so that one long component costs no machine its memory.
"""

from __future__ import annotations

from collections.abc import Callable

from pyspark.sql import DataFrame, Window
from pyspark.sql import functions as f

#: keeps a table on disk, so that it is made once
Keep = Callable[[str, DataFrame], DataFrame]
#: a graph that is not done by then is no graph of texts
MOST_ROUNDS = 60


def components(pairs: DataFrame, keep: Keep) -> DataFrame:
    """Pairs (left, right), left < right -> (rank, component), for each that is in a pair."""
    edges = pairs.select(f.col("right").alias("high"), f.col("left").alias("low")).distinct()
    before = _state(edges)
    for number in range(MOST_ROUNDS):
        edges = keep(f"edges{number}", _small_star(_large_star(edges)))
        now = _state(edges)
        if now == before:
            break
        before = now
    else:
        raise RuntimeError(f"components: not done after {MOST_ROUNDS} rounds")
    members = edges.select(f.col("high").alias("rank"), f.col("low").alias("component"))
    lowest = edges.select(f.col("low").alias("rank"), f.col("low").alias("component"))
    return members.union(lowest).distinct()


def _large_star(edges: DataFrame) -> DataFrame:
    """Each higher neighbour of a member is led to the lowest one of its neighbourhood."""
    both = edges.select(f.col("high").alias("one"), f.col("low").alias("other")).union(
        edges.select(f.col("low").alias("one"), f.col("high").alias("other"))
    )
    lowest = f.least(f.col("one"), f.min("other").over(Window.partitionBy("one")))
    led = both.withColumn("low", lowest).where(f.col("other") > f.col("one"))
    return led.select(f.col("other").alias("high"), "low").distinct()


def _small_star(edges: DataFrame) -> DataFrame:
    """Each member and its lower neighbours are led to the lowest of them."""
    lowest = edges.withColumn("least", f.min("low").over(Window.partitionBy("high")))
    members = lowest.select(f.col("low").alias("high"), f.col("least").alias("low"))
    themselves = lowest.select("high", f.col("least").alias("low"))
    return members.union(themselves).where(f.col("high") != f.col("low")).distinct()


def _state(edges: DataFrame) -> tuple[int, int]:
    """Return what tells one set of edges from another: their number and a sum of their hashes."""
    mark = f.pmod(f.xxhash64("high", "low"), f.lit(1 << 30))
    row = edges.select(f.count("*").alias("number"), f.sum(mark).alias("marks")).collect()[0]
    return int(row["number"]), int(row["marks"] or 0)
