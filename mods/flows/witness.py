"""Witness: what the raw logs of some hours tell about who was behind a departure.

Only files that can hold records of those hours are opened; each is read once, and lines that are
no record are counted as everywhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from mods.dataset import damage, files, reader, schema
from mods.dataset.files import LogFile
from mods.dataset.hours import Hours, Span
from mods.features import behind, engines
from mods.features.behind import Asked, Ranked
from mods.features.catalog import ALL, Feature
from mods.features.entities import By
from mods.flows import intake
from mods.flows.intake import Reader
from mods.progress import shown
from mods.window import Window

EVERY = Feature("", "", "count")


@dataclass(frozen=True)
class Question:
    """A feature that departed: how it is computed, which way it went (1 up, -1 down)."""

    asked: Asked
    sign: int

    @property
    def protocol(self) -> str:
        """The log its records are in."""
        return self.asked.feature.protocol


@dataclass(frozen=True)
class Heard:
    """What was heard of one feature; `days` are the numbers of the earlier spans compared with.

    meanwhile:  of a departure downward the hosts that had more records than usual, whatever their
        direction
    """

    ranked: tuple[Ranked, ...]
    days: tuple[int, ...]
    records: int
    meanwhile: Ranked | None = None


@dataclass(frozen=True)
class Told:
    """The answers by name, and what became of the files and lines on the way."""

    heard: Mapping[str, Heard]
    files: int = 0
    rejected: Mapping[str, int] = field(default_factory=dict)
    skipped: tuple[str, ...] = ()
    opened: tuple[Path, ...] = ()


@dataclass(frozen=True)
class _Columns(Reader):
    """Reads the columns that questions ask for; none has to be there."""

    wanted: tuple[str, ...] = ()

    def columns(self, protocol: str) -> tuple[str, ...]:
        """No column has to be there."""
        return ()

    def optional(self, protocol: str) -> tuple[str, ...]:
        """All that are asked for, and those that tell the direction."""
        return tuple(dict.fromkeys([*intake.ZEEK_LOCAL, *intake.ENDS, *self.wanted]))


def hear(
    logs: Path,
    questions: Mapping[str, Question],
    spans: Sequence[Span],
    days: Sequence[int],
    networks: tuple[tuple[str, ...], By | None],
    memory: str = "4GB",
) -> Told:
    """Ask the logs who was behind each feature in the first span, compared with the others.

    spans:  `[begin, end)` in seconds; days:  the numbers of those to compare with
    networks:  what is local, and what tells entities apart
    Raises InputError for a place that is not there, LogError where no log lies there.
    """
    hours = Hours([spans[0], *(spans[day] for day in days)])
    protocols = tuple(dict.fromkeys(one.protocol for one in questions.values()))
    found = files.find(logs, protocols, skip_broken=True, among=hours.among)
    broken: list[tuple[Path, str]] = []
    kept = [0, *(day for day in days if hours.begin is None or spans[day][0] >= hours.begin)]
    with engines.connected(memory) as con, shown("who is behind it", len(protocols), "log") as bar:
        told = Told({}, len(found.logs), opened=tuple(one.path for one in found.logs))
        heard: dict[str, Heard] = {}
        rejected: dict[str, int] = {}
        for protocol in protocols:
            mine = {name: one for name, one in questions.items() if one.protocol == protocol}
            try:
                held = _held(con, found.of(protocol), mine, spans, networks, broken)
                if held is not None:
                    heard |= {n: _answer(con, held, one, kept) for n, one in mine.items()}
                    rejected |= behind.rejected(con, held)
            except engines.Failure as failure:
                raise engines.explain(failure, logs) from failure
            bar.advance(1, protocol)
    lost = tuple(f"{path.name}: {reason}" for path, reason in broken)
    return Told(heard, told.files, rejected, lost, (*hours.opened, *told.opened))


def _held(
    con: Any,
    logs: Sequence[LogFile],
    questions: Mapping[str, Question],
    spans: Sequence[Span],
    networks: tuple[tuple[str, ...], By | None],
    broken: list[tuple[Path, str]],
) -> Any:
    """The records of one log, held by the engine; None where there is no file of it."""
    features = list(dict.fromkeys(f for one in questions.values() for f in one.asked.read))
    if not logs:
        return None
    protocol = logs[0].header.path
    wanted = behind.needed(protocol, features, networks[1])
    how = _Columns(con, Window(1, 1), networks[0], True, broken, wanted=wanted)
    optional = how.optional(protocol)
    sound = intake.sound(how, logs, schema.faults(logs, (), optional=optional))
    types = schema.types(sound, [*schema.REQUIRED, *optional])
    with TemporaryDirectory(prefix="mods-copies-") as folder:
        readable = intake.mended(how, protocol, sound, sound, Path(folder))
        while readable:
            records = reader.records(con, readable, (), optional=optional, types=types)
            try:
                return behind.hold(con, records, features, spans, networks)
            except engines.Failure:
                errors = damage.broken(con, readable)
                if not errors:
                    raise
                readable = intake.sound(how, readable, errors)
    return None


def _answer(con: Any, held: Any, question: Question, kept: Sequence[int]) -> Heard:
    """What made the difference, by every dimension of the log that tells anything.

    kept:  the spans of which there may be logs; those without any record are not compared with
    """
    asked = question.asked
    counts = behind.counts(con, held, asked.within)
    days = tuple(day for day in kept if day and counts.get(day))
    ranked = []
    for one in behind.of(question.protocol):
        if asked.feature.aggregate == "distinct" and one.is_plain(asked.feature.column):
            continue  # each value is one
        found = behind.rank(con, held, asked, one.name, days, sign=question.sign)
        if any(row.key != behind.UNSET for row in found.rows):
            ranked.append(found)
    meanwhile = None
    if question.sign < 0:
        every = Asked(EVERY, ALL, within=asked.within)
        meanwhile = behind.rank(con, held, every, "originator", days, sign=1)
    return Heard(tuple(ranked), days, counts.get(0, 0), meanwhile)
