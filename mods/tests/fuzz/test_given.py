"""Files and values of clients: bytes changed anywhere, and JSON of any shape; one kind of error."""

import gzip
import io
import json
import random
import zipfile

import hypothesis.strategies as st
import pandas as pd
import pytest
from hypothesis import given, settings

from mods.errors import ModsError
from mods.flows import source as sources
from mods.flows.given import provided
from mods.flows.model import Model
from mods.request import Given
from mods.tests.conftest import rhythm
from mods.tests.fuzz.conftest import CASES as MOST

pytestmark = pytest.mark.fuzz
CASES = MOST // 4
FEATURES = ["conn_in", "conn_out", "dns_in_distinct", "ssh_in"]
STAMPS = [
    "2024-03-11T05:00Z",
    "2024-03-11T05:10Z",
    1710133200,
    20240311,
    "9999-01-01",
    "0001-01-01",
]
NUMBERS = st.one_of(
    st.none(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.text(max_size=4),
    st.sampled_from([10**400, -(10**30), 1e308, 1e-320, "1e999", "NaN", "inf"]),
)
NAMES = st.sampled_from(["time", "ts", *FEATURES])
ROWS = st.one_of(
    st.lists(st.lists(NUMBERS, min_size=4, max_size=4), max_size=5),
    st.lists(st.dictionaries(NAMES, NUMBERS | st.sampled_from(STAMPS), max_size=6), max_size=5),
)


@pytest.fixture(scope="module")
def model(shelf):
    return Model.load("small", str(shelf))


def read(model, upload=None, **told):
    """The series of what was given, or the one kind of error that is allowed."""
    try:
        with provided(model, Given(**told), upload) as (source, _):
            sources.series(source, model.config, step=model.forecaster.step)
    except ModsError as error:
        assert str(error)


@pytest.fixture(scope="module")
def files():
    frame = rhythm().iloc[-50:].set_axis(FEATURES, axis=1).rename_axis("time").reset_index()
    plain, parquet, packed = frame.to_csv(index=False).encode(), io.BytesIO(), io.BytesIO()
    frame.assign(time=pd.to_datetime(frame["time"])).to_parquet(parquet)
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", plain)
    records = frame.assign(time=frame["time"].astype(str)).to_dict("records")
    windows = frame.assign(window_start=frame["time"]).rename(columns={"time": "window_end"})
    return [
        plain,
        windows.to_csv(index=False, sep="\t").encode(),
        json.dumps(records).encode(),
        gzip.compress(plain),
        parquet.getvalue(),
        packed.getvalue(),
    ]


def test_file_changed_anywhere_is_read_or_refused(model, files, tmp_path):
    rng = random.Random(1)  # noqa: S311
    path = tmp_path / "upload"
    for _ in range(CASES):
        content = bytearray(rng.choice(files))
        if rng.random() < 0.3:
            content = content[: rng.randrange(1, len(content))]
        for _ in range(rng.randrange(1, 8)):
            content[rng.randrange(min(len(content), rng.choice([50, 400, 10**6])))] = rng.randrange(
                256
            )
        path.write_bytes(content)
        read(model, path)


def test_values_of_any_shape_are_read_or_refused(model):
    @settings(max_examples=CASES)
    @given(ROWS, st.sampled_from([None, "2024-03-11T05:10Z", "1900-01-01", "2200-12-31T23:59Z"]))
    def story(rows, last):
        read(model, values=json.dumps(rows), last_time=last)

    story()
