"""The catalogue: one row per feature. A new feature is a new row here and nothing else.

The rows and their order are those of the reference's files; each feature is computed once per
direction, and its column is `in_NAME`, `out_NAME`, `internal_NAME` (plainly the direction where
the reference gives no name).
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass
from functools import cache

DIRECTIONS = ("in", "out", "internal")
PROTOCOLS = ("conn", "dns", "sip", "http", "ssl", "ssh")


@dataclass(frozen=True)
class Feature:
    """What is computed from the records of one protocol, direction and window.

    `aggregate` is one of: `count` (records), `sum` and `avg` (of a numeric column, over the records
    that have it), `distinct` (different values of a column, unset and empty left out), `true` and
    `false` (records whose flag is so). An average is divided by `divisor`: intervals travel as
    microseconds, so that their averages come out in seconds.
    """

    protocol: str
    name: str
    aggregate: str
    column: str | None = None
    divisor: int = 1

    @property
    def whole(self) -> bool:
        """Whether its values are whole numbers."""
        return self.aggregate != "avg"

    def label(self, direction: str) -> str:
        """The column of this feature for one direction.

        >>> Feature("conn", "count_uid", "count").label("in")
        'in_count_uid'
        """
        return f"{direction}_{self.name}" if self.name else direction


FEATURES = (
    Feature("conn", "sum_orig_bytes", "sum", "orig_bytes"),
    Feature("conn", "sum_resp_bytes", "sum", "resp_bytes"),
    Feature("conn", "avg_duration", "avg", "duration", divisor=1_000_000),
    Feature("conn", "count_uid", "count"),
    Feature("dns", "count_uid", "count"),
    Feature("dns", "distinct_query", "distinct", "query"),
    Feature("dns", "distinct_proto", "distinct", "proto"),
    Feature("dns", "AA_false", "false", "AA"),
    Feature("dns", "AA_true", "true", "AA"),
    Feature("dns", "RA_false", "false", "RA"),
    Feature("dns", "RA_true", "true", "RA"),
    Feature("dns", "RD_false", "false", "RD"),
    Feature("dns", "RD_true", "true", "RD"),
    Feature("dns", "TC_false", "false", "TC"),
    Feature("dns", "TC_true", "true", "TC"),
    Feature("dns", "rejected_false", "false", "rejected"),
    Feature("dns", "rejected_true", "true", "rejected"),
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


@cache
def features(protocol: str) -> tuple[Feature, ...]:
    """The features of one protocol, in the order of its columns."""
    return tuple(one for one in FEATURES if one.protocol == protocol)


@cache
def columns(protocol: str) -> tuple[str, ...]:
    """The columns of one protocol's files, in order.

    >>> columns("ssh")
    ('in', 'out', 'internal')
    """
    return tuple(one.label(where) for where in DIRECTIONS for one in features(protocol))


@cache
def needed(protocol: str) -> tuple[str, ...]:
    """The columns of the log that the features of a protocol are computed from."""
    return tuple(dict.fromkeys(one.column for one in features(protocol) if one.column))


@cache
def identity() -> str:
    """What tells this catalogue from another: stored with each datapool and model."""
    rows = "\n".join("\t".join(str(cell) for cell in astuple(one)) for one in FEATURES)
    return f"reference-{hashlib.sha256(rows.encode()).hexdigest()[:12]}"
