"""Export to ONNX from a backend that cannot: TensorFlow does it, in a process of its own.

The network is built anew there from its config and weights; all backends share the code.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import os
import subprocess  # nosec B404 # of our own Python, without a shell
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from mods.config import Config
from mods.errors import ResourceError
from mods.models.prepared import Sizes

PATIENCE_SECONDS = 900.0
CONFIG, WEIGHTS, ONNX = "config.json", "weights.npz", "network.onnx"


def possible() -> bool:
    """Whether TensorFlow and its way to ONNX are installed."""
    return all(map(importlib.util.find_spec, ("tensorflow", "tf2onnx", "onnx")))


@contextmanager
def scratch(prefix: str) -> Iterator[Path]:
    """A temporary folder for the block; ResourceError where its disk fails."""
    try:
        with tempfile.TemporaryDirectory(prefix=prefix) as folder:
            yield Path(folder)
    except OSError as error:
        raise ResourceError(
            f"cannot hold the ONNX export: {error.strerror or error}",
            where="temporary folder",
            fix="Make room on its disk, or set TMPDIR to a folder on another one",
        ) from None


def translated(config: Config, sizes: Sizes, arrays: dict[str, Any]) -> bytes:
    """The network of these weights as ONNX.

    Raises RuntimeError, with the last line of the other process, where that fails or takes longer
    than PATIENCE_SECONDS, and ResourceError where the temporary disk fails.
    """
    with scratch("mods-translation-") as folder:
        told = {"config": dataclasses.asdict(config), "sizes": dataclasses.asdict(sizes)}
        (folder / CONFIG).write_text(json.dumps(told))
        np.savez(folder / WEIGHTS, allow_pickle=False, **arrays)
        _run([sys.executable, "-m", __name__, str(folder)])
        return (folder / ONNX).read_bytes()


def _run(command: list[str]) -> None:
    try:
        done = subprocess.run(  # noqa: S603 # nosec B603 # our own words
            command, capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"TensorFlow was not done in {PATIENCE_SECONDS:g} s") from None
    if done.returncode:
        raise RuntimeError((done.stderr.strip().splitlines() or ["no reason given"])[-1])


def main(folder: Path) -> None:
    """Write the network in this folder as ONNX beside it."""
    os.environ["KERAS_BACKEND"] = "tensorflow"
    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"
    from mods.models.network import room

    export = room("export")
    told = json.loads((folder / CONFIG).read_text())
    with np.load(folder / WEIGHTS, allow_pickle=False) as arrays:
        network = export.rebuilt(Config(**told["config"]), Sizes(**told["sizes"]), dict(arrays))
    network.predict_on_batch([np.zeros((1, *one.shape[1:]), "float32") for one in network.inputs])
    (folder / ONNX).write_bytes(export.exported(network))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
