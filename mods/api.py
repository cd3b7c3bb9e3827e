"""The DEEPaaS entry point: `deepaas-run --model-name mods` serves training and prediction.

The functions are what DEEPaaS looks for (group `deepaas.v2.model`). The server process only reads
requests; what reads series, computes forecasts or draws is imported in a worker.
"""

from __future__ import annotations

import dataclasses
import importlib.metadata
from datetime import UTC, datetime
from typing import Any

import mods
from mods import settings
from mods.config import Config
from mods.deepaas import accept, answers, fields, mends, pool, stamp
from mods.deepaas.guard import guarded
from mods.deepaas.stamp import Stamp
from mods.models import catalogue
from mods.plain import plain
from mods.request import ForecastRequest, Source, TrainRequest

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
    return {**fields.declared(ForecastRequest), **name, "accept": accept.field()}


@guarded
def warm() -> None:
    """Load the models saved last into this worker."""
    from mods.deepaas import shelf

    shelf.fill()


@guarded
def check_train(**args: Any) -> None:
    """Raise what is wrong with the arguments taken together, before a worker begins."""
    _training(args)


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
    from mods.deepaas import shelf
    from mods.flows.predict import predict as run

    args = fields.sent(args)
    settings.known(set(args) - {"accept"}, ForecastRequest)
    request, kind = (
        settings.build(ForecastRequest, args),
        accept.chosen(args.get("accept") or "*/*"),
    )
    model = shelf.model(request.model_name)
    every = request.time_range is not None
    prediction = run(request, Source(), model=model, every_origin=every)
    return answers.rendered(prediction, kind)


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
