"""Tune: search settings that forecast better, remember every trial, tell how to train the best."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import shlex
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

import mods
from mods import atomic, duration, paths, progress, tuning
from mods.config import Config
from mods.flows import known, output, train
from mods.flows import material as materials
from mods.request import Source, TrainRequest, TuneRequest
from mods.settings import settings
from mods.tuning import space as spaces
from mods.tuning.space import Space

RANGES = (
    "train_time_range",
    "train_time_ranges_excluded",
    "test_time_range",
    "test_time_ranges_excluded",
)
BEST = "best"
LATER = "told from four finished trials of different errors on"
TOLD = ("trial", "state", "error", "epochs", "seconds")


@dataclass(frozen=True, eq=False)
class Tuned:
    """What came of a search: every trial, the best settings, and what trains them.

    error:  of the best, MAE relative to persistence on the validation part; None without a trial
    importances:  share of each setting in how the errors differ, empty for too few trials
    """

    study: Path
    name: str
    searched: dict[str, Any]
    trials: pd.DataFrame
    best: dict[str, Any]
    error: float | None
    importances: dict[str, float]
    command: str

    def record(self) -> dict[str, Any]:
        """The search as a program reads it."""
        table = self.trials.astype(object).where(self.trials.notna(), None)
        states = Counter(self.trials["state"] if len(self.trials) else ())
        return {
            "study": str(self.study),
            "study_name": self.name,
            "searched": self.searched,
            "states": dict(states),
            "best": self.best,
            "error": self.error,
            "importances": self.importances,
            "command": self.command,
            "trials": [{str(k): v for k, v in row.items()} for row in table.to_dict("records")],
        }

    def text(self) -> str:
        """The search as a person reads it: the best ten trials, what matters, the command."""
        from mods.visualization import terminal

        if self.error is None:
            return f"no trial is finished: {self.study} keeps the {len(self.trials)} begun"
        done = self.trials[self.trials["state"] == "complete"].sort_values(["error", "trial"])
        counts = ", ".join(f"{n} {state}" for state, n in self.record()["states"].items())
        lines = [
            f"{len(self.trials)} trials ({counts}) in {self.study}",
            "validation error relative to persistence (same as now), the best ten:",
            terminal.frame(_short(done.drop(columns="state").head(10))),
        ]
        shares = ", ".join(f"{name} {share:.0%}" for name, share in self.importances.items())
        lines.append(f"what the error depends on: {shares or LATER}")
        return "\n".join([*lines, f"the best is trained by: {self.command}"])

    def write(self, folder: str) -> list[str]:
        """Write trials.csv, history.png and, where known, importance.png; returns their paths."""
        from mods.visualization import tuning as pictures

        place = Path(folder)
        written = [output.table(self.trials, str(place / "trials.csv"))]
        figures = {"history": pictures.history(self.trials)}
        if self.importances:
            figures["importance"] = pictures.importance(self.importances)
        written += [
            output.picture(one, str(place / f"{name}.png")) for name, one in figures.items()
        ]
        return [str(path) for path in written]


def tune(
    config: Config, request: TuneRequest, source: Source, given: Collection[str] = ()
) -> Tuned:
    """Search the settings that are not given until the study has its trials or the time is over.

    A trial trains on the train part and is judged on the validation part, both as `mods train` cuts
    them; the test part is not looked at. The first tries the settings as they are. A study that is
    there is gone on with; it is known by the data, the given settings and what is searched.
    Raises SettingError, UsageError, SeriesError, DatapoolError, or ResourceError without Optuna.
    """
    until = None if request.timeout is None else time.monotonic() + _seconds(request.timeout)
    path = Path(request.study) if request.study else paths.study()
    space = spaces.space(config, request.search, given)
    studies, search = tuning.room("study"), tuning.room("search")
    atomic.check(path)
    if request.output:
        atomic.check(Path(request.output) / "trials.csv")
    named = {name: getattr(request, name) for name in RANGES}
    training = TrainRequest(model_name=request.train or BEST, **named)
    config = known.told(config, source)
    material = materials.gather(config, training, source)
    name = _name(config, space, material)
    first = {one: getattr(config, one) for one in space}
    study = studies.opened(path, name, first, config.seed)

    def objective(params: dict[str, Any], watch: Any) -> float:
        return material.validation_error(dataclasses.replace(config, **params), watch)

    before = min(studies.begun(study), request.trials)
    with progress.shown("tuning", request.trials, "trial") as bar:
        bar.advance(before)
        asked = search.Search(
            path, space, objective, request.trials, config.num_epochs, bar.advance
        )
        search.run(study, asked, lambda: until is None or time.monotonic() < until)
    return _told(study, path, space, _command(request, source, given, config))


def _told(study: Any, path: Path, space: Space, command: Any) -> Tuned:
    studies = tuning.room("study")
    best = next(iter(studies.finished(study)), None)
    params = {} if best is None else dict(best.params)
    return Tuned(
        study=path,
        name=study.study_name,
        searched=spaces.plain(space),
        trials=_table(studies.rows(study), space),
        best=params,
        error=None if best is None else float(best.value),
        importances=studies.importances(study),
        command=command(params),
    )


def best(tuned: Tuned, config: Config, request: TuneRequest, source: Source) -> dict[str, Any]:
    """Train and save the best settings under the name the request gives; what `train` returns."""
    named = {name: getattr(request, name) for name in RANGES}
    training = TrainRequest(model_name=request.train or BEST, **named)
    return train.train(dataclasses.replace(config, **tuned.best), training, source)


def _table(rows: list[dict[str, Any]], space: Space) -> pd.DataFrame:
    """The trials as a table, which has its columns also without any."""
    return pd.DataFrame(rows) if rows else pd.DataFrame(columns=[*TOLD, *space])


def _short(trials: pd.DataFrame) -> pd.DataFrame:
    """The trials with as many digits as tell them apart."""
    digits = {**dict.fromkeys(trials, "{:.3g}"), "error": "{:.4f}"}
    floats = trials.select_dtypes("float64")
    return trials.assign(**{str(c): floats[c].map(digits[c].format) for c in floats})


def _seconds(text: str) -> float:
    return float(duration.parse(text).total_seconds())


def _name(config: Config, space: Space, material: materials.Material) -> str:
    """The study's name: what would make errors incomparable makes another study."""
    parts = material.parts.train, material.parts.validation
    values = (part.to_numpy(float).tobytes() for part in parts)
    times = [str(part.index[at]) for part in parts for at in (0, -1)]
    fixed = {k: v for k, v in dataclasses.asdict(config).items() if k not in space}
    told = [mods.__version__, fixed, spaces.plain(space), list(map(str, parts[0])), times]
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    for one in values:
        digest.update(one)
    who = "any" if "model_type" in space else config.model_type
    return f"{who}-{config.steps_ahead}-{digest.hexdigest()[:10]}"


def _command(request: TuneRequest, source: Source, given: Collection[str], config: Config) -> Any:
    """What writes the command that trains settings: all that was given, then what was found."""

    def command(params: dict[str, Any]) -> str:
        values = {
            name: getattr(source, name) for name in ("data", "time_column", "known", "models")
        }
        values |= {name: getattr(request, name) for name in RANGES}
        values |= {
            one.name: getattr(config, one.name) for one in settings(Config) if one.name in given
        }
        joined = {
            one.name: one.separator for cls in (TrainRequest, Config) for one in settings(cls)
        }
        words = ["mods", "train", "--model_name", request.train or BEST]
        for name, value in {**values, **params}.items():
            if value not in (None, ()):
                text = joined[name].join(value) if isinstance(value, tuple) else str(value)
                words += [f"--{name}", text]
        return shlex.join(words)

    return command
