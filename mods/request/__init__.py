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
from mods.request.explain import ExplainRequest
from mods.request.given import Given
from mods.request.jobs import JobsRequest
from mods.request.models import (
    DemoRequest,
    ForecastRequest,
    ModelsRequest,
    OnlineRequest,
    PredictRequest,
    TrainRequest,
)
from mods.request.service import ServeRequest
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
    "ExplainRequest",
    "ExportRequest",
    "FeaturesRequest",
    "ForecastRequest",
    "Given",
    "JobsRequest",
    "MarkRequest",
    "ModelsRequest",
    "OnlineRequest",
    "PredictRequest",
    "PrepareRequest",
    "Request",
    "ServeRequest",
    "Shelf",
    "Source",
    "StorageRequest",
    "TrainRequest",
    "TuneRequest",
]
