"""The catalogue: one row per feature. A new feature is a new row and nothing else.

The reference's rows and their order are those of its files; rows of users come after them. Each
feature is computed once per direction, and its column is `in_NAME`, `out_NAME`, `internal_NAME`
(plainly the direction where the reference gives no name), or `all_NAME` without regard to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, fields
from functools import cached_property
from typing import Any

from mods.features import conditions
from mods.features.directions import EXTERNAL, LOCAL

DIRECTIONS = ("in", "out", "internal")
ALL = "all"
PROTOCOLS = ("conn", "dns", "sip", "http", "ssl", "ssh")
ADDED = (EXTERNAL, LOCAL)
AGGREGATES = ("count", "sum", "mean", "min", "max", "distinct", "quantile", "ratio")
TOTALS = ("count", "sum", "distinct", "true", "false")


@dataclass(frozen=True)
class Feature:
    """What is computed from the records of one log, direction and window.

    `aggregate` is one of: `count` (records), `sum`, `mean`, `min`, `max` and `quantile` (of a
    numeric column, over the records that have it; `q` says which quantile), `distinct` (different
    values of a column, unset and empty left out), `true` and `false` (records whose flag is so),
    `ratio` (of two other features of the log, `over`). `where` is a condition on the records
    (conditions.py). Values are divided by `divisor`: intervals travel as microseconds, so that
    their means come out in seconds.
    """

    protocol: str
    name: str
    aggregate: str
    column: str | None = None
    divisor: float = 1
    where: str = ""
    q: float | None = None
    over: tuple[str, str] | None = None
    directions: tuple[str, ...] = DIRECTIONS
    why: str = field(default="", compare=False)

    @property
    def total(self) -> bool:
        """Whether no record means 0; a mean, an extreme or a ratio of nothing is no value."""
        return self.aggregate in TOTALS

    def label(self, direction: str) -> str:
        """The column of this feature for one direction.

        >>> Feature("conn", "count_uid", "count").label("in")
        'in_count_uid'
        """
        return f"{direction}_{self.name}" if self.name else direction

    def record(self) -> dict[str, Any]:
        """The row as a program reads it: what differs from the defaults."""
        defaults = {one.name: one.default for one in fields(self)}
        cells = {key: value for key, value in asdict(self).items() if value != defaults[key]}
        return {key: list(v) if isinstance(v, tuple) else v for key, v in cells.items()}

    @classmethod
    def of(cls, record: dict[str, Any]) -> Feature:
        """The row that `record` tells of."""
        cells: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in record.items()
        }
        return cls(**cells)


def _flags(column: str) -> tuple[Feature, ...]:
    return tuple(Feature("dns", f"{column}_{flag}", flag, column) for flag in ("false", "true"))


FEATURES = (
    Feature("conn", "sum_orig_bytes", "sum", "orig_bytes"),
    Feature("conn", "sum_resp_bytes", "sum", "resp_bytes"),
    Feature("conn", "avg_duration", "mean", "duration", divisor=1_000_000),
    Feature("conn", "count_uid", "count"),
    Feature("dns", "count_uid", "count"),
    Feature("dns", "distinct_query", "distinct", "query"),
    Feature("dns", "distinct_proto", "distinct", "proto"),
    *_flags("AA"),
    *_flags("RA"),
    *_flags("RD"),
    *_flags("TC"),
    *_flags("rejected"),
    Feature("sip", "count_uid", "count"),
    Feature("sip", "distinct_`id.orig_h`", "distinct", "id.orig_h"),
    Feature("sip", "distinct_`id.orig_p`", "distinct", "id.orig_p"),
    Feature("sip", "distinct_`id.resp_h`", "distinct", "id.resp_h"),
    Feature("sip", "distinct_`id.resp_p`", "distinct", "id.resp_p"),
    Feature("sip", "distinct_user_agent", "distinct", "user_agent"),
    Feature("http", "", "count"),
    Feature("ssl", "", "count"),
    Feature("ssh", "", "count"),
)


@dataclass(frozen=True)
class Catalogue:
    """The reference's features and, behind them, `extra` ones of a user or a packaged set.

    >>> REFERENCE.columns("ssh")
    ('in', 'out', 'internal')
    """

    extra: tuple[Feature, ...] = ()

    @cached_property
    def rows(self) -> tuple[Feature, ...]:
        """All features."""
        return FEATURES + self.extra

    @cached_property
    def protocols(self) -> tuple[str, ...]:
        """The logs that features are computed from, the reference's first."""
        return tuple(dict.fromkeys([*PROTOCOLS, *(one.protocol for one in self.extra)]))

    def features(self, protocol: str) -> tuple[Feature, ...]:
        """The features of one log, in the order of its columns."""
        return tuple(one for one in self.rows if one.protocol == protocol)

    def columns(self, protocol: str) -> tuple[str, ...]:
        """The columns of one log's files, in order."""
        return labels(self.features(protocol))

    def needed(self, protocol: str) -> tuple[str, ...]:
        """The columns of the log that its features are computed from."""
        found: dict[str, None] = {}
        for one in self.features(protocol):
            named = (one.column,) if one.column else ()
            found |= dict.fromkeys([*named, *conditions.columns(one.where)])
        return tuple(name for name in found if name not in ADDED)

    def averages(self) -> frozenset[tuple[str, str]]:
        """(log, column) of all columns in which no record means no value, not 0."""
        rows = (one for one in self.rows if not one.total)
        return frozenset((one.protocol, one.label(way)) for one in rows for way in one.directions)

    def directed(self, protocol: str) -> bool:
        """Whether any feature of the log asks which way a record goes."""
        return directed(self.features(protocol))

    @cached_property
    def identity(self) -> str:
        """What tells this catalogue from another: stored with each datapool and model."""
        rows = "\n".join(repr(one.record() | {"why": ""}) for one in self.rows)
        name = "extended" if self.extra else "reference"
        return f"{name}-{hashlib.sha256(rows.encode()).hexdigest()[:12]}"


REFERENCE = Catalogue()


def directed(features: Iterable[Feature]) -> bool:
    """Whether any of the features asks which way a record goes."""
    return any(one.directions != (ALL,) or one.column in ADDED for one in features)


def labels(features: Iterable[Feature]) -> tuple[str, ...]:
    """The columns of features: those of the reference per direction, then the others'."""
    rows = tuple(features)
    parts = [one for one in rows if one in _KNOWN], [one for one in rows if one not in _KNOWN]
    return tuple(
        one.label(where)
        for part in parts
        for where in (*DIRECTIONS, ALL)
        for one in part
        if where in one.directions
    )


_KNOWN = frozenset(FEATURES)
