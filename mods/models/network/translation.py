"""Export to ONNX from a backend that cannot: TensorFlow does it, in a process of its own.

The network is built anew there from its config and weights; all backends share the code.
"""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from mods.config import Config
from mods.models.prepared import Sizes

CONFIG, WEIGHTS, ONNX = "config.json", "weights.npz", "network.onnx"


def possible() -> bool:
    """Whether TensorFlow and its way to ONNX are installed."""
    return all(map(importlib.util.find_spec, ("tensorflow", "tf2onnx", "onnx")))


def translated(config: Config, sizes: Sizes, arrays: dict[str, Any]) -> bytes:
    """The network of these weights as ONNX; RuntimeError, with its last line, where that fails."""
    with tempfile.TemporaryDirectory(prefix="mods-translation-") as name:
        folder = Path(name)
        told = {"config": dataclasses.asdict(config), "sizes": dataclasses.asdict(sizes)}
        (folder / CONFIG).write_text(json.dumps(told))
        np.savez(folder / WEIGHTS, allow_pickle=False, **arrays)
        command = [sys.executable, "-m", __name__, name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise RuntimeError((done.stderr.strip().splitlines() or ["no reason given"])[-1])
        return (folder / ONNX).read_bytes()


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
