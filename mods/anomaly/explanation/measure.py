"""Measure: what a feature counts, in words: connections, names, bytes, seconds."""

from __future__ import annotations

from dataclasses import dataclass

from mods.features.catalog import Feature

RECORDS = {
    "conn": "connections", "dns": "queries", "http": "requests", "ssl": "handshakes",
    "ssh": "SSH connections", "sip": "SIP messages", "smtp": "mails", "files": "files",
}  # fmt: skip
VALUES = {
    "query": "names", "id.orig_h": "originators", "id.resp_h": "responders",
    "external_host": "external hosts", "local_host": "local hosts", "id.orig_p": "source ports",
    "id.resp_p": "ports", "user_agent": "user agents", "host": "sites", "proto": "protocols",
    "server_name": "server names",
}  # fmt: skip
BYTES = ("bytes", "_len", "size")
SECONDS = 1_000_000


@dataclass(frozen=True)
class Measure:
    """The unit of a feature; `added` says whether what hosts add is counted in it."""

    unit: str
    added: bool = True

    @classmethod
    def of(cls, feature: Feature) -> Measure:
        """The measure of a feature of the catalogue.

        >>> Measure.of(Feature("dns", "distinct_query", "distinct", "query")).unit
        'names'
        """
        records = RECORDS.get(feature.protocol, f"{feature.protocol} records")
        taken = f"{records} ({feature.where})" if feature.where else records
        column = str(feature.column)
        units = {
            "count": taken,
            "true": f"{records} with {column}",
            "false": f"{records} without {column}",
            "distinct": VALUES.get(column, f"different {column}"),
            "sum": _unit(feature),
            "mean": _unit(feature),
            "ratio": "",
            "min": f"{taken} with a {column} below the usual least",
            "max": f"{taken} with a {column} above the usual largest",
            "quantile": f"{taken} with a {column} above its usual {100 * (feature.q or 0):g} %",
        }
        return cls(units[feature.aggregate], added=feature.aggregate not in ("mean", "ratio"))


def _unit(feature: Feature) -> str:
    column = str(feature.column)
    if feature.divisor == SECONDS:
        return "seconds"
    if any(part in column for part in BYTES):
        sizes = {1: "bytes", 1024: "KiB", 1024**2: "MiB", 1024**3: "GiB"}
        return sizes.get(int(feature.divisor), "bytes")
    return column
