"""What is wanted now: names, periods, exclusions. Never travels in a model."""

from __future__ import annotations

from mods.request.data import (
    ENGINES,
    LAYOUTS,
    AnonymizeRequest,
    CheckRequest,
    ExportRequest,
    FeaturesRequest,
    PrepareRequest,
    StorageRequest,
)
from mods.request.events import CalibrateRequest, EventsRequest, MarkRequest
from mods.request.experiments import BacktestRequest, EvaluationRequest, TuneRequest
from mods.request.models import (
    DemoRequest,
    ForecastRequest,
    ModelsRequest,
    OnlineRequest,
    PredictRequest,
    TrainRequest,
)
from mods.request.shared import Data, Request, Shelf, Source

__all__ = [
    "ENGINES",
    "LAYOUTS",
    "AnonymizeRequest",
    "BacktestRequest",
    "CalibrateRequest",
    "CheckRequest",
    "Data",
    "DemoRequest",
    "EvaluationRequest",
    "EventsRequest",
    "ExportRequest",
    "FeaturesRequest",
    "ForecastRequest",
    "MarkRequest",
    "ModelsRequest",
    "OnlineRequest",
    "PredictRequest",
    "PrepareRequest",
    "Request",
    "Shelf",
    "Source",
    "StorageRequest",
    "TrainRequest",
    "TuneRequest",
]
