"""A contender: zat reads a conn log into pandas, pandas makes the windows.

Run as `python with_zat.py FILE LENGTH SLIDE RESULT all|needed` in an environment that has zat, not
mods. Windows are rolling sums over panes, which costs pandas least: no record is copied into each
of its windows. With `needed` zat is asked for the columns that are used, else, as in its own
examples, for all of them.
"""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
from zat.log_to_dataframe import LogToDataFrame

NEEDED = ["ts", "local_orig", "local_resp", "duration", "orig_bytes", "resp_bytes"]


def windows(path: str, length: int, slide: int, columns: list[str] | None) -> pd.DataFrame:
    """One row per window wholly inside the time of all records, and direction with records."""
    records = LogToDataFrame().create_dataframe(path, ts_index=False, usecols=columns)
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
    panes = cells[cells["direction"] != ""].groupby(["direction", "pane"]).sum()
    first = -(-(records["ts"].min() - epoch) // (second * slide))
    last = (records["ts"].max() - epoch) // (second * slide) - length // slide
    every = range(cells["pane"].min(), cells["pane"].max() + 1)
    found = [_slid(panes.loc[way], every, length // slide) for way in sorted({*ways} - {""})]
    rows = pd.concat(found, keys=sorted({*ways} - {""}), names=["direction", "window"])
    rows = rows.reset_index()
    rows = rows[rows["window"].between(first, last) & (rows["records"] > 0)].copy()
    rows["avg_duration"] = rows["seconds"] / rows["timed"]
    rows["window_start"] = rows["window"] * slide
    return rows[
        ["window_start", "direction", "records", "orig_bytes", "resp_bytes", "avg_duration"]
    ]


def _slid(panes: pd.DataFrame, every: range, reach: int) -> pd.DataFrame:
    """Sums over so many panes, under the number of the first."""
    full = panes.reindex(pd.RangeIndex(every.start, every.stop), fill_value=0)
    slid = full.rolling(reach).sum()
    return slid.set_axis(slid.index - (reach - 1), axis=0).dropna()


if __name__ == "__main__":
    path, length, slide, result, columns = sys.argv[1:]
    chosen = NEEDED if columns == "needed" else None
    windows(path, int(length), int(slide), chosen).to_csv(result, index=False)
