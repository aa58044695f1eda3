"""The Spark job: Parquet in, Parquet out; every table between is kept on disk, made once, and removed at the end."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any

import pyarrow as pa
from pyspark.errors import AnalysisException
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType

from feedhub.bulk import spark_tasks
from feedhub.bulk.components import components
from feedhub.bulk.spark_tasks import BulkSettings
from feedhub.errors import UsageError
from feedhub.items import FIELDS
from feedhub.match.cluster import distributed
from feedhub.match.cluster.distributed import Sources
from feedhub.model import Relation
from feedhub.structs import replace

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.ui.enabled": "false",
    "spark.python.daemon.module": "feedhub.bulk.spark_daemon",
    # many short rows or a few long texts: either way a batch must fit into a worker's memory
    "spark.sql.execution.arrow.maxRecordsPerBatch": "20000",
    "spark.sql.execution.arrow.maxBytesPerBatch": str(4 << 20),
}
#: called with the name of each step as it begins
OnStep = Callable[[str], None]


def session(master: str | None = None, **settings: str) -> SparkSession:
    """Start a Spark session whose workers run this very Python; raises UsageError where there is no Java."""
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.appName("feedhub bulk")
    for name, value in {**SETTINGS, **settings}.items():
        builder = builder.config(name, value)
    if master is not None:
        builder = builder.master(master)
    try:
        return builder.getOrCreate()
    except Exception as error:
        raise UsageError(f"Spark does not start; is there a Java 17 (JAVA_HOME or PATH)? {error}") from error


class SparkJob:
    """One archive on its way through the steps; `out` is a folder that does not exist yet."""

    def __init__(self, spark: SparkSession, out: str, rules: BulkSettings, on_step: OnStep = lambda step: None) -> None:
        self._spark = spark
        self._out = out
        self._rules = rules
        self._on_step = on_step

    def run(self, items: str) -> tuple[int, int]:
        """Items -> `OUT/stories`, `OUT/furniture` and `OUT/bad`; returns how many could be used, and how many not."""
        path, files = self._path("")
        if files.exists(path):
            raise UsageError(f"{self._out}: exists; name a folder that does not")
        copies, bad = self._clean(items)
        self._on_step("learning furniture")
        totals = (
            copies.groupBy("source").agg(f.count("*").alias("total")).where(f.col("total") >= distributed.WITNESSES)
        )
        sources = Sources.counted((row["source"], row["total"]) for row in totals.collect())
        postings = _mapped(copies.select("rank", "source", "keys"), spark_tasks.post(sources), spark_tasks.POSTINGS)
        postings = postings.repartition("key").sortWithinPartitions("key")
        grams = self._write("furniture", self._learn(postings, copies, sources).distinct().orderBy("source", "gram"))
        furniture = distributed.furniture(zip(*grams.toArrow().to_pydict().values(), strict=True))
        rules = replace(self._rules, furniture=furniture, sources=sources)
        self._on_step("pairing")
        pairs = self._keep("pairs", self._pair(postings, rules))
        self._on_step("comparing")
        merging = self._keep("merging", self._judge(pairs, copies, rules))
        self._on_step("joining")
        groups = components(merging, self._keep)
        self._on_step("parting")
        places = self._keep("places", self._part(groups, copies, rules))
        self._on_step("writing")
        # in the order of time, so that an import goes through it as the hub would have seen it
        good = self._write("stories", _rows(copies, places).orderBy("newest", "story", "id")).count()
        self._remove("_work")
        return good, bad

    def _clean(self, items: str) -> tuple[DataFrame, int]:
        self._on_step("cleaning")
        try:
            read = self._spark.read.parquet(items)
        except AnalysisException as error:
            raise UsageError(f"{items}: cannot be read as Parquet: {error.getMessage() or error}") from error
        if "id" not in read.columns:
            raise UsageError(f"{items}: no column `id`; expected id, {', '.join(FIELDS)}")
        names = [f.col(name).cast("string").alias(name) for name in ("id", *FIELDS) if name in read.columns]
        made = self._keep("copies", _mapped(read.select(*names), spark_tasks.clean, spark_tasks.COPIES))
        bad = self._write("bad", made.where("rank is null").select("id", "reason").orderBy("id"))
        copies = made.where("rank is not null")
        for again in copies.groupBy("id").agg(f.count("*").alias("times")).where("times > 1").orderBy("id").take(1):
            raise UsageError(f"{items}: the id {again['id']} occurs {again['times']} times; ids are unique")
        return copies, bad.count()

    def _learn(self, postings: DataFrame, copies: DataFrame, sources: Sources) -> DataFrame:
        """Keys that enough items of a source have, with the first of these items, to that source's furniture."""
        first = self._keep("repeated", _mapped(postings, spark_tasks.repeats(sources), spark_tasks.REPEATED))
        shown = first.select("rank").distinct().join(copies.select("rank", "source", "copy"), "rank")
        texts = shown.select("source", f.lit(None).cast("long").alias("key"), "rank", "copy")
        both = texts.union(first.select("source", "key", "rank", f.lit(None).cast("string").alias("copy")))
        # nulls come first: a source's copies before what they repeat
        together = both.repartition("source").sortWithinPartitions("source", "key", "rank")
        return _mapped(together, spark_tasks.learn, spark_tasks.GRAMS)

    def _pair(self, postings: DataFrame, rules: BulkSettings) -> DataFrame:
        """Items that share enough keys which are no furniture; of each key every item with the next few."""
        met = _mapped(postings, spark_tasks.meetings(rules), spark_tasks.MEETINGS)
        shared = met.groupBy("left", "right").agg(f.count("*").alias("shared"), f.min("fewest").alias("fewest"))
        enough = f.greatest(f.lit(float(distributed.SHARED)), distributed.SHARED_PART * f.col("fewest"))
        return shared.where(f.col("shared") >= enough).select("left", "right")

    def _judge(self, pairs: DataFrame, copies: DataFrame, rules: BulkSettings) -> DataFrame:
        """Each item is sent to those before it that it is to be compared with."""
        sent = pairs.select(f.col("left").alias("home"), f.col("right").alias("rank"))
        at_home = pairs.select(f.col("left").alias("home"), f.col("left").alias("rank")).distinct()
        texts = sent.union(at_home).join(copies.select("rank", "copy"), "rank")
        return _mapped(
            texts.repartition("home").sortWithinPartitions("home"), spark_tasks.judged(rules), spark_tasks.PAIRS
        )

    def _part(self, groups: DataFrame, copies: DataFrame, rules: BulkSettings) -> DataFrame:
        """Place all copies that merge with any other."""
        members = groups.join(copies.select("rank", "copy"), "rank")
        together = members.repartition("component").sortWithinPartitions("component")
        return _mapped(together, spark_tasks.placed(rules), spark_tasks.PLACES)

    def _keep(self, name: str, table: DataFrame) -> DataFrame:
        return self._write(f"_work/{name}", table)

    def _remove(self, name: str) -> None:
        path, files = self._path(name)
        files.delete(path, True)

    def _path(self, name: str) -> tuple[Any, Any]:
        """Return a path below `out` and its file system, wherever that is, as Hadoop knows them."""
        context: Any = self._spark.sparkContext
        path = context._jvm.org.apache.hadoop.fs.Path(f"{self._out}/{name}" if name else self._out)
        return path, path.getFileSystem(context._jsc.hadoopConfiguration())

    def _write(self, name: str, table: DataFrame) -> DataFrame:
        path = f"{self._out}/{name}"
        table.write.parquet(path)
        return self._spark.read.schema(table.schema).parquet(path)


def _mapped(
    table: DataFrame, function: Callable[[spark_tasks.Batches], spark_tasks.Batches], schema: pa.Schema
) -> DataFrame:
    given: StructType = from_arrow_schema(schema)
    return table.mapInArrow(function, given)


def _rows(copies: DataFrame, places: DataFrame) -> DataFrame:
    """Every copy's row; one that merges with none is a story by itself."""
    alone = {
        "story": f.col("id"),
        "canonical": f.lit(True),
        "relation": f.lit(Relation.FIRST.value),
        "ground": f.lit(""),
        "revision": f.lit(0),
        "newest": f.coalesce("published", f.lit(0.0)),
    }
    whole = copies.join(places, "rank", "left").withColumns(
        {name: f.coalesce(name, value) for name, value in alone.items()}
    )
    return whole.select("id", "source", *spark_tasks.PLACES.names[1:], "copy")
