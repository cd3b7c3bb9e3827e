"""Requests about trainings that run as jobs."""

from __future__ import annotations

from dataclasses import dataclass

from mods.errors import UsageError
from mods.request.shared import Request
from mods.settings import setting

ACTIONS = ("list", "show", "log", "cancel", "resume", "clean", "limits")
ON_ONE = ("show", "log", "cancel", "resume")
FOLLOWED = ("show", "log")


@dataclass(frozen=True)
class JobsRequest(Request):
    """What to do with the trainings that run, wait or have ended."""

    action: str = setting(
        "list",
        "What to do: list all; show one with its errors, or its log alone; cancel or resume one;"
        " clean away what has ended; see or set the limits of the queue.",
        choices=lambda: ACTIONS,
        rest=False,
    )
    job: str | None = setting(None, "Id of a training, or its first characters.", rest=False)
    follow: bool = setting(
        False, "show, log: go on until the training has ended, telling how far it is.", rest=False
    )
    lines: int = setting(20, "show, log: last lines of the log.", low=0, high=100_000, rest=False)
    at_once: int | None = setting(
        None, "limits: so many trainings run at once, the others wait.", low=1, high=64, rest=False
    )
    waiting: int | None = setting(
        None, "limits: so many may wait, further ones are refused.", low=1, high=100_000, rest=False
    )
    resumes: int | None = setting(
        None,
        "limits: a training whose process died is taken up again so often by a starting server.",
        low=0,
        high=1_000,
        rest=False,
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.action in ON_ONE) != (self.job is not None):
            wanted = "takes no id" if self.job else "needs the id of a training"
            raise UsageError(f"{self.action} {wanted}", where="mods jobs", fix="See mods jobs")
        if self.follow and self.action not in FOLLOWED:
            raise UsageError("is for show and log only", where="follow", fix="See mods jobs --help")
        if self.action != "limits" and self.limits:
            raise UsageError(
                "is for limits only", where=next(iter(self.limits)), fix="See mods jobs --help"
            )

    @property
    def limits(self) -> dict[str, int]:
        """The limits that are given."""
        asked = {"at_once": self.at_once, "waiting": self.waiting, "resumes": self.resumes}
        return {name: value for name, value in asked.items() if value is not None}
