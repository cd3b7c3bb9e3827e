"""Who is behind a difference, in sentences: the few that made it, or that nobody stands out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mods.anomaly.explanation.measure import Measure
from mods.anomaly.explanation.spread import first, gross, many, silent, tangled
from mods.anomaly.explanation.words import amount, joined, percent, shown, until
from mods.features.behind import NETWORK, ORIGINATOR, RESPONDER, UNSET, Ranked, Share

CLEAR, LIFT, MOST = 0.2, 0.1, 0.5
NEXT = 0.1
SHOWN, LEAST = 3, 0.01
VERBS = {ORIGINATOR: "made", RESPONDER: "received"}
NEW = 20
MEANWHILE = "meanwhile more"


@dataclass(frozen=True)
class Difference:
    """Of one feature what raw logs tell; sign: 1 for too much, -1 for too little or missing.

    begin, end:  from when to when the records were looked at, UTC
    days:  how many earlier days the same hours were compared with
    records:  how many of all its log there are in these hours
    meanwhile:  who had more records of the log than usual while the feature fell
    """

    feature: str
    measure: Measure
    sign: int
    begin: pd.Timestamp
    end: pd.Timestamp
    ranked: tuple[Ranked, ...]
    days: int
    records: int
    meanwhile: Ranked | None = None

    def sentences(self) -> list[str]:
        """What there is to say, the most telling first."""
        if not self.days:
            return [
                f"{shown(self.feature)}: no earlier day at hand can be compared; below is all that "
                f"there was {self.hours}."
            ]
        return [self._whole(), *self.who(), *self.rising()]

    @property
    def clear(self) -> bool:
        """Whether a host stands out."""
        return any(self._clear(one) for one in self._hosts)

    @property
    def silent(self) -> float:
        """How many hosts there usually are where all fell silent, 0 where one did not."""
        gone = self.sign < 0 and not any(one.here for one in self._hosts)
        return sum(one.before for one in self._hosts) if gone else 0.0

    @property
    def _hosts(self) -> list[Ranked]:
        return [one for one in self.ranked if one.dimension in VERBS]

    @property
    def _total(self) -> Ranked | None:
        return next(iter(self.ranked), None)

    def _whole(self) -> str:
        """The feature over these hours against the earlier days."""
        total, name = self._total, shown(self.feature)
        if total is None or (self.sign < 0 and not self.records):
            return f"{name}: the log has no record at all {self.hours}."
        now, usual = (amount(one) for one in (total.now, total.usual))
        which = f"{self.measure.unit} " if self.measure.unit else ""
        days = "the day before" if self.days == 1 else f"the {self.days} earlier days"
        said = f"{name}: {now} {which}{self.hours}, {usual} in the same hours of {days}"
        if total.excess * self.sign > 0:
            return f"{said}: {amount(abs(total.excess))} {self._way}."
        return f"{said}. Against those days there is nothing {self._way}."

    @property
    def hours(self) -> str:
        """The hours in words."""
        return f"from {until(self.begin, self.end)}"

    @property
    def _way(self) -> str:
        return "more" if self.sign > 0 else "missing"

    @property
    def _part(self) -> str:
        return "the excess" if self.sign > 0 else "what is missing"

    def who(self) -> list[str]:
        """Those that made much of it, of every dimension, hosts first."""
        hosts = self._hosts
        if not self.days or self._total is None or self._total.excess * self.sign <= 0:
            return []
        clear = sorted((one for one in hosts if self._clear(one)), key=first, reverse=True)
        said = [self._named(one) for one in clear]
        if not clear and hosts:
            said.append(self._spread(hosts))
        others = [one for one in self.ranked if one.dimension not in VERBS]
        telling = [
            _words(one)
            for one in others
            if self._clear(one) and not (clear and one.dimension == NETWORK)
        ]
        if telling:
            said.append(f"Of {self._part}: {joined(telling)}.")
        return said

    def _clear(self, ranked: Ranked) -> bool:
        """Whether the first made much of it, and more than its usual part of all."""
        share = first(ranked)
        if tangled(ranked):
            return False
        if share < CLEAR or max(ranked.here, ranked.before) <= 1 or ranked.rows[0].key == UNSET:
            return False
        if self.sign < 0 and not ranked.here:
            return False
        if not self.measure.added or share >= MOST:
            return True
        usual = (ranked.rows[0].usual or 0.0) / ranked.usual if ranked.usual else 0.0
        return share - usual >= LIFT

    def _named(self, ranked: Ranked) -> str:
        """`203.0.113.7 made 89 % of the excess: 5,927 connections, usually 0.`"""
        row, verb = ranked.rows[0], VERBS[ranked.dimension]
        share = row.share or 0.0
        others = [one for one in ranked.rows[1:SHOWN] if (one.share or 0) >= NEXT and share < 1]
        more = "".join(f", {shown(one.key)} {percent(one.share or 0)}" for one in others)
        if self.sign < 0 and self.measure.added:
            gone = f"{amount(-row.excess)} of the missing {amount(-ranked.excess)}"
            silent = " and was silent" if not row.now else ""
            made = f"usually {verb}" if silent else verb
            return f"{shown(row.key)} {made} {gone} ({percent(share)}){silent}{more}."
        whole = "all of" if share >= 1 else f"{percent(share)} of"
        return f"{shown(row.key)} {verb} {whole} {self._part}{more}: {self._pair(row)}."

    def _pair(self, row: Share) -> str:
        now, usual = ("none" if one is None else amount(one) for one in (row.now, row.usual))
        return f"{now} {self.measure.unit}".strip() + f", usually {usual}"

    def _spread(self, hosts: Sequence[Ranked]) -> str:
        """That no host stands out, and how many there are."""
        counts = [
            f"{many(one.here, one.dimension)} (usually {amount(round(one.before))})"
            for one in hosts
        ]
        if self.silent:
            return silent(hosts)
        if any(map(tangled, hosts)):
            return self._mixed(next(filter(tangled, hosts)))
        if any(one.here > 1 and first(one) >= NEXT for one in hosts):
            top = max((one for one in hosts if one.here > 1), key=first)
            row = top.rows[0]
            most = f"{shown(row.key)} {VERBS[top.dimension]} {percent(row.share or 0)} of it"
            return f"No host alone made {self._part}: {most}, of {joined(counts)}."
        return f"No host stands out, {self._part} is spread over {joined(counts)}."

    def _mixed(self, ranked: Ranked) -> str:
        """That what many added is far more than the sum, which others took back."""
        went, back = ("rose", "fell") if self.sign > 0 else ("fell", "rose")
        return (
            f"Several {ranked.dimension}s {went} and others {back}: {self._part} is only the sum, "
            f"the first {len(ranked.rows)} alone add up to {percent(gross(ranked))} of it."
        )

    def rising(self) -> list[str]:
        """Who had more records than usual while the feature fell."""
        rows = self.meanwhile.rows if self.meanwhile and self.days else ()
        least = max(NEW, NEXT * -self._total.excess if self._total else 0.0)
        new = [row for row in rows if (row.now or 0) >= least and not row.usual][:SHOWN]
        return [
            f"Meanwhile {shown(row.key)}, never seen in these hours of the earlier days, has "
            f"{amount(row.now or 0)} records."
            for row in new
        ]

    def tables(self) -> dict[str, list[Share]]:
        """The rows of each dimension by its name."""
        tables = {one.dimension: _shown(one) for one in self.ranked}
        if self.meanwhile is not None and self.meanwhile.rows and self.days:
            tables[MEANWHILE] = _shown(self.meanwhile)[:SHOWN]
        return tables

    def record(self) -> dict[str, Any]:
        """The difference as a program reads it; texts as the log has them."""
        total = self._total
        return {
            "feature": self.feature,
            "measure": self.measure.unit,
            "begin": f"{self.begin:%Y-%m-%dT%H:%M:%SZ}",
            "end": f"{self.end:%Y-%m-%dT%H:%M:%SZ}",
            "now": None if total is None else round(total.now, 6),
            "usual": None if total is None else round(total.usual, 6),
            "days": self.days,
            "sentences": self.sentences(),
            "who": {name: [row.record() for row in rows] for name, rows in self.tables().items()},
        }


def _shown(ranked: Ranked) -> list[Share]:
    """The rows that matter: the first three, and others with a part that can be seen."""
    return [row for n, row in enumerate(ranked.rows) if n < SHOWN or (row.share or 1) >= LEAST]


def _words(ranked: Ranked) -> str:
    """`port 23/tcp 15 %`"""
    row = ranked.rows[0]
    share = row.share or 0.0
    return f"{ranked.dimension} {shown(row.key)} {'all' if share >= 1 else percent(share)}"
