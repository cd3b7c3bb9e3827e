"""Figures of a running service, in the format of Prometheus."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from mods import paths
from mods.deepaas.pool import WorkerPool
from mods.errors import ModsError
from mods.jobs.book import Book
from mods.jobs.job import ENDED, OPEN
from mods.models import catalogue

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
REASONS = (
    *("queue", "deadline", "body", "type", "token", "host", "origin", "ending"),
    *("malformed", "slow"),
)


class Metrics:
    """What is counted as requests come and go; what the workers do is read when it is asked."""

    def __init__(self, pool: WorkerPool) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self.registry = CollectorRegistry()
        shared: dict[str, Any] = {"registry": self.registry}
        self.requests = Counter(
            "mods_requests", "Requests answered.", ("method", "route", "status"), **shared
        )
        self.seconds = Histogram(
            "mods_request_seconds", "Time to an answer.", ("route",), buckets=BUCKETS, **shared
        )
        self.in_flight = Gauge("mods_requests_in_flight", "Requests at work.", **shared)
        self.refused = Counter(
            "mods_refused", "Requests refused, by what they met.", ("reason",), **shared
        )
        for reason in REASONS:
            self.refused.labels(reason)
        self.healthy = Gauge("mods_healthy", "1 where the last probe forecast, else 0.", **shared)
        self.healthy.set(1)
        self.registry.register(Workers(pool))
        ProcessCollector(registry=self.registry)

    def text(self) -> bytes:
        """The exposition."""
        return generate_latest(self.registry)


class Workers(Collector):
    """What the pool and the models folder say at the moment of the question."""

    def __init__(self, pool: WorkerPool) -> None:
        self.pool = pool

    def collect(self) -> Iterator[Any]:
        """All families."""
        pool = self.pool
        yield GaugeMetricFamily("mods_workers", "Workers for predictions.", pool.size)
        yield GaugeMetricFamily("mods_workers_busy", "Workers at work.", pool.computing)
        yield GaugeMetricFamily("mods_queue", "Predictions waiting for a worker.", pool.waiting)
        yield _counted("mods_worker_restarts", "Workers replaced.", "reason", pool.restarts)
        yield _trainings()
        ages = GaugeMetricFamily(
            "mods_model_age_seconds", "Time since a model was saved.", labels=("model",)
        )
        for name, age in _ages():
            ages.add_metric((name,), age)
        yield ages


def _counted(name: str, text: str, label: str, counts: dict[str, int]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, text, labels=(label,))
    for value, count in sorted(counts.items()):
        family.add_metric((value,), count)
    return family


def _trainings() -> GaugeMetricFamily:
    """The trainings in the book by state; none where there is no book that can be read."""
    family = GaugeMetricFamily("mods_trainings", "Trainings in the book.", labels=("state",))
    try:
        states = Book().counts()
    except ModsError:
        return family
    for state in (*OPEN, *ENDED):
        family.add_metric((state,), states.get(state, 0))
    return family


def _ages() -> Iterator[tuple[str, float]]:
    """The seconds since each model was saved; none where the folder cannot be read."""
    try:
        names = catalogue.names()
    except ModsError:
        return
    for name in names:
        try:
            saved = Path(paths.model(name)).stat().st_mtime
        except OSError:
            continue  # deleted a moment ago
        yield name, max(time.time() - saved, 0.0)
