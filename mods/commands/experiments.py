"""The commands that train a model, search its settings, and try it on a period."""

from __future__ import annotations

from typing import Any

from mods import settings
from mods.commands import jobs
from mods.commands.command import Answer, Command, filed
from mods.config import Config
from mods.flows import output
from mods.jobs import queue
from mods.request import BacktestRequest, Source, TrainRequest, TuneRequest

FEW = 7.0  # calm days from which a number of alarms a week says something


def train(values: dict[str, Any]) -> Answer:
    """Datapool or file -> saved model."""
    config = settings.build(Config, values)
    request, source = settings.build(TrainRequest, values), settings.build(Source, values)
    if request.background:
        given = {name: value for name, value in values.items() if name != "background"}
        return jobs.asked(given)
    queue.check_free(request, source)
    from mods.flows.train import train as flow
    from mods.visualization import terminal

    result = flow(config, request, source, set(values))
    part = "test" if "test" in result["evaluation"] else "validation"
    role = "which it was not fitted to" if part == "test" else "which stopped it early"
    lines = [
        f"saved {result['path']} ({result['model_type']}, {result['epochs']} epochs, "
        f"{result['training_time']:.0f} s)",
        f"on the {part} part, {role}:",
        terminal.scores(result["evaluation"][part]),
        _kept(**result["budget"]),
        *(f"warning: {line}" for line in result["metrics"]["warnings"]),
        *([f"\ndrawn: {request.picture}"] if request.picture else ()),
    ]
    return Answer(result, "\n".join(lines))


def _kept(alarms_per_week: float, calm_alarms_per_week: float, calm_days: float) -> str:
    """How the thresholds kept to what was asked for, where they were learnt."""
    said = f"alarms a week: {alarms_per_week:g} asked for"
    if calm_days < FEW:
        return f"{said}; {calm_days:g} calm days are too few to tell what comes of it"
    return f"{said}, {calm_alarms_per_week:g} on the {calm_days:g} calm days they were learnt on"


def tune(values: dict[str, Any]) -> Answer:
    """Datapool or file -> settings that forecast it better."""
    config, request = settings.build(Config, values), settings.build(TuneRequest, values)
    source = settings.build(Source, values)
    given = {one.name for one in settings.settings(Config)} & set(values)
    from mods.flows import tune as flow

    tuned = flow.tune(config, request, source, given)
    record, lines = tuned.record(), [tuned.text()]
    if request.output:
        record["written"] = tuned.write(request.output)
        lines.append(f"written: {', '.join(record['written'])}")
    if request.train and tuned.error is not None:
        record["trained"] = flow.best(tuned, config, request, source)
        lines.append(f"saved {record['trained']['path']}")
        lines += [f"warning: {line}" for line in record["trained"]["metrics"]["warnings"]]
    return Answer(record, "\n".join(lines))


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


COMMANDS = (
    Command(
        "train",
        train,
        (TrainRequest, Source, Config),
        (
            "mods train --data pool --train_time_range '<2019-01,2019-03>'"
            " --model_type LSTM --model_name conn-lstm",
            "mods train --data sensor.csv --model_name sensor --steps_ahead 6 --json",
            "mods train --data pool --entities all --model_name subnets",
            "mods train --data pool --known holidays.csv --model_name week",
            "mods train data/features --model_name week --background",
        ),
        ("data",),
    ),
    Command(
        "tune",
        tune,
        (TuneRequest, Source, Config),
        ("mods tune sensor.csv --search model_type,blocks --output reports/tuning",),
        ("data",),
    ),
    Command(
        "backtest",
        backtest,
        (BacktestRequest, Source),
        ("mods backtest week --time_range '<2019-04,2019-04>' --refit 7d --picture april.png",),
        ("model_name", "data"),
        extra={"output": "Write the table here: a .csv or .parquet file."},
    ),
)
