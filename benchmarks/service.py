"""The service beside DEEPaaS with a model that does nothing: time, memory, requests a second.

    python -m benchmarks.service [--requests 200] [--days 9]

"repeated" asks the same question again, as a board does between two windows; "new" asks another
one each time, so that the forecast is computed. Rounds of the two servers take turns.
"""

from __future__ import annotations

import argparse
import itertools
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from benchmarks import servers, tables
from benchmarks.servers import Server

CLIENTS = (1, 8, 32)
ROUNDS = 5
LARGE = 250  # MiB of private memory that a worker may take
fresh = itertools.count(5_000)


def main(arguments: Sequence[str] | None = None) -> None:
    """Print all tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=200, help="Predictions of each kind.")
    parser.add_argument("--days", type=int, default=9, help="Days of the datapool.")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder, "base")
        base.mkdir()
        servers.furnish(base, options.days)
        with servers.trivial(Path(folder, "trivial")) as plain, servers.mods(base) as ours:
            run(plain, ours, options.requests)


def run(plain: Server, ours: Server, requests: int) -> None:
    """Ask both servers, then ours under load and beside a training."""
    ways = {
        "trivial DEEPaaS predict": (plain, same),
        "mods, repeated": (ours, same),
        "mods, new": (ours, other),
    }
    for server, question in ways.values():  # both workers know it
        flood(server, question, 8, 16)
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, (server, question) in ways.items():
            times[name] += one_by_one(server, question, requests // ROUNDS)
    print("| | median ms | p99 ms |\n| --- | --- | --- |")
    for name, found in times.items():
        print(f"| {name} | {median(found):.1f} | {p99(found):.1f} |")
    memory = ours.private_mib()
    rates = {name: [flood(*way, many, requests) for many in CLIENTS] for name, way in ways.items()}
    heads = " | ".join(f"{many} clients" for many in CLIENTS)
    print(f"\n| requests/s | {heads} |\n| --- |{' --- |' * len(CLIENTS)}")
    for name, found in rates.items():
        print(f"| {name} | {' | '.join(f'{rate:,.0f}' for rate in found)} |")
    busy = beside_a_training(ours, requests)
    tables.ratios(
        [
            ("warm predict / trivial one, medians", ratio(times, "mods, repeated"), "<= 3"),
            ("the same, computed anew", ratio(times, "mods, new"), ""),
            (
                "p99 during a training / idle, repeated",
                busy[0] / p99(times["mods, repeated"]),
                "<= 3",
            ),
            ("the same, computed anew", busy[1] / p99(times["mods, new"]), "<= 3"),
            ("private MiB of a worker", memory, f"<= {LARGE}"),
        ]
    )


def same() -> str:
    """The question of before."""
    return ""


def other() -> str:
    """A question that nobody has asked yet, as much work as any other."""
    return f"&batch_size={next(fresh)}"


def one_by_one(server: Server, question: Callable[[], str], times: int) -> list[float]:
    """Seconds of each of so many predictions of one client."""
    client = server.client()
    return [server.asked(client, question()) for _ in range(times)]


def flood(server: Server, question: Callable[[], str], clients: int, times: int) -> float:
    """Predictions a second of so many clients at once."""
    own = threading.local()

    def ask(_: int) -> float:
        if not hasattr(own, "client"):
            own.client = server.client()
        return server.asked(own.client, question())

    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        done = len(list(pool.map(ask, range(times))))
    return done / (time.perf_counter() - began)


def beside_a_training(server: Server, times: int) -> tuple[float, float]:
    """The p99 of repeated and of new questions while a training is at work."""
    with server.training(epochs=100_000):
        time.sleep(15)  # TensorFlow is loaded, the first epochs are done
        return p99(one_by_one(server, same, times)), p99(one_by_one(server, other, times))


def median(times: Sequence[float]) -> float:
    """In milliseconds."""
    return float(np.median(times)) * 1_000


def p99(times: Sequence[float]) -> float:
    """In milliseconds."""
    return float(np.percentile(times, 99)) * 1_000


def ratio(times: dict[str, list[float]], name: str) -> float:
    """Of the medians, to the trivial one."""
    return median(times[name]) / median(times["trivial DEEPaaS predict"])


if __name__ == "__main__":
    main()
