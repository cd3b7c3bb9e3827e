"""Requests that train a model many times: a backtest with refits."""

from __future__ import annotations

from dataclasses import dataclass

from mods import duration
from mods.errors import UsageError
from mods.request.models import PredictRequest
from mods.settings import setting


@dataclass(frozen=True)
class BacktestRequest(PredictRequest):
    """Which model is tried on which period, and whether it is trained anew on the way."""

    refit: str | None = setting(
        None,
        "Also train it anew every so often, as in 7d, on what was known by then.",
        parse=duration.parse,
        rest=False,
    )
    refit_span: str | None = setting(
        None,
        "Refit on the last stretch of this length alone, as in 60d. Default: on all there is.",
        parse=duration.parse,
        rest=False,
    )
    picture: str | None = setting(
        None, "Draw the error over time here: a .png or .svg file.", rest=False
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.refit_span is not None and self.refit is None:
            raise UsageError(
                "is of no use without --refit", where="refit_span", fix="Say how often: --refit 7d"
            )
