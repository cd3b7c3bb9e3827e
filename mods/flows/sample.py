"""The reference's sample format: one file of windows of one protocol, as a datapool holds it."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from mods.config import Config
from mods.errors import InputError
from mods.features.datapool.text import END, START
from mods.query import Query

DAY = re.compile(rb'"?(\d{4})-(\d{2})-(\d{2})[T ]')
MOST_DAYS = 2_000
FIX = "Give a zip of a datapool with all protocols, or one column per feature of the model"


def is_one(fields: Collection[str], features: Collection[str]) -> bool:
    """Whether these columns of a file are those of a datapool's, not the model's own features."""
    return {START, END} <= {*fields} and not {*features} <= {*fields}


def pool(content: bytes, config: Config, folder: Path) -> Path:
    """The windows as a datapool of the one protocol that the model asks for, a file per day.

    Raises InputError where the model asks for several, or where a row has no window_start.
    """
    protocols = {one.protocol for one in Query.parse(config.data_select_query).selections}
    if len(protocols) != 1:
        raise InputError(
            f"holds windows of one protocol, the model asks for {', '.join(sorted(protocols))}",
            where="data",
            fix=FIX,
        )
    header, _, body = content.partition(b"\n")
    first = header.decode("utf-8", "replace").split("\t")[0].strip('"\r')
    if first != START:
        raise InputError(f"begins with {first!r}, not with {START}", where="data", fix=FIX)
    days: dict[str, list[bytes]] = {}
    for number, line in enumerate(body.splitlines(), start=1):
        if line.strip():
            days.setdefault(_day(line, number), []).append(line)
    if len(days) > MOST_DAYS:
        raise InputError(f"holds {len(days)} days, more than {MOST_DAYS}", where="data", fix=FIX)
    (protocol,) = protocols
    for day, lines in days.items():
        path = folder / protocol / day / f"{config.window_slide}.tsv"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"\n".join([header, *lines, b""]))
    return folder


def _day(line: bytes, number: int) -> str:
    found = DAY.match(line)
    if found is None:
        raise InputError(
            f"row {number} has no {START} such as 2019-06-01T00:00:00.000Z", where="data", fix=FIX
        )
    return "/".join(part.decode() for part in found.groups())
