"""Training beside the reference's way, and beside neuralforecast and darts.

    python -m benchmarks.training
    python -m benchmarks.training --only lstm --rounds 1
    python -m benchmarks.training --only peers --pool DIR --peers-python VENV/bin/python

Prints Markdown tables, made for docs/benchmarks-models.md. Contenders run in processes of their
own, in turns; a ratio is the median over the rounds, of CPU time, since other work on the machine
stretches the clock but not that. The peers want an environment of their own:

    python -m venv VENV; VENV/bin/pip install torch neuralforecast darts
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks import tables
from benchmarks.measure import ROOT

ONE = {
    name: "1" for name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
}
EPOCH = 17_000
Words = Sequence[str]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and print."""
    options = _options(arguments)
    given = " ".join(sys.argv[1:] if arguments is None else arguments)
    print(f"{datetime.now(UTC):%Y-%m-%d}, one thread: `python -m benchmarks.training {given}`")
    for name in options.only:
        PARTS[name](options)
        sys.stdout.flush()


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training")
    parser.add_argument("--only", type=lambda text: text.split(","), default=[*PARTS][:3])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rows", default="1e7", help="steps of the series of `memory`")
    parser.add_argument("--pool", type=Path, help="datapool of `peers`")
    parser.add_argument("--train", default="<2019-01,2019-03>", help="its time range to train on")
    parser.add_argument("--peers-python", type=Path, help="python with neuralforecast and darts")
    return parser.parse_args(arguments)


def _lstm(options: argparse.Namespace) -> None:
    """LSTM: the same gradient steps, then larger batches to the same validation error."""
    runs = {
        "reference": ("reference", "LSTM", "1", "600"),
        "mods, batch 1": ("ours", "LSTM", "1", str(EPOCH)),
        "mods, batch 256": ("ours", "LSTM", "256", str(100 * EPOCH)),
    }
    found = _interleaved(_windows(runs), options.rounds)
    _speeds("LSTM, 12 units, 12 steps of 4 features, 17,000 windows", found)
    same, many = found["mods, batch 1"][0]["errors"], found["mods, batch 256"][0]["errors"]
    wanted = same[-1]
    reached = next((epoch for epoch, error in enumerate(many) if error <= wanted), None)
    print(
        f"\nValidation error after one epoch of the reference's steps (batch 1): {wanted:.4f}; "
        f"with batch 256 reached in epoch {reached}, {min(many):.4f} at best.\n"
    )
    tables.ratios(
        [
            ("LSTM, same gradient steps", _ratio(found, "mods, batch 1"), ">= 80"),
            ("LSTM, batch 256", _ratio(found, "mods, batch 256"), ">= 400"),
        ]
    )


def _tcn(options: argparse.Namespace) -> None:
    """TCN: batch 256 beside the reference."""
    runs = {
        "reference": ("reference", "TCN", "1", "600"),
        "mods, batch 256": ("ours", "TCN", "256", str(20 * EPOCH)),
    }
    found = _interleaved(_windows(runs), options.rounds)
    _speeds("TCN, 12 filters, three levels, the same windows", found)
    tables.ratios([("TCN, batch 256", _ratio(found, "mods, batch 256"), ">= 20")])


def _memory(options: argparse.Namespace) -> None:
    """Peak memory of training on a long series."""
    told = _run((sys.executable, "-m", "benchmarks.windows", "memory", options.rows))
    print(f"\nSeries of {float(options.rows):,.0f} steps, {told['series']:.0f} MiB")
    tables.ratios([("memory beyond the start / series", told["ratio"], "<= 4")])


def _peers(options: argparse.Namespace) -> None:
    """The same network on the same series by mods, neuralforecast and darts: time and error."""
    if options.pool is None or options.peers_python is None:
        sys.exit("peers needs --pool and --peers-python")
    table = str(Path(tempfile.gettempdir()) / "mods-peers.npz")
    ours, theirs = sys.executable, str(options.peers_python)
    _run((ours, "-m", "benchmarks.peers", "cut", str(options.pool), options.train, table))
    runs = {
        f"{way} {kind}": (python, "-m", "benchmarks.peers", way, kind, table)
        for kind in ("LSTM", "TCN")
        for way, python in (("mods", ours), ("neuralforecast", theirs), ("darts", theirs))
    }
    found = _interleaved(runs, options.rounds)
    print("\n| | error / persistence | CPU s | time s |\n| --- | --- | --- | --- |")
    for name, several in found.items():
        figures = [f"{_middle(several, of):.1f}" for of in ("cpu", "wall")]
        print(f"| {name} | {_middle(several, 'error'):.3f} | {' | '.join(figures)} |")


def _windows(runs: Mapping[str, Words]) -> dict[str, Words]:
    return {
        name: (sys.executable, "-m", "benchmarks.windows", *words) for name, words in runs.items()
    }


def _interleaved(runs: Mapping[str, Words], rounds: int) -> dict[str, list[dict[str, Any]]]:
    """A B A B, each in a process of its own."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, words in runs.items():
            found[name].append(_run(words))
    return found


def _run(words: Words) -> dict[str, Any]:
    """What a contender prints in its last line; SystemExit with its complaint where it fails."""
    one = {**os.environ, **ONE}
    done = subprocess.run(words, cwd=ROOT, env=one, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, words))}\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1]) if done.stdout.strip() else {}


def _speeds(title: str, found: Mapping[str, list[dict[str, Any]]]) -> None:
    print(f"\n{title}\n\n| | samples / CPU s | samples / s | CPU s before |")
    print("| --- | --- | --- | --- |")
    for name, several in found.items():
        speed = [f"{_middle(several, of):,.0f}" for of in ("cpu", "wall")]
        print(f"| {name} | {' | '.join(speed)} | {_middle(several, 'before'):.1f} |")


def _ratio(found: Mapping[str, list[dict[str, Any]]], name: str) -> float:
    pairs = zip(found[name], found["reference"], strict=True)
    return median(one["cpu"] / other["cpu"] for one, other in pairs)


def _middle(several: list[dict[str, Any]], name: str) -> float:
    return median(one[name] for one in several)


PARTS = {"lstm": _lstm, "tcn": _tcn, "memory": _memory, "peers": _peers}

if __name__ == "__main__":
    main()
