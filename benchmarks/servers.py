"""The servers that `benchmarks.service` asks: mods, and DEEPaaS with a model that does nothing."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

MODEL = "week"
WINDOW = "w01h-s10m"
TRIVIAL = """
from webargs import fields

def get_metadata():
    return {"name": "trivial"}

def get_predict_args():
    return {"batch_size": fields.Int(load_default=1)}

def get_train_args():
    return {}

def predict(**arguments):
    return {"batch_size": arguments["batch_size"]}
"""
PLACES = ("[deepaas.v2.model]\ntrivial = trivial\n", "Metadata-Version: 2.1\nName: trivial\n")


def furnish(base: Path, days: int) -> None:
    """A datapool with a daily rhythm, and a model trained on it."""
    from mods.config import Config
    from mods.features.datapool import write
    from mods.flows.train import train
    from mods.request import Source, TrainRequest
    from mods.window import Window

    rng, pane = np.random.default_rng(0), np.arange(days * 144 + 5)
    rate = 100 + 60 * np.sin(2 * np.pi * pane / 144)

    def sums(size: float) -> np.ndarray:
        return np.convolve(rng.poisson(rate * size), np.ones(6), "valid").astype(int)

    stamps = pd.date_range("2024-03-04", periods=days * 144, freq="10min", tz="UTC")
    rows = stamps.rename("window_start")
    tables = {
        "conn": pd.DataFrame({"in_count_uid": sums(5.0), "out_count_uid": sums(2.0)}, rows),
        "dns": pd.DataFrame({"in_distinct_query": sums(0.3)}, rows),
        "ssh": pd.DataFrame({"in": sums(0.5)}, rows),
    }
    pool = base / "data" / "features"
    counts = {name: table.astype("Int64") for name, table in tables.items()}
    write(pool, counts, Window.parse(WINDOW), layout="folders", local_networks=(), catalogue="b")
    source = Source(data=str(pool), models=str(base / "models"))
    train(Config(steps_ahead=6, num_epochs=2), TrainRequest(model_name=MODEL), source)


@contextlib.contextmanager
def mods(
    base: Path, workers: int = 2, *more: str, temporary: Path | None = None
) -> Iterator[Server]:
    """`mods serve` over the base folder, with further options and a folder for temporary files."""
    places = {"APP_INPUT_OUTPUT_BASE_DIR": str(base)}
    if temporary is not None:
        places["TMPDIR"] = str(temporary)
    options = ("--workers", str(workers), "--max_queue", "1000", "--log_format", "json", *more)
    with _running([sys.executable, "-m", "mods", "serve"], "--port", options, places) as server:
        server.path = f"/v2/models/mods/predict/?model_name={MODEL}"
        yield server


@contextlib.contextmanager
def trivial(folder: Path, workers: int = 2) -> Iterator[Server]:
    """Plain `deepaas-run` with a model that answers its argument."""
    about = folder / "trivial-1.0.dist-info"
    about.mkdir(parents=True)
    (folder / "trivial.py").write_text(TRIVIAL)
    for name, text in zip(("entry_points.txt", "METADATA"), PLACES, strict=True):
        (about / name).write_text(text)
    paths = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    program = [str(Path(sys.executable).with_name("deepaas-run")), "--model-name", "trivial"]
    options = ("--workers", str(workers))
    with _running(program, "--listen-port", options, {"PYTHONPATH": paths}) as server:
        server.path = "/v2/models/trivial/predict/?"
        yield server


class Server:
    """A running server."""

    def __init__(self, port: int, process: int) -> None:
        self.port, self.process, self.path = port, process, ""

    def asked(self, client: http.client.HTTPConnection, more: str = "") -> float:
        """Seconds of one prediction over a connection that stays."""
        began = time.perf_counter()
        client.request("POST", self.path + more)
        answer = client.getresponse()
        answer.read()
        if answer.status != 200:
            raise RuntimeError(f"answered with {answer.status}")
        return time.perf_counter() - began

    def client(self) -> http.client.HTTPConnection:
        """A connection to it."""
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    @contextlib.contextmanager
    def training(self, epochs: int) -> Iterator[None]:
        """A training, cancelled after the block: it would outlive the server."""
        settings = f"model_name=other&num_epochs={epochs}&epochs_patience={epochs}&blocks=128"
        key = self.told("POST", f"/v2/models/mods/train/?{settings}")["uuid"]
        try:
            yield
        finally:
            self.told("DELETE", f"/v2/models/mods/train/{key}")

    def told(self, method: str, path: str) -> dict[str, str]:
        """The JSON answer to a request."""
        client = self.client()
        client.request(method, path)
        answer = client.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(text.decode())
        found: dict[str, str] = json.loads(text)
        return found

    def private_mib(self) -> float:
        """Private memory of its largest worker."""
        return max(private_mib(child) for child in self.children())

    def children(self) -> list[int]:
        """The processes it has begun."""
        found = Path(f"/proc/{self.process}/task/{self.process}/children").read_text().split()
        return [int(child) for child in found]


def private_mib(process: int) -> float:
    """Memory that a process has for itself alone."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


@contextlib.contextmanager
def _running(
    program: list[str], port: str, options: tuple[str, ...], environment: dict[str, str]
) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    process = subprocess.Popen(  # noqa: S603
        [*program, port, str(free), *options],
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait(free, process)
        yield Server(free, process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < deadline:
        client = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            client.request("GET", "/v2/")
            client.getresponse().read()
            return
        except OSError:
            time.sleep(0.2)
        finally:
            client.close()
    raise RuntimeError("the server does not come up")
