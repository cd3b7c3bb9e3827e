"""Rows of one log, and the part of a row that says which connection it belongs to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from mods.dataset.demo_traffic import columns, site
from mods.dataset.demo_traffic.columns import chosen, number, seconds, text
from mods.dataset.demo_traffic.connections import Connections


@dataclass(frozen=True)
class Records:
    """Rows of one log, and when each is written (microseconds since the epoch, UTC)."""

    table: pa.Table
    written: np.ndarray


def records(log: str, rows: Connections, values: dict[str, Any], written: np.ndarray) -> Records:
    """Rows of a log: the identity of each connection and the values Zeek saw in it."""
    return Records(columns.table(log, _identity(rows) | values, len(rows)), written)


def _identity(rows: Connections) -> dict[str, Any]:
    return {
        "ts": seconds(rows.start),
        "uid": text(rows.uid),
        "id.orig_h": chosen(site.ADDRESSES, rows.orig),
        "id.orig_p": number(rows.orig_p),
        "id.resp_h": chosen(site.ADDRESSES, rows.resp),
        "id.resp_p": number(rows.resp_p),
    }
