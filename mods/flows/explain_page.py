"""An explanation as people read it: in the terminal, on a page, as rows of a table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from mods.anomaly import residuals
from mods.anomaly.explanation import Difference, Reason, words
from mods.anomaly.explanation.who import MEANWHILE
from mods.errors import one_line
from mods.features.behind import NUMBERS, TIME, Share
from mods.flows.explained import Explanation
from mods.flows.output import FORMULA
from mods.models.contributions import PARTS
from mods.visualization import event as pictures
from mods.visualization import terminal
from mods.visualization.event import Seen
from mods.visualization.report import Report, Section, Table
from mods.visualization.report import write as write_page

ROWS = 5
SHOWN = ("originator", "responder", "domain", "port", TIME, MEANWHILE)
NOT_SCORES = ("actual", "forecast", "score", "kind")

MEANT = {
    "leaving": "what goes out of the window",
    "level": "towards what was usual lately",
    "rhythm": "towards what is usual at this time",
    "panes": "what goes out of the window, less what usually comes",
    "known": "the calendar and what is known in advance",
    "network": "what the neural network adds on its own",
    "bound": "a count is not below 0",
}


def text(found: Explanation) -> str:
    """The explanation for a terminal: what and who, then why, then the ranked tables."""
    headline = found.sentence()
    lines = [found.title(), *found.moved(), "", headline, ""]
    for one in found.reasons:
        lines += [f"  {said}" for said in one.sentences() if said not in headline]
    for each in found.differences:
        lines += ["", *(f"  {said}" for said in each.sentences() if said not in headline)]
        rows = rows_of(each, ROWS, SHOWN)
        if rows:
            lines += ["", _indented(terminal.table(rows))]
    if found.notes:
        lines += ["", *(f"  {note}" for note in found.notes)]
    return "\n".join(lines)


def _indented(table: str) -> str:
    return "\n".join(f"  {line}" for line in table.splitlines())


def rows_of(
    one: Difference, most: int | None = None, dimensions: tuple[str, ...] = ()
) -> list[dict[str, Any]]:
    """The rows of the who-table, the first of each dimension."""
    return [
        {
            "by": name,
            "who": words.shown(part.key),
            "now": part.now,
            **_beside(one, part, "more" if one.sign > 0 else "missing", name != MEANWHILE),
            "share": None if part.share is None else words.percent(part.share),
            **_weights(part),
        }
        for name, parts in one.tables().items()
        if not dimensions or name in dimensions
        for part in parts[:most]
    ]


def _beside(one: Difference, part: Share, column: str, signed: bool) -> dict[str, Any]:
    """What is usual, and how far from it; nothing where no earlier day could be compared."""
    if not one.days:
        return {}
    return {"usually": part.usual, column: part.excess * (one.sign if signed else 1)}


def _weights(part: Share) -> dict[str, Any]:
    """Of an average or a ratio also over how many it was taken."""
    if part.weight is None:
        return {}
    return {"over": part.weight, "usually over": part.usual_weight}


def frame(found: Explanation) -> pd.DataFrame:
    """All rows of all features, for a file; texts that a spreadsheet would run are made plain."""
    rows = [
        {"feature": guarded(one.feature), "by": name, **part.record(), "who": guarded(part.key)}
        for one in found.differences
        for name, parts in one.tables().items()
        for part in parts
    ]
    return pd.DataFrame(rows, columns=["feature", "by", "who", *NUMBERS])


def guarded(text: str) -> str:
    """A text of a log as a cell that no spreadsheet takes for a formula.

    >>> guarded("=cmd()"), guarded("10.0.0.5")
    ("'=cmd()", '10.0.0.5')
    """
    line = one_line(text)
    return f"'{line}" if text.startswith(FORMULA) or line.startswith(FORMULA) else line


def write(path: str | Path, found: Explanation) -> None:
    """Write the page of the event: one file that needs nothing else."""
    write_page(path, page(found))


def page(found: Explanation) -> Report:
    """The page of the event."""
    event = found.event
    names = ", ".join(words.shown(name) for name in event.features)
    facts = [
        ("From", words.minute(event.start)),
        ("To (window ends, UTC)", words.minute(event.end)),
        ("What", ", ".join(dict.fromkeys(filter(None, (event.direction, event.kind))))),
        *([] if found.calm else [("Severity", event.severity)]),
        ("Score", f"{event.score:.2f} thresholds" if event.score else "-"),
        ("Features", names),
        ("Model", found.detection.name),
    ]
    title = found.title()
    return Report(title[:1].upper() + title[1:], facts, sections(found))


def sections(found: Explanation) -> list[Section]:
    """What happened, why it was not expected, and who is behind it."""
    return [_happened(found), _expected(found), *map(_who, found.differences), *_notes(found)]


def _happened(found: Explanation) -> Section:
    caption = pictures.caption(list(found.table.columns))
    said = " ".join([*found.moved(), found.sentence()])
    return Section("What happened", said, figures=[(caption, figure(found))])


def figure(found: Explanation) -> Any:
    """The picture of the event."""
    event, forecast = found.event, found.detection.forecast
    begin, end = pictures.around(event.start, event.end)
    times = pd.DatetimeIndex(found.series.loc[begin:end].index)
    lead = residuals.lead_of(forecast)
    targets = forecast.origins + lead * forecast.step
    seen = []
    for one in found.reasons:
        at = forecast.features.index(one.feature)

        def line(values: np.ndarray, at: int = at) -> pd.Series:
            return pd.Series(values[:, lead - 1, at], targets).reindex(times)

        bands = {k: (line(low), line(forecast.upper[k])) for k, low in forecast.lower.items()}
        actual = found.series[one.feature].reindex(times)
        seen.append(Seen(one.feature, actual, line(forecast.values), bands))
    return pictures.figure(seen, _scores(found, times), (event.start, event.end, event.peak))


def _scores(found: Explanation, times: pd.DatetimeIndex) -> pd.DataFrame:
    """The size of every kind of score, the largest over the features that departed."""
    names = [name for name in found.table.columns if name not in NOT_SCORES]
    mine = found.table[found.table.index.get_level_values("feature").isin(found.event.features)]
    sizes = mine[names].astype(float).abs()
    return sizes.groupby(level="time").max().reindex(times)


def _expected(found: Explanation) -> Section:
    lines = [said for one in found.reasons for said in one.sentences()]
    seen = Table([_row(one) for one in found.reasons], "What was seen, and what was expected.")
    apart = [_parts(one) for one in found.reasons if one.parts]
    meant = "; ".join(f"{name}: {MEANT[name]}" for name in PARTS if any(name in x for x in apart))
    caption = (
        "What the forecasts are made of, in the features' units: from the last value on, what each "
        f"part adds ({meant})."
    )
    tables = [seen, Table(apart, caption)]
    return Section("What was expected, and why", lines=lines, tables=tables)


def _row(one: Reason) -> dict[str, Any]:
    lower, upper = one.bands.get(95, (np.nan, np.nan))
    return {
        "feature": words.shown(one.feature),
        "at": words.minute(one.time),
        "seen": one.actual,
        "expected": one.forecast,
        "95 % from": lower,
        "to": upper,
        "beyond": one.beyond,
        "score": one.score,
    }


def _parts(one: Reason) -> dict[str, Any]:
    parts = one.parts or {}
    told = {name: parts[name] for name in PARTS if name in parts}
    name = words.shown(one.feature)
    return {"feature": name, "last value": one.base, **told, "expected": one.forecast}


def _who(one: Difference) -> Section:
    tables = []
    for name, parts in one.tables().items():
        rows = [
            {
                "who": words.shown(part.key),
                "now": part.now,
                **_beside(one, part, "difference", signed=False),
                **_weights(part),
                "share": part.share,
            }
            for part in parts
        ]
        tables.append(Table(rows, _caption(one, name), bars="share"))
    return Section(
        f"Who is behind it: {words.shown(one.feature)}", lines=one.sentences(), tables=tables
    )


def _caption(one: Difference, name: str) -> str:
    unit = one.measure.unit or "the ratio"
    if name == MEANWHILE:
        return "Meanwhile more: originators with more records than usual, in any direction"
    end = "the excess" if one.sign > 0 else "what is missing"
    if not one.days:
        end = "all that there was"
    return f"By {name}, in {unit}; the share is that of {end}"


def _notes(found: Explanation) -> list[Section]:
    """What was looked at, and what was not."""
    files = found.told.files if found.told is not None else 0
    read = [f"{files} log files were read: of these hours, and of the same ones of earlier days."]
    lines = [*(read if files else ()), *found.notes]
    return [Section("What was looked at", lines=lines)] if lines else []
