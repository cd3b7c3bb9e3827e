"""One entry of a file of features on its way to a Feature; each complaint says whose it is."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, NoReturn

from mods.errors import SettingError
from mods.features import conditions
from mods.features.catalog import AGGREGATES, ALL, DIRECTIONS, Feature
from mods.features.filters import INTERVALS, MICROSECONDS

KEYS = (
    "log", "name", "aggregate", "column", "where", "direction", "divisor", "q", "numerator",
    "denominator", "why",
)  # fmt: skip
RESERVED = ("ts", "source", "entity", "pane", "line_fault", "value_fault", "flow_direction")
# Zeek's logs that hold no id.orig_h, or where it says nothing about a direction.
UNDIRECTED = (
    "capture_loss", "dhcp", "files", "known_certs", "known_hosts", "known_services", "notice",
    "ocsp", "packet_filter", "pe", "reporter", "software", "stats", "weird", "x509",
)  # fmt: skip
LOG, NAME = re.compile(r"[A-Za-z0-9_]+"), re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.]*")
EXAMPLE = "See docs/own-features.md"


class Entry:
    """One entry on its way to a feature; every complaint says whose it is."""

    def __init__(self, entry: Any, where: str) -> None:
        if not isinstance(entry, Mapping):
            raise SettingError("is no table of keys and values", where=where, fix=EXAMPLE)
        name = entry.get("name")
        self.entry, self.where = entry, f"{where} ({name})" if name else where

    def feature(self, known: Iterable[Feature]) -> Feature:
        """The feature, checked as far as it can be without the logs."""
        for key in self.entry:
            if key not in KEYS:
                self.refuse(f"{key!r} is no key", _nearest(str(key), KEYS))
        log, name = self.text("log", LOG), self.text("name", NAME)
        if any(one.protocol == log and one.name == name for one in known):
            self.refuse(f"{log} has a feature of that name already", "Give another name")
        aggregate = self.choice("aggregate", AGGREGATES)
        column = self.column(aggregate)
        return Feature(
            log,
            name,
            aggregate,
            column,
            divisor=self.divisor(aggregate, column),
            where=self.condition(aggregate),
            q=self.quantile(aggregate),
            over=self.over(aggregate),
            directions=self.directions(log),
            why=self.optional("why", str, ""),
        )

    def column(self, aggregate: str) -> str | None:
        """The column, which counts and ratios do without."""
        if aggregate in ("count", "ratio"):
            if "column" in self.entry:
                self.refuse(f"{aggregate} takes no column", "Leave it out, or use distinct")
            return None
        column = self.text("column")
        if column in RESERVED:
            self.refuse(f"the column {column!r} cannot be used")
        return column

    def condition(self, aggregate: str) -> str:
        """The condition, parsed once to say what is wrong with it."""
        text = str(self.optional("where", str, "")).strip()
        if text and aggregate == "ratio":
            self.refuse("a ratio takes no where", "Give it to the numerator")
        try:
            named = conditions.columns(text)
        except SettingError as error:
            self.refuse(error.message, error.fix)
        for column in named:
            if column in (*RESERVED, *conditions.FUNCTIONS):
                self.refuse(f"the column {column!r} cannot be used in where")
        return text

    def divisor(self, aggregate: str, column: str | None) -> float:
        """What values are divided by: intervals come out in seconds."""
        given = self.optional("divisor", float, 1)
        if not (math.isfinite(given) and given > 0):
            self.refuse(f"the divisor {given} is not above 0")
        if given != 1 and aggregate in ("count", "distinct", "ratio"):
            self.refuse(f"{aggregate} takes no divisor")
        whole = int(given) if given == int(given) else given
        measured = aggregate not in ("count", "distinct", "ratio") and column in INTERVALS
        return whole * MICROSECONDS if measured else whole

    def quantile(self, aggregate: str) -> float | None:
        """Which quantile, to four digits."""
        if aggregate != "quantile":
            if "q" in self.entry:
                self.refuse(f"{aggregate} takes no q")
            return None
        q = self.optional("q", float, None)
        if q is None or not 0 <= q <= 1 or round(q, 4) != q:
            self.refuse("q is missing or wrong", "Give q from 0 to 1, with four digits at most")
        return float(q)

    def over(self, aggregate: str) -> tuple[str, str] | None:
        """The two features of a ratio."""
        if aggregate != "ratio":
            return None
        return self.text("numerator", NAME), self.text("denominator", NAME)

    def directions(self, log: str) -> tuple[str, ...]:
        """The directions, in our order."""
        default = [ALL] if log in UNDIRECTED else [*DIRECTIONS]
        given = self.entry.get("direction", default)
        asked = [given] if isinstance(given, str) else given
        if (
            not isinstance(asked, list)
            or not asked
            or not set(map(str, asked)) <= {*DIRECTIONS, ALL}
        ):
            self.refuse(f"the direction {given!r} is not known", "Give in, out, internal or all")
        return tuple(one for one in (*DIRECTIONS, ALL) if one in asked)

    def text(self, key: str, pattern: re.Pattern[str] | None = None) -> str:
        """A text that has to be there."""
        value: Any = self.entry.get(key)
        if not isinstance(value, str) or not value or (pattern and not pattern.fullmatch(value)):
            self.refuse(f"{key} is {value!r}" if key in self.entry else f"has no {key}", EXAMPLE)
        return str(value)

    def choice(self, key: str, choices: Iterable[str]) -> str:
        """One of some texts."""
        value = self.text(key)
        if value not in choices:
            self.refuse(f"the {key} {value!r} is not known", _nearest(value, choices))
        return value

    def optional(self, key: str, kind: type, default: Any) -> Any:
        """A value of a kind, where there is one; whole numbers are numbers too."""
        value = self.entry.get(key, default)
        kinds = (int, float) if kind is float else kind
        if value is not default and (not isinstance(value, kinds) or isinstance(value, bool)):
            self.refuse(f"{key} is {value!r}", EXAMPLE)
        return value

    def refuse(self, why: str, fix: str = EXAMPLE) -> NoReturn:
        """Say what is wrong with this entry."""
        raise SettingError(why, where=self.where, fix=fix)


def _nearest(value: str, choices: Iterable[str]) -> str:
    near = difflib.get_close_matches(value, choices, n=1)
    return f"Did you mean {near[0]}?" if near else f"There are {', '.join(choices)}"
