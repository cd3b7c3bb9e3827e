"""Accounts: what became of every file and every line of a preparation, as a report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from mods.atomic import replacing
from mods.errors import UsageError
from mods.flows.prepared import Prepared

TERMINAL = "-"


def check(path: str | None) -> None:
    """Raise UsageError, before any work is done, for a report that could not be written."""
    if path is not None and Path(path).is_dir():
        raise UsageError(f"{path!r} is a folder", where="--report", fix="Name a file, or -")


def write(prepared: Prepared, path: str | None) -> str | None:
    """Write the report, as JSON to a .json file, else as text; the path, None where none is named.

    Raises ResourceError where the disk refuses.
    """
    if path is None or path == TERMINAL:
        return None
    as_json = Path(path).suffix.lower() == ".json"
    said = json.dumps(record(prepared), indent=2) if as_json else text(prepared)
    with replacing(path) as draft:
        draft.write_text(said + "\n", "utf-8")
    return path


def record(prepared: Prepared) -> dict[str, Any]:
    """The report as a program reads it: the summary, and `files` with what became of each."""
    files = [
        {"file": str(path), "log": protocol, **count.lines()}
        for protocol, log in prepared.logs.items()
        for path, count in log.by_file.items()
    ]
    return {**prepared.record(), "files": files}


def text(prepared: Prepared) -> str:
    """The report as a person reads it: the summary, the files read, the files left out and why."""
    from mods.visualization import terminal

    read = [
        {"file": str(path), "log": protocol, "rows": one.rows, "used": one.used}
        | {"no direction": one.no_direction, "rejected": _said(one.rejected)}
        | {"unreadable values": _said(one.unreadable)}
        for protocol, log in prepared.logs.items()
        for path, one in log.by_file.items()
    ]
    left_out = [{"file left out": str(path), "reason": why} for path, why in prepared.skipped]
    tables = [terminal.table(rows) for rows in (read, left_out) if rows]
    return "\n\n".join([prepared.text(), *tables])


def _said(counts: Any) -> str:
    return ", ".join(f"{number} x {why}" for why, number in counts.items()) or "0"
