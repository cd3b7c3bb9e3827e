"""Export to ONNX, believed only where it answers as Keras does; and the way back from weights."""

from __future__ import annotations

import logging
import tempfile
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np

from mods.config import Config
from mods.errors import CorruptModelError, ResourceError
from mods.models import runtime
from mods.models.network import translation
from mods.models.network.build import build
from mods.models.prepared import Sizes

log = logging.getLogger(__name__)
CLOSE = 1e-5


def onnx(network: Any, inputs: list[np.ndarray], config: Config) -> bytes | None:
    """The network as ONNX; None, and a warning, where it cannot be had or answers otherwise.

    Both answer the same inputs; they have to agree within 1e-5 of the largest answer (at least 1).
    From another backend TensorFlow exports, where it is installed. Raises ResourceError where the
    temporary disk fails.
    """
    own = keras.backend.backend() == "tensorflow"
    if not own and not translation.possible():
        log.warning("no ONNX export without TensorFlow and tf2onnx; Keras predicts")
        return None
    wanted = np.asarray(network.predict_on_batch(inputs))
    try:
        found = exported(network) if own else _translated(network, inputs, config)
    except (ImportError, NotImplementedError, ValueError, RuntimeError) as error:
        log.warning("no ONNX export (%s); Keras predicts", error)
        return None
    got = runtime.Network(found).paths(*inputs)
    apart = float(np.abs(got - wanted).max(initial=0.0)) / max(float(np.abs(wanted).max()), 1.0)
    if not apart <= CLOSE:
        log.warning("the ONNX export differs by %.1e; Keras predicts", apart)
        return None
    return found


def _translated(network: Any, inputs: list[np.ndarray], config: Config) -> bytes:
    past, facts, bases = (array.shape[-1] for array in inputs)
    return translation.translated(config, Sizes(past, facts, bases), weights(network))


def exported(network: Any) -> bytes:
    """The network as ONNX, from TensorFlow; ResourceError where the temporary disk fails."""
    try:
        with tempfile.TemporaryDirectory(prefix="mods-onnx-") as folder:
            path = Path(folder) / "network.onnx"
            _export(network, path)
            return path.read_bytes()
    except OSError as error:
        raise ResourceError(
            f"cannot hold the ONNX export: {error.strerror or error}",
            where="temporary folder",
            fix="Make room on its disk, or set TMPDIR to a folder on another one",
        ) from None


def _export(network: Any, path: Path) -> None:
    """Keras' own export, without the chatter of what it calls."""
    chatty = logging.getLogger("tf2onnx")
    before = chatty.level
    chatty.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            network.export(str(path), format="onnx", verbose=False)
    finally:
        chatty.setLevel(before)


def weights(network: Any) -> dict[str, np.ndarray]:
    """The weights in the order the builder makes them."""
    return {f"w{number:06d}": array for number, array in enumerate(network.get_weights())}


def rebuilt(config: Config, sizes: Sizes, arrays: Mapping[str, np.ndarray]) -> Any:
    """The network built anew with these weights; raises CorruptModelError where they don't fit."""
    network = build(config, sizes)
    ordered = [arrays[name] for name in sorted(arrays)]
    shapes = [tuple(array.shape) for array in ordered]
    wanted = [tuple(weight.shape) for weight in network.weights]
    if shapes != wanted:
        raise CorruptModelError(f"the weights do not fit a {config.model_type} of its config")
    network.set_weights(ordered)
    return network


class Network:
    """A Keras network that answers like `runtime.Network`, for models without an ONNX export."""

    def __init__(self, network: Any) -> None:
        self.network = network

    def paths(self, *inputs: np.ndarray) -> np.ndarray:
        """Past, facts and bases of n rows -> (n, leads)."""
        return np.asarray(self.network.predict_on_batch(list(inputs)))
