"""Gather: the logs of all protocols are read, and what prepared windows say of themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mods.dataset import files
from mods.dataset.files import LogFile
from mods.features import catalog
from mods.features.datapool.about import About
from mods.features.windows import Span
from mods.flows import intake, local
from mods.flows.intake import MEGABYTE, Reader, Reading
from mods.progress import shown
from mods.request import PrepareRequest
from mods.window import Window


def about(request: PrepareRequest) -> About:
    """How the windows are to be made."""
    window = Window.parse(request.window_slide)
    return About((str(window),), local.find(request)[0], catalog.identity())


def found(request: PrepareRequest) -> files.Found:
    """The logs that lie there."""
    return files.find(Path(request.logs), catalog.PROTOCOLS, skip_broken=request.skip_broken)


def reader(con: Any, request: PrepareRequest, skipped: list[tuple[Path, str]]) -> Reader:
    """How the logs are to be read."""
    window = Window.parse(request.window_slide)
    networks, _ = local.find(request)
    return Reader(con, window, networks, request.skip_broken, skipped)


def readings(reader: Reader, logs: Sequence[LogFile]) -> dict[str, Reading]:
    """The readings of the protocols that have logs, in the catalogue's order."""
    size = sum(one.size for one in logs) / MEGABYTE
    found = {}
    with shown("read logs", size, "MB") as progress:
        for protocol in catalog.PROTOCOLS:
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
