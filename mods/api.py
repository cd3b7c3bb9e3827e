"""The DEEPaaS entry point: `deepaas-run --model-name mods` serves training and prediction.

The functions are what DEEPaaS looks for (group `deepaas.v2.model`). The server process only reads
requests; what reads series, computes forecasts or draws is imported in a worker.
"""

from __future__ import annotations

import dataclasses
import importlib.metadata
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import mods
from mods import notes, settings
from mods.config import Config
from mods.deepaas import (
    accept,
    answers,
    commandline,
    fields,
    mends,
    places,
    pool,
    stamp,
    uploads,
)
from mods.deepaas.guard import guarded
from mods.deepaas.stamp import Stamp
from mods.models import catalogue
from mods.plain import plain
from mods.request import ForecastRequest, Given, Source, TrainRequest

if TYPE_CHECKING:
    from mods.flows.predict import Prediction
    from mods.jobs.job import Job

schema = answers.ModelPredictionResponse


def get_metadata() -> dict[str, Any]:
    """Who made what is served, and which models can be asked."""
    package: Any = importlib.metadata.metadata("mods")
    return {
        "name": package["Name"],
        "version": mods.__version__,
        "summary": package["Summary"],
        "description": package["Summary"],
        "author": package.get("Author") or package.get("Author-email") or "",
        "license": package.get("License-Expression") or package.get("License") or "",
        "url": package.get("Home-page") or "",
        "models": list(catalogue.names()),
    }


def get_train_args() -> dict[str, Any]:
    """The fields of a training: its request, then everything that makes the model."""
    name = fields.model_name(TrainRequest, stamp.Stampable())
    return {**fields.declared(TrainRequest, Stamp, Config), **name}


def get_predict_args() -> dict[str, Any]:
    """The fields of a prediction; `accept` has to come last."""
    name = fields.model_name(ForecastRequest, fields.Known())
    asked = {**fields.declared(ForecastRequest), **name}
    given = {"data": uploads.field(), **fields.declared(Given), "values": uploads.values()}
    return {**asked, **given, "accept": accept.field()}


@guarded
def warm() -> None:
    """Load the models saved last into this worker."""
    from mods.deepaas import shelf

    shelf.fill()


@guarded
def check_train(**args: Any) -> None:
    """Raise what is wrong with the arguments taken together, before a worker begins."""
    _training(args)


@guarded
def queue_train(**args: Any) -> Job:
    """Enter a training in the book, to run in a process of its own; `mods.deepaas.trainings`."""
    from mods.jobs import queue

    _, request = _training(args)
    given = {name: value for name, value in fields.sent(args).items() if name not in _STAMPS}
    return queue.submit({**given, "model_name": request.model_name})


@pool.alone
@guarded
def train(**args: Any) -> dict[str, Any]:
    """Train and save a model; returns its name, where it lies and how it scored."""
    from mods.flows.train import train as run

    config, request = _training(args)
    answer: dict[str, Any] = plain(run(config, request, Source(), set(fields.sent(args))))
    return answer


@guarded
def predict(**args: Any) -> Any:
    """Forecast with a saved model: the next steps, or each window of `time_range`."""
    args = fields.sent(args)
    with uploads.taken(args.pop("data", None)) as upload:
        kind = accept.chosen(args.pop("accept", None) or "*/*")
        settings.known(args, ForecastRequest, Given)
        request, given = settings.build(ForecastRequest, args), uploads.given(args)
        return answers.rendered(_prediction(request, given, upload), kind)


def _prediction(request: ForecastRequest, given: Given, upload: Path | None) -> Prediction:
    """The forecast of what was given: from each origin of a range, else from the last one."""
    from mods.deepaas import shelf
    from mods.flows.given import provided
    from mods.flows.predict import predict as run

    model = shelf.model(request.model_name)
    every = request.time_range is not None
    with notes.worded(places.hidden), provided(model, given, upload) as (source, told):
        prediction = run(request, source, model=model, every_origin=every)
    return dataclasses.replace(prediction, data=told)


_STAMPS = {one.name for one in settings.settings(Stamp)}


def _training(args: dict[str, Any]) -> tuple[Config, TrainRequest]:
    """The arguments of a training read and checked, the name stamped unless told not to."""
    args = fields.sent(args)
    settings.known(args, TrainRequest, Stamp, Config)
    config, request = settings.build(Config, args), settings.build(TrainRequest, args)
    if settings.build(Stamp, args).model_name_timestamp:
        name = stamp.stamped(request.model_name, datetime.now(UTC))
        request = dataclasses.replace(request, model_name=name)
    return config, request


mends.install_if_served()
commandline.install_if_called()
