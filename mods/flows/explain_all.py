"""Explain all events of a detection: a page for each, and what a report says of them."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mods.flows import explain_page
from mods.flows.detect import Detection
from mods.flows.explain import of_event
from mods.flows.explained import Explanation
from mods.progress import shown
from mods.request import ExplainRequest, Source

log = logging.getLogger(__name__)
MOST = 20


@dataclass(frozen=True, eq=False)
class Pages:
    """The explanations of a detection's events, in their order, and where their pages lie."""

    folder: Path
    explanations: list[Explanation]

    def page(self, number: int) -> Path:
        """The page of the event of that number, the first is 1."""
        return self.folder / f"event-{number}.html"

    def told(self, report: Path) -> list[dict[str, Any]]:
        """Per event what is behind it, and the way to its page from the report."""
        return [
            {
                "why": one.sentence(),
                "page": self.page(one.number).relative_to(report.parent).as_posix(),
            }
            for one in self.explanations
        ]


def write(detection: Detection, request: ExplainRequest, source: Source, folder: Path) -> Pages:
    """Explain each event (of many the first 20) and write its page into the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    events = detection.events[:MOST]
    done = Pages(folder, [])
    with shown("explain", len(events), "event") as bar:
        for number, event in enumerate(events, start=1):
            found = of_event(detection, event, request, source, number=number)
            explain_page.write(done.page(number), found)
            done.explanations.append(found)
            bar.advance(1)
    return done
