"""Results side by side: the windows of a datapool and those of another contender."""

from __future__ import annotations

import csv
import math
from datetime import datetime
from pathlib import Path

FEATURES = ("count_uid", "sum_orig_bytes", "sum_resp_bytes", "avg_duration")
COLUMNS = ("records", "orig_bytes", "resp_bytes", "avg_duration")
Cells = dict[tuple[int, str], tuple[float, ...]]


def differences(pool: Path, result: Path) -> str:
    """What differs, in words; '' where both hold the same windows.

    Counts and sums are compared exactly, means to 1e-9 of their value: pandas and Spark add
    fractions in the order in which they come.
    """
    ours, theirs = _pool(pool), _result(result)
    if ours.keys() != theirs.keys():
        return f"{len(ours)} windows and directions, not {len(theirs)}"
    for key, cells in ours.items():
        if cells[:3] != theirs[key][:3] or not math.isclose(cells[3], theirs[key][3], rel_tol=1e-9):
            return f"{key}: {cells}, not {theirs[key]}"
    return "" if ours else "no windows"


def _pool(pool: Path) -> Cells:
    found: Cells = {}
    for path in sorted(pool.glob("conn/*/*/*/*.tsv")):
        with path.open(encoding="utf-8", newline="") as text:
            for row in csv.DictReader(text, delimiter="\t"):
                start = int(datetime.fromisoformat(row["window_start"]).timestamp())
                for way in ("in", "out", "internal"):
                    if row[f"{way}_count_uid"]:
                        cells = tuple(float(row[f"{way}_{name}"]) for name in FEATURES)
                        found[start, way] = cells
    return found


def _result(path: Path) -> Cells:
    with path.open(encoding="utf-8", newline="") as text:
        return {
            (int(row["window_start"]), row["direction"]): tuple(float(row[c]) for c in COLUMNS)
            for row in csv.DictReader(text)
        }
