"""Markdown tables on stdout: what contenders took, and ratios with their goals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from benchmarks.measure import Cost, middle


def costs(title: str, found: Mapping[str, Sequence[Cost]]) -> None:
    """The medians of each contender."""
    print(f"\n{title}\n\n| | CPU s | time s | peak MiB |\n| --- | --- | --- | --- |")
    for name, several in found.items():
        one = middle(several)
        print(f"| {name} | {one.cpu:.2f} | {one.wall:.2f} | {one.peak:,.0f} |")
    print()


def ratios(rows: Sequence[tuple[str, float, str]]) -> None:
    """Each with its goal, `>= 6` or `<= 2.5`, and whether it is met; no goal is ''."""
    print("\n| ratio | found | goal | met |\n| --- | --- | --- | --- |")
    for name, found, goal in rows:
        print(f"| {name} | {found:.2f} | {goal} | {_met(found, goal)} |")
    print()


def _met(found: float, goal: str) -> str:
    if not goal:
        return ""
    sign, bound = goal.split()
    return "yes" if (found >= float(bound) if sign == ">=" else found <= float(bound)) else "**no**"
