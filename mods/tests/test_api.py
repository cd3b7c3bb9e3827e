"""The DEEPaaS entry point called as a module; over HTTP it is called in deepaas/test_service.py."""

import json
import subprocess
import sys
from datetime import UTC, datetime

import numpy as np
import pytest

from mods import api
from mods.deepaas.guard import Failure

BASELINES = ["persistence", "seasonal_naive", "slot_median_change", "theta"]


@pytest.fixture
def place(tmp_path, monkeypatch, pool, shelf):
    """A base folder with the shared datapool and the shared model `small`."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "features").symlink_to(pool)
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "small.zip").write_bytes((shelf / "small.zip").read_bytes())
    monkeypatch.setenv("APP_INPUT_OUTPUT_BASE_DIR", str(tmp_path))
    monkeypatch.delenv("APP_EXPERIMENT_NAMESPACE", raising=False)
    return tmp_path


def failing(function, **arguments):
    with pytest.raises(Failure) as caught:
        function(**arguments)
    return caught.value


def test_metadata_tells_the_package_and_its_models(place):
    metadata = api.get_metadata()
    assert (metadata["name"], metadata["models"]) == ("mods", ["small"])
    assert "Zeek" in metadata["summary"]
    assert all(metadata[key] for key in ("version", "license"))
    json.dumps(metadata, allow_nan=False)


def test_prediction_is_the_answer_of_the_contract(place):
    api.warm()
    answer = api.predict(model_name="small")
    json.dumps(answer, allow_nan=False)
    assert (answer["leads"], answer["model"]["name"]) == ([1, 2, 3], "small")
    assert answer["features"] == ["conn_in", "conn_out", "dns_in_distinct", "ssh_in"]
    assert len(answer["origins"]) == 1
    for name in ("forecasts", "lower_80", "upper_80", "lower_95", "upper_95"):
        assert [len(step) for step in answer[name][0]] == [4, 4, 4]


def test_limits_asked_for_are_warned_of(place):
    answer = api.predict(model_name="small", limits=["conn_in<10;ssh_in>0"], limit_probability=0.9)
    (told,) = answer["warnings"]
    assert (told["feature"], told["direction"], told["limit"]) == ("conn_in", "above", 10.0)
    assert told["probability"] > 0.9 and told["lead"] == 1 and told["source"] == "given"
    assert failing(api.predict, model_name="small", limits=["conn<10"]).status == 422


def test_each_baseline_answers_in_the_shape_of_the_forecasts(place):
    """The contract's `baselines`: name -> [origin][lead][feature], as `forecasts` is."""
    answer = api.predict(model_name="small", time_range="<2024-03-12,2024-03-12>")
    assert list(answer["baselines"]) == BASELINES
    forecasts = np.array(answer["forecasts"], float)
    assert forecasts.shape == (len(answer["origins"]), 3, 4)
    given = {name: np.array(one, float) for name, one in answer["baselines"].items()}
    assert {one.shape for one in given.values()} == {forecasts.shape}
    assert all(np.isfinite(one).all() for one in given.values())
    same = given.pop("persistence")
    assert (same == same[:, :1]).all()
    assert (same[1:] - same[:-1]).any()
    assert all(np.abs(one - same).max() > 0 for one in given.values())


def test_prediction_of_a_range_is_scored_beside_the_baselines(place):
    answer = api.predict(model_name="small", time_range="<2024-03-10,2024-03-11)")
    assert len(answer["origins"]) > 100
    assert answer["evaluation"]["mean"] > 0
    beside = answer["evaluation"]["baselines"]
    assert list(beside) == BASELINES and beside["persistence"]["mean"] == 1
    assert all(one["mean"] > 0 for one in beside.values())


def test_csv_and_picture(place):
    csv = api.predict(model_name="small", accept="text/csv").read().decode()
    assert csv.startswith("origin,lead,feature,forecast,lower_80,upper_80,lower_95,upper_95\n")
    assert len(csv.splitlines()) == 1 + 3 * 4
    assert api.predict(model_name="small", accept="image/png").read(8) == b"\x89PNG\r\n\x1a\n"


def test_checks_hold_where_nobody_validated(place):
    assert failing(api.predict, model_name="nobody").status == 404
    assert failing(api.predict, model_name="../small").status == 422
    assert failing(api.predict, model_name="small", batch_size=0).record["where"] == "batch_size"
    assert failing(api.predict, model_name="small", size=1).record["where"] == "size"
    assert failing(api.predict, model_name="small", accept="a/b").record["where"] == "accept"
    assert failing(api.train, model_name="a", steps_ahead="0").record["where"] == "steps_ahead"
    assert failing(api.train).record["where"] == "model_name"


def test_replaced_model_is_read_again(place):
    from mods.deepaas import shelf

    first = shelf.model("small")
    assert shelf.model("small") is first
    file = place / "models" / "small.zip"
    content = file.read_bytes()
    file.unlink()
    (place / "models" / "other.zip").write_bytes(content)
    file.write_bytes(content)
    assert shelf.model("small") is not first


def test_broken_model_does_not_stop_the_warming(place, caplog):
    (place / "models" / "broken.zip").write_bytes(b"PK\x03\x04 no model")
    api.warm()
    assert "broken" in caplog.text
    assert failing(api.predict, model_name="broken").status == 503


def test_training_appends_the_time_unless_told_not_to(place):
    small = {"num_epochs": 1, "sequence_len": 6, "blocks": 2, "stacked_blocks": 1}
    before = f"fresh-{datetime.now(UTC):%Y%m}"
    answer = api.train(model_name="fresh", **small)
    json.dumps(answer, allow_nan=False)
    assert answer["model_name"].startswith(before)
    assert (place / "models" / f"{answer['model_name']}.zip").is_file()
    for part in ("validation", "test"):
        assert list(answer["metrics"][part]["baselines"]) == BASELINES
    plain = api.train(model_name="fresh", model_name_timestamp=False, **small)
    assert plain["model_name"] == "fresh"


def modules_after(code):
    script = f"import sys\n{code}\nprint(' '.join(m for m in sys.modules if '.' not in m))"
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=True
    )
    return set(done.stdout.split())


def test_the_server_process_loads_nothing_heavy_and_importing_mends_nothing():
    found = modules_after("import mods.api; mods.api.get_predict_args(); mods.api.get_metadata()")
    assert not found & {"keras", "tensorflow", "jax", "duckdb", "ibis", "sklearn", "matplotlib"}
    assert "deepaas" not in found


def test_predicting_loads_no_keras(place):
    found = modules_after("import mods.api; mods.api.predict(model_name='small')")
    assert "onnxruntime" in found
    assert not found & {"keras", "tensorflow", "jax", "tf2onnx"}
