"""What clients ask during a soak, each with the status that the answer must have."""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

import numpy as np

from benchmarks.servers import MODEL

API = "/v2/models/mods"
EDGE = "----edge"
COLUMNS = ("conn_in", "conn_out", "dns_in_distinct", "ssh_in")
DAY, ALL = "<2024-03-08,2024-03-09)", "<2024-03-06,2024-03-12)"
NEW = 5_000  # from here on batch sizes only make a question another one

LARGE = 90  # long answers, 1.5 MB each: the store of both workers is full
MISTAKES = 300  # of each kind


@dataclass(frozen=True)
class Question:
    """A request; `kind` is its row in the table of answers."""

    kind: str
    method: str
    path: str
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None


def endless(seed: int, ready: list[str]) -> Iterator[Question]:
    """All kinds in a new order each time, for ever; `ready` names the models trained meanwhile."""
    order, number = random.Random(seed), NEW + seed * 100_000  # noqa: S311 - no secret
    while True:
        number += 1
        mix = [*_predictions(number), *_files(number), *_mistakes(number), *_looks()]
        trained = order.choice(ready or [MODEL])
        mix.append(_predict("model trained meanwhile", model_name=trained, batch_size=number))
        order.shuffle(mix)
        yield from mix


def filling() -> Iterator[Question]:
    """What fills all that is kept for the next time: answers, and what was read of addresses."""
    for number in range(LARGE):
        yield _predict("long range, JSON", time_range=ALL, batch_size=NEW * 100 + number)
    for number in range(MISTAKES):
        yield from _mistakes(NEW * 100 + number)


def _predict(
    kind: str, status: int = 200, accept: str = "application/json", **asked: object
) -> Question:
    query = urlencode({"model_name": MODEL, **asked})
    return Question(kind, "POST", f"{API}/predict/?{query}", status, {"Accept": accept})


def _predictions(number: int) -> list[Question]:
    values = np.random.default_rng(number).poisson(300.0, (48, len(COLUMNS))).tolist()
    told = {"model_name": MODEL, "values": values, "last_time": "2024-03-12T23:00:00Z"}
    head = {"Content-Type": "application/json"}
    body = json.dumps(told).encode()
    return [
        _predict("next steps, asked again"),
        _predict("range, JSON", time_range=DAY, batch_size=number),
        _predict("range, CSV", accept="text/csv", time_range=DAY, batch_size=number),
        _predict("next steps, PNG", accept="image/png", batch_size=number),
        Question("values", "POST", f"{API}/predict/", 200, head, body),
    ]


def _files(number: int) -> list[Question]:
    table = _table(number)
    return [
        _upload("file, CSV", "a.csv", table),
        _upload("file, gzip", "a.csv.gz", gzip.compress(table)),
        _upload("wrong: broken zip", "a.zip", b"PK\3\4 no zip", 422),
    ]


def _mistakes(number: int) -> list[Question]:
    head = {"Content-Type": "text/plain"}
    return [
        _predict("wrong: value", 422, batch_size=-number),
        _predict("wrong: field", 422, **{f"field_{number}": "1"}),
        _predict("wrong: model", 404, model_name=f"nobody-{number}"),
        _predict("wrong: range", 422, time_range="<2031-01-01,2031-01-02)", batch_size=number),
        Question("wrong: path", "GET", f"/v2/nowhere/{number}", 404),
        Question("wrong: method", "PUT", f"{API}/predict/", 405),
        Question("wrong: body", "POST", f"{API}/predict/", 415, head, b"1" * 1000),
        Question("wrong: training", "GET", f"{API}/train/{number:032x}", 404),
    ]


def _looks() -> list[Question]:
    return [
        Question("health", "GET", "/healthz"),
        Question("figures", "GET", "/metrics"),
        Question("trainings", "GET", f"{API}/train/"),
        Question("description", "GET", "/swagger.json"),
    ]


def _table(number: int) -> bytes:
    """Two days of the four features."""
    values = np.random.default_rng(number).poisson(300.0, (288, len(COLUMNS)))
    times = np.datetime64("2024-03-11T00:00:00") + np.arange(288) * np.timedelta64(600, "s")
    rows = (f"{at}Z,{','.join(map(str, row))}" for at, row in zip(times, values, strict=True))
    return "\n".join([f"time,{','.join(COLUMNS)}", *rows, ""]).encode()


def _upload(kind: str, name: str, content: bytes, status: int = 200) -> Question:
    head = f'--{EDGE}\r\nContent-Disposition: form-data; name="data"; filename="{name}"\r\n\r\n'
    body = head.encode() + content + f"\r\n--{EDGE}--\r\n".encode()
    headers = {"Content-Type": f"multipart/form-data; boundary={EDGE}"}
    path = f"{API}/predict/?model_name={MODEL}"
    return Question(kind, "POST", path, status, headers, body)
