"""Files of clients: each kind gives the same forecast, none is unpacked without bounds."""

import bz2
import gzip
import io
import json
import lzma
import tempfile
import zipfile

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mods.config import Config
from mods.errors import DatapoolError, InputError, ModsError, UsageError
from mods.flows import sample, unpack
from mods.flows.given import provided
from mods.flows.model import Model
from mods.flows.predict import predict
from mods.request import Given, PredictRequest, Source
from mods.tests.conftest import rhythm

NAMES = {"dns": "dns_in_distinct", "ssh": "ssh_in"}


@pytest.fixture(scope="module")
def model(shelf):
    return Model.load("small", str(shelf))


@pytest.fixture(scope="module")
def frame():
    """The last two days of the pool, labelled by the ends of windows."""
    found = rhythm().rename(columns=NAMES).iloc[-288:].reset_index(names="time")
    return found.assign(time=(found["time"] + pd.Timedelta("1h")).map(pd.Timestamp.isoformat))


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A temporary folder of the system's that nobody else uses."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def asked(model, content, place, **told):
    """The forecast from an upload of these bytes; nothing is left of it."""
    upload = place / "upload"
    upload.write_bytes(content)
    try:
        with provided(model, Given(**told), upload) as (source, identity):
            found = predict(PredictRequest(model_name="small"), source, model=model)
    finally:
        upload.unlink()
        assert not list(place.iterdir())
    assert identity["kind"] == "file"
    assert identity["size"] == len(content)
    return found.forecast


def refused(model, content, place, **told):
    with pytest.raises(ModsError) as caught:
        asked(model, content, place, **told)
    assert str(place) not in str(caught.value)
    assert caught.value.fix
    return str(caught.value)


def zipped(members, way=zipfile.ZIP_DEFLATED):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", way) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return held.getvalue()


def parquet(frame):
    held = io.BytesIO()
    frame.to_parquet(held)
    return held.getvalue()


CSV = {
    "csv": lambda frame: frame.to_csv(index=False).encode(),
    "csv with byte order mark": lambda frame: frame.to_csv(index=False).encode("utf-8-sig"),
    "tsv": lambda frame: frame.to_csv(index=False, sep="\t").encode(),
    "json": lambda frame: json.dumps(frame.to_dict("records")).encode(),
    "parquet": parquet,
    "csv.gz": lambda frame: gzip.compress(CSV["csv"](frame)),
    "tsv.bz2": lambda frame: bz2.compress(CSV["tsv"](frame)),
    "csv.xz": lambda frame: lzma.compress(CSV["csv"](frame)),
    "zip of csv": lambda frame: zipped(
        {"a/any.CSV": CSV["csv"](frame), "__MACOSX/a/._any.csv": "x"}
    ),
    "zip of csv.gz": lambda frame: zipped({"a.csv.gz": CSV["csv.gz"](frame)}),
    "tsv with both stamps": lambda frame: (
        frame.rename(columns={"time": "window_end"})
        .assign(window_start="2019-01-01T00:00:00.000Z")
        .to_csv(index=False, sep="\t")
        .encode()
    ),
}


@pytest.mark.parametrize("kind", CSV)
def test_every_kind_of_file_gives_the_same_forecast(model, frame, place, kind):
    path = place / "plain.csv"
    frame.to_csv(path, index=False)
    expected = predict(PredictRequest(model_name="small"), Source(data=str(path)), model=model)
    path.unlink()
    found = asked(model, CSV[kind](frame), place)
    np.testing.assert_allclose(found.values, expected.forecast.values, rtol=1e-6)
    assert list(found.origins) == list(expected.forecast.origins)


def test_table_whose_first_column_begins_like_a_zip_is_a_table(model, frame, place):
    begun = frame.assign(PKTS=1.0)[["PKTS", *frame]]
    assert CSV["csv"](begun).startswith(b"PK")
    assert asked(model, CSV["csv"](begun), place).values.shape[0] == 1
    assert asked(model, CSV["csv.gz"](begun), place).values.shape[0] == 1


def test_zip_of_a_datapool_gives_the_forecast_of_the_pool(model, pool, place):
    content = zipped({str(p.relative_to(pool)): p.read_bytes() for p in pool.rglob("*.tsv")})
    expected = predict(PredictRequest(model_name="small"), Source(data=str(pool)), model=model)
    found = asked(model, content, place)
    np.testing.assert_allclose(found.values, expected.forecast.values, rtol=1e-6)


def test_one_file_of_windows_becomes_a_pool_with_its_zeros_and_gaps(pool, tmp_path):
    config = Config(data_select_query="conn|in_count_uid~conn_in", window_slide="w01h-s10m")
    days = sorted((pool / "conn").rglob("*.tsv"))[:2]
    header = days[0].read_bytes().partition(b"\n")[0]
    body = b"".join(day.read_bytes().partition(b"\n")[2] for day in days)
    fields = header.decode().split("\t")
    assert sample.is_one(fields, ("conn_in",))
    assert not sample.is_one([*fields, "conn_in"], ("conn_in",))
    made = sample.pool(header + b"\n" + body, config, tmp_path / "pool")
    for day in days:
        assert (made / day.relative_to(pool)).read_bytes() == day.read_bytes()


@pytest.mark.parametrize(
    ("query", "body", "reason"),
    [
        ("conn;dns", b"2019-06-01T00:00:00Z", "the model asks for conn, dns"),
        ("conn", b"yesterday", "row 1 has no window_start"),
        ("conn", b"\n".join(b"%04d-01-01T" % y for y in range(3_000)), "more than 2000"),
    ],
)
def test_file_of_windows_that_cannot_be_a_pool_says_why(tmp_path, query, body, reason):
    config = Config(data_select_query=query)
    with pytest.raises(InputError, match=reason):
        sample.pool(b"window_start\twindow_end\tin\n" + body, config, tmp_path / "pool")


BROKEN = [
    (b"", "is empty or no text"),
    (b"\0\1\2\3", "is empty or no text"),
    (b"\xef\xbb\xbf\n", "is empty or no text"),
    (b"a,b\n1,2\n", "has no time column"),
    (b"#separator \\x09\n#fields\tts\n1.5\n", "is a log of Zeek, not a table of windows. Make a"),
    (b"time,conn_in\n2019-06-01,5\n2019-06-02,6\n", "the model wants conn_in"),
    (b"time,conn_in\n2019-06-01,many\n2019-06-02,6\n2019-06-03,6\n", "is no number"),
    (b"PAR1 no more", "is no Parquet file"),
    (gzip.compress(gzip.compress(b"time,a\n")), "is packed twice"),
    (gzip.compress(b"time,a\n" * 99)[:-12], "cannot be unpacked"),
    (zipped({"a.csv": "time,a\n", "b.csv": "time,a\n"}), "holds 2 tables"),
    (zipped({"a.exe": "time,a\n"}), "holds 0 tables"),
    (zipped({"a.csv": zipped({"b.csv": "time,a\n"})}), "is packed twice"),
    (zipped({"../../a.csv": "time,b\n2019,1\n"}), "leads out of it. Pack the file by its name"),
    (zipped({"/etc/a.csv": "time,b\n2019,1\n"}), "leads out of it"),
    (zipped({"a.csv": b"0" * 5_000_000}), "Pack it anew, smaller"),
    (zipped({"a.csv": b"0" * 5_000_000}), "over 400:1"),
    (zipped({"a.csv": "x"})[:-30], "cannot be read"),
    (b"[1, 2", "data: are no JSON"),
    (b'[{"time": "2019-06-01T00:00:00Z", "conn_in": {}}]', "a value is itself a list"),
]


@pytest.mark.parametrize(("content", "reason"), BROKEN, ids=[str(n) for n in range(len(BROKEN))])
def test_hostile_and_broken_files_are_refused_without_a_path_of_ours(model, place, content, reason):
    assert reason in refused(model, content, place)


def test_what_unpacks_to_too_much_is_not_unpacked(model, place, monkeypatch):
    monkeypatch.setattr(unpack.archives, "MAX_FILE", 10_000)
    bomb = gzip.compress(b"time,a\n" * 10_000)
    assert "more than 10000 bytes unpacked" in refused(model, bomb, place)


def test_more_cells_than_are_read_are_refused(model, place, monkeypatch):
    monkeypatch.setattr(unpack, "MOST_CELLS", 100)
    frame = pd.DataFrame({"time": range(1_000_000), "conn_in": 0})
    assert "has 2000000 cells" in refused(model, parquet(frame), place)
    assert "cells, more than 100" in refused(model, b"time,conn_in\n" * 60, place)


def test_long_texts_that_stand_many_times_are_not_unfolded(model, place):
    """A few kilobytes of dictionary would be gigabytes as columns."""
    rows = 20_000
    long = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, "int32")), ["x" * 1_000_000])
    held = io.BytesIO()
    pq.write_table(pa.table({"time": long, "conn_in": np.ones(rows)}), held)
    assert len(held.getvalue()) < 200_000
    assert "a stamp of 1000000 characters" in refused(model, held.getvalue(), place)
    held = io.BytesIO()
    stamps = pd.date_range("2019-06-01", periods=rows, freq="10min", tz="UTC")
    pq.write_table(pa.table({"time": stamps, "conn_in": np.ones(rows), "note": long}), held)
    assert "the model wants conn_in" in refused(model, held.getvalue(), place)


def test_values_that_follow_on_the_kept_history_are_joined_to_it(model, pool, place):
    """Two rows suffice, since the model knows what came before them."""
    whole = rhythm().rename(columns=NAMES)
    end = pd.Timestamp("2024-03-11T05:10Z")
    rows = whole.loc[end - pd.Timedelta("70min") : end - pd.Timedelta("1h")]
    values = json.dumps(rows.to_numpy().tolist())
    request = PredictRequest(model_name="small")
    until = PredictRequest(model_name="small", time_range=f"<2024-03-04,{rows.index[-1]:%FT%TZ}>")
    expected = predict(until, Source(data=str(pool)), model=model).forecast
    with provided(model, Given(values=values, last_time=end.isoformat()), None) as given:
        found = predict(request, given.source, model=model).forecast
    assert given.identity == {"kind": "values"}
    assert found.origins[0] == expected.origins[0] == end
    np.testing.assert_allclose(found.values, expected.values, rtol=0.02)


def test_nothing_given_is_the_datapool_of_the_service(model):
    with provided(model, Given(), None) as (source, identity):
        assert (source, identity) == (Source(), {"kind": "datapool"})


@pytest.mark.parametrize(
    ("told", "field"),
    [({"values": "[]"}, "values"), ({"last_time": "2019-06-01"}, "last_time")],
)
def test_what_does_not_go_together_is_refused_by_its_name(model, place, told, field):
    upload = place / "upload"
    upload.write_bytes(b"time,a\n")
    with pytest.raises(UsageError) as caught, provided(model, Given(**told), upload):
        pass
    assert caught.value.where == field


@pytest.mark.parametrize(
    ("told", "field", "advice"),
    [
        ({"time_column": "ts"}, "time_column", "with data or values only"),
        ({"values": "[[1, 2, 3, 4]]", "last_time": "2019-06-01"}, "values", ""),
        (
            {"values": '{"time": ["2019-06-01", "2019-06-02"], "conn_in": [5, "x"]}'},
            "values",
            "Write null",
        ),
    ],
)
def test_mistake_without_a_file_names_its_field_and_what_to_write(model, told, field, advice):
    request = PredictRequest(model_name="small")
    with pytest.raises(ModsError) as caught, provided(model, Given(**told), None) as (source, _):
        predict(request, source, model=model)
    assert caught.value.where == field
    assert advice in caught.value.fix


def test_answer_tells_of_little_history_and_infinite_values_by_the_name_of_the_file(
    model, frame, place
):
    few = frame.iloc[:5].astype({"conn_in": float})
    few.loc[2, "conn_in"] = float("inf")
    upload = place / "upload"
    upload.write_bytes(
        few.assign(time=few["time"].str.replace("2024", "2031")).to_csv(index=False).encode()
    )
    with provided(model, Given(), upload) as (source, _):
        found = predict(PredictRequest(model_name="small"), source, model=model)
    told = found.record()["notes"]
    assert "data: 1 infinite values of conn_in are missing" in told
    assert any("5 steps of history" in one for one in told)
    assert str(place) not in "".join(told)
    whole = asked_of_all(model, frame, place)
    assert whole == []


def asked_of_all(model, frame, place):
    upload = place / "whole"
    upload.write_bytes(CSV["csv"](frame))
    with provided(model, Given(), upload) as (source, _):
        return predict(PredictRequest(model_name="small"), source, model=model).record()["notes"]


def test_damaged_pool_in_a_zip_names_the_member_not_the_path(model, place):
    content = zipped({"conn/2019/06/01/w01h-s10m.tsv": "no windows"})
    upload = place / "upload"
    upload.write_bytes(content)
    with pytest.raises(DatapoolError) as caught, provided(model, Given(), upload) as (source, _):
        predict(PredictRequest(model_name="small"), source, model=model)
    assert str(place) not in str(caught.value)
    assert "data" in str(caught.value)
