"""The commands about data alone: looking through them, ranking features, writing them anew."""

from __future__ import annotations

from typing import Any

from mods import settings
from mods.commands.command import Answer, Command, filed
from mods.request import (
    AnonymizeRequest,
    CheckRequest,
    DemoRequest,
    ExportRequest,
    FeaturesRequest,
    PrepareRequest,
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


def prepare(values: dict[str, Any]) -> Answer:
    """Zeek logs -> datapool."""
    request = settings.build(PrepareRequest, values)
    from mods.flows import accounts
    from mods.flows.prepare import prepare as flow

    accounts.check(request.report)
    prepared = flow(request)
    path = accounts.write(prepared, request.report)
    if request.report == accounts.TERMINAL:
        return Answer(accounts.record(prepared), accounts.text(prepared))
    if path is None:
        return Answer(prepared.record(), prepared.text())
    return Answer({**prepared.record(), "report": path}, f"{prepared.text()}\nreport: {path}")


def demo(values: dict[str, Any]) -> Answer:
    """The whole way on synthetic traffic."""
    request = settings.build(DemoRequest, values)
    from mods.flows.demo import demo as flow

    shown = flow(request)
    return Answer(shown.record(), shown.text())


COMMANDS = (
    Command(
        "prepare",
        prepare,
        (PrepareRequest,),
        (
            "mods prepare logs/2024-04-19 --output pool --window_slide w10m-s01m --json",
            "mods prepare /opt/zeek/logs --skip_broken --report report.json",
        ),
        ("logs",),
        {"logs": ("--data",)},
    ),
    Command(
        "check",
        check,
        (CheckRequest,),
        (
            "mods check 2019-03.zip --json",
            "mods check sensor.csv",
        ),
        ("data",),
    ),
    Command(
        "export",
        export,
        (ExportRequest,),
        ("mods export pool-parquet --layout monthly --output pool-zips",),
        ("data",),
    ),
    Command(
        "storage",
        storage,
        (StorageRequest,),
        ("mods storage data/features --keep_panes 30d --keep_days 365d --dry_run",),
        ("data",),
    ),
    Command(
        "anonymize",
        anonymize,
        (AnonymizeRequest,),
        ("mods anonymize logs --output shared --key_file site.key --local_networks 10.0.0.0/8",),
        ("logs",),
    ),
    Command(
        "features",
        features,
        (FeaturesRequest,),
        ("mods features sensors.csv --json",),
        ("data",),
    ),
    Command(
        "demo",
        demo,
        (DemoRequest,),
        ("mods demo --output /tmp/demo --days 7",),
    ),
)
