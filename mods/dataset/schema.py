"""What the files of one log have to agree upon: the columns wanted of them, and their types."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Iterator, Sequence

from mods.dataset.files import SKIP_FIX, LogFile
from mods.dataset.json_lines import wider
from mods.dataset.zeek import Header
from mods.errors import LogError

REQUIRED = {"ts": ("time",), "id.orig_h": ("addr", "string"), "id.resp_h": ("addr", "string")}
KINDS = {
    "time": "int64", "interval": "int64", "count": "int64", "int": "int64", "port": "int64",
    "double": "float64", "bool": "boolean",
}  # fmt: skip


def headers(file: LogFile) -> Iterator[Header]:
    """The headers by which a file is read: its own, or those of its copies."""
    yield from (head for head, _ in file.copies) if file.copies else (file.header,)


def types(files: Iterable[LogFile], columns: Iterable[str]) -> dict[str, str]:
    """Zeek's type of each column; one that no file has is text.

    What a file declares goes before what the values of JSON lines let guess.
    """
    heads = list(dict.fromkeys(head for one in files for head in headers(one)))
    found = {}
    for name in columns:
        declared = (head.type_of(name) for head in heads if name not in head.guessed)
        guessed = (head.type_of(name) for head in heads if name in head.guessed)
        kinds = {one for one in guessed if one}
        found[name] = next(filter(None, declared), None) or (
            functools.reduce(wider, sorted(kinds)) if kinds else "string"
        )
    return found


def kind(declared: str | None) -> str:
    """The engine's type for one of Zeek's.

    >>> kind("interval"), kind("bool"), kind("set[addr]")
    ('int64', 'boolean', 'string')
    """
    return KINDS.get(declared or "", "string")


def lacking(files: Sequence[LogFile], columns: Iterable[str]) -> dict[str, int]:
    """In how many files (or parts of them) a column is missing, so that its values are unset."""
    counts = {
        name: sum(any(head.type_of(name) is None for head in headers(one)) for one in files)
        for name in columns
    }
    return {name: count for name, count in counts.items() if count}


def faults(
    files: Sequence[LogFile], columns: Collection[str], *, optional: Collection[str] = ()
) -> dict[LogFile, LogError]:
    """Which files cannot be read with those before, and why.

    They lack a column that every record needs (unless it is `optional`), have another type in a
    column, or lack a column that no file has.
    """
    found = {}
    types: dict[str, tuple[str, LogFile]] = {}
    heads = {head for one in files for head in headers(one)}
    needed = [name for name in REQUIRED if name not in optional]
    absent = [name for name in columns if all(head.type_of(name) is None for head in heads)]
    for one in files:
        error = _missing(one, [*needed, *absent], absent) or _mistyped(
            one, [*columns, *optional], types
        )
        if error is not None:
            found[one] = error
    return found


def _missing(file: LogFile, names: Sequence[str], absent: Sequence[str]) -> LogError | None:
    for name in names:
        for head in headers(file):
            declared = head.type_of(name)
            if declared is None:
                others = ", nor has any other file of the log" if name in absent else ""
                return LogError(
                    f"has no column {name}{others}, only {', '.join(head.fields)}",
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
    declared = [
        (name, type_)
        for head in headers(file)
        for name in columns
        if name not in head.guessed and (type_ := head.type_of(name))
    ]
    learnt = dict(types)
    for name, type_ in declared:
        known, elsewhere = learnt.setdefault(name, (type_, file))
        if kind(known) != kind(type_):
            return LogError(
                f"{name} is of type {type_}, but in {elsewhere.path} of type {known}",
                where=file.path,
                fix=SKIP_FIX,
            )
    types.update(learnt)
    return None
