"""The commands of `mods`: what each takes, what it does, and how its answer reads.

Those about data alone are in `data_commands`, those that train a model and try it in
`experiment_commands`, those about trainings in the background in `job_commands`, those about
anomalies in `anomaly_commands`, those about what people say of events in `event_commands`, the
service in `serve_commands`.
"""

from __future__ import annotations

from typing import Any

from mods import (
    anomaly_commands,
    data_commands,
    event_commands,
    experiment_commands,
    job_commands,
    serve_commands,
    settings,
)
from mods.command import Answer, Command, filed
from mods.errors import UsageError
from mods.flows import output
from mods.request import (
    DemoRequest,
    ForecastRequest,
    ModelsRequest,
    PrepareRequest,
    Source,
)


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


def predict(values: dict[str, Any]) -> Answer:
    """Saved model -> the next steps."""
    request, source = settings.build(ForecastRequest, values), settings.build(Source, values)
    output.check(values.get("output"), pictures=True)
    from mods.flows.predict import predict as flow
    from mods.visualization import limits, terminal

    prediction = flow(request, source)
    written = output.forecast(prediction, values.get("output"))
    tables = (prediction.table(), prediction.beside().drop(columns="origin"))
    shown = [terminal.frame(one) for one in tables]
    text = f"{shown[0]}\n\nbeside what the baselines say:\n{shown[1]}"
    text += limits.text(prediction.warnings)
    return filed(prediction.record(), text, written)


def models(values: dict[str, Any]) -> Answer:
    """List, show, export or delete saved models."""
    from mods.models import catalogue
    from mods.visualization import models as pages
    from mods.visualization import terminal, text

    request = settings.build(ModelsRequest, values)
    name, folder = request.model_name, request.models
    if (request.action == "list") == (name is not None):
        wanted = "takes no name" if name else "needs the name of a model"
        raise UsageError(
            f"{request.action} {wanted}", where="mods models", fix="See mods models --help"
        )
    if name is None:
        listing = catalogue.listing(folder)
        rows = [
            {**one, "features": text.few(one["features"])} if "features" in one else one
            for one in listing
        ]
        return Answer(listing, terminal.table(rows) if rows else "no model is saved")
    if request.action == "show":
        shown = catalogue.show(name, folder)
        return Answer(shown, pages.shown(shown))
    if request.action == "export":
        from mods.flows.models import export

        written = export(name, values.get("output"), folder)
        return Answer(written, f"written: {written['output']}, {written['size']:,} bytes")
    catalogue.delete(name, folder)
    return Answer({"deleted": name}, f"deleted: {name}")


def demo(values: dict[str, Any]) -> Answer:
    """The whole way on synthetic traffic."""
    request = settings.build(DemoRequest, values)
    from mods.flows.demo import demo as flow

    shown = flow(request)
    return Answer(shown.record(), shown.text())


COMMANDS = (
    Command(
        "prepare",
        "Zeek logs -> datapool of windowed features.",
        prepare,
        (PrepareRequest,),
        (
            "mods prepare /var/log/zeek --output data/features --local_networks 10.0.0.0/8",
            "mods prepare logs/2024-04-19 --output pool --window_slide w10m-s01m --json",
            "mods prepare /opt/zeek/logs --skip_broken --report report.json",
        ),
        ("logs",),
        {"logs": ("--data",)},
    ),
    *data_commands.COMMANDS,
    *experiment_commands.COMMANDS,
    *job_commands.COMMANDS,
    Command(
        "predict",
        "Saved model -> forecast of the next steps, with intervals.",
        predict,
        (ForecastRequest, Source),
        (
            "mods predict week --data data/features --output next.csv",
            "mods predict week --limits 'conn_in<50000;ssh_in>2'",
            "mods predict week --data data/features --output next.png",
        ),
        ("model_name", "data"),
        extra={"output": "Write the forecast here: a .csv, .parquet, .png or .svg file."},
    ),
    *anomaly_commands.COMMANDS,
    *event_commands.COMMANDS,
    Command(
        "models",
        "List, show, export or delete saved models.",
        models,
        (ModelsRequest,),
        (
            "mods models",
            "mods models show week",
            "mods models export week --output week.onnx",
            "mods models delete week",
        ),
        ("action", "model_name"),
        extra={"output": "export: the network as .onnx, all as .zip, what show tells as .json."},
    ),
    *serve_commands.COMMANDS,
    Command(
        "demo",
        "The whole way on synthetic traffic: logs to report, in half a minute on two cores.",
        demo,
        (DemoRequest,),
        ("mods demo", "mods demo --output /tmp/demo --days 7"),
    ),
)
