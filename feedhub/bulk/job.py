"""The Spark job: Parquet in, Parquet out; every table between is kept on disk, made once, and removed at the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pyarrow as pa
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession, Window
from pyspark.sql import functions as f
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType

from feedhub.bulk import work
from feedhub.bulk.components import components
from feedhub.bulk.work import Rules
from feedhub.errors import UsageError
from feedhub.items import FIELDS
from feedhub.match import archive

#: told as each step begins
Told = Callable[[str], None]


def session(master: str | None = None, **settings: str) -> SparkSession:
    """A Spark session whose workers run this very Python; raises UsageError where there is no Java."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("feedhub bulk")
    given = {"spark.sql.session.timeZone": "UTC", "spark.ui.enabled": "false", **settings}
    # a batch of long texts must fit into a worker's memory
    given.setdefault("spark.sql.execution.arrow.maxRecordsPerBatch", "500")
    for name, value in given.items():
        builder = builder.config(name, value)
    if master is not None:
        builder = builder.master(master)
    try:
        return builder.getOrCreate()
    except Exception as error:
        raise UsageError(f"Spark does not start; is there a Java 17 (JAVA_HOME or PATH)? {error}") from error


class Job:
    """One archive on its way through the steps; `out` is a folder that does not exist yet."""

    def __init__(self, spark: SparkSession, out: str, rules: Rules, told: Told = lambda step: None) -> None:
        self._spark = spark
        self._out = out
        self._rules = rules
        self._told = told

    def run(self, items: str) -> tuple[int, int]:
        """Items -> `OUT/stories`, `OUT/furniture` and `OUT/bad`; returns how many could be used, and how many not."""
        path, files = self._path("")
        if files.exists(path):
            raise UsageError(f"{self._out}: exists; name a folder that does not")
        copies, bad = self._clean(items)
        self._told("learning furniture")
        grams = self._write("furniture", self._learn(copies).distinct().orderBy("source", "gram"))
        rows = ((row["source"], row["gram"]) for row in grams.toLocalIterator())
        rules = replace(self._rules, furniture=archive.furniture(rows))
        self._told("pairing")
        pairs = self._keep("pairs", self._pair(copies, grams))
        self._told("comparing")
        merging = self._keep("merging", self._judge(pairs, copies, rules))
        self._told("joining")
        groups = components(merging, self._keep)
        self._told("parting")
        rows = self._keep("rows", self._part(groups, copies, rules))
        # in the order of time, so that an import goes through it as the hub would have seen it
        good = self._write("stories", rows.orderBy("newest", "story", "id")).count()
        self._remove("_work")
        return good, bad

    def _clean(self, items: str) -> tuple[DataFrame, int]:
        self._told("cleaning")
        try:
            read = self._spark.read.parquet(items)
        except AnalysisException as error:
            raise UsageError(f"{items}: cannot be read as Parquet: {error.getMessage() or error}") from error
        if "id" not in read.columns:
            raise UsageError(f"{items}: no column `id`; expected id, {', '.join(FIELDS)}")
        names = [f.col(name).cast("string").alias(name) for name in ("id", *FIELDS) if name in read.columns]
        made = self._keep("copies", _mapped(read.select(*names), work.clean, work.COPIES))
        bad = self._write("bad", made.where("rank is null").select("id", "reason").orderBy("id"))
        copies = made.where("rank is not null")
        for again in copies.groupBy("id").agg(f.count("*").alias("times")).where("times > 1").orderBy("id").take(1):
            raise UsageError(f"{items}: the id {again['id']} occurs {again['times']} times; ids are unique")
        return copies, bad.count()

    def _learn(self, copies: DataFrame) -> DataFrame:
        """Keys that enough items of a source have, with the first of these items, to that source's furniture."""
        total = copies.groupBy("source").agg(f.count("*").alias("total")).where(f.col("total") >= archive.WITNESSES)
        postings = copies.select("source", "rank", f.explode("keys").alias("key"))
        repeated = (
            postings.groupBy("source", "key")
            .agg(f.count("*").alias("times"), f.sort_array(f.collect_list("rank")).alias("ranks"))
            .where(f.col("times") >= archive.WITNESSES)
            .join(total, "source")
            .where(f.col("times") >= archive.COMMON * f.col("total"))
        )
        first = repeated.select("source", "key", f.explode(f.slice("ranks", 1, archive.MOST_ITEMS)).alias("rank"))
        first = self._keep("repeated", first)
        shown = first.select("rank").distinct().join(copies, "rank")
        texts = shown.select("source", f.lit(None).cast("long").alias("key"), "rank", "copy")
        both = texts.union(first.select("source", "key", "rank", f.lit(None).cast("string").alias("copy")))
        # nulls come first: a source's copies before what they repeat
        together = both.repartition("source").sortWithinPartitions("source", "key", "rank")
        return _mapped(together, work.learn, work.GRAMS)

    def _pair(self, copies: DataFrame, grams: DataFrame) -> DataFrame:
        """Items that share enough keys which are no furniture; of each key every item with the next few."""
        postings = copies.select("source", "rank", f.explode("keys").alias("key"))
        hidden = grams.withColumnRenamed("gram", "key")
        near = Window.partitionBy("key").orderBy("rank")
        others = [f.lead("rank", step).over(near) for step in range(1, archive.NEIGHBOURS + 1)]
        met = (
            postings.join(hidden, ["source", "key"], "left_anti")
            .select(f.col("rank").alias("left"), f.array(*others).alias("others"))
            .select("left", f.explode("others").alias("right"))
            .where("right is not null")
        )
        shared = met.groupBy("left", "right").agg(f.count("*").alias("shared")).where(f.col("shared") >= archive.SHARED)
        sizes = copies.select("rank", f.size("keys").alias("size"))
        left = sizes.select(f.col("rank").alias("left"), f.col("size").alias("one"))
        right = sizes.select(f.col("rank").alias("right"), f.col("size").alias("other"))
        fewest = f.least("one", "other")
        return (
            shared.join(left, "left")
            .join(right, "right")
            .where(f.col("shared") >= archive.SHARED_PART * fewest)
            .select("left", "right")
        )

    def _judge(self, pairs: DataFrame, copies: DataFrame, rules: Rules) -> DataFrame:
        left = copies.select(f.col("rank").alias("left"), f.col("copy").alias("one"))
        right = copies.select(f.col("rank").alias("right"), f.col("copy").alias("other"))
        both = pairs.join(left, "left").join(right, "right")
        return _mapped(both.repartition("left").sortWithinPartitions("left"), work.judged(rules), work.PAIRS)

    def _part(self, groups: DataFrame, copies: DataFrame, rules: Rules) -> DataFrame:
        """Every copy's row, those of one story side by side."""
        members = copies.select("rank", "id", "source", "copy").join(groups, "rank", "left")
        members = members.withColumn("component", f.coalesce("component", "rank"))
        together = members.repartition("component").sortWithinPartitions("component", "rank")
        return _mapped(together.drop("rank"), work.parted(rules), work.STORIES)

    def _keep(self, name: str, table: DataFrame) -> DataFrame:
        return self._write(f"_work/{name}", table)

    def _remove(self, name: str) -> None:
        path, files = self._path(name)
        files.delete(path, True)

    def _path(self, name: str) -> tuple[Any, Any]:
        """A place below `out` and its file system, wherever that is, as Hadoop knows them."""
        context: Any = self._spark.sparkContext
        path = context._jvm.org.apache.hadoop.fs.Path(f"{self._out}/{name}" if name else self._out)
        return path, path.getFileSystem(context._jsc.hadoopConfiguration())

    def _write(self, name: str, table: DataFrame) -> DataFrame:
        path = f"{self._out}/{name}"
        table.write.parquet(path)
        return self._spark.read.schema(table.schema).parquet(path)


def _mapped(table: DataFrame, function: Callable[[work.Batches], work.Batches], schema: pa.Schema) -> DataFrame:
    given: StructType = from_arrow_schema(schema)
    return table.mapInArrow(function, given)
