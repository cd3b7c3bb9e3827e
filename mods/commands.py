"""The commands of `mods`: what each takes, what it does, and how its answer reads.

Those about data alone are in `data_commands`, the one that tunes in `experiment_commands`, those
about anomalies in `anomaly_commands`.
"""

from __future__ import annotations

import json
from typing import Any

from mods import anomaly_commands, data_commands, experiment_commands, settings
from mods.command import Answer, Command, filed
from mods.config import Config
from mods.errors import UsageError
from mods.flows import output
from mods.request import (
    BacktestRequest,
    DemoRequest,
    ModelsRequest,
    PredictRequest,
    PrepareRequest,
    Source,
    TrainRequest,
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


def train(values: dict[str, Any]) -> Answer:
    """Datapool or file -> saved model."""
    config = settings.build(Config, values)
    request, source = settings.build(TrainRequest, values), settings.build(Source, values)
    from mods.flows.train import train as flow
    from mods.visualization import terminal

    result = flow(config, request, source)
    part = "test" if "test" in result["evaluation"] else "validation"
    role = "which it was not fitted to" if part == "test" else "which stopped it early"
    lines = [
        f"saved {result['path']} ({result['model_type']}, {result['epochs']} epochs, "
        f"{result['training_time']:.0f} s)",
        f"on the {part} part, {role}:",
        terminal.scores(result["evaluation"][part]),
        *(f"warning: {line}" for line in result["metrics"]["warnings"]),
    ]
    return Answer(result, "\n".join(lines))


def predict(values: dict[str, Any]) -> Answer:
    """Saved model -> the next steps."""
    request, source = settings.build(PredictRequest, values), settings.build(Source, values)
    output.check(values.get("output"), pictures=True)
    from mods.flows.predict import predict as flow
    from mods.visualization import terminal

    prediction = flow(request, source)
    written = output.forecast(prediction, values.get("output"))
    tables = (prediction.table(), prediction.beside().drop(columns="origin"))
    shown = [terminal.frame(one) for one in tables]
    text = f"{shown[0]}\n\nbeside what the baselines say:\n{shown[1]}"
    return filed(prediction.record(), text, written)


def backtest(values: dict[str, Any]) -> Answer:
    """Saved model -> its forecasts over a period, scored; also trained anew on the way."""
    request, source = settings.build(BacktestRequest, values), settings.build(Source, values)
    output.check(values.get("output"))
    output.check_picture(request.picture)
    from mods.flows import course
    from mods.flows.backtest import backtest as flow
    from mods.flows.refits import refit
    from mods.visualization import terminal

    tested = flow(request, source)
    refitted = refit(tested, request) if request.refit else None
    errors = course.errors(tested, refitted)
    record, text = tested.record(), terminal.scores(tested.evaluation)
    record["over_time"] = course.record(errors)
    if refitted is not None:
        record["refits"] = refitted.record()
        text += f"\n\n{refitted.text()}"
    if request.picture:
        record["picture"] = course.draw(errors, request.picture, refitted)
        text += f"\n\ndrawn: {request.picture}"
    written = output.table((refitted or tested).table(), values.get("output"))
    return filed(record, text, written)


def models(values: dict[str, Any]) -> Answer:
    """List, show or delete saved models."""
    from mods.models import catalogue
    from mods.visualization import terminal

    request = settings.build(ModelsRequest, values)
    name, folder = request.model_name, request.models
    if (request.action == "list") == (name is not None):
        wanted = "takes no name" if name else "needs the name of a model"
        raise UsageError(
            f"{request.action} {wanted}", where="mods models", fix="See mods models --help"
        )
    if name is None:
        listing = catalogue.listing(folder)
        return Answer(listing, terminal.table(listing) if listing else "no model is saved")
    if request.action == "show":
        shown = catalogue.show(name, folder)
        return Answer(shown, json.dumps(shown, indent=2))
    catalogue.delete(name, folder)
    return Answer({"deleted": name}, f"deleted: {name}")


def demo(values: dict[str, Any]) -> Answer:
    """The whole way on synthetic traffic."""
    request = settings.build(DemoRequest, values)
    from mods.flows.demo import demo as flow

    shown = flow(request)
    return Answer(shown.record(), shown.text())


OUTPUT = {"output": "Write the table here: a .csv or .parquet file."}
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
    Command(
        "train",
        "Datapool (or CSV) -> saved model, scored beside the baselines.",
        train,
        (TrainRequest, Source, Config),
        (
            "mods train data/features --model_name week --steps_ahead 12",
            "mods train --data pool --train_time_range '<2019-01,2019-03>' --model_type LSTM"
            " --model_name conn-lstm",
            "mods train --data sensor.csv --model_name sensor --steps_ahead 6 --json",
            "mods train --data pool --entities all --model_name subnets",
            "mods train --data pool --known holidays.csv --model_name week",
        ),
        ("data",),
    ),
    *experiment_commands.COMMANDS,
    Command(
        "predict",
        "Saved model -> forecast of the next steps, with intervals.",
        predict,
        (PredictRequest, Source),
        (
            "mods predict week --data data/features --output next.csv",
            "mods predict week --data data/features --output next.png",
        ),
        ("model_name", "data"),
        extra={"output": "Write the forecast here: a .csv, .parquet, .png or .svg file."},
    ),
    Command(
        "backtest",
        "Saved model -> its forecasts over a period, scored beside the baselines.",
        backtest,
        (BacktestRequest, Source),
        (
            "mods backtest week --data data/features --time_range '<2019-04-01,2019-05-01)'"
            " --output april.csv",
            "mods backtest week --time_range '<2019-04,2019-04>' --refit 7d --picture april.png",
        ),
        ("model_name", "data"),
        extra=OUTPUT,
    ),
    *anomaly_commands.COMMANDS,
    Command(
        "models",
        "List, show or delete saved models.",
        models,
        (ModelsRequest,),
        ("mods models", "mods models show week", "mods models delete week"),
        ("action", "model_name"),
    ),
    Command(
        "demo",
        "The whole way on synthetic traffic: logs to report, in half a minute on two cores.",
        demo,
        (DemoRequest,),
        ("mods demo", "mods demo --output /tmp/demo --days 7"),
    ),
)
