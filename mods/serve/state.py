"""What the parts of a running service share."""

from __future__ import annotations

from dataclasses import dataclass

from mods.deepaas.pool import WorkerPool
from mods.request import ServeRequest
from mods.serve.metrics import Metrics
from mods.serve.tokens import Tokens


@dataclass
class State:
    """The settings, the workers, the figures; `ending` from the signal to end on."""

    request: ServeRequest
    tokens: Tokens
    pool: WorkerPool
    metrics: Metrics
    ending: bool = False
