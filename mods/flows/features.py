"""Features: which of a series are worth forecasting and watching, ranked and explained."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mods.config import Config
from mods.errors import UsageError
from mods.features import selection
from mods.features.selection import Assessed, Selection
from mods.features.selection.verdicts import DROP, KEEP, SPARSE, WEAK
from mods.flows import source as sources
from mods.query import Query
from mods.request import FeaturesRequest, Source
from mods.series import ranges

PAGES = (".html", ".htm")


@dataclass(frozen=True, eq=False)
class Ranking:
    """The ranked features of a series, where they are from, and the query that keeps the best."""

    selection: Selection
    data: str
    span: tuple[str, str]
    query: str | None

    def record(self) -> dict[str, Any]:
        """Everything as a program reads it."""
        return {
            "data": self.data,
            "span": list(self.span),
            "data_select_query": self.query,
            **self.selection.record(),
        }

    def text(self) -> str:
        """The ranking as a table, and what to do with it."""
        from mods.visualization import terminal

        lines = [terminal.table([row(one) for one in self.selection.features]), "", self.counts()]
        if self.query is not None:
            lines.append(f"to keep them: --data_select_query '{self.query}'")
        return "\n".join(lines)

    def counts(self) -> str:
        """How many features have which verdict, in one line."""
        words = {
            KEEP: "keep",
            WEAK: "weak (their past tells nothing)",
            SPARSE: "sparse (use a longer window)",
            DROP: "drop",
        }
        counts = {word: len(self.selection.of(verdict)) for verdict, word in words.items()}
        return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


def features(request: FeaturesRequest) -> Ranking:
    """Rank the features the request names; with `output` also write a page with pictures.

    Raises UsageError for an output that is no page, SeriesError or DatapoolError for data that
    cannot be ranked, ResourceError without the extra `features`.
    """
    check(request.output)
    config = Config(data_select_query=request.data_select_query, window_slide=request.window_slide)
    source = Source(data=request.data, time_column=request.time_column)
    series = sources.series(source, config, excluded=request.time_ranges_excluded)
    if request.time_range is not None:
        series = ranges.held(series, request.time_range)
    chosen = selection.assess(series)
    edges = [f"{moment:%Y-%m-%d %H:%M}" for moment in (series.index[0], series.index[-1])]
    table = request.data is not None and sources.is_table(request.data)
    ranking = Ranking(
        selection=chosen,
        data=request.data or "data/features",
        span=(edges[0], edges[1]),
        query=None if table else query(config.query, chosen.of(KEEP)),
    )
    if request.output is not None:
        from mods.flows import features_page

        features_page.write(Path(request.output), ranking)
    return ranking


def check(output: str | None) -> None:
    """Raise UsageError, before any work is done, for a page that would not be one."""
    if output is not None and Path(output).suffix.lower() not in PAGES:
        raise UsageError(
            f"{output!r} is no page", where="--output", fix=f"Use one of {', '.join(PAGES)}"
        )


def row(one: Assessed) -> dict[str, Any]:
    """A feature as a row of the table."""
    return {
        "feature": one.name,
        "verdict": one.verdict,
        "score": round(one.score, 3),
        "why": one.why,
    }


def query(asked: Query, kept: list[Assessed]) -> str | None:
    """The query that selects the features kept under the names they have; None if there are none.

    They stand in the order of the query that was asked.
    """
    wanted = {one.name for one in kept}
    found: dict[str, list[str]] = {}
    for one in asked.selections:
        prefix = f"{one.protocol}_"
        if one.column is not None and one.name in wanted:
            found.setdefault(one.protocol, []).append(f"{one.column}~{one.name}")
        elif one.column is None:
            columns = [name.removeprefix(prefix) for name in _order(kept, prefix)]
            found.setdefault(one.protocol, []).extend(f"{c}~{prefix}{c}" for c in columns)
    parts = ["|".join((protocol, *columns)) for protocol, columns in found.items() if columns]
    return ";".join(parts) or None


def _order(kept: list[Assessed], prefix: str) -> list[str]:
    return [one.name for one in kept if one.name.startswith(prefix)]
