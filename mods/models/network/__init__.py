"""The networks themselves: the only room that imports Keras, and it names no backend.

`room` is its door: whoever opens it pays for Keras, nobody else does.
"""

from __future__ import annotations

import importlib
import os
from types import ModuleType

# TensorFlow writes past Python's logging; its oneDNN changes the order of sums from machine to
# machine. Both are settled before it is loaded, and left alone where the user has set them.
CALM = {"TF_CPP_MIN_LOG_LEVEL": "3", "TF_ENABLE_ONEDNN_OPTS": "0"}
NEEDED = "tensorflow-cpu keras tf2onnx onnx"


def room(name: str) -> ModuleType:
    """One module of this room, loaded with Keras; raises ResourceError where Keras is absent."""
    from mods.errors import ResourceError

    for variable, value in CALM.items():
        os.environ.setdefault(variable, value)
    try:
        return importlib.import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("mods"):
            raise
        raise ResourceError(
            f"{error.name} is not installed, and this needs Keras",
            where="networks",
            fix=f"Run: pip install {NEEDED} (in a checkout: make install)",
        ) from None
