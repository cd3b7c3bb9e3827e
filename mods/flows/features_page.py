"""The page of a ranking of features: what to keep and why, in tables and pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mods.features.selection import Assessed, Selection
from mods.features.selection.choice import ALIKE
from mods.features.selection.verdicts import DROP, hours
from mods.flows.features import Ranking, row
from mods.visualization import selection as pictures
from mods.visualization.report import Report, Section, Table
from mods.visualization.report import write as write_page


def write(path: Path, ranking: Ranking) -> None:
    """Write one self-contained page, whole or not at all."""
    chosen = ranking.selection
    sections = [
        _ranking(chosen),
        _verdicts(ranking),
        _alike(chosen),
        _memory(chosen),
        _information(chosen),
        _figures(chosen),
    ]
    page = Report(
        title=f"Features of {Path(ranking.data).name}",
        facts=_facts(ranking),
        sections=[one for one in sections if one is not None],
    )
    write_page(path, page)


def _facts(ranking: Ranking) -> list[tuple[str, Any]]:
    chosen = ranking.selection
    facts = [
        ("Data", ranking.data),
        ("Window ends, UTC", " to ".join(ranking.span)),
        ("Windows", f"{chosen.window}: {chosen.steps:,}, of which {chosen.gaps:,} are missing"),
        ("Features", ranking.counts()),
    ]
    if chosen.rank is not None:
        facts.append(
            ("Linearly independent", f"{chosen.rank} of {chosen.correlation.shape[1]} that vary; "
             f"{chosen.directions} directions hold 90 % of their spread")
        )  # fmt: skip
    return facts


def _ranking(chosen: Selection) -> Section | None:
    if not chosen.top:
        return None
    text = (
        f"How much the past of a feature tells about its next window, {_ahead(chosen)} later, "
        "which shares no record with this one: how much less the best forecast that costs nothing "
        "errs than the feature's median, the information it has on its future, and its "
        "autocorrelation. What is constant, or follows from others, is left out."
    )
    return Section("Ranking", text, [("What the score is made of.", pictures.ranking(chosen))])


def _verdicts(ranking: Ranking) -> Section:
    chosen = ranking.selection
    kept = [row(one) for one in chosen.features if one.verdict != DROP]
    dropped = [row(one) for one in chosen.of(DROP)]
    text = "Of features that say the same, the best is kept, or the plainest of those as good."
    tables = [Table(kept, "Worth a look, the best first"), Table(dropped, "To be dropped")]
    if ranking.query is not None:
        tables.append(Table([{"data_select_query": ranking.query}], "What selects those to keep"))
    return Section("Verdicts", text, tables=tables)


def _alike(chosen: Selection) -> Section | None:
    if chosen.correlation.shape[1] < 2:
        return None
    text = (
        "Each correlation is the weaker of Pearson's and Spearman's over the windows known to "
        "both, so that neither one burst in common nor a mere common order makes two features "
        "alike. Rows and columns stand in the same order."
    )
    groups = [{"group": at + 1, "features": names} for at, names in enumerate(chosen.groups)]
    caption = f"Groups in which each pair correlates by {ALIKE} or more"
    figure = ("Correlation, alike features beside each other.", pictures.heatmap(chosen))
    return Section("What says the same", text, [figure], [Table(groups, caption)])


def _memory(chosen: Selection) -> Section | None:
    if not any(one.measures and len(one.measures.memory.acf) for one in chosen.top):
        return None
    text = (
        f"Windows less than {_ahead(chosen)} apart share records and correlate by construction "
        "(shaded): nothing is read from there. What lies inside the band may be chance. Values "
        "further than five mean deviations from the median are cut to that. The partial "
        "autocorrelation looks at the longest stretch without a gap, at windows that share nothing."
    )
    figures = [
        ("Autocorrelation by lag.", pictures.autocorrelations(chosen)),
        ("Partial autocorrelation by lag.", pictures.partial_autocorrelations(chosen)),
    ]
    return Section("Memory and rhythm", text, figures)


def _information(chosen: Selection) -> Section | None:
    if chosen.across.empty or chosen.across.isna().all(axis=None):
        return None
    text = (
        f"Mutual information between now and {_ahead(chosen)} later, in bits above what shuffled "
        "values give; empty where it is not beyond chance. Beside the diagonal stands what one "
        "feature tells of another: a reason to forecast them together."
    )
    figure = ("What the row tells about the next window of the column.",
              pictures.information(chosen))  # fmt: skip
    return Section("Information", text, [figure])


def _figures(chosen: Selection) -> Section | None:
    measured = [one for one in chosen.features if one.measures]
    if not measured:
        return None
    text = (
        "ADF p: probability of such a feature if its level were a random walk, once its rhythm "
        "is taken off (below .05 the level comes back); p of changes: the same of its "
        "changes from window to window. ADI: windows per window that is not zero; CV2: squared "
        "coefficient of variation of those that are not (smooth, erratic, intermittent and lumpy "
        "by Syntetos and Boylan). VIF: variance inflation beside the features kept. Seasonal: "
        "error of the better seasonal forecast over persistence."
    )
    return Section("Figures", text, tables=[Table(_rows(measured))])


def _rows(measured: Sequence[Assessed]) -> list[dict[str, Any]]:
    """The figures of each feature; how much of it is known only where something is missing."""
    names = {
        "ADF p": "adf_p_value",
        "p of changes": "adf_p_value_of_changes",
        "ADI": "adi",
        "CV2": "cv2",
        "kind": "demand",
        "bits": "bits",
        "seasonal": "seasonal_over_persistence",
        "VIF": "vif",
    }
    rows = []
    for one in measured:
        record = one.record()
        rows.append(
            {"feature": one.name, **{head: _three(record[key]) for head, key in names.items()}}
        )
        if any(other.known < 1 for other in measured):
            rows[-1]["known %"] = round(100 * one.known, 1)
    return rows


def _three(value: Any) -> Any:
    return round(value, 3) if isinstance(value, float) else value


def _ahead(chosen: Selection) -> str:
    return hours(chosen.window.length)
