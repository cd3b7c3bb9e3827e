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
    "CheckRequest",
    "Data",
    "DemoRequest",
    "EvaluationRequest",
    "ExportRequest",
    "FeaturesRequest",
    "ForecastRequest",
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
