"""The parent of Spark's Python workers: knows all that they need, so that none of them spends seconds on imports."""

from pyspark.daemon import manager

import feedhub.bulk.spark_tasks  # noqa: F401 (what the workers, which are forked from here, have without importing it)

if __name__ == "__main__":
    manager()
