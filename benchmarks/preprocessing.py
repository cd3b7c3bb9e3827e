"""Preprocessing beside zat + pandas, PySpark and the raw scan; against the goals set for it.

    python -m benchmarks.preprocessing
    python -m benchmarks.preprocessing --table 1e6,3e6,10e6 --memory 1GB --full
    python -m benchmarks.preprocessing --rows 1e5 --table 1e5,3e5 --skip zat,spark

Prints Markdown tables, made for docs/benchmarks.md. Every contender runs in a process of its own,
in turns (A B A B); a ratio is the median over the pairs.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import contenders, results, tables
from benchmarks.measure import Cost, cost, interleaved, ratio

HOUR, TEN_MINUTES, ONE_MINUTE = (3600, 600), "w01h-s10m", "w01h-s01m"
UNITS = {"KB": 1e3, "MB": 1e6, "GB": 1e9, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}
FEW, FULL = 1000, 30_000_000
PANDAS = {
    "zat + pandas, all columns, records copied": "all explode",
    "zat + pandas, all columns, panes rolled": "all roll",
    "zat + pandas, needed columns, panes rolled": "needed roll",
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print."""
    options = _options(arguments)
    options.cache.mkdir(parents=True, exist_ok=True)
    cores = {1: "one core", 2: "two cores"}.get(os.cpu_count() or 0, f"{os.cpu_count()} cores")
    given = " ".join(sys.argv[1:] if arguments is None else arguments)
    print(f"{datetime.now(UTC):%Y-%m-%d}, {cores}: `python -m benchmarks.preprocessing {given}`\n")
    with tempfile.TemporaryDirectory(dir=options.cache) as work:
        for name in options.only:
            PARTS[name](options, Path(work))
            sys.stdout.flush()


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.preprocessing")
    parser.add_argument("--rows", type=_rows, default=10**6, help="records beside zat and Spark")
    table = [10**6, 3 * 10**6, 10**7]
    parser.add_argument("--table", type=_table, default=table, help="records, as in 1e6,3e6,10e6")
    parser.add_argument("--memory", default="1GB", help="limit of the table")
    parser.add_argument("--skip", type=lambda text: text.split(","), default=[], help="zat,spark")
    parser.add_argument("--only", type=_parts, default=[*PARTS], help=",".join(PARTS))
    parser.add_argument("--full", action="store_true", help="30 million records too")
    parser.add_argument("--rounds", type=int, default=3)
    folder = Path(tempfile.gettempdir()) / "mods-benchmarks"
    parser.add_argument("--cache", type=Path, default=folder, help="generated logs, and zat")
    return parser.parse_args(arguments)


def _rows(text: str) -> int:
    return int(float(text))


def _parts(text: str) -> list[str]:
    return [name for name in PARTS if name in text.split(",")]


def _table(text: str) -> list[int]:
    return sorted(_rows(part) for part in text.split(","))


def _others(options: argparse.Namespace, work: Path) -> None:
    """The same windows by mods, zat + pandas and PySpark."""
    path, pool = contenders.log(options.cache, "conn", options.rows), work / "pool"
    runs = {"mods prepare": contenders.mods(path, pool, TEN_MINUTES, options.memory)}
    given: dict[str, Path] = {}
    if "zat" not in options.skip:
        for name, way in PANDAS.items():
            given[name] = work / f"{way}.csv"
            runs[name] = contenders.zat(options.cache, path, HOUR, given[name], way)
    spark = contenders.spark(path, HOUR, work / "spark.csv")
    if "spark" not in options.skip and spark is not None:
        runs["PySpark local[2]"] = spark
        given["PySpark local[2]"] = work / "spark.csv"
    elif "spark" not in options.skip:
        print("PySpark is left out: it cannot be imported here, or there is no Java.\n")
    costs = interleaved(runs, options.rounds)
    title = f"conn, {options.rows:,} records, windows of 1 h every 10 min, to a datapool with panes"
    tables.costs(title, costs)
    for name, result in given.items():
        wrong = results.differences(pool, result)
        print(f"{name}: {'the same windows' if not wrong else f'DIFFERS, {wrong}'}")
    ours = costs["mods prepare"]
    rows = []
    for name in given:
        theirs, high = costs[name], name.startswith("zat")
        for what, of, goal in (("CPU", _cpu, 6), ("time", _wall, 6), ("memory", _peak, 4)):
            found = ratio(theirs, ours, of)
            rows.append((f"{name} / mods, {what}", found, f">= {goal}" if high else ""))
    start = _start(options, "conn", work)
    few = contenders.log(options.cache, "conn", FEW)
    for name, way in PANDAS.items() if "zat" not in options.skip else ():
        idle = cost(contenders.zat(options.cache, few, HOUR, work / "few.csv", way)).cpu
        bare = ratio(_less(costs[name], idle), _less(ours, start), _cpu)
        rows.append((f"{name} / mods, CPU less the start of both", bare, ""))
    tables.ratios(rows)


def _scans(options: argparse.Namespace, work: Path) -> None:
    """The windows of conn and of dns beside the raw scan of the same file."""
    count, rows = max(options.table), []
    for protocol, goal in (("conn", 2.5), ("dns", 3.0), ("dns-new", 3.0)):
        path = contenders.log(options.cache, protocol, count)
        few = contenders.log(options.cache, protocol, FEW)
        runs = {
            "raw scan": contenders.scan(path),
            "raw scan, decoded": contenders.scan(path, "latin-1"),
            "mods prepare": contenders.mods(path, work / "pool", TEN_MINUTES, options.memory),
            "mods prepare --no_panes": contenders.mods(
                path, work / "pool", TEN_MINUTES, options.memory, panes=False
            ),
        }
        costs = interleaved(runs, options.rounds)
        idle = cost(contenders.scan(few)).cpu
        tables.costs(f"{protocol}, {count:,} records, windows of 1 h every 10 min", costs)
        for name in [one for one in runs if not one.startswith("raw")]:
            pairs = costs[name], costs["raw scan"]
            rows.append((f"{protocol}: {name} / raw scan, CPU", ratio(*pairs, _cpu), f"<= {goal}"))
            start = _start(options, protocol, work)
            bare = ratio(_less(pairs[0], start), _less(pairs[1], idle), _cpu)
            rows.append((f"{protocol}: the same, less the start of both", bare, ""))
            decoded = ratio(pairs[0], costs["raw scan, decoded"], _cpu)
            rows.append((f"{protocol}: {name} / raw scan, decoded, CPU", decoded, ""))
    tables.ratios(rows)


def _slides(options: argparse.Namespace, work: Path) -> None:
    """Windows that slide by a minute beside those that slide by ten."""
    count = max(options.table)
    path = contenders.log(options.cache, "conn", count)
    runs = {
        f"mods prepare {window}": contenders.mods(path, work / window, window, options.memory)
        for window in (TEN_MINUTES, ONE_MINUTE)
    }
    costs = interleaved(runs, options.rounds)
    tables.costs(f"conn, {count:,} records, two slides", costs)
    ten, one = costs.values()
    tables.ratios([("1 h/1 min / 1 h/10 min, CPU", ratio(one, ten, _cpu), "<= 1.2")])


def _growth(options: argparse.Namespace, work: Path) -> None:
    """How cost grows in records, and whether the memory asked for suffices."""
    sizes = [*options.table, *([FULL] if options.full and FULL not in options.table else [])]
    limit = _bytes(options.memory) / 2**20
    paths = {f"{rows:,} records": contenders.log(options.cache, "conn", rows) for rows in sizes}
    costs = interleaved(
        {
            name: contenders.mods(path, work / "growth", TEN_MINUTES, options.memory)
            for name, path in paths.items()
        },
        1 if options.full else options.rounds,
    )
    tables.costs(f"conn, growing, --memory {options.memory} ({limit:,.0f} MiB)", costs)
    first, last = list(costs)[0], list(costs)[-1]
    start = _start(options, "conn", work)
    work_of = [_less(costs[name], start) for name in (last, first)]
    slope = ratio(*work_of, _cpu) / (sizes[-1] / sizes[0])
    peak = max(one.peak for found in costs.values() for one in found) / limit
    tables.ratios(
        [
            (f"CPU per record less the start, {last} / {first}", slope, "<= 1.2"),
            ("highest peak / --memory", peak, "<= 1.1"),
        ]
    )


def _start(options: argparse.Namespace, protocol: str, work: Path) -> float:
    """CPU seconds of mods for next to no records: loading libraries, compiling the query."""
    few = contenders.log(options.cache, protocol, FEW)
    return cost(contenders.mods(few, work / "start", TEN_MINUTES, options.memory)).cpu


def _less(costs: Sequence[Cost], start: float) -> list[Cost]:
    return [Cost(max(one.cpu - start, 0.001), one.wall, one.peak) for one in costs]


def _bytes(memory: str) -> float:
    number, unit = re.fullmatch(r"([\d.]+)\s*(\w+)", memory.strip()).groups()  # type: ignore
    return float(number) * UNITS[unit.upper()]


def _cpu(one: Cost) -> float:
    return one.cpu


def _wall(one: Cost) -> float:
    return one.wall


def _peak(one: Cost) -> float:
    return one.peak


PARTS = {"others": _others, "scans": _scans, "slides": _slides, "growth": _growth}

if __name__ == "__main__":
    main()
