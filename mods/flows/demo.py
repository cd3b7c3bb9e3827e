"""Demo: the whole way on synthetic traffic, from Zeek logs to a report."""

from __future__ import annotations

import logging
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from mods import paths
from mods.anomaly.events import Event
from mods.config import Config
from mods.dataset import demo_traffic
from mods.errors import UsageError
from mods.flows import explain_all
from mods.flows.backtest import Backtest, backtest
from mods.flows.detect import Detection, detect
from mods.flows.explain_all import Pages
from mods.flows.prepare import prepare
from mods.flows.train import train
from mods.progress import shown
from mods.request import (
    DemoRequest,
    ExplainRequest,
    PredictRequest,
    PrepareRequest,
    Source,
    TrainRequest,
)
from mods.series import figures

log = logging.getLogger(__name__)
NAME = "demo"
STEPS_AHEAD = 12
PARTS = ("logs", "datapool", "models", "events")
REPORT = "report.html"


@dataclass(frozen=True, eq=False)
class Demo:
    """What came of the demo."""

    folder: Path
    plan: demo_traffic.Plan
    trained: dict[str, Any]
    tested: Backtest
    detection: Detection
    pages: Pages

    @property
    def report(self) -> Path:
        """The HTML report."""
        return self.folder / REPORT

    def planted(self) -> list[dict[str, Any]]:
        """Each planted event with the detected one that overlaps it, and what is behind that."""
        return [
            {
                "planted": one.record(),
                "found": match.record() if match else None,
                "why": self._why(match) if match else None,
            }
            for one in self.plan.events
            for match in [_match(one, self.detection.events)]
        ]

    def _why(self, event: Event) -> str | None:
        """The sentence that explains an event; None where it was not explained."""
        found = (one.sentence() for one in self.pages.explanations if one.event is event)
        return next(found, None)

    def record(self) -> dict[str, Any]:
        """The demo as a program reads it."""
        return {
            "folder": str(self.folder),
            "report": str(self.report),
            "model": self.trained["path"],
            "summary": figures.summary(self.tested.evaluation),
            "planted": self.planted(),
            "events": [event.record() for event in self.detection.events],
        }

    def text(self) -> str:
        """The demo as a person reads it."""
        from mods.visualization import terminal

        rows = [
            {
                "planted": line["planted"]["kind"],
                "from": f"{one.start:%Y-%m-%d %H:%M}",
                "to": f"{one.end:%H:%M}",
                "found": "yes" if line["found"] else "no",
                "seen from": _minute(line["found"]["start"]) if line["found"] else "",
                "features": ", ".join(line["found"]["features"]) if line["found"] else "",
            }
            for one, line in zip(self.plan.events, self.planted(), strict=True)
        ]
        others = len(self.detection.events) - sum(row["found"] == "yes" for row in rows)
        return "\n".join(
            [
                terminal.scores(self.tested.evaluation),
                "",
                terminal.table(rows),
                f"other events in the test part: {others}",
                "",
                *(
                    f"{line['planted']['kind']}: {line['why']}"
                    for line in self.planted()
                    if line["why"]
                ),
                "",
                f"report: {self.report}",
            ]
        )


def _minute(stamp: str) -> str:
    return f"{pd.Timestamp(stamp):%Y-%m-%d %H:%M}"


def demo(request: DemoRequest) -> Demo:
    """Write synthetic logs, prepare, train, backtest, detect, explain, report.

    Raises UsageError where the folder holds something that is not an earlier demo.
    """
    folder = Path(request.output) if request.output else paths.base() / "data" / NAME
    _clear(folder)
    plan = demo_traffic.write(folder / "logs", days=request.days, seed=request.seed)
    prepare(_prepared(folder, plan))
    source = Source(data=str(folder / "datapool"), models=str(folder / "models"))
    config = Config(model_type=request.model_type, steps_ahead=STEPS_AHEAD)
    trained = train(config, TrainRequest(model_name=NAME), source)
    for line in trained["metrics"]["warnings"]:
        log.warning("%s", line)
    asked = PredictRequest(model_name=NAME, time_range=_test(trained))
    with shown("backtest, detect, explain, report", 4, "steps") as stages:
        tested = backtest(asked, source)
        stages.advance(note="detect")
        detection = detect(asked, source)
        stages.advance(note="explain")
        why = ExplainRequest(model_name=NAME, logs=str(folder / "logs"))
        pages = explain_all.write(detection, why, source, folder / "events")
        stages.advance(note="report")
        done = Demo(folder, plan, trained, tested, detection, pages)
        _report(done)
        stages.advance()
    return done


def _clear(folder: Path) -> None:
    """Remove an earlier demo; refuse a folder that holds anything else."""
    if folder.exists() and not folder.is_dir():
        raise UsageError("is a file", where=folder, fix="Give a folder with --output")
    there = [one.name for one in folder.iterdir()] if folder.exists() else []
    strange = [name for name in there if name not in (*PARTS, REPORT) and name[0] != "."]
    if strange:
        raise UsageError(
            f"holds {strange[0]}, which is of no demo",
            where=folder,
            fix="Give another folder with --output",
        )
    (folder / REPORT).unlink(missing_ok=True)
    for part in PARTS:
        shutil.rmtree(folder / part, ignore_errors=True)


def _prepared(folder: Path, plan: demo_traffic.Plan) -> PrepareRequest:
    return PrepareRequest(
        logs=str(folder / "logs"),
        output=str(folder / "datapool"),
        local_networks=plan.local_networks,
    )


def _test(trained: dict[str, Any]) -> str:
    """The test part as a time range of window starts."""
    length = pd.Timedelta(seconds=Config().window.length)
    first, last = (pd.Timestamp(t) - length for t in trained["metrics"]["periods"]["test"])
    return f"<{first.isoformat()},{last.isoformat()}>"


def _match(planted: demo_traffic.Event, events: list[Event]) -> Event | None:
    """The first event that overlaps the time in which windows hold the planted one."""
    length = pd.Timedelta(seconds=Config().window.length)
    for event in events:
        if event.start <= planted.end + length and event.end >= planted.start:
            return event
    return None


def _report(done: Demo) -> None:
    from mods.flows import report

    plan = [
        f"{one.kind} by {one.host}, {one.start:%Y-%m-%d %H:%M} to {one.end:%H:%M}"
        for one in done.plan.events
    ]
    report.write(
        done.report,
        title="mods demo: synthetic traffic",
        facts=[
            ("Traffic", f"synthetic, {done.plan.days} days, seed {done.plan.seed}"),
            ("Planted", "; ".join(plan)),
        ],
        tested=done.tested,
        detection=done.detection,
        why=done.pages.told(done.report),
    )
