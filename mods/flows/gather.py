"""Gather: the logs of all protocols are read, and what prepared windows say of themselves."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mods.dataset import files
from mods.dataset.files import LogFile
from mods.features import definitions
from mods.features.catalog import Catalogue
from mods.features.datapool.about import About
from mods.features.entities import By
from mods.features.windows import Span
from mods.flows import intake, local
from mods.flows.intake import MEGABYTE, Reader, Reading
from mods.progress import shown
from mods.request import PrepareRequest
from mods.window import Window


def about(request: PrepareRequest) -> About:
    """How the windows are to be made."""
    window, mine = Window.parse(request.window_slide), catalogue(request)
    return About(
        (str(window),),
        local.find(request)[0],
        mine.identity,
        mine.averages(),
        by=str(by(request) or ""),
        features=json.dumps([one.record() for one in mine.extra]),
    )


def catalogue(request: PrepareRequest) -> Catalogue:
    """The features that are wanted."""
    return definitions.catalogue(request.features)


def by(request: PrepareRequest) -> By | None:
    """What tells entities apart, if anything is to."""
    return By.parse(request.by) if request.by else None


def found(request: PrepareRequest) -> files.Found:
    """The logs that lie there."""
    return files.find(
        Path(request.logs), catalogue(request).protocols, skip_broken=request.skip_broken
    )


def reader(con: Any, request: PrepareRequest, skipped: list[tuple[Path, str]]) -> Reader:
    """How the logs are to be read."""
    window = Window.parse(request.window_slide)
    networks, _ = local.find(request)
    asked = catalogue(request), by(request)
    return Reader(con, window, networks, request.skip_broken, skipped, *asked)


def readings(reader: Reader, logs: Sequence[LogFile]) -> dict[str, Reading]:
    """The readings of the protocols that have logs, in the catalogue's order."""
    size = sum(one.size for one in logs) / MEGABYTE
    found = {}
    with shown("read logs", size, "MB") as progress:
        for protocol in reader.catalogue.protocols:
            mine = [one for one in logs if one.header.path == protocol]
            reading = intake.read(reader, protocol, mine, progress) if mine else None
            if reading is not None:
                found[protocol] = reading
    return found


def bounds(span: Span, window: Window) -> tuple[str, str]:
    """The first window's start and the last one's end, as text."""
    return moment(span.first * window.slide), moment(span.last * window.slide + window.length)


def moment(seconds: int) -> str:
    """Seconds since the epoch as text."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
