"""Window: how long a window is and how far it slides; both in whole seconds."""

from __future__ import annotations

import re
from dataclasses import dataclass

from mods.errors import UsageError

SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
NAME = re.compile(r"w(\d{1,7})([smhd])-s(\d{1,7})([smhd])")


@dataclass(frozen=True)
class Window:
    """Length and slide of a sliding window, in seconds, aligned to the epoch.

    >>> Window.parse("w01h-s10m")
    Window(length=3600, slide=600)
    >>> Window.parse("w01h-s10m").panes, str(Window(600, 60))
    (6, 'w10m-s01m')
    """

    length: int
    slide: int

    def __post_init__(self) -> None:
        if self.slide < 1 or self.length < self.slide or self.length % self.slide:
            raise UsageError(
                f"a window of {self.length} s cannot slide by {self.slide} s",
                where="window_slide",
                fix="The length has to be a multiple of the slide, as in w01h-s10m",
            )

    @classmethod
    def parse(cls, name: str) -> Window:
        """Read a name such as `w01h-s10m`: a window of one hour every ten minutes."""
        match = NAME.fullmatch(name.strip())
        if match is None:
            raise UsageError(
                f"{name!r} is no window",
                where="window_slide",
                fix="Write length and slide as in w01h-s10m (units s, m, h, d)",
            )
        length, length_unit, slide, slide_unit = match.groups()
        return cls(int(length) * SECONDS[length_unit], int(slide) * SECONDS[slide_unit])

    @property
    def panes(self) -> int:
        """How many slides make one window."""
        return self.length // self.slide

    def __str__(self) -> str:
        return f"w{_short(self.length)}-s{_short(self.slide)}"


def _short(seconds: int) -> str:
    """The time in its largest whole unit, at least two digits: 3600 -> 01h."""
    unit = next(name for name, size in SECONDS.items() if seconds % size == 0)
    return f"{seconds // SECONDS[unit]:02d}{unit}"
