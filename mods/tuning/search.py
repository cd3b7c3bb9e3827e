"""The search: one trial after another, until there are enough or the time is over."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import TrialState

from mods.errors import ModsError
from mods.settings import Span
from mods.tuning import owners
from mods.tuning import study as studies
from mods.tuning.space import Space

log = logging.getLogger(__name__)
Watch = Callable[[int, float], None]
Objective = Callable[[dict[str, Any], Watch], float]
FRUITLESS = 3


@dataclass(frozen=True)
class Search:
    """What is tried: `objective` maps settings (and who watches) to an error; smaller is better.

    trials:  how many the study should have in the end, those of earlier and of parallel runs too
    told:  is told the share of a trial that was done, and how the best stands
    """

    path: Path
    space: Space
    objective: Objective
    trials: int
    epochs: int
    told: Callable[[float, str], None]


def run(study: Any, search: Search, more: Callable[[], bool]) -> int:
    """Try settings until the study has its trials, or `more` says no; how many were tried here.

    What an interruption ends is marked as failed and queued again. Raises the error of the trials
    where the first ones all fail.
    """
    done = 0
    with owners.working(search.path) as owner:
        while more() and studies.begun(study) < search.trials:
            trial = study.ask()
            trial.set_user_attr(studies.OWNER, owner)
            _try(study, trial, search)
            done += 1
    return done


def _try(study: Any, trial: Any, search: Search) -> None:
    """One trial, told to the study however it ends."""
    watched = _Watched(study, trial, search)
    try:
        params = _suggested(trial, search.space)
        value = _known(study, params)
        if value is None:
            value = search.objective(params, watched)
        study.tell(trial, value)
    except optuna.TrialPruned:
        study.tell(trial, state=TrialState.PRUNED)
    except ModsError as error:
        trial.set_user_attr(studies.ERROR, str(error))
        study.tell(trial, state=TrialState.FAIL)
        log.warning("trial %d failed: %s", trial.number, error)
        if not studies.finished(study) and studies.begun(study) >= FRUITLESS:
            raise
    except BaseException:
        studies.give_up(study, trial.number, trial.params)
        raise
    watched.over()


class _Watched:
    """Hears of each epoch: reports it, ends a trial that stays behind, moves the bar."""

    def __init__(self, study: Any, trial: Any, search: Search) -> None:
        self.study, self.trial, self.search = study, trial, search
        self.done = 0.0

    def __call__(self, epoch: int, error: float) -> None:
        self.trial.report(error, epoch)
        self._tell(1 / self.search.epochs)
        if self.trial.should_prune():
            raise optuna.TrialPruned

    def over(self) -> None:
        self._tell(1 - self.done)

    def _tell(self, share: float) -> None:
        self.done += share
        best = studies.finished(self.study)[:1]
        note = f"best {best[0].value:.4f} (trial {best[0].number})" if best else ""
        self.search.told(share, note)


def _suggested(trial: Any, space: Space) -> dict[str, Any]:
    return {
        name: trial.suggest_float(name, tried.low, tried.high, log=tried.log)
        if isinstance(tried, Span)
        else trial.suggest_categorical(name, tried)
        for name, tried in space.items()
    }


def _known(study: Any, params: dict[str, Any]) -> float | None:
    """The error of an earlier trial of the same settings, which would come out the same."""
    same = (one.value for one in studies.finished(study) if one.params == params)
    return next(same, None)
