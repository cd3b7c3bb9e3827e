"""A limit: what a feature has to stay below, or above, as in `conn_in<50000`."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from mods.errors import UsageError

FORM = re.compile(r"(?P<feature>.+)(?P<sign>[<>])=?\s*(?P<level>[^<>=]+)", re.DOTALL)


@dataclass(frozen=True)
class Limit:
    """What has to hold of a feature: it stays below `level` (`upper`), or above it.

    An infinite level is no limit; it takes another one away.
    """

    feature: str
    upper: bool
    level: float

    @classmethod
    def parse(cls, text: str) -> Limit:
        """Read `feature<level` or `feature>level`; UsageError for anything else.

        >>> Limit.parse("ssh_in > 2"), str(Limit.parse("conn_in<=5e4"))
        (Limit(feature='ssh_in', upper=False, level=2.0), 'conn_in<50000')
        """
        found = FORM.fullmatch(text.strip())
        feature = found["feature"].strip() if found else ""
        if found is None or not feature:
            raise _unread(text)
        upper = found["sign"] == "<"
        try:
            level = float(found["level"])
        except ValueError:
            raise _unread(text) from None
        if math.isnan(level) or level == (-math.inf if upper else math.inf):
            raise _unread(text)
        return cls(feature, upper, level)

    def __str__(self) -> str:
        return f"{self.feature}{'<' if self.upper else '>'}{self.level:.12g}"

    @property
    def side(self) -> tuple[str, bool]:
        """What it limits: one feature, from above or from below."""
        return self.feature, self.upper


def over(*given: Iterable[Limit]) -> tuple[Limit, ...]:
    """Of limits on the same side of the same feature the last given.

    >>> old, new = [Limit.parse("ssh_in>2")], [Limit.parse("conn_in<9"), Limit.parse("ssh_in>3")]
    >>> [str(one) for one in over(old, new)]
    ['ssh_in>3', 'conn_in<9']
    """
    return tuple({one.side: one for several in given for one in several}.values())


def _unread(text: str) -> UsageError:
    return UsageError(
        f"{text!r} is no limit",
        where="limits",
        fix="Say what has to hold, as in 'conn_in<50000;ssh_in>2'",
    )
