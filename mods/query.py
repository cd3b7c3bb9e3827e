"""The reference's query: which columns of which protocols make the features of a series.

`protocol[|column[~new_name]]...` joined by `;`, then optionally `#` and the merge columns:
`conn|in_count_uid~conn_in;ssh|in~ssh_in#window_start,window_end`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from mods.errors import QueryError

MERGE_ON = ("window_start", "window_end")
UNITS = {"_kb": 1024, "_mb": 1024**2, "_gb": 1024**3}
PROTOCOL = re.compile(r"[A-Za-z0-9_]+")
EXAMPLE = "Write it as conn|in_count_uid~conn_in;ssh|in~ssh_in#window_start,window_end"


@dataclass(frozen=True)
class Selection:
    """One column of one protocol under its new name; `column` None means all of the protocol."""

    protocol: str
    column: str | None = None
    name: str | None = None

    @property
    def divisor(self) -> int:
        """What the unit suffix of the new name (`_kb`, `_mb`, `_gb`) divides by, else 1."""
        renamed = self.name is not None and self.name != self.column
        return UNITS.get(self.name[-3:], 1) if renamed and self.name else 1


@dataclass(frozen=True)
class Query:
    """A parsed data_select_query.

    >>> Query.parse("conn|in_count_uid~conn_in;ssh").selections[1]
    Selection(protocol='ssh', column=None, name=None)
    """

    text: str
    selections: tuple[Selection, ...]
    merge_on: tuple[str, ...] = MERGE_ON

    @classmethod
    def parse(cls, text: str) -> Query:
        """Read a query; raise QueryError where it is malformed or names an output twice."""
        body, hash_sign, merge = text.strip().partition("#")
        merge_on = tuple(column.strip() for column in merge.split(",")) if hash_sign else MERGE_ON
        if not body.strip() or "" in merge_on or "#" in merge:
            raise QueryError(f"{text!r} is no query", where="data_select_query", fix=EXAMPLE)
        selections = tuple(one for part in body.split(";") for one in _selections(part, text))
        names = [one.name for one in selections if one.name is not None]
        whole = [one.protocol for one in selections if one.column is None]
        for name in [*names, *whole]:
            if names.count(name) > 1 or whole.count(name) > 1:
                raise QueryError(
                    f"{name!r} comes out twice",
                    where="data_select_query",
                    fix="Give each column a name of its own, as in ssh|in~ssh_in",
                )
        return cls(text.strip(), selections, merge_on)


def _selections(part: str, whole: str) -> list[Selection]:
    protocol, *columns = (piece.strip() for piece in part.split("|"))
    if not PROTOCOL.fullmatch(protocol):
        raise QueryError(
            f"{protocol!r} in {whole!r} is no protocol", where="data_select_query", fix=EXAMPLE
        )
    return [_selection(protocol, column, whole) for column in columns] or [Selection(protocol)]


def _selection(protocol: str, column: str, whole: str) -> Selection:
    old, tilde, new = (piece.strip() for piece in column.partition("~"))
    if not old or (tilde and not new) or "~" in new:
        raise QueryError(
            f"{column!r} in {whole!r} names no column", where="data_select_query", fix=EXAMPLE
        )
    return Selection(protocol, old, new or old)
