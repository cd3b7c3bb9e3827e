"""The commands about anomalies: detecting them with a model, or without one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mods import settings
from mods.commands.command import Answer, Command, filed
from mods.errors import UsageError
from mods.flows import output
from mods.request import (
    EvaluationRequest,
    EventsRequest,
    ExplainRequest,
    OnlineRequest,
    PredictRequest,
    Source,
)

ONLINE_ONLY = {
    "alarms_per_week": "Say it to mods train, or of a saved model to mods calibrate",
    "probation": "Leave it out, or say --online and give data alone",
    "data_select_query": "The model knows its features: leave it out",
    "window_slide": "The model knows its window: leave it out",
}
MODEL_ONLY = dict.fromkeys(("quantiles", "batch_size", "entities"), "Leave it out")


def detect(values: dict[str, Any]) -> Answer:
    """Saved model -> anomalies of a period."""
    if settings.build(OnlineRequest, values).online:
        return detect_online(values)
    none_of(ONLINE_ONLY, values, "a model")
    request, source = settings.build(PredictRequest, values), settings.build(Source, values)
    asked = settings.build(EventsRequest, values)
    output.check(values.get("output"))
    output.check_events(values.get("events"), "--events")
    from mods.flows.detect import detect as flow
    from mods.flows.events import told_of

    detection = flow(request, source, asked.expected)
    written = output.table(detection.table(), values.get("output"))
    told = told_of(detection, asked)
    record = {**detection.record(), "events": [event.record() for event in told]}
    budget = detection.record()["budget"]
    return _listed(
        record, told, (request.model_name, values.get("events")), written, _budget(budget)
    )


def _listed(
    record: dict[str, Any],
    told: Sequence[Any],
    events: tuple[str, str | None],
    written: str | None,
    budget: str = "",
) -> Answer:
    """The answer about events; `events` are the model's name and the file to write them to."""
    from mods.flows.events import rows
    from mods.visualization import terminal

    listed = output.events(told, *events)
    text = terminal.table(rows(told)) if told else "no event"
    text = f"{text}\n\n{budget}" if budget else text
    if listed is not None:
        record, text = {**record, "events_file": listed}, f"{text}\n\nwritten: {listed}"
    return filed(record, text, written)


def _budget(told: dict[str, float]) -> str:
    return (
        f"alarms a week: {told['alarms_per_week']:g} asked for, {told['calm_alarms_per_week']:g} "
        f"to expect, by {told['calm_days']:g} calm days"
    )


def detect_online(values: dict[str, Any]) -> Answer:
    """Datapool or file -> its anomalies, learnt as it goes."""
    values = online_values(values, "detect")
    period = settings.build(PredictRequest, values)
    request, source = settings.build(OnlineRequest, values), settings.build(Source, values)
    output.check(values.get("output"))
    output.check_events(values.get("events"), "--events")
    from mods.flows import online
    from mods.timerange import TimeRange

    wanted = None if period.time_range is None else TimeRange.parse(period.time_range)
    asked = settings.build(EventsRequest, values)
    given = wanted, period.time_ranges_excluded, asked.expected
    detection = online.detect(request, source, *given)
    written = output.table(detection.table(), values.get("output"))
    hushed = detection.silenced if asked.silenced else []
    told = [one for _, one in sorted([*detection.events, *hushed], key=lambda pair: pair[0])]
    return _listed(detection.record(), told, (online.ONLINE, values.get("events")), written)


def online_values(values: dict[str, Any], command: str) -> dict[str, Any]:
    """The options of a command without a model: what stands first is the data, if none is named."""
    values = dict(values)
    none_of(MODEL_ONLY, values, "--online")
    if "data" not in values and "model_name" in values:
        values["data"] = _data(values.pop("model_name"), command)
    if "model_name" in values:
        raise UsageError(
            f"--online takes no model, and {values['model_name']!r} is one",
            where=f"mods {command}",
            fix=f"Give the data alone: mods {command} --online --data FILE",
        )
    return {**values, "model_name": "online"}


def explain(values: dict[str, Any]) -> Answer:
    """Saved model (or --online) and an event -> why it is one, and who is behind it."""
    how = settings.build(OnlineRequest, values)
    if how.online:
        values = online_values(values, "explain")
    else:
        none_of(ONLINE_ONLY, values, "a model")
    request, source = settings.build(ExplainRequest, values), settings.build(Source, values)
    output.check_explanation(request.output)
    from mods.flows import explain_page

    if how.online:
        from mods.flows.explain_online import explain as without_model

        found = without_model(request, how, source)
    else:
        from mods.flows.explain import explain as with_model

        found = with_model(request, source)
    written = request.output
    if written is not None and written.lower().endswith(".html"):
        explain_page.write(written, found)
    elif written is not None:
        output.table(explain_page.frame(found), written)
    return filed(found.record(), explain_page.text(found), written)


def evaluate_detector(values: dict[str, Any]) -> Answer:
    """Saved model and calm data -> what its detector would find, at which budget."""
    values = dict(values)
    online = settings.build(OnlineRequest, values)
    if online.online and "model_name" in values and "data" not in values:
        values["data"] = _data(values.pop("model_name"), "evaluate-detector")
    request, source = settings.build(EvaluationRequest, values), settings.build(Source, values)
    if online.online == (request.model_name is not None):
        raise UsageError(
            "takes a model, or --online and data alone",
            where="mods evaluate-detector",
            fix="Give the name of one model, or leave it out and say --online",
        )
    output.check(values.get("output"))
    output.check_picture(request.picture)
    from mods.flows.evaluate_detector import evaluate
    from mods.visualization import detection

    done = evaluate(request, online, source)
    written = output.table(done.table(), values.get("output"))
    record, told = done.record(), (done.rows, done.raised, done.asked)
    text = f"{done.text()}\n\n{detection.tables(*told)}\n\n{detection.areas(done.areas)}"
    if request.picture:
        record["picture"] = output.picture(detection.heat_map(*told), request.picture)
        text += f"\n\ndrawn: {request.picture}"
    return filed(record, text, written)


def none_of(unheard: Mapping[str, str], values: dict[str, Any], beside: str) -> None:
    """UsageError for the first option given that has no effect there; `unheard` tells what has."""
    for name, fix in unheard.items():
        if name in values:
            raise UsageError(f"has no effect with {beside}", where=f"--{name}", fix=fix)


def _data(name: str, command: str = "detect") -> str:
    """A name that may be data; UsageError for what is neither there nor looks like a file."""
    if not (Path(name).exists() or Path(name).suffix):
        raise UsageError(
            f"--online takes no model, and there is no datapool or file {name!r}",
            where=f"mods {command}",
            fix=f"Give the data: mods {command} --online --data FILE",
        )
    return name


COMMANDS = (
    Command(
        "detect",
        detect,
        (PredictRequest, Source, OnlineRequest, EventsRequest),
        (
            "mods detect week --data data/features --time_range '<2019-04-01,2019-05-01)' --json",
            "mods detect --online --data sensor.csv --alarms_per_week 2 --output anomalies.csv",
        ),
        ("model_name", "data"),
        extra={
            "output": "Write the table here: a .csv or .parquet file.",
            "events": "Write the events here: .jsonl (or .ndjson, ECS fields) or .csv.",
        },
    ),
    Command(
        "explain",
        explain,
        (ExplainRequest, Source, OnlineRequest),
        (
            "mods explain --online --data sensor.csv --event 2",
            "mods explain week --time 2024-03-14T11:00 --logs data/demo/logs",
            "mods explain week --time_range '<2024-03-12,2024-03-13)' --event 1 --json",
        ),
        ("model_name", "data"),
    ),
    Command(
        "evaluate-detector",
        evaluate_detector,
        (EvaluationRequest, Source, OnlineRequest),
        (
            "mods evaluate-detector week --output found.csv --picture found.png",
            "mods evaluate-detector --online --data sensor.csv --budgets 1,7",
        ),
        ("model_name", "data"),
        extra={"output": "Write the table here: a .csv or .parquet file."},
    ),
)
