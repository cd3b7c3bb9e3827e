"""Who is behind a departure: hosts, ports and names in the records, beside those of other days."""

from __future__ import annotations

from mods.features.behind.dimensions import (
    DOMAIN,
    NETWORK,
    ORIGINATOR,
    PORT,
    RESPONDER,
    UNSET,
    Dimension,
    of,
)
from mods.features.behind.kept import TIME
from mods.features.behind.ranking import NUMBERS, Ranked, Share, rank
from mods.features.behind.records import counts, hold, needed, rejected
from mods.features.behind.weights import Asked

__all__ = [
    "DOMAIN",
    "NETWORK",
    "NUMBERS",
    "ORIGINATOR",
    "PORT",
    "RESPONDER",
    "TIME",
    "UNSET",
    "Asked",
    "Dimension",
    "Ranked",
    "Share",
    "counts",
    "hold",
    "needed",
    "of",
    "rank",
    "rejected",
]
