"""The commands about saved models: what they forecast, and what there is to know of them."""

from __future__ import annotations

from typing import Any

from mods import settings
from mods.commands.command import Answer, Command, filed
from mods.errors import UsageError
from mods.flows import output
from mods.request import (
    ForecastRequest,
    ModelsRequest,
    Source,
)


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


COMMANDS = (
    Command(
        "predict",
        predict,
        (ForecastRequest, Source),
        (
            "mods predict week --limits 'conn_in<50000;ssh_in>2'",
            "mods predict week --data data/features --output next.png",
        ),
        ("model_name", "data"),
        extra={"output": "Write the forecast here: a .csv, .parquet, .png or .svg file."},
    ),
    Command(
        "models",
        models,
        (ModelsRequest,),
        (
            "mods models show week",
            "mods models export week --output week.onnx",
            "mods models delete week",
        ),
        ("action", "model_name"),
        extra={"output": "export: the network as .onnx, all as .zip, what show tells as .json."},
    ),
)
