"""The request about one event: which, and where the raw logs are."""

from __future__ import annotations

from dataclasses import dataclass

from mods import paths
from mods.errors import UsageError
from mods.request.shared import Request, expected, time_range, time_ranges_excluded
from mods.settings import setting
from mods.timerange import TimeRange


def stretch(text: str) -> TimeRange:
    """The stretch that a time, day, month or year names; TimeRangeError for another text."""
    return TimeRange.parse(f"<{text},{text}>")


@dataclass(frozen=True)
class ExplainRequest(Request):
    """Which event of which model to explain, and what to ask for who is behind it."""

    model_name: str = setting(..., "Name of the model.", parse=paths.model)
    event: str | None = setting(
        None,
        "Which event that mods detect tells of the same range: its number, the first is 1, or its"
        " id, also of one that is silenced. Default: the one with the highest score.",
        rest=False,
    )
    time: str | None = setting(
        None,
        "Explain what happened at this time, as in 2019-05-01T10:20, also without an alarm.",
        parse=stretch,
        rest=False,
    )
    time_range: str | None = time_range("Look for events in these windows", rest=False)
    time_ranges_excluded: tuple[str, ...] = time_ranges_excluded(rest=False)
    expected: tuple[str, ...] = expected()
    entities: tuple[str, ...] = setting(
        (), "Of a model of many series: these entities, or all.", separator=",", rest=False
    )
    logs: str | None = setting(
        None, "Folder tree of the raw Zeek logs: tells who is behind it.", rest=False
    )
    earlier_days: int = setting(
        7, "Compare with the same hours of so many days before.", low=1, high=60, rest=False
    )
    memory: str = setting("4GB", "Memory the engine may use before it spills to disk.", rest=False)
    output: str | None = setting(
        None, "Write a page about the event here (.html), or who is behind it (.csv).", rest=False
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.event is not None and self.time is not None:
            raise UsageError("says which event, and --time too", where="event", fix="Give one")
