"""What a client gives instead of the datapool, an uploaded file or values, as a source to read.

It is written anew under names of ours into a folder that is gone afterwards.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow.parquet as pq

from mods.atomic import scratch
from mods.errors import InputError, ModsError, UsageError
from mods.features.datapool import text
from mods.flows import sample, unpack, values
from mods.flows.model import Model
from mods.request import Source
from mods.request.given import STEM, Given

NAMES = r"(/table\.\w+|/pool(\.zip)?)?"


class Provided(NamedTuple):
    """Where the data of a request lie, and what they are: `kind`, of a file size and sha256."""

    source: Source
    identity: dict[str, Any]


@contextmanager
def provided(model: Model, given: Given, upload: Path | None) -> Iterator[Provided]:
    """The source a request reads, as long as the block runs: the datapool where nothing is given.

    Raises UsageError where both or too little is given, InputError for what cannot be read.
    """
    _once(given, upload)
    if upload is None and given.values is None:
        yield Provided(Source(), {"kind": "datapool"})
        return
    with scratch(STEM) as folder, _hidden(folder, upload):
        yield _written(model, given, upload, folder)


def _once(given: Given, upload: Path | None) -> None:
    if upload is not None and given.values is not None:
        raise UsageError(
            "a file is given, too", where="values", fix="Give either data or values, not both"
        )
    if given.values is None and given.last_time is not None:
        raise UsageError("there are no values", where="last_time", fix="Give it with values only")


@contextmanager
def _hidden(folder: Path, upload: Path | None) -> Iterator[None]:
    """Errors name what the client sent, not where it lay here."""
    ours = re.compile("|".join(rf"{re.escape(str(one))}{NAMES}" for one in (folder, upload) if one))
    word = "values" if upload is None else "data"
    try:
        yield
    except ModsError as error:
        message, where, fix = (ours.sub(word, one) for one in _parts(error))
        raise type(error)(message, where=where, fix=fix) from None


def _parts(error: ModsError) -> tuple[str, str, str]:
    return error.message, error.where, error.fix.replace("--", "")


def _written(model: Model, given: Given, upload: Path | None, folder: Path) -> Provided:
    if upload is None:
        told = {"kind": "values"}
        path = _json(given.values or "", model, given, folder)
    else:
        told = {"kind": "file", **_digest(upload)}
        path = _file(upload, model, given, folder)
    return Provided(Source(data=str(path), time_column=given.time_column), told)


def _file(upload: Path, model: Model, given: Given, folder: Path) -> Path:
    """A sound copy of an upload, with the ending that says what it is."""
    if not unpack.is_zip(upload):
        return _table(unpack.plain(upload), model, given, folder)
    if not unpack.is_pool(upload):
        return _table(unpack.unpacked(unpack.member(upload)), model, given, folder)
    pool = folder / "pool.zip"
    pool.symlink_to(upload.absolute())
    return pool


def _table(content: bytes, model: Model, given: Given, folder: Path) -> Path:
    if content.startswith(unpack.PARQUET):
        path = folder / "table.parquet"
        pq.write_table(unpack.parquet(content, given.time_column), path)
        return path
    begin = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    if begin.startswith((b"[", b"{")):
        return _json(content, model, given, folder)
    header = content.partition(b"\n")[0]
    if not begin or b"\0" in content[:4096]:
        raise InputError("is empty or no text", where="data", fix=unpack.KINDS)
    lines = content.count(b"\n") + content.count(b"\r")
    unpack.count(lines * (header.count(b",") + header.count(b"\t") + 1))
    if sample.is_one(text.fields(content), model.forecaster.features):
        return sample.pool(content, model.config, folder / "pool")
    path = folder / ("table.tsv" if header.count(b"\t") > header.count(b",") else "table.csv")
    path.write_bytes(content)
    return path


def _json(content: str | bytes, model: Model, given: Given, folder: Path) -> Path:
    forecaster = model.forecaster
    encoded = content.encode("utf-8", "replace") if isinstance(content, str) else content
    unpack.count(encoded.count(b","), unpack.MOST_JSON)
    read = values.read(content)
    table = values.table(read, forecaster.features, forecaster.step, given)
    path = folder / "table.csv"
    table.to_csv(path, index=False)
    return path


def _digest(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return {"sha256": digest, "size": path.stat().st_size}
