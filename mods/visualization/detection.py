"""What a detector finds of injected anomalies: tables for the terminal, and a heat map."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mods.request.experiments import OWN
from mods.visualization import terminal

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

ALL, CHANCE = "all", "(random)"
BRIGHT, FAINT = 55, "#f2f5f8"


def tables(rows: pd.DataFrame, raised: float, asked: float) -> str:
    """A table per budget: found in percent and, in brackets, the median delay."""
    parts = []
    for budget in sorted(set(rows["budget"])):
        part = rows.loc[rows["budget"] == budget]
        head = f"found %, (median delay) by magnitude, {named(budget, raised, asked)}:"
        parts.append(f"{head}\n{terminal.table(_lines(part))}")
    return "\n\n".join(parts)


def named(budget: float, raised: float, asked: float) -> str:
    """A budget in words; 0 is the detector's own threshold."""
    if budget == OWN:
        return f"at its own threshold ({raised:g} alarms a week on the clean data, {asked:g} asked)"
    return f"at {budget:g} {'alarm' if budget == 1 else 'alarms'} a week"


def areas(table: pd.DataFrame) -> str:
    """The areas under precision and recall beside those of chance."""
    rows: list[dict[str, Any]] = [{"AUC-PR": "detector"}, {"AUC-PR": CHANCE}]
    for line in table.to_dict("records"):
        rows[0][f"x {line['magnitude']:g}"] = f"{line['auc_pr']:.2f}"
        rows[1][f"x {line['magnitude']:g}"] = f"{line['random']:.2f}"
    return terminal.table(rows)


def shares(part: pd.DataFrame) -> dict[str, dict[float, float]]:
    """Found in percent by magnitude: of each kind, of all of them together, and by chance."""
    table: dict[str, dict[float, float]] = {}
    for row in part.to_dict("records"):
        found = 100 * row["found"] / row["events"]
        table.setdefault(row["kind"], {})[row["magnitude"]] = float(found)
    table |= {ALL: {}, CHANCE: {}}
    for magnitude in sorted(set(part["magnitude"])):
        same = part.loc[part["magnitude"] == magnitude]
        events = same["events"].sum()
        table[ALL][magnitude] = float(100 * same["found"].sum() / events)
        table[CHANCE][magnitude] = float(100 * (same["random"] * same["events"]).sum() / events)
    return table


def _delays(part: pd.DataFrame) -> dict[tuple[str, float], str]:
    """The median delay by kind and magnitude, where any was found."""
    told = part.loc[part["found"] > 0].to_dict("records")
    return {(row["kind"], row["magnitude"]): _hours(row["delay_minutes"]) for row in told}


def _lines(part: pd.DataFrame) -> list[dict[str, Any]]:
    delays, lines = _delays(part), []
    for kind, found in shares(part).items():
        line: dict[str, Any] = {"kind": kind}
        for magnitude, share in found.items():
            late = delays.get((kind, magnitude))
            line[f"x {magnitude:g}"] = f"{share:3.0f}{f' ({late})' if late else ''}"
        lines.append(line)
    return lines


def _hours(minutes: float) -> str:
    """Minutes as hours and minutes.

    >>> _hours(130.0)
    '2:10'
    """
    return f"{round(minutes) // 60}:{round(minutes) % 60:02d}"


def heat_map(rows: pd.DataFrame, raised: float, asked: float) -> Figure:
    """A panel per budget: kinds by magnitudes, as dark as found, with the median delay."""
    from matplotlib.figure import Figure

    from mods.visualization import style

    budgets = [(one, rows.loc[rows["budget"] == one]) for one in sorted(set(rows["budget"]))]
    across = min(2, len(budgets))
    down = -(-len(budgets) // across)
    kinds = rows["kind"].nunique() + 2
    figure = Figure(figsize=(style.WIDTH, (0.42 * kinds + 0.8) * down + 0.4), layout="constrained")
    axes = figure.subplots(down, across, squeeze=False).ravel()
    for axis in axes[len(budgets) :]:
        axis.set_visible(False)
    for number, (axis, (budget, part)) in enumerate(zip(axes, budgets, strict=False)):
        title = f"own threshold: {raised:g} a week on clean data, {asked:g} asked"
        style.titled(axis, title if budget == OWN else named(budget, raised, asked)[3:])
        _panel(axis, part, labelled=number % across == 0)
    figure.supxlabel(
        "magnitude: times the feature's median window. In each cell: found %, median delay (h:mm)",
        fontsize=9,
        color=style.MUTED,
    )
    return figure


def _panel(axis: Axes, part: pd.DataFrame, *, labelled: bool) -> None:
    from matplotlib.colors import LinearSegmentedColormap

    from mods.visualization import style

    table, delays = shares(part), _delays(part)
    magnitudes = list(table[ALL])
    cells = [[table[kind].get(one, 0.0) for one in magnitudes] for kind in table]
    colors = LinearSegmentedColormap.from_list("found", [FAINT, style.FORECAST])
    axis.imshow(cells, cmap=colors, vmin=0, vmax=100, aspect="auto")
    for row, kind in enumerate(table):
        for column, magnitude in enumerate(magnitudes):
            share = cells[row][column]
            said = f"{share:.0f} %  {delays.get((kind, magnitude), '')}".rstrip()
            color = "white" if share > BRIGHT else style.INK
            axis.text(column, row, said, ha="center", va="center", fontsize=8, color=color)
    axis.set_xticks(range(len(magnitudes)), [f"{one:g}" for one in magnitudes])
    axis.set_yticks(range(len(table)), list(table) if labelled else [])
    axis.tick_params(colors=style.MUTED, labelsize=9, length=0)
    axis.spines[:].set_visible(False)
    axis.set_xticks([x - 0.5 for x in range(1, len(magnitudes))], minor=True)
    axis.set_yticks([y - 0.5 for y in range(1, len(table))], minor=True)
    axis.grid(which="minor", color="white", linewidth=1.5)
    axis.tick_params(which="minor", length=0)
    axis.axhline(len(table) - 2.5, color=style.MUTED, linewidth=1.2)
