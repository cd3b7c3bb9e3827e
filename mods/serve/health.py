"""Health: a worker makes a real forecast, with every model that it holds, when it is asked."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field

from mods.deepaas import guard, probe
from mods.deepaas.pool import WorkerPool

FRESH = 5.0  # seconds that an answer is good for
PATIENCE = 10.0  # seconds that a worker has, one that begins anew among them


@dataclass(frozen=True)
class Verdict:
    """ok, degraded (some models are broken) or failing; why; and the broken models."""

    status: str
    reason: str = ""
    broken: dict[str, str] = field(default_factory=dict)

    @property
    def ready(self) -> bool:
        """Whether a client can expect a forecast."""
        return self.status != "failing"


def judged(faults: dict[str, str]) -> Verdict:
    """The verdict on the faults of the models, "" for those that forecast.

    >>> judged({"a": "", "b": "cut short"}).status, judged({"b": "cut short"}).status
    ('degraded', 'failing')
    >>> judged({}).reason
    'no model is saved yet'
    """
    broken = {name: fault for name, fault in faults.items() if fault}
    if not faults:
        return Verdict("ok", "no model is saved yet")
    if not broken:
        return Verdict("ok")
    some = len(broken) < len(faults)
    reason = f"{len(broken)} of {len(faults)} models cannot forecast"
    return Verdict("degraded" if some else "failing", reason, broken)


class Health:
    """The latest verdict, renewed when it is too old."""

    def __init__(self, pool: WorkerPool) -> None:
        self.pool = pool
        self._verdict = Verdict("ok", "not probed yet")
        self._until = 0.0
        self._asking = asyncio.Lock()

    async def verdict(self) -> Verdict:
        """The verdict of a few seconds ago, or a new one; one probe at a time.

        Where all workers are busy the last one stands: the deadline frees them, a probe would
        only wait with the others.
        """
        async with self._asking:
            if time.monotonic() > self._until and self.pool.idle:
                self._verdict = await self._probed()
                self._until = time.monotonic() + FRESH
            return self._verdict

    async def _probed(self) -> Verdict:
        try:
            async with asyncio.timeout(PATIENCE):
                return judged((await self.pool.apply(probe.models))["output"])
        except TimeoutError:
            return Verdict("failing", f"a worker made no forecast within {PATIENCE:g} s")
        except guard.Failure as error:
            return Verdict("failing", str(error))
