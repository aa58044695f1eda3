"""`feedhub bulk`: an archive deduplicated on Apache Spark, and its stories brought into a hub."""

from __future__ import annotations

from pathlib import Path

from feedhub.cli.configuration import read_config
from feedhub.cli.console import print_json, print_message, progress_bar
from feedhub.cli.steady_clock import clock_of
from feedhub.errors import UsageError

_MISSING = "{} is not installed: pip install 'feedhub[spark]'"


def dedupe(items: str, out: str, *, master: str | None, partitions: int | None, as_json: bool) -> int:
    """0 all items could be used, 3 some, 4 none."""
    try:
        from feedhub.bulk.spark_job import SparkJob, session
        from feedhub.bulk.spark_tasks import BulkSettings
    except ModuleNotFoundError as error:
        raise UsageError(_MISSING.format(error.name)) from error
    settings = {} if partitions is None else {"spark.sql.shuffle.partitions": str(partitions)}
    spark = session(master, **settings)
    try:
        rules = BulkSettings()
        good, bad = SparkJob(spark, out, rules, lambda step: print_message(f"{step} ...")).run(items)
    finally:
        spark.stop()
    if as_json:
        print_json({"items": good, "bad": bad})
    else:
        print_message(
            f"{good:,} items written to {out}/stories" + (f", {bad:,} could not be used: {out}/bad" if bad else "")
        )
    return 0 if not bad else 3 if good else 4


def import_result(folder: Path, config: Path, *, now: str | None, as_json: bool) -> int:
    """Bring what `dedupe` wrote into the configured database."""
    clock = clock_of(now)
    try:
        from feedhub.bulk.import_result import import_stories
    except ModuleNotFoundError as error:
        raise UsageError(_MISSING.format(error.name)) from error
    settings = read_config(config, quiet=as_json)
    with progress_bar("importing", None) as bar:
        read, new = import_stories(folder, settings, clock(), lambda copies: bar.advance(f"{copies:,} copies"))
    if as_json:
        print_json({"copies": read, "new": new})
    else:
        print_message(f"{read:,} copies read, {new:,} of them new")
    return 0
