"""Export: a datapool in another layout."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mods import paths
from mods.features import datapool
from mods.request import ExportRequest


def export(request: ExportRequest) -> dict[str, Any]:
    """Write the pool anew in the layout asked for, and say what was written where.

    Raises DatapoolError where a file of the pool cannot be read.
    """
    pool = Path(request.data) if request.data else paths.features()
    output = Path(request.output)
    files = datapool.export(pool, output, request.layout)
    return {"data": str(pool), "output": str(output), "layout": request.layout, "days": files}
