"""Coverage-guided fuzzing with atheris: python -m mods.tests.fuzz.guided TARGET [-runs=N ...].

What follows the target's name goes to libFuzzer. Its corpus starts with the target's seeds.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path


def main() -> None:
    import atheris

    with atheris.instrument_imports(include=["mods"]):
        from mods.tests.fuzz import targets

    name, *options = sys.argv[1:]
    corpus = Path(tempfile.mkdtemp(prefix="mods-fuzz-"))
    for number, seed in enumerate(targets.SEEDS[name]):
        (corpus / f"seed{number}").write_text(seed, "utf-8")

    def run(data: bytes) -> None:
        targets.check(name, data.decode("utf-8", "replace"))

    atheris.Setup([sys.argv[0], *options, str(corpus)], run)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
