"""The page of a soak: what grew, what was answered, and a picture of memory over time."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from benchmarks.soak import verdict
from benchmarks.soak.run import REST, Outcome
from benchmarks.soak.samples import Sample
from mods.atomic import replacing
from mods.visualization import style

NOTE = "<!-- Written by python -m benchmarks.soak: run it again to renew it. -->"
PICTURE = "images/soak.png"
ABOUT = """A real `mods serve` with two workers, over HTTP for {minutes:.0f} minutes: {clients}
clients ask for forecasts of ranges, values and uploaded files, as JSON, CSV and PNG, and for things
that are wrong; beside them one tiny training follows the other, every third one cancelled. Every
{every:.0f} s all make a break of {rest:g} s, so that no answer is in the making (trainings go on):
then the private memory (USS: what a process has for itself alone) is read, and what else a process
may fail to give back.

    python -m benchmarks.soak                # half an hour; writes this page
    tox --current-env -e soak                # coarse, 1.5 minutes or MODS_SOAK_MINUTES

A run fails where memory grows by more than {flat:g} MiB an hour beyond its uncertainty (slope of
Theil and Sen over the medians of the minutes after the warm-up, 95 % interval), where descriptors
or threads grow, a temporary file or draft is left, a worker is replaced, a training fails, or an
answer has another status than it should. Less than {long:g} minutes after the warm-up give no
slope; in a run as short as that memory may grow by {coarse:g} MiB while stores fill."""
STORES = """Flat does not mean that nothing is kept. A worker keeps answers (32 MiB at most) and the
latest 8 models; the list of trainings shows the latest 100, and an answer with them takes 8 MiB;
long ranges, many addresses and a hundred trainings come first, so that all stores are full before
the measuring begins. The book of trainings has an entry and a log (1 MB at most) for each
training until `mods jobs clean`."""


def write(outcome: Outcome, folder: Path) -> None:
    """Write soak.md and its picture below the folder."""
    with replacing(folder / "soak.md") as draft:
        draft.write_text(text(outcome))
    (folder / PICTURE).parent.mkdir(exist_ok=True)
    with replacing(folder / PICTURE) as draft:
        draft.write_bytes(style.png(picture(outcome)))


def text(outcome: Outcome) -> str:
    """The page."""
    samples, after = outcome.samples, verdict.measured(outcome.samples, outcome.warm)
    resting = sum(one.resting for one in samples)
    about = ABOUT.format(
        minutes=samples[-1].seconds / 60,
        clients=outcome.clients,
        every=samples[-1].seconds / max(resting, 1),
        rest=REST,
        flat=verdict.FLAT,
        long=verdict.LONG,
        coarse=verdict.COARSE,
    )
    picture = f"![Private memory of server and workers over time]({PICTURE})"
    parts = (about, *_memory(after), picture, STORES, *_answers(outcome), _found(outcome))
    return "\n\n".join(("# Soak", NOTE, *parts)) + "\n"


def _memory(after: Sequence[Sample]) -> list[str]:
    rows, least = [], 0.0
    for name in verdict.names(after):
        points = verdict.series(after, name, lambda held: held.private)
        found = verdict.slope(points)
        least = max(least, verdict.FLAT + found.middle - found.low)
        counts = [_ends(after, name, what) for what in ("descriptors", "threads")]
        ends = f"{points[:5, 1].mean():.0f} | {points[-5:, 1].mean():.0f}"
        interval = f"{found.middle:+.1f} ({found.low:+.1f} to {found.high:+.1f})"
        rows.append(f"| {name} | {ends} | {interval} | {' | '.join(counts)} |")
    minutes = (after[-1].seconds - after[0].seconds) / 60
    heads = "| | MiB, first | MiB, last | MiB/h (95 %) | descriptors | threads |"
    table = "\n".join([heads, "| --- | --- | --- | --- | --- | --- |", *rows])
    said = (
        f"The last {minutes:.0f} minutes, after the warm-up. Descriptors and threads are the fewest"
        " of the first and of the last third, as clients come and go. A growth of"
        f" {least:.1f} MiB an hour or more would have been told in this run."
    )
    return ["## Memory", said, table]


def _ends(after: Sequence[Sample], name: str, what: str) -> str:
    first, last = verdict.ends(after, name, what)
    return f"{first} to {last}"


def _answers(outcome: Outcome) -> list[str]:
    tally, samples = outcome.tally, outcome.samples
    rows = [
        f"| {kind} | {tally.statuses[kind]} | {times:,} |"
        for kind, times in sorted(tally.right.items())
    ]
    table = "\n".join(["| asked | status | answers |", "| --- | --- | --- |", *rows])
    total, done = sum(tally.right.values()), sum(tally.trainings.values())
    how = ", ".join(f"{times} {state}" for state, times in sorted(tally.trainings.items()))
    grown = (samples[-1].jobs - samples[0].jobs) / max(1, done)
    said = (
        f"{total:,} answers as expected, {sum(tally.wrong.values())} others; {done} trainings"
        f" ({how}). The folder of trainings grew by {grown:.0f} KiB for each."
        f" {len(outcome.left)} temporary files or drafts were left,"
        f" {outcome.replaced} workers replaced."
    )
    return ["## Answers", said, table]


def _found(outcome: Outcome) -> str:
    faults = outcome.faults()
    if faults:
        return "\n".join(["**Not as it should be**", "", *(f"- {one}" for one in faults)])
    after = verdict.measured(outcome.samples, outcome.warm)
    if verdict.short(after):
        return "Nothing that a run as short as this can tell; slopes decide in a longer one."
    return "Nothing grows."


def picture(outcome: Outcome) -> Figure:
    """Private memory over time, at work (pale) and at rest; the warm-up is shaded."""
    figure = Figure(figsize=(style.WIDTH, 3.6), layout="constrained")
    axis = figure.subplots()
    style.quiet(axis)
    colours = (style.INK, style.FORECAST, style.ALARM)
    for name, colour in zip(verdict.names(outcome.samples), colours, strict=False):
        for resting, look in ((False, {"alpha": 0.3}), (True, {"label": name})):
            there = [one for one in outcome.samples if one.resting == resting]
            if not there:
                continue
            points = verdict.series(there, name, lambda held: held.private)
            axis.plot(points[:, 0] / 60, points[:, 1], color=colour, linewidth=1.2, **look)
    axis.axvspan(0, outcome.warm / 60, color=style.GRID, alpha=0.5, linewidth=0, label="warm-up")
    axis.set_ylim(bottom=0)
    axis.margins(x=0)
    axis.set_xlabel("minutes", color=style.MUTED, fontsize=9)
    style.titled(axis, "Private memory, MiB")
    style.legend(figure, [axis])
    return figure
