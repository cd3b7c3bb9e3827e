"""A contender: zat reads a conn log into pandas, pandas makes the windows.

Run as `python with_zat.py FILE LENGTH SLIDE RESULT all|needed explode|roll` in an environment that
has zat, not mods. With `needed` zat is asked for the columns that are used, else, as in its own
examples, for all of them. Windows are made by copying each record into all it lies in (`explode`),
or as rolling sums over panes (`roll`), which costs pandas least.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
from zat.log_to_dataframe import LogToDataFrame

NEEDED = ["ts", "local_orig", "local_resp", "duration", "orig_bytes", "resp_bytes"]


def windows(
    path: str, sizes: tuple[int, int], columns: list[str] | None, *, roll: bool
) -> pd.DataFrame:
    """One row per window wholly inside the time of all records, and direction with records."""
    records = LogToDataFrame().create_dataframe(path, ts_index=False, usecols=columns)
    slide, reach = sizes[1], sizes[0] // sizes[1]
    epoch, second = pd.Timestamp("1970-01-01"), pd.Timedelta(seconds=1)
    orig, resp = records["local_orig"] == "T", records["local_resp"] == "T"
    ways = np.select([orig & resp, orig, resp], ["internal", "out", "in"], default="")
    cells = pd.DataFrame(
        {
            "direction": ways,
            "pane": (records["ts"] - epoch) // (second * slide),
            "records": 1,
            "orig_bytes": records["orig_bytes"].fillna(0).astype("int64"),
            "resp_bytes": records["resp_bytes"].fillna(0).astype("int64"),
            "seconds": records["duration"].dt.total_seconds().fillna(0.0),
            "timed": records["duration"].notna().astype("int64"),
        }
    )
    cells = cells[cells["direction"] != ""]
    first = -(-(records["ts"].min() - epoch) // (second * slide))
    last = (records["ts"].max() - epoch) // (second * slide) - reach
    rows = (_rolled if roll else _exploded)(cells, reach).reset_index()
    rows = rows[rows["window"].between(first, last) & (rows["records"] > 0)].copy()
    rows["avg_duration"] = rows["seconds"] / rows["timed"]
    rows["window_start"] = rows["window"] * slide
    return rows[
        ["window_start", "direction", "records", "orig_bytes", "resp_bytes", "avg_duration"]
    ]


def _exploded(cells: pd.DataFrame, reach: int) -> pd.DataFrame:
    """Each record once per window, then sums."""
    copies = cells.loc[cells.index.repeat(reach)]
    copies["window"] = copies.pop("pane") - np.tile(np.arange(reach), len(cells))
    return copies.groupby(["direction", "window"]).sum()


def _rolled(cells: pd.DataFrame, reach: int) -> pd.DataFrame:
    """Sums per pane, then over so many panes, under the number of the first."""
    panes = cells.groupby(["direction", "pane"]).sum()
    every = pd.RangeIndex(cells["pane"].min(), cells["pane"].max() + 1)
    found = {}
    for way in panes.index.unique("direction"):
        slid = panes.loc[way].reindex(every, fill_value=0).rolling(reach).sum()
        found[way] = slid.set_axis(slid.index - (reach - 1), axis=0).dropna()
    return pd.concat(found, names=["direction", "window"])


if __name__ == "__main__":
    path, length, slide, result, columns, way = sys.argv[1:]
    chosen = NEEDED if columns == "needed" else None
    found = windows(path, (int(length), int(slide)), chosen, roll=way == "roll")
    found.to_csv(result, index=False)
