"""The engines that compute features: Ibis expressions, the same on DuckDB and on Spark."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from mods.features.engines import duckdb
from mods.features.engines.duckdb import Failure, explain

__all__ = ["DUCKDB", "ENGINES", "SPARK", "Failure", "connected", "explain"]
DUCKDB, SPARK = ENGINES = ("duckdb", "spark")


def connected(
    memory: str = "4GB", *, engine: str = DUCKDB, master: str = "local[*]"
) -> AbstractContextManager[Any]:
    """An Ibis connection to one of ENGINES, in UTC, that ends when the block does.

    `memory` bounds this process, `master` is Spark's. Raises ResourceError without Spark or Java.
    """
    if engine == DUCKDB:
        return duckdb.connected(memory)
    from mods.features.engines import spark

    return spark.connected(memory, master)
