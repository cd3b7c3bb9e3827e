"""Score `mods detect --online` and its baselines on NAB: python -m benchmarks.nab --nab DIR.

The threshold is the best one of half a (every other file), as the detectors were tuned there; all
other columns are at that threshold.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence

import numpy as np

from benchmarks.nab import corpus, scoring
from benchmarks.nab.corpus import Labelled
from benchmarks.nab.detectors import DETECTORS

HEADS = ("threshold", "standard, half a", "standard", "low FP", "low FN", "point AUC-PR", "rows/s")


def row(files: Sequence[Labelled], tuned_on: Sequence[Labelled], name: str) -> list[str]:
    """One detector: its threshold, its scores at it, and how fast it was."""
    begin = time.process_time()
    scores = {one.name: DETECTORS[name](one) for one in files}
    speed = sum(map(len, files)) / (time.process_time() - begin)
    half = scoring.curve(tuned_on, [scores[one.name] for one in tuned_on])
    whole = scoring.curve(files, [scores[one.name] for one in files])
    threshold = half.best()
    found = [half.at(threshold), *(whole.at(threshold, name) for name in scoring.PROFILES)]
    numbers = [f"{one:.1f}" for one in found]
    # cut, not rounded: rounded up it would leave out what it was chosen for
    return [f"{int(threshold * 1e5) / 1e5:.5f}", *numbers, f"{whole.auc_pr:.3f}", f"{speed:,.0f}"]


def main() -> None:
    """Read the corpus, run the detectors, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nab", required=True, help="checkout of numenta/NAB, or a pack of it")
    parser.add_argument("--half", choices=("a", "b"), help="only these files")
    parser.add_argument("--only", help="only these detectors, separated by commas")
    given = parser.parse_args()
    files = corpus.load(given.nab)
    tuned_on = corpus.half(files, "a")
    if given.half:
        files = corpus.half(files, given.half)
        tuned_on = files
    names = [one.strip() for one in given.only.split(",")] if given.only else list(DETECTORS)
    windows = sum(len(one.windows) for one in files)
    rows = np.sum([len(one) for one in files])
    print(f"{len(files)} files, {rows:,} rows, {windows} windows\n")
    print(f"| | {' | '.join(HEADS)} |\n| --- |{' --- |' * len(HEADS)}")
    for name in names:
        print(f"| {name} | {' | '.join(row(files, tuned_on, name))} |", flush=True)


if __name__ == "__main__":
    main()
