"""The study: trials in an SQLite file, which outlive whoever runs them."""

from __future__ import annotations

import logging
import sqlite3
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from mods.errors import ResourceError
from mods.tuning import owners

log = logging.getLogger(__name__)
OWNER, ERROR = "owner", "error"
PATIENCE_SECONDS = 120
STARTUP, WARM_UP = 5, 2


class Numbered(optuna.samplers.BaseSampler):  # type: ignore[misc]
    """TPE (Bergstra et al. 2011), its random numbers drawn by the number of the trial.

    So one process goes on after a kill as it would have, and parallel ones never try the same.
    """

    def __init__(self, seed: int) -> None:
        self.seed, self.inner = seed, optuna.samplers.TPESampler(seed=seed)

    def before_trial(self, study: Any, trial: Any) -> None:
        """Begin to draw anew."""
        self.inner = optuna.samplers.TPESampler(seed=self.seed + trial.number)
        self.inner.before_trial(study, trial)

    def infer_relative_search_space(self, study: Any, trial: Any) -> Any:
        """As TPE does."""
        return self.inner.infer_relative_search_space(study, trial)

    def sample_relative(self, study: Any, trial: Any, search_space: Any) -> Any:
        """As TPE does."""
        return self.inner.sample_relative(study, trial, search_space)

    def sample_independent(self, study: Any, trial: Any, name: str, distribution: Any) -> Any:
        """As TPE does."""
        return self.inner.sample_independent(study, trial, name, distribution)

    def after_trial(self, study: Any, trial: Any, state: Any, values: Any) -> None:
        """As TPE does."""
        self.inner.after_trial(study, trial, state, values)


def opened(path: Path, name: str, first: dict[str, Any], seed: int = 0) -> Any:
    """The study of that name in the file, new or as it was left; dead trials are settled.

    first:  the settings that a new study tries first
    A trial is pruned when, after its second epoch, its best error so far is worse than the median
    of the others at that epoch.
    """
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with owners.alone(path):
            study = optuna.create_study(
                storage=_storage(path),
                sampler=Numbered(seed),
                pruner=optuna.pruners.MedianPruner(STARTUP, WARM_UP),
                study_name=name,
                load_if_exists=True,
            )
            if not study.get_trials(deepcopy=False):
                study.enqueue_trial(first)
            settle(study, path)
    except (OSError, RuntimeError, SQLAlchemyError) as error:
        raise ResourceError(
            f"is no study that can be opened: {str(error).splitlines()[0]}",
            where=path,
            fix="Give another --study",
        ) from None
    return study


def _storage(path: Path) -> Any:
    """The file as Optuna's storage; it is connected to by its path, since a URL ends at a `?`.

    No connection is kept: nobody ends a study, and Python 3.13 warns of one that is left open.
    """

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(path.resolve(), timeout=PATIENCE_SECONDS, check_same_thread=False)

    kept = {"creator": connect, "poolclass": NullPool}
    return optuna.storages.RDBStorage("sqlite:///study", engine_kwargs=kept)


def settle(study: Any, path: Path) -> int:
    """Mark as failed the trials of processes that are gone, and queue their settings again."""
    alive = owners.living(path)
    dead = [
        one
        for one in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        if one.user_attrs.get(OWNER) not in alive and (OWNER in one.user_attrs or not alive)
    ]
    for one in dead:
        give_up(study, one.number, one.params)
    if dead:
        numbers = ", ".join(str(one.number) for one in dead)
        log.info("trial %s was killed: marked as failed, its settings are tried again", numbers)
    return len(dead)


def give_up(study: Any, number: int, params: dict[str, Any]) -> None:
    """End a trial that was not finished; what it tried is tried again."""
    study.tell(number, state=TrialState.FAIL)
    if params:
        study.enqueue_trial(params)


def begun(study: Any) -> int:
    """Trials that count: finished, pruned, failed of themselves, or running."""
    counted = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.RUNNING)
    trials = study.get_trials(deepcopy=False)
    return sum(one.state in counted or ERROR in one.user_attrs for one in trials)


def finished(study: Any) -> list[Any]:
    """The trials with a value, the best first."""
    trials = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    return sorted(trials, key=lambda one: (one.value, one.number))


def rows(study: Any) -> list[dict[str, Any]]:
    """A row per trial: number, state, error of its last epoch or in the end, seconds, settings."""
    return [
        {
            "trial": one.number,
            "state": one.state.name.lower(),
            "error": one.value if one.value is not None else _last(one),
            "epochs": len(one.intermediate_values),
            "seconds": round(one.duration.total_seconds(), 1) if one.duration else None,
            **one.params,
        }
        for one in study.get_trials(deepcopy=False)
        if one.state != TrialState.WAITING
    ]


def importances(study: Any) -> dict[str, float]:
    """Share of each setting in how the errors differ (fANOVA, Hutter et al. 2014), largest first.

    Empty where fewer than four trials are finished, or all have the same error.
    """
    values = {one.value for one in finished(study)}
    if len(values) < 4:
        return {}
    forest = optuna.importance.FanovaImportanceEvaluator(seed=0)
    found = optuna.importance.get_param_importances(study, evaluator=forest)
    return {str(name): float(share) for name, share in found.items()}


def _last(trial: Any) -> float | None:
    values = trial.intermediate_values
    return float(values[max(values)]) if values else None
