"""Soak a server and write what was seen to docs/: python -m benchmarks.soak [--minutes 30].

Ends with 1 where something is not as it should be.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import ROOT
from benchmarks.soak import page
from benchmarks.soak.run import soak


def main() -> None:
    """Run it, write the page, say what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30.0, help="a third of them is warm-up")
    parser.add_argument("--pages", type=Path, default=ROOT / "docs", help="where to write soak.md")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        outcome = soak(Path(folder), given.minutes)
    page.write(outcome, given.pages)
    faults = outcome.faults()
    sys.exit("\n".join(faults) if faults else None)


if __name__ == "__main__":
    main()
