"""One saved model in the words and tables of a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from mods.config import Config
from mods.settings import settings
from mods.visualization import terminal, text

TOLD = ("model_type", "steps_ahead", "sequence_len", "window_slide", "data_select_query")
MEANING = 'error over that of persistence ("same as now"), below 1 is better'
MOST_LIMITS = 16


def shown(record: Mapping[str, Any]) -> str:
    """What `catalogue.show` found, for people: what it does, learnt from what, how well."""
    config, state, told = record["config"], record["state"], record["manifest"]
    step = timedelta(seconds=state["step"])
    exported = "with" if told["onnx"] else "without"
    watching = "with" if record["detector"] else "without"
    lines = [
        f"{record['name']}: {config.get('model_type')}, forecasts {config.get('steps_ahead')} steps"
        f" of {step} ahead, looks at {config.get('sequence_len')} at once",
        f"features    {', '.join(state['features'])}",
        f"windows     {state['window']}, {config.get('data_select_query')}",
        *_periods(record["metrics"]),
        f"settings    {_changed(config)}",
        *_limits(state.get("limits", {})),
        f"saved       {told['created']} by mods {told['mods']}, format {told['version']},"
        f" {exported} ONNX export, {watching} detector",
        f"size        {record['size']:,} bytes, {record['weights']:,} weights",
    ]
    parts = [*_scores(record["metrics"]), *_warned(record["metrics"])]
    return "\n".join([*lines, *parts])


def _periods(metrics: Mapping[str, Any]) -> list[str]:
    return [
        f"{name:<11} {first} to {last}"
        for name, (first, last) in metrics.get("periods", {}).items()
    ]


def _limits(state: Mapping[str, Any]) -> list[str]:
    """What has to hold, as it was given, and as it was learnt."""
    return [
        f"limits      {text.few(state[name], MOST_LIMITS)} ({name})"
        for name in ("given", "learnt")
        if state.get(name)
    ]


def _changed(config: Mapping[str, Any]) -> str:
    """The settings that are not as by default, less those told already."""
    defaults = {one.name: one.default for one in settings(Config)}
    changed = [
        f"{name}={value}"
        for name, value in config.items()
        if name not in TOLD and value not in (defaults.get(name), [*_listed(defaults.get(name))])
    ]
    return ", ".join(changed) or "as by default"


def _listed(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else ()


def _scores(metrics: Mapping[str, Any]) -> list[str]:
    """A row for each part of the data: the model, and each baseline beside it."""
    rows = []
    for part in ("validation", "test"):
        summary = metrics.get(part)
        if isinstance(summary, Mapping) and "mean" in summary:
            own = {"the model": summary, **summary.get("baselines", {})}
            rows += [_row(part, name, figures) for name, figures in own.items()]
    return ["", MEANING, terminal.table(rows)] if rows else []


def _row(part: str, name: str, figures: Mapping[str, Any]) -> dict[str, Any]:
    leads = {f"lead {lead}": error for lead, error in figures.get("leads", {}).items()}
    return {"part": part, "": name.replace("_", " "), "mean": figures.get("mean"), **leads}


def _warned(metrics: Mapping[str, Any]) -> list[str]:
    warnings = [f"warning: {text.cell(one)}" for one in metrics.get("warnings", [])]
    return ["", *warnings] if warnings else []
