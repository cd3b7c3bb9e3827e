"""Taking a saved model out of its shelf: as ONNX for other programs, as it is, or told in JSON."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from mods.atomic import replacing
from mods.errors import ModelError, UsageError
from mods.models import artifact, catalogue
from mods.plain import plain

ONNX, WHOLE, TOLD = ".onnx", ".zip", ".json"


def export(name: str, output: str | None, folder: str | None = None) -> dict[str, Any]:
    """Write a model as `.onnx` (its network), `.zip` (all of it) or `.json` (what `show` tells).

    The ONNX network takes scaled inputs and gives scaled changes; how to scale is in the `.json`.
    Raises UsageError for another ending, ModelError where it has no ONNX export.
    """
    ending = Path(output or "").suffix.lower()
    if output is None or ending not in (ONNX, WHOLE, TOLD):
        raise UsageError(
            f"{output!r} has an ending that cannot be written" if output else "no file is named",
            where="--output",
            fix=f"Name a file that ends in {ONNX}, {WHOLE} or {TOLD}",
        )
    path = catalogue.find(name, folder)
    parts = artifact.read(path)  # which refuses what is not sound
    if ending == ONNX and parts.onnx is None:
        raise ModelError(
            "was saved without an ONNX export",
            where=name,
            fix="Train it with TensorFlow (mods[cpu])",
        )
    with replacing(output) as draft:
        if ending == ONNX:
            draft.write_bytes(parts.onnx or b"")
        elif ending == WHOLE:
            shutil.copyfile(path, draft)
        else:
            told = plain(catalogue.show(name, folder))
            draft.write_text(json.dumps(told, indent=2, allow_nan=False) + "\n")
    return {"model_name": name, "output": output, "size": Path(output).stat().st_size}
