"""Training: epochs of gradient steps, early stopping, the best weights kept, resumed if killed."""

from __future__ import annotations

import dataclasses
import logging
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np

from mods import progress
from mods.config import Config
from mods.models import gathering
from mods.models.checkpoints import UNKEPT, Checkpoint, Kept, Stand
from mods.models.gathering import Feed
from mods.models.network import loops
from mods.models.network.build import build, standardise
from mods.models.prepared import Prepared

log = logging.getLogger(__name__)
MAKER = f"keras {keras.__version__} on {keras.backend.backend()}"
BATCH = 4_096
LEAST_STEPS, SMALLEST = 20, 8
WEIGHT_DECAY = 1e-3
CLIP = 1.0
LEAST = 0.05
PACE_SECONDS = 0.5


@dataclass(frozen=True, eq=False)
class Learnt:
    """A trained network and how the errors fell: relative to persistence, one per epoch."""

    network: Any
    curve: dict[str, list[float]]


def learn(
    prepared: Prepared,
    rows: tuple[np.ndarray, np.ndarray],
    config: Config,
    *,
    start: list[np.ndarray] | None = None,
    kept: Kept = UNKEPT,
) -> Learnt:
    """Train on some rows of a prepared series until the error on others no longer falls.

    The loss is |error| over the persistence error of training, feature by feature and lead by
    lead, so that every one of them counts the same. AdamW (Loshchilov and Hutter 2019) with
    cosine decay. Of few rows the batches are smaller, so that an epoch is a score of steps; the
    remainder of an epoch is dropped.

    start: weights to begin with; kept: its checkpoint, and who is told of each epoch
    """
    with _seeded(config.seed):
        network = build(config, prepared.sizes)
        if start is None:
            standardise(network, *prepared.inputs(rows[0][:: len(rows[0]) // BATCH + 1])[:2])
        else:
            network.set_weights(start)
            kept = dataclasses.replace(kept, begun=True)
        weights = _weights(prepared, rows[0])
        feed = gathering.feed((prepared.tables, prepared.wanted()), weights, prepared.layout)
        curve = epochs(network, feed, rows, config, kept=kept)
    return Learnt(network, curve)


def epochs(
    network: Any,
    feed: Feed,
    rows: tuple[np.ndarray, np.ndarray],
    config: Config,
    *,
    kept: Kept = UNKEPT,
) -> dict[str, list[float]]:
    """Train any network on any feed; the curve.

    The network is left with its best weights: those it began with, if it had learnt before.
    """
    batch = _batch(config, len(rows[0]))
    steps = len(rows[0]) // batch
    optimizer = _optimizer(config, steps)
    optimizer.build(network.trainable_variables)
    loop = loops.fastest(network, optimizer, feed, batch, steps * config.num_epochs)
    begun = loop.error(rows[1]) if kept.begun else np.inf
    course = _Course(network, optimizer, kept.checkpoint, begun)
    what = f"training {config.model_type}"
    with progress.shown(what, config.num_epochs * steps, "step") as bar, course.held():
        bar.advance(len(course.curve["loss"]) * steps)
        while len(course.curve["loss"]) < config.num_epochs:
            if course.waited >= config.epochs_patience:
                break
            done = len(course.curve["loss"])
            order = np.random.default_rng((config.seed, done)).permutation(len(rows[0]))
            loss = _epoch(loop, rows[0][order.astype(np.int32)], steps, bar)
            errors = {"loss": loss, "val_loss": loop.error(rows[1])}
            course.took(errors)
            log.debug("epoch %d: %.4f, validation %.4f", done + 1, *errors.values())
            for told in kept.told:
                told(done + 1, errors)
    network.set_weights(course.best)
    return course.curve


def _batch(config: Config, rows: int) -> int:
    """Samples of a step: as many as asked for, fewer where an epoch would be less than 20 steps.

    Twenty epochs of two steps each teach a short series nothing.
    """
    return min(config.batch_size, max(rows // LEAST_STEPS, SMALLEST), rows)


class _Course:
    """Where a training stands, and what becomes of it when it is interrupted or done."""

    def __init__(
        self, network: Any, optimizer: Any, checkpoint: Checkpoint | None, begun: float = np.inf
    ) -> None:
        self.network, self.optimizer, self.checkpoint = network, optimizer, checkpoint
        self.begun = begun
        self.curve: dict[str, list[float]] = {"loss": [], "val_loss": []}
        self.best, self.waited = network.get_weights(), 0
        found = checkpoint.read() if checkpoint is not None else None
        if found is not None and checkpoint is not None:
            self._resume(found, checkpoint)

    def took(self, errors: dict[str, float]) -> None:
        """One epoch more."""
        better = errors["val_loss"] < min([self.begun, *self.curve["val_loss"]])
        self.waited = 0 if better else self.waited + 1
        if better:
            self.best = self.network.get_weights()
        for name, one in errors.items():
            self.curve[name].append(one)
        if self.checkpoint is not None and np.isfinite(list(errors.values())).all():
            self.checkpoint.write(Stand(self.curve, self.waited, MAKER, self._arrays()))

    @contextmanager
    def held(self) -> Iterator[None]:
        """A training that is interrupted says that it can go on."""
        try:
            yield
        except KeyboardInterrupt:
            if self.checkpoint is not None and self.curve["loss"]:
                done = len(self.curve["loss"])
                log.warning("interrupted after epoch %d: the same command goes on there", done)
            raise

    def _variables(self) -> list[Any]:
        """Weights, the state of what draws random numbers, and that of the optimiser."""
        return [*self.network.variables, *self.optimizer.variables]

    def _arrays(self) -> dict[str, np.ndarray]:
        now = [np.atleast_1d(one.numpy()) for one in self._variables()]
        named = {f"now{number:04d}": array for number, array in enumerate(now)}
        return named | {f"best{number:04d}": array for number, array in enumerate(self.best)}

    def _resume(self, stand: Stand, checkpoint: Checkpoint) -> None:
        """Go on from there, unless it is the stand of another network."""
        wanted, found = self._arrays(), stand.arrays
        if {k: a.shape for k, a in wanted.items()} != {k: a.shape for k, a in found.items()}:
            checkpoint.refuse("its arrays have other shapes")
            return
        if stand.maker != MAKER:
            checkpoint.refuse(f"it is of {stand.maker}, this is {MAKER}")
            return
        for number, variable in enumerate(self._variables()):
            array = found[f"now{number:04d}"].reshape(variable.shape)
            variable.assign(array.astype(wanted[f"now{number:04d}"].dtype))
        self.best = [found[f"best{number:04d}"] for number in range(len(self.best))]
        self.curve = {name: list(values) for name, values in stand.curve.items()}
        self.waited = stand.waited
        log.info("%s: training goes on after epoch %d", checkpoint.path, stand.epochs)


def _epoch(loop: loops.Loop, rows: np.ndarray, steps: int, bar: progress.Progress) -> float:
    """One pass over the rows in stretches of about half a second; the mean loss."""
    total, first, stretch = 0.0, 0, 1
    while first < steps:
        last, began = min(first + stretch, steps), time.monotonic()
        total = loop.run(rows, (first, last), total)
        bar.advance(last - first, f"error/persistence {total / last:.3f}")
        first = last
        stretch *= 4 if time.monotonic() - began < PACE_SECONDS else 1
    return total / steps


def _weights(prepared: Prepared, rows: np.ndarray) -> np.ndarray:
    """One over the persistence error of training: (features, leads)."""
    feature = rows // prepared.steps
    counts = np.bincount(feature, minlength=len(prepared.scaled))[:, None]
    sums = np.zeros((len(counts), prepared.steps_ahead))
    for begin in range(0, len(rows), BATCH):
        chosen = slice(begin, begin + BATCH)
        np.add.at(sums, feature[chosen], np.abs(prepared.changes(rows[chosen])))
    return np.asarray(1.0 / np.maximum(sums / np.maximum(counts, 1), LEAST), dtype=np.float32)


def _optimizer(config: Config, steps: int) -> Any:
    decay = keras.optimizers.schedules.CosineDecay(config.learning_rate, steps * config.num_epochs)
    return keras.optimizers.AdamW(decay, weight_decay=WEIGHT_DECAY, clipnorm=CLIP)


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Seed every generator Keras draws from; the caller's own go on where they were."""
    before, arrays = random.getstate(), np.random.get_state()  # noqa: NPY002 - Keras draws from it
    keras.utils.set_random_seed(seed)
    try:
        yield
    finally:
        random.setstate(before)
        np.random.set_state(arrays)  # noqa: NPY002
