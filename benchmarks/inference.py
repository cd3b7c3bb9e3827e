"""Inference beside Keras: one window, a cold start, `mods --help`.

    python -m benchmarks.inference

Prints Markdown tables, made for docs/benchmarks-models.md. Processes run in turns (A B A B), calls
of one window too; ratios of processes are medians over the rounds, of CPU time.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks import tables
from benchmarks.measure import ROOT, Contender, Cost, interleaved, ratio

MAKE = """
import sys
from pathlib import Path
from benchmarks import inference
inference.make(Path(sys.argv[1]), Path(sys.argv[2]))
"""
KERAS = """
import sys
from mods.models import artifact, trained
import dataclasses
parts = artifact.read(sys.argv[1])
config, model = trained.together(dataclasses.replace(parts, onnx=None))
"""


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.inference")
    parser.add_argument("--rounds", type=int, default=7, help="rounds of processes")
    parser.add_argument("--calls", type=int, default=50, help="calls of model.predict")
    options = parser.parse_args(arguments)
    print(f"{datetime.now(UTC):%Y-%m-%d}: `python -m benchmarks.inference`")
    with tempfile.TemporaryDirectory() as work:
        model, data = Path(work) / "small.zip", Path(work) / "series.csv"
        subprocess.run([sys.executable, "-c", MAKE, str(model), str(data)], cwd=ROOT, check=True)
        rows = [*_starts(model, data, options.rounds), *_window(model, options.calls)]
    tables.ratios(rows)


def make(model: Path, data: Path) -> None:
    """A small LSTM, saved, and the series it is asked about as a CSV."""
    import mods
    from benchmarks.windows import series as windows

    values = np.abs(windows(3_000)) * 1_000
    columns = ["conn_in", "conn_out", "dns", "ssh"]
    index = pd.date_range("2024-03-04", periods=len(values), freq="10min", tz="UTC", name="time")
    series = pd.DataFrame(values.astype(float), index, columns)
    forecaster = mods.Forecaster(model_type="LSTM", sequence_len=12, blocks=12, num_epochs=1)
    mods.save(model, forecaster.fit(series))
    series.to_csv(data)


def _window(path: Path, calls: int) -> list[tuple[str, float, str]]:
    """One window by ONNX Runtime, as mods predicts, and by `model.predict`."""
    from mods.models import artifact, network, preparation, trained

    parts = artifact.read(path)
    config, model = trained.together(parts)
    prepared = preparation.prepare(
        model.tail.to_numpy(), model.transform, sequence_len=12, steps_ahead=1
    )
    inputs = prepared.inputs(np.array([500], dtype=np.int32))
    keras = network.room("export").rebuilt(config, prepared.sizes, model.weights)
    ours, theirs = [], []
    keras.predict(list(inputs), verbose=0)
    for _ in range(calls):
        theirs.append(_seconds(lambda: keras.predict(list(inputs), verbose=0)))
        ours += [_seconds(lambda: model.answers.paths(*inputs)) for _ in range(200)]
    fast, slow = np.percentile(ours, [50, 99]), np.percentile(theirs, [50, 99])
    print("\n| one window | p50 ms | p99 ms |\n| --- | --- | --- |")
    for name, one in (("mods (ONNX Runtime)", fast), ("model.predict", slow)):
        print(f"| {name} | {one[0] * 1e3:.3f} | {one[1] * 1e3:.3f} |")
    return [
        ("model.predict p50 / one window p99", float(slow[0] / fast[1]), ">= 200"),
        ("model.predict p50 / one window p50", float(slow[0] / fast[0]), ""),
    ]


def _starts(model: Path, data: Path, rounds: int) -> list[tuple[str, float, str]]:
    """Processes from start to end."""
    run, words = [sys.executable, "-m", "mods"], ["--models", str(model.parent)]
    costs = interleaved(
        {
            "python -c pass": Contender([sys.executable, "-c", "pass"]),
            "mods --help": Contender([*run, "--help"]),
            "mods predict": Contender([*run, "predict", model.stem, str(data), *words]),
            "import Keras, load": Contender([sys.executable, "-c", KERAS, str(model)]),
        },
        rounds,
    )
    tables.costs("Cold starts", costs)
    bare, told, cold, keras = costs.values()
    return [
        ("mods predict, cold / import Keras and load, CPU", ratio(cold, keras, _cpu), "<= 0.2"),
        ("mods predict, cold / import Keras and load, time", ratio(cold, keras, _wall), "<= 0.2"),
        ("mods --help / python -c pass, CPU", ratio(told, bare, _cpu), "<= 4"),
        ("mods --help / python -c pass, time", ratio(told, bare, _wall), "<= 4"),
    ]


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _cpu(one: Cost) -> float:
    return one.cpu


def _wall(one: Cost) -> float:
    return one.wall


if __name__ == "__main__":
    main()
