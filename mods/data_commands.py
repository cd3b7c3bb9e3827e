"""The commands about data alone: looking through them, ranking features, writing them anew."""

from __future__ import annotations

from typing import Any

from mods import settings
from mods.command import Answer, Command, filed
from mods.request import (
    AnonymizeRequest,
    CheckRequest,
    ExportRequest,
    FeaturesRequest,
    StorageRequest,
)


def check(values: dict[str, Any]) -> Answer:
    """Datapool or file -> what it lacks, and what in it looks wrong."""
    request = settings.build(CheckRequest, values)
    from mods.flows.check import check as flow

    checked = flow(request)
    return filed(checked.record(), checked.text(), request.output)


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


def anonymize(values: dict[str, Any]) -> Answer:
    """Zeek logs -> the same logs with pseudonyms."""
    request = settings.build(AnonymizeRequest, values)
    from mods.flows.anonymize import anonymize as flow

    done = flow(request)
    return Answer(done.record(), done.text())


def features(values: dict[str, Any]) -> Answer:
    """Datapool or file -> its features ranked and explained."""
    request = settings.build(FeaturesRequest, values)
    from mods.flows.features import features as flow

    ranked = flow(request)
    return filed(ranked.record(), ranked.text(), request.output)


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
    Command(
        "anonymize",
        "Zeek logs -> the same logs with pseudonyms, to be given to others.",
        anonymize,
        (AnonymizeRequest,),
        (
            "mods anonymize /var/log/zeek --output shared --key_file site.key --new_key",
            "mods anonymize logs --output shared --key_file site.key --local_networks 10.0.0.0/8",
        ),
        ("logs",),
    ),
    Command(
        "features",
        "Datapool (or CSV) -> its features ranked for forecasting, and why.",
        features,
        (FeaturesRequest,),
        (
            "mods features data/features --data_select_query 'conn;dns;ssh' --output features.html",
            "mods features sensors.csv --json",
        ),
        ("data",),
    ),
)
