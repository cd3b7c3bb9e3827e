"""Writing the demo traffic to a folder: hourly rotated, gzipped logs, a README and plan.json."""

from __future__ import annotations

import gzip
import io
import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import csv

from mods import progress
from mods.dataset.demo_traffic import connections, logs, plan, rhythm, unreachable
from mods.dataset.demo_traffic.columns import FIELDS
from mods.dataset.demo_traffic.plan import Plan
from mods.dataset.demo_traffic.records import Records
from mods.errors import ResourceError, UsageError

START = datetime(2024, 3, 1, tzinfo=UTC)
HOUR = 3600
TSV = csv.WriteOptions(include_header=False, delimiter="\t", quoting_style="none")


def write(folder: Path, *, days: int = 14, seed: int = 0, start: datetime = START) -> Plan:
    """Write `days` of synthetic Zeek logs (same seed, same bytes) and tell what is planted in them.

    An earlier demo in `folder` is replaced as a whole; raises UsageError where the folder holds
    anything else, and ResourceError where the disk refuses.
    """
    planned = plan.draw(days, seed, start)
    with _replacing(Path(folder)) as draft:
        _write_logs(draft, planned)
        (draft / "plan.json").write_text(json.dumps(planned.record(), indent=2) + "\n")
        (draft / "README").write_text(_readme(planned))
    return planned


def _write_logs(folder: Path, planned: Plan) -> None:
    counts = rhythm.counts(planned, np.random.default_rng([planned.seed, 2]))
    waiting: dict[str, Records] = {}
    with progress.shown("demo traffic", planned.days, "day") as bar:
        for day in range(planned.days):
            rng = np.random.default_rng([planned.seed, 3, day])
            minutes = slice(day * rhythm.MINUTES_A_DAY, (day + 1) * rhythm.MINUTES_A_DAY)
            drawn = connections.draw(planned, day, counts[:, minutes], rng)
            seen = logs.of(drawn, rng)
            told = np.random.default_rng([planned.seed, 4, day])
            seen["conn"] = unreachable.told(seen["conn"], drawn, planned, told)
            for log, records in seen.items():
                ready = _in_order(waiting.get(log), records, planned.end)
                waiting[log] = _write_day(folder, log, ready, planned.start + timedelta(days=day))
            bar.advance()


def _in_order(before: Records | None, records: Records, end: datetime) -> Records:
    """What was left of the day before and the new records, as they are written: until the end."""
    table, written = records.table, records.written
    if before is not None:
        table = pa.concat_tables([before.table, table])
        written = np.concatenate([before.written, written])
    written = np.minimum(written, connections.microseconds(end) - 1)
    order = np.argsort(written, kind="stable")
    return Records(table.take(pa.array(order)), written[order])


def _write_day(folder: Path, log: str, records: Records, day: datetime) -> Records:
    """Write the 24 hours from `day` on; the records left over are written later."""
    hours = [day + timedelta(hours=hour) for hour in range(25)]
    cuts = np.searchsorted(records.written, [connections.microseconds(hour) for hour in hours])
    for begin, end, hour in zip(cuts[:-1], cuts[1:], hours[:-1], strict=True):
        if end > begin:
            _write_hour(folder, log, records.table.slice(begin, end - begin), hour)
    left = slice(int(cuts[-1]), None)
    return Records(records.table.slice(left.start), records.written[left])


def _write_hour(folder: Path, log: str, table: pa.Table, hour: datetime) -> None:
    after = hour + timedelta(hours=1)
    name = f"{log}.{hour:%H:%M:%S}-{after:%H:%M:%S}.log.gz"
    place = folder / f"{hour:%Y-%m-%d}" / name
    place.parent.mkdir(exist_ok=True)
    body = io.BytesIO()
    csv.write_csv(table, body, TSV)
    content = _header(log, hour) + body.getvalue() + f"#close\t{after:%Y-%m-%d-%H-%M-%S}\n".encode()
    place.write_bytes(gzip.compress(content, compresslevel=6, mtime=0))


def _header(log: str, opened: datetime) -> bytes:
    lines = (
        "#separator \\x09",
        "#set_separator\t,",
        "#empty_field\t(empty)",
        "#unset_field\t-",
        f"#path\t{log}",
        f"#open\t{opened:%Y-%m-%d-%H-%M-%S}",
        "\t".join(("#fields", *(name for name, _ in FIELDS[log]))),
        "\t".join(("#types", *(kind for _, kind in FIELDS[log]))),
    )
    return ("\n".join(lines) + "\n").encode()


def _readme(planned: Plan) -> str:
    events = "\n".join(
        f"- {event.kind}: {event.start:%Y-%m-%d %H:%M} to {event.end:%Y-%m-%d %H:%M} UTC, "
        f"host {event.host}, shows in {', '.join(event.features)}"
        for event in planned.events
    )
    return f"""SYNTHETIC Zeek logs, written by the demo of mods. Nothing in them was ever measured.

Seed {planned.seed}, {planned.days} days, {planned.start:%Y-%m-%d %H:%M} to \
{planned.end:%Y-%m-%d %H:%M} UTC. Local networks: {", ".join(planned.local_networks)}.
Outside addresses are the ranges reserved for documentation.

Ordinary life: a daily and a weekly rhythm, a job every six hours, bursts, noise that remembers.
Planted, to be found:
{events}

plan.json says the same for programs.
"""


@contextmanager
def _replacing(folder: Path) -> Iterator[Path]:
    """A temporary folder that becomes `folder` when the block ends well, and vanishes if not."""
    if folder.exists() and not (folder / "plan.json").is_file() and _holds_anything(folder):
        raise UsageError(
            "holds something else than demo traffic",
            where=folder,
            fix="Name an empty or new folder",
        )
    draft = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        made = draft / folder.name
        made.mkdir()
        yield made
        if folder.exists():
            folder.rename(draft / "before")
        made.rename(folder)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ResourceError(
            f"cannot be written: {reason}",
            where=folder,
            fix="Free some space, or name another folder",
        ) from error
    finally:
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)


def _holds_anything(folder: Path) -> bool:
    return not folder.is_dir() or any(folder.iterdir())
