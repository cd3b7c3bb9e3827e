"""The reference's task: LSTM or TCN over windows of a series, by its way and by ours.

    python -m benchmarks.windows WAY NETWORK BATCH SAMPLES

One contender, in a process of its own. Prints a line of JSON: samples per second of CPU and of
wall-clock time once it runs, the CPU seconds before, the validation error after each epoch.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

WINDOWS, PAST, FEATURES, UNITS = 17_000, 12, 4, 12
VALIDATED = 2_000


def series(steps: int = WINDOWS + VALIDATED + 2 * PAST) -> np.ndarray:
    """Window sums of Poisson panes over a rhythm, standardised: (steps, 4) float32."""
    rng = np.random.default_rng(0)
    pane = np.arange(steps + 5)
    rate = 100 + 60 * np.sin(2 * np.pi * pane / 144) + 30 * np.sin(2 * np.pi * pane / 36)
    sums = [np.convolve(rng.poisson(rate * s), np.ones(6), "valid") for s in (5, 2, 0.3, 0.5)]
    values = np.stack(sums, axis=1)
    return ((values - values.mean(axis=0)) / values.std(axis=0)).astype(np.float32)


def network(kind: str) -> Any:
    """12 units over 12 steps of 4 features -> the next step."""
    import keras

    keras.utils.set_random_seed(0)
    layers = keras.layers
    x = inputs = keras.Input((PAST, FEATURES))
    if kind == "LSTM":
        x = layers.LSTM(UNITS)(x)
    else:
        x = layers.Conv1D(UNITS, 1)(x)
        for level in range(3):
            y = layers.Conv1D(
                UNITS, 2, dilation_rate=2**level, padding="causal", activation="relu"
            )(x)
            x = layers.Add()([x, y])
        x = layers.Flatten()(layers.Cropping1D((PAST - 1, 0))(x))
    return keras.Model(inputs, layers.Dense(FEATURES)(x))


def gather(tables: Any, rows: Any, xp: Any) -> tuple[list[Any], Any, Any]:
    """The feed of plain windows: a row is the first step of one."""
    past = xp.take(tables["values"], rows[:, None] + np.arange(PAST, dtype=np.int32), axis=0)
    target = xp.take(tables["values"], rows + PAST, axis=0)
    return [past], target, xp.ones_like(target)


def reference(kind: str, batch: int, samples: int) -> dict[str, Any]:
    """A Python generator of one sample after the other into `fit`."""
    import keras

    values = series()

    class Generator(keras.utils.PyDataset):
        def __len__(self) -> int:
            return samples // batch

        def __getitem__(self, step: int) -> tuple[np.ndarray, np.ndarray]:
            begins = range(step * batch, (step + 1) * batch)
            past = [values[begin : begin + PAST] for begin in begins]
            return np.array(past), np.array([values[begin + PAST] for begin in begins])

    model = network(kind)
    model.compile(optimizer=keras.optimizers.Adam(0.001), loss="mae")
    start = clocks()
    model.fit(Generator(), epochs=1, verbose=0)
    warm = clocks()
    model.fit(Generator(), epochs=1, verbose=0)
    return told(samples, start, warm, [])


def ours(kind: str, batch: int, samples: int) -> dict[str, Any]:
    """The compiled epochs of mods; `samples` of them, in whole epochs of 17,000."""
    from mods.models.network import room

    loops = room("loops")
    import keras

    from mods.models.gathering import Feed

    model, optimizer = network(kind), keras.optimizers.Adam(0.001 if batch == 1 else 0.004)
    optimizer.build(model.trainable_variables)
    rows = np.arange(WINDOWS, dtype=np.int32)
    later = np.arange(WINDOWS + PAST, WINDOWS + PAST + VALIDATED, dtype=np.int32)
    steps = WINDOWS // batch
    epochs = max(samples // WINDOWS, 1)
    loop = loops.fastest(
        model, optimizer, Feed({"values": series()}, gather), batch, steps * epochs
    )
    start = clocks()
    errors = [loop.error(later)]
    loop.run(rows[: batch * steps], (0, 0), 0.0)
    warm, spent = clocks(), (0.0, 0.0)
    for epoch in range(epochs):
        shuffled = np.random.default_rng(epoch).permutation(rows).astype(np.int32)
        began = clocks()
        loop.run(shuffled, (0, steps), 0.0)
        ended = clocks()
        spent = (spent[0] + ended[0] - began[0], spent[1] + ended[1] - began[1])
        errors.append(loop.error(later))
    result = told(epochs * steps * batch, start, warm, errors)
    counted = epochs * steps * batch
    return {**result, "cpu": counted / spent[0], "wall": counted / spent[1]}


def memory(rows: str) -> dict[str, Any]:
    """Peak memory of training on so many steps, over that of the series, both beyond the start."""
    import resource

    from mods.models.network import room

    loops = room("loops")
    import keras

    from mods.models.gathering import Feed

    model, optimizer = network("LSTM"), keras.optimizers.Adam(0.001)
    optimizer.build(model.trainable_variables)
    few = loops.fastest(model, optimizer, Feed({"values": series()}, gather), 256, 0)
    few.run(np.arange(2_560, dtype=np.int32), (0, 10), 0.0)

    def peak() -> float:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024

    count, before = int(float(rows)), peak()
    values = np.resize(series(), (count, FEATURES))
    loop = loops.fastest(model, optimizer, Feed({"values": values}, gather), 256, 0)
    order = np.random.default_rng(0).permutation(count - PAST - 1).astype(np.int32)
    loop.run(order, (0, 200), 0.0)
    return {"series": values.nbytes / 2**20, "ratio": (peak() - before) / values.nbytes}


def clocks() -> tuple[float, float]:
    """Seconds of CPU and of wall-clock time."""
    return time.process_time(), time.perf_counter()


def told(samples: int, start: Any, warm: Any, errors: list[float]) -> dict[str, Any]:
    """What one contender prints."""
    end = clocks()
    return {
        "cpu": samples / (end[0] - warm[0]),
        "wall": samples / (end[1] - warm[1]),
        "before": warm[0] - start[0],
        "errors": errors,
    }


def _numbers(words: list[str]) -> Iterator[Any]:
    for word in words:
        yield int(float(word)) if word[0].isdigit() else word


if __name__ == "__main__":
    way, *rest = sys.argv[1:]
    if way == "memory":
        print(json.dumps(memory(rest[0])))
    else:
        ways = {"reference": reference, "ours": ours}
        print(json.dumps(ways[way](*_numbers(rest))))
