"""Requests about events: which are told and where they are written, what is said about them."""

from __future__ import annotations

from dataclasses import dataclass

from mods import paths
from mods.errors import UsageError
from mods.request.shared import Request, expected, time_ranges_excluded
from mods.settings import setting
from mods.timerange import TimeRange

EXPECTED, FALSE, TRUE, NONE = VERDICTS = ("expected", "false", "true", "none")


@dataclass(frozen=True)
class EventsRequest(Request):
    """Which departures are expected, and whether they are told all the same."""

    expected: tuple[str, ...] = expected()
    silenced: bool = setting(
        False, "Also tell the events that are expected and raise no alarm.", rest=False
    )


@dataclass(frozen=True)
class MarkRequest(Request):
    """What an analyst says about an event, and which periods are expected from now on."""

    mark: str | None = setting(None, "Id of the event to mark.", rest=False)
    verdict: str | None = setting(
        None,
        "What the marked event is: expected (the like is silenced), false (an alarm that should"
        " not have been) or true; none takes the mark back.",
        choices=lambda: VERDICTS,
        rest=False,
    )
    note: str | None = setting(None, "What to remember with the mark.", rest=False)
    calendar: str | None = setting(
        None,
        "TOML or YAML file of expected periods to keep with the model, in place of those kept;"
        " none forgets them.",
        rest=False,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.mark is None) != (self.verdict is None):
            raise UsageError(
                "--mark and --as belong together", where="mark", fix="Give --mark ID --as false"
            )
        if self.note and self.mark is None:
            raise UsageError("a note needs a mark", where="note", fix="Give --mark ID --as false")


@dataclass(frozen=True)
class CalibrateRequest(Request):
    """Which saved model learns its alarm thresholds anew, and on what."""

    model_name: str = setting(..., "Name of the model.", parse=paths.model, rest=False)
    calm_time_range: str | None = setting(
        None,
        "Learn the thresholds on these windows. Default: all after those the network was trained"
        " on; where they are too few, the calm range of the training.",
        parse=TimeRange.parse,
        rest=False,
    )
    time_ranges_excluded: tuple[str, ...] = time_ranges_excluded(rest=False)
    alarms_per_week: float | None = setting(
        None,
        "Alarms a calm week may bring. Default: as before.",
        low=0.01,
        high=1_000.0,
        rest=False,
    )
