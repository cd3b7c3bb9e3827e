"""write(): windows into a datapool, all or nothing."""

from __future__ import annotations

import os

import pandas as pd

from mods.errors import DatapoolError, SettingError
from mods.features.datapool import draft
from mods.features.datapool.about import About
from mods.features.datapool.change import changing
from mods.features.table import Table
from mods.window import Window


def write(
    output: str | os.PathLike[str],
    tables: dict[str, pd.DataFrame],
    window: Window,
    *,
    layout: str,
    local_networks: tuple[str, ...],
    catalogue: str,
) -> None:
    """Write the windows of each protocol in the reference's layout.

    tables:  per protocol, by `window_start` (UTC); Int64 or float64 columns in their order, NA for
        an empty cell
    layout:  `folders`, `daily` or `monthly` (zips), or `parquet`

    Windows already there between the first and the last new one are replaced, others stay. Raises
    DatapoolError where the pool has other local networks or another catalogue, ResourceError where
    the disk refuses; in both cases the pool stays as it was.
    """
    _check(tables, layout, output)
    mine = About((str(window),), tuple(local_networks), catalogue)
    with changing(output) as change:
        rows = {protocol: Table.of(table) for protocol, table in tables.items()}
        change.extend(rows, window, mine, layout)


def _check(tables: dict[str, pd.DataFrame], layout: str, where: object) -> None:
    if layout not in draft.LAYOUTS:
        raise SettingError(
            f"{layout!r} is not known", where="layout", fix=f"Give {', '.join(draft.LAYOUTS)}"
        )
    for protocol, table in tables.items():
        index = table.index
        if not isinstance(index, pd.DatetimeIndex) or str(index.tz) != "UTC":
            raise DatapoolError("its windows are not in UTC", where=protocol)
        if not index.is_unique:
            raise DatapoolError(f"has {index[index.duplicated()][0]} twice", where=protocol)
    if not any(len(table) for table in tables.values()):
        raise DatapoolError(
            "there is no window to write",
            where=where,
            fix="Give logs that span at least one window, or a shorter --window_slide",
        )
