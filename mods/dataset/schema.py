"""What the files of one log have to agree upon: the columns wanted of them, and their types."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from mods.dataset.files import SKIP_FIX, LogFile
from mods.errors import LogError

REQUIRED = {"ts": ("time",), "id.orig_h": ("addr", "string"), "id.resp_h": ("addr", "string")}
KINDS = {
    "time": "int64", "interval": "int64", "count": "int64", "int": "int64", "port": "int64",
    "double": "float64", "bool": "boolean",
}  # fmt: skip


def kinds(files: Sequence[LogFile], columns: Iterable[str]) -> dict[str, str]:
    """The type of each column; one that no file has is text."""
    found = {}
    for name in columns:
        types = (one.header.type_of(name) for one in files)
        found[name] = KINDS.get(next(filter(None, types), ""), "string")
    return found


def faults(
    files: Sequence[LogFile], columns: Collection[str], *, optional: Collection[str] = ()
) -> dict[LogFile, LogError]:
    """Which files cannot be read with those before: a column is missing, or has another type."""
    found = {}
    types: dict[str, tuple[str, LogFile]] = {}
    for one in files:
        error = _missing(one, [*REQUIRED, *columns]) or _mistyped(one, [*columns, *optional], types)
        if error is not None:
            found[one] = error
    return found


def _missing(file: LogFile, columns: Collection[str]) -> LogError | None:
    for name in columns:
        declared = file.header.type_of(name)
        if declared is None:
            return LogError(
                f"has no column {name}, only {', '.join(file.header.fields)}",
                where=file.path,
                fix="Let Zeek write it, or pass --skip_broken",
            )
        if declared not in REQUIRED.get(name, (declared,)):
            expected = REQUIRED[name][0]
            return LogError(
                f"{name} is of type {declared}, not {expected}", where=file.path, fix=SKIP_FIX
            )
    return None


def _mistyped(
    file: LogFile, columns: Collection[str], types: dict[str, tuple[str, LogFile]]
) -> LogError | None:
    """The first column whose type is another than in the files before; `types` learns the rest."""
    declared = {name: file.header.type_of(name) for name in columns}
    kinds = {name: KINDS.get(type_, "string") for name, type_ in declared.items() if type_}
    for name, kind in kinds.items():
        known, elsewhere = types.get(name, (kind, file))
        if known != kind:
            return LogError(
                f"{name} is of type {declared[name]}, but in {elsewhere.path} of type "
                f"{elsewhere.header.type_of(name)}",
                where=file.path,
                fix=SKIP_FIX,
            )
    for name, kind in kinds.items():
        types.setdefault(name, (kind, file))
    return None
