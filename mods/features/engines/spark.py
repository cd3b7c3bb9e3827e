"""Ibis on PySpark (the extra `spark`, and Java 17 or later): for who outgrows one machine."""

from __future__ import annotations

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import ibis

from mods.errors import InputError, ModsError, ResourceError
from mods.features.engines.duckdb import amount

FIX = "pip install 'mods[spark]' and Java 17 or later, or leave --engine spark out"
LOGGING = "log4j2.properties"
SILENT = """
appender.none.type = Null
appender.none.name = none
rootLogger.level = off
rootLogger.appenderRef.none.ref = none
"""


@contextmanager
def connected(memory: str, master: str) -> Iterator[Any]:
    """A connection to a Spark session of its own, which ends when the block does.

    What Spark fails at comes as ResourceError or InputError.
    """
    try:
        with warnings.catch_warnings(action="ignore"):  # of pandas, which is not used here
            from py4j.protocol import Py4JError
            from pyspark.errors import PySparkException
            from pyspark.sql import functions  # noqa: F401

            _ = ibis.pyspark
    except ImportError:
        raise ResourceError("Spark is not installed", where="engine", fix=FIX) from None
    with tempfile.TemporaryDirectory(prefix="mods-spark-") as folder:
        session = _session(memory, master, folder)
        try:
            con = ibis.pyspark.connect(session)
            yield con
        except (PySparkException, Py4JError) as failure:
            raise explain(failure, master) from failure
        finally:
            session.stop()


def settings(memory: str, master: str, folder: str) -> dict[str, str]:
    """How Spark is to run: quiet, in UTC, with what it writes in the folder.

    >>> settings("1GiB", "local[2]", "/tmp/x")["spark.driver.memory"]
    '1024m'
    """
    found = {
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={folder}/{LOGGING}",
        "spark.driver.memory": f"{max(amount(memory) >> 20, 512)}m",
        "spark.hadoop.fs.file.impl": "org.apache.hadoop.fs.RawLocalFileSystem",
        "spark.local.dir": folder,
        "spark.sql.ansi.enabled": "true",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.warehouse.dir": folder,
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    if master.startswith("local"):
        found |= {
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.driver.host": "127.0.0.1",
            "spark.sql.shuffle.partitions": str(os.cpu_count() or 1),
        }
    return found


def explain(failure: Exception, where: object) -> ModsError:
    """What Spark failed at, as an error of ours."""
    text = next(filter(None, map(str.strip, str(failure).splitlines())), "without a reason")
    if "OutOfMemoryError" in str(failure):
        return ResourceError(
            f"the memory does not suffice ({text})", where=where, fix="Raise --memory"
        )
    return InputError(f"Spark failed ({text})", where=where)


def _session(memory: str, master: str, folder: str) -> Any:
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    (Path(folder) / LOGGING).write_text(SILENT, "ascii")
    builder = SparkSession.builder.master(master).appName("mods")
    for name, value in settings(memory, master, folder).items():
        builder = builder.config(name, value)
    try:
        with warnings.catch_warnings(action="ignore"):
            session = builder.getOrCreate()
    except PySparkException:
        raise ResourceError("Spark finds no Java", where="engine", fix=FIX) from None
    except Py4JError as failure:
        raise _unreachable(failure, master) from None
    session.sparkContext.setLogLevel("OFF")
    return session


def _unreachable(failure: Exception, master: str) -> ResourceError:
    said = [line.strip() for line in str(failure).splitlines() if "Exception:" in line]
    return ResourceError(
        f"Spark does not start ({said[0] if said else type(failure).__name__})",
        where=master,
        fix="Give --master local[*], or spark://HOST:7077 of a cluster that runs",
    )
