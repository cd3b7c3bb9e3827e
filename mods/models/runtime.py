"""Runtime: ONNX Runtime answers for the network, on one thread, without Keras."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import onnxruntime

from mods.errors import CorruptModelError
from mods.models.prepared import Prepared

INPUTS = ("past", "facts", "bases")
BATCH = 4_096
# The key by which ONNX names a file that holds weights. ONNX Runtime would read it, from the folder
# the process works in; a string stands in one piece in protobuf, so that none is overlooked.
BESIDE = b"location"


class Answers(Protocol):
    """A network that answers rows, whoever computes it."""

    def paths(self, *inputs: np.ndarray) -> np.ndarray:
        """Past, facts and bases of n rows -> (n, leads)."""


class Network:
    """A network loaded from ONNX bytes; no file beside them is ever followed."""

    def __init__(self, onnx: bytes) -> None:
        if BESIDE in onnx:
            raise CorruptModelError("the network asks for weights in another file")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        try:
            self.session = onnxruntime.InferenceSession(
                onnx, options, providers=["CPUExecutionProvider"]
            )
        except _failures() as error:
            raise CorruptModelError(f"the network cannot be loaded: {error}") from None
        names = tuple(sorted(one.name for one in self.session.get_inputs()))
        if names != tuple(sorted(INPUTS)) or len(self.session.get_outputs()) != 1:
            raise CorruptModelError(
                f"the network takes {', '.join(names)}, not {', '.join(INPUTS)}"
            )

    def paths(self, *inputs: np.ndarray) -> np.ndarray:
        """Past, facts and bases of n rows -> (n, leads)."""
        try:
            answer = self.session.run(None, dict(zip(INPUTS, inputs, strict=True)))[0]
        except _failures() as error:
            raise CorruptModelError(f"the network does not fit its config: {error}") from None
        return np.asarray(answer)


def answers(
    network: Answers, prepared: Prepared, rows: np.ndarray, batch_size: int = BATCH
) -> np.ndarray:
    """The paths of all the rows, (n, leads), computed batch by batch."""
    result = np.empty((len(rows), prepared.steps_ahead), dtype=np.float32)
    for begin in range(0, len(rows), batch_size):
        chosen = slice(begin, begin + batch_size)
        result[chosen] = network.paths(*prepared.inputs(rows[chosen]))
    return result


def _failures() -> tuple[type[Exception], ...]:
    """What ONNX Runtime raises: its own classes, which share no parent but Exception."""
    named = vars(onnxruntime.capi.onnxruntime_pybind11_state).values()
    own = [kind for kind in named if isinstance(kind, type) and issubclass(kind, Exception)]
    return (RuntimeError, ValueError, *own)
