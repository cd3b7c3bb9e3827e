"""A contender: PySpark on two cores reads a conn log, its own sliding windows take the records.

Run as `python with_spark.py FILE LENGTH SLIDE RESULT`; prints what the Java process has taken,
which no parent is told of, as JSON.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from pathlib import Path
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as f

SCHEMA = """
ts double, uid string, orig_h string, orig_p int, resp_h string, resp_p int, proto string,
service string, duration double, orig_bytes bigint, resp_bytes bigint, conn_state string,
local_orig string, local_resp string
"""


def windows(spark: SparkSession, path: str, length: int, slide: int) -> list[Any]:
    """Rows of window_start, direction, records, orig_bytes, resp_bytes, avg_duration."""
    options = {"sep": "\t", "comment": "#", "nullValue": "-", "quote": "", "mode": "PERMISSIVE"}
    records = spark.read.csv(path, schema=SCHEMA, **options)
    orig, resp = f.col("local_orig") == "T", f.col("local_resp") == "T"
    way = f.when(orig & resp, "internal").when(orig, "out").when(resp, "in")
    ends = records.agg(f.min("ts"), f.max("ts")).first()
    first, last = -(-ends[0] // slide) * slide, ends[1] // slide * slide - length
    stamp = f.timestamp_micros(f.round(f.col("ts") * 1e6).cast("bigint"))
    rows = (
        records.withColumn("direction", way)
        .where(f.col("direction").isNotNull())
        .groupBy(f.window(stamp, f"{length} seconds", f"{slide} seconds"), "direction")
        .agg(
            f.count("*"),
            f.coalesce(f.sum("orig_bytes"), f.lit(0)),
            f.coalesce(f.sum("resp_bytes"), f.lit(0)),
            f.avg("duration"),
        )
        .withColumn("window", f.unix_timestamp("window.start"))
        .where(f.col("window").between(first, last))
    )
    return [(row[0], *row[1:]) for row in rows.select("window", *rows.columns[1:]).collect()]


def taken(process: int) -> dict[str, float]:
    """CPU seconds and peak MiB of another process that still runs."""
    status = Path(f"/proc/{process}/status").read_text("ascii")
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM"))
    times = Path(f"/proc/{process}/stat").read_text("ascii").rpartition(")")[2].split()
    ticks = sum(int(one) for one in times[11:15])
    return {"cpu": ticks / os.sysconf("SC_CLK_TCK"), "peak": int(peak.split()[1]) / 1024}


def main(path: str, length: str, slide: str, result: str) -> None:
    """Write the windows to the result, print what Java took."""
    settings = {"spark.ui.enabled": "false", "spark.sql.session.timeZone": "UTC"}
    builder = SparkSession.builder.master("local[2]").config(map=settings)
    spark = builder.config("spark.sql.shuffle.partitions", "4").getOrCreate()
    names = ("window_start", "direction", "records", "orig_bytes", "resp_bytes", "avg_duration")
    with open(result, "w", encoding="utf-8", newline="") as text:
        csv.writer(text).writerows([names, *windows(spark, path, int(length), int(slide))])
    java = spark.sparkContext._gateway.jvm.java.lang.ProcessHandle.current().pid()
    print(json.dumps(taken(java)))
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
