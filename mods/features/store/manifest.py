"""The manifest: which logs the panes are from, how they were made, what was written of them."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from mods.errors import DatapoolError
from mods.features.store.runs import Runs, joined

FOLDER, FILE = "panes", "manifest.json.gz"
FORMAT = 2
FIX = "Restore the pool, or make it anew with --rebuild"
Stat = tuple[int, int, int]


@dataclass(frozen=True)
class Source:
    """One log, known by what it holds.

    identity, head:  keys of its whole content and of its beginning
    paths:   where it was seen, with size, mtime (ns) and inode then
    batch:   where its panes lie; '' where `within` counts its lines, or none of them is kept
    within:  number of the log whose beginning it is
    first, last:  the outermost time stamps of its records, in microseconds since the epoch
    counts:  lines by line_fault, value_fault and direction
    lacking: columns wanted of it that it does not have
    """

    number: int
    identity: str
    head: str
    protocol: str
    paths: Mapping[str, Stat]
    batch: str = ""
    within: int | None = None
    first: int | None = None
    last: int | None = None
    panes: Runs = ()
    counts: tuple[tuple[str | None, str | None, str, int], ...] = ()
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True)
class Batch:
    """Some Parquet files with the panes of logs of one protocol; `sets` names their columns."""

    name: str
    protocol: str
    sets: tuple[str, ...]
    size: int
    panes: Runs


@dataclass(frozen=True)
class Written:
    """Which windows of one length the pool holds: numbers of the first and last, and what is stale.

    stale:  panes that changed since, while windows of another length were written
    """

    first: int
    last: int
    stale: Runs = ()


@dataclass(frozen=True)
class Manifest:
    """What is known of all panes of one slide (seconds).

    dead:   per batch the numbers of logs that still lie in it, but do not count any more
    begin:  the pane (pane number) before which none are kept; windows before it are not rewritten
    closed: the day (since the epoch) before which windows are neither written nor rewritten
    """

    slide: int
    catalogue: str
    local_networks: tuple[str, ...]
    entities: str = ""
    sources: Mapping[int, Source] = field(default_factory=dict)
    batches: tuple[Batch, ...] = ()
    windows: Mapping[str, Written] = field(default_factory=dict)
    dead: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    begin: int | None = None
    closed: int | None = None
    next: int = 1

    def reach(self) -> tuple[int, int] | None:
        """The outermost time stamps of all records; None without any."""
        ends = [(one.first, one.last) for one in self.sources.values()]
        known = [(first, last) for first, last in ends if first is not None and last is not None]
        return (min(one for one, _ in known), max(one for _, one in known)) if known else None

    def forget(self, numbers: Iterable[int]) -> Manifest:
        """Without these logs, and without what was only known as the beginning of one of them."""
        gone = set(numbers)
        gone |= {one.number for one in self.sources.values() if one.within in gone}
        kept = {number: one for number, one in self.sources.items() if number not in gone}
        dead = {name: set(numbers) for name, numbers in self.dead.items()}
        for one in (self.sources[number] for number in gone):
            if one.batch:
                dead.setdefault(one.batch, set()).add(one.number)
        counted = {name: tuple(sorted(numbers)) for name, numbers in sorted(dead.items())}
        return replace(self, sources=kept, dead=counted)

    def panes(self, numbers: Iterable[int]) -> Runs:
        """The panes that these logs have records in."""
        return joined(run for number in numbers for run in self.sources[number].panes)

    def batched(self, protocol: str) -> list[Batch]:
        """The batches of one protocol."""
        return [one for one in self.batches if one.protocol == protocol]

    def protocols(self) -> list[str]:
        """The protocols that have panes, in the order of their names."""
        return sorted({one.protocol for one in self.batches})

    def packed(self) -> bytes:
        """The bytes of the file: of many small logs a quarter of the text."""
        return gzip.compress(self.text().encode(), 6, mtime=0)

    def text(self) -> str:
        """The manifest as JSON."""
        record = {
            "format": FORMAT,
            **{name: getattr(self, name) for name in PLAIN},
            "dead": self.dead,
            "windows": {name: asdict(one) for name, one in sorted(self.windows.items())},
            "batches": [asdict(one) for one in self.batches],
            "sources": [asdict(self.sources[number]) for number in sorted(self.sources)],
        }
        return json.dumps(record, separators=(",", ":")) + "\n"


PLAIN = ("slide", "catalogue", "local_networks", "entities", "begin", "closed", "next")


def folder(pool: Path, slide: int) -> Path:
    """Where a pool keeps the panes of one slide."""
    return pool / FOLDER / f"{slide}s"


def read(pool: Path, slide: int) -> Manifest | None:
    """The manifest of the panes of one slide; None where none are kept.

    Raises DatapoolError where it cannot be read.
    """
    path = folder(pool, slide) / FILE
    try:
        record = json.loads(gzip.decompress(path.read_bytes()))
        if record["format"] != FORMAT:
            raise ValueError(f"format {record['format']}, not {FORMAT}")
        return _manifest(record)
    except FileNotFoundError:
        return None
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError) as error:
        raise DatapoolError(f"cannot be read: {error}", where=path, fix=FIX) from None


def slides(pool: Path) -> list[int]:
    """The slides (seconds) whose panes a pool keeps."""
    names = (path.parent.name[:-1] for path in (pool / FOLDER).glob(f"*s/{FILE}"))
    return sorted(int(name) for name in names if name.isdigit())


def _manifest(record: dict[str, Any]) -> Manifest:
    plain = {name: _tuples(record[name]) for name in PLAIN}
    sources = (Source(**_fields(one, "paths")) for one in record["sources"])
    return Manifest(
        **plain,
        dead={name: _tuples(numbers) for name, numbers in record["dead"].items()},
        sources={one.number: one for one in sources},
        batches=tuple(Batch(**_fields(one)) for one in record["batches"]),
        windows={name: Written(**_fields(one)) for name, one in record["windows"].items()},
    )


def _fields(record: dict[str, Any], *mappings: str) -> dict[str, Any]:
    plain = {name: _tuples(value) for name, value in record.items() if name not in mappings}
    inner = {name: {k: _tuples(v) for k, v in record[name].items()} for name in mappings}
    return plain | inner


def _tuples(value: Any) -> Any:
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value
