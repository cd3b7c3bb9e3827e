"""Whether online detection keeps its memory: months of windows fed, private memory watched.

python -m benchmarks.online --days 365 --features 4

Rows are made as they are fed, so that nothing else grows. Printed is a table of Markdown: private
memory (USS) of the process and the size of the detector's state after each twelfth of the days.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import time
from collections.abc import Iterator
from pathlib import Path

from mods import OnlineDetector

STEP, DAY = 600, 86_400
ROWS = 12


def main() -> None:
    """Feed, watch, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--features", type=int, default=4)
    given = parser.parse_args()
    detector, begin = OnlineDetector(), time.process_time()
    each = max(1, given.days * DAY // STEP // ROWS)
    print("| rows fed | private memory, MiB | state, KiB |\n| --- | --- | --- |")
    for number, (moment, row) in enumerate(windows(given.days, given.features), start=1):
        detector.update(moment, row)
        if number % each == 0:
            state = len(json.dumps(detector.state())) / 1024
            print(f"| {number:,} | {uss():.1f} | {state:.0f} |", flush=True)
    speed = number / (time.process_time() - begin)
    print(f"\n{speed:,.0f} rows/s of {given.features} features")


def windows(days: int, features: int) -> Iterator[tuple[int, dict[str, float]]]:
    """A rhythm of the day with noise, and a burst now and then."""
    chance = random.Random(0)
    for moment in range(0, days * DAY, STEP):
        usual = 200 + 100 * math.sin(2 * math.pi * moment / DAY)
        burst = 5 if chance.random() < 0.001 else 1
        names = (f"feature_{number}" for number in range(features))
        yield moment, {name: burst * chance.gauss(usual, math.sqrt(usual)) for name in names}


def uss() -> float:
    """Memory that this process alone holds, MiB."""
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    held = (line.split() for line in lines if line.startswith("Private_"))
    return sum(int(words[1]) for words in held) / 1024


if __name__ == "__main__":
    main()
