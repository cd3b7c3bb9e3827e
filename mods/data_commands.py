"""The commands about data that are there already: looking through them, writing them anew."""

from __future__ import annotations

from typing import Any

from mods import settings
from mods.command import Answer, Command
from mods.request import CheckRequest, ExportRequest, StorageRequest


def check(values: dict[str, Any]) -> Answer:
    """Datapool or file -> what it lacks, and what in it looks wrong."""
    request = settings.build(CheckRequest, values)
    from mods.flows.check import check as flow

    checked = flow(request)
    written = f"\n\nwritten: {request.output}" if request.output else ""
    return Answer({**checked.record(), "output": request.output}, f"{checked.text()}{written}")


def export(values: dict[str, Any]) -> Answer:
    """Datapool -> the same in another layout."""
    request = settings.build(ExportRequest, values)
    from mods.flows.export import export as flow

    record = flow(request)
    text = "written: {output} ({days} days of protocols, layout {layout})".format_map(record)
    return Answer(record, text)


def storage(values: dict[str, Any]) -> Answer:
    """Datapool -> how much it takes, and what of it may go."""
    request = settings.build(StorageRequest, values)
    from mods.flows.storage import storage as flow

    told = flow(request)
    return Answer(told.record(), told.text())


COMMANDS = (
    Command(
        "check",
        "Datapool (or CSV) -> what it lacks, and what in it looks wrong.",
        check,
        (CheckRequest,),
        (
            "mods check data/features --output check.html",
            "mods check 2019-03.zip --json",
            "mods check sensor.csv",
        ),
        ("data",),
    ),
    Command(
        "export",
        "Datapool -> the same windows in another layout.",
        export,
        (ExportRequest,),
        (
            "mods export data/features --layout parquet --output pool-parquet",
            "mods export pool-parquet --layout monthly --output pool-zips",
        ),
        ("data",),
    ),
    Command(
        "storage",
        "Datapool -> how much panes and windows take; trims what is old.",
        storage,
        (StorageRequest,),
        (
            "mods storage data/features",
            "mods storage data/features --keep_panes 30d --keep_days 365d --dry_run",
        ),
        ("data",),
    ),
)
