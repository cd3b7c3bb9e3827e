"""The command line as a user types it: answers, refusals, exit codes."""

from __future__ import annotations

import gzip
import importlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from mods import commands
from mods.cli import main

BAD_MODEL, USAGE, INPUT = 4, 2, 3


def refused(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    """Exit code and the one line on stderr."""
    code = main([str(word) for word in words])
    out, err = capsys.readouterr()
    said = [line for line in err.splitlines() if line.startswith("mods: error:")]
    assert len(said) == 1, err
    assert out == ""
    return code, said[0]


def answered(capsys: pytest.CaptureFixture[str], *words: object) -> dict:
    """The JSON answer of a command that works."""
    code = main([*(str(word) for word in words), "--json"])
    out = capsys.readouterr().out
    assert code == 0, out
    return json.loads(out)


def test_help_shows_commands_and_examples(capsys):
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    for command in commands.names():
        assert f"mods {command}" in shown


def test_every_command_of_the_list_is_in_its_module_and_none_is_beside_it():
    rooms = {module for _, module, *_ in commands.LISTED}
    found = [
        one.name
        for room in sorted(rooms)
        for one in importlib.import_module(f"mods.commands.{room}").COMMANDS
    ]
    assert sorted(found) == sorted(commands.names())
    assert all(commands.find(name).help for name in found)


def test_help_loads_nothing_but_the_list():
    code = "import sys; sys.argv = ['mods', '--help']; from mods.__main__ import main; main();"
    code += "print(sorted(one for one in sys.modules if one.startswith('mods')))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.endswith("['mods', 'mods.__main__', 'mods.commands']\n")


@pytest.mark.parametrize("command", ["prepare", "train", "predict", "backtest", "detect", "demo"])
def test_help_of_a_command_ends_with_examples(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([command, "--help"])
    assert ended.value.code == 0
    assert f"  mods {command}" in capsys.readouterr().out.partition("examples:")[2]


def test_unknown_command_names_the_nearest(capsys):
    code, line = refused(capsys, "trian")
    assert code == USAGE and "mods train" in line


def test_unknown_option_names_the_nearest(capsys):
    code, line = refused(capsys, "train", "--modle_name", "x")
    assert code == USAGE and "--model_name" in line


def test_hyphens_are_accepted(pool, shelf, capsys):
    told = answered(
        capsys, "backtest", "small", "--data", pool, "--models", shelf,
        "--time-range", "<2024-03-12,2024-03-12>",
    )  # fmt: skip
    assert told["origins"] > 100


def test_malformed_query_is_refused_before_any_data_are_read(capsys):
    code, line = refused(
        capsys, "train", "/nowhere", "--model_name", "x", "--data_select_query", "conn||"
    )
    assert code == USAGE and "data_select_query" in line


@pytest.mark.parametrize("text", ["2024", "<2024-03-05,2024-03-01>", "<2024-03-05,2024-03-05)"])
def test_malformed_reversed_and_empty_ranges_are_refused(text, pool, shelf, capsys):
    code, line = refused(
        capsys, "backtest", "small", "--data", pool, "--models", shelf, "--time_range", text
    )
    assert code == USAGE and text in line and "<2019-05-01,2019-06-01)" in line


def test_range_without_data_names_what_there_is(pool, shelf, capsys):
    code, line = refused(
        capsys, "backtest", "small", "--data", pool, "--models", shelf,
        "--time_range", "<2031-01,2031-02)",
    )  # fmt: skip
    assert code == INPUT and "2024-03" in line


def test_missing_column_is_named_beside_those_there_are(pool, tmp_path, capsys):
    code, line = refused(
        capsys, "train", pool, "--models", tmp_path, "--model_name", "x",
        "--data_select_query", "conn|in_count_udi~conn_in",
    )  # fmt: skip
    assert code == INPUT and "in_count_udi" in line and "in_count_uid" in line
    assert list(tmp_path.iterdir()) == []


def test_too_few_steps_say_how_many_are_needed(tmp_path, capsys):
    short = tmp_path / "short.csv"
    times = pd.date_range("2024-03-04", periods=20, freq="10min", tz="UTC")
    pd.DataFrame({"time": times, "load": range(20)}).to_csv(short, index=False)
    code, line = refused(capsys, "train", short, "--models", tmp_path / "m", "--model_name", "x")
    assert code == INPUT and "too few" in line
    assert not (tmp_path / "m").exists()


def test_too_few_steps_to_learn_alarms_on_say_what_the_test_part_took(tmp_path, capsys):
    short = tmp_path / "short.csv"
    times = pd.date_range("2024-03-04", periods=60, freq="10min", tz="UTC")
    pd.DataFrame({"time": times, "load": range(60)}).to_csv(short, index=False)
    code, line = refused(capsys, "train", short, "--models", tmp_path / "m", "--model_name", "x")
    assert code == INPUT
    assert "48 known steps are too few" in line
    assert "it has 60 steps, the last 12 are the test part" in line


def test_a_range_behind_the_data_is_warned_of(pool, shelf, capsys, caplog):
    words = ["predict", "small", pool, "--models", shelf, "--time_range"]
    answered(capsys, *words, "<2024-03-12,2024-05-01)")
    assert "lies before" not in caplog.text
    answered(capsys, *words, "<2024-04-01,2024-05-01)")
    assert "the last known step, 2024-03-12T23:50:00Z, lies before <2024-04-01" in caplog.text


def test_unknown_model_names_the_saved_ones(pool, shelf, capsys):
    code, line = refused(capsys, "predict", "smal", "--data", pool, "--models", shelf)
    assert code == BAD_MODEL and "small" in line


def test_corrupt_model_is_refused(pool, shelf, tmp_path, capsys):
    content = bytearray((shelf / "small.zip").read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / "bent.zip").write_bytes(content)
    code, line = refused(capsys, "predict", "bent", "--data", pool, "--models", tmp_path)
    assert code == BAD_MODEL and "bent.zip" in line


def test_model_name_cannot_leave_the_folder(pool, capsys):
    code, line = refused(capsys, "train", pool, "--model_name", "../../etc/x")
    assert code == USAGE and "model_name" in line


def test_missing_data_say_how_to_make_them(tmp_path, capsys):
    code, line = refused(capsys, "train", tmp_path / "none", "--model_name", "x")
    assert code == INPUT and "mods prepare" in line
    code, line = refused(capsys, "check", tmp_path / "none.csv")
    assert code == INPUT and "Check the path" in line and "mods prepare" not in line


def test_truncated_gz_and_log_without_header_write_nothing(tmp_path, capsys):
    whole = gzip.compress(b"#separator \\x09\n#path\tconn\n" + b"x" * 4000)
    for name, content in (("conn.log.gz", whole[: len(whole) // 2]), ("conn.log", b"1\t2\n")):
        logs = tmp_path / name
        logs.mkdir()
        (logs / name).write_bytes(content)
        code, line = refused(capsys, "prepare", logs, "--output", tmp_path / "pool")
        assert code == INPUT and name in line
        assert not (tmp_path / "pool").exists()


def test_output_ending_is_checked_before_the_work(shelf, pool, capsys):
    code, line = refused(
        capsys, "backtest", "small", "--data", pool, "--models", shelf, "--output", "x.xls"
    )
    assert code == USAGE and ".csv" in line


def test_error_as_json_has_kind_message_where_and_fix(capsys):
    code = main(["predict", "x", "--data", "/nowhere", "--models", "/nowhere", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert code == BAD_MODEL
    assert set(told) == {"kind", "message", "where", "fix"} and told["kind"] == "model"


def test_models_are_listed_shown_and_deleted(shelf, tmp_path, capsys):
    shutil.copy(shelf / "small.zip", tmp_path / "copy.zip")
    assert [one["name"] for one in answered(capsys, "models", "--models", tmp_path)] == ["copy"]
    assert answered(capsys, "models", "show", "copy", "--models", tmp_path)["name"] == "copy"
    answered(capsys, "models", "delete", "copy", "--models", tmp_path)
    assert list(tmp_path.glob("*.zip")) == []


def test_backtest_writes_every_origin_lead_and_feature_of_the_range(pool, shelf, tmp_path, capsys):
    table = tmp_path / "day.csv"
    answered(
        capsys, "backtest", "small", "--data", pool, "--models", shelf,
        "--time_range", "<2024-03-11,2024-03-12)", "--output", table,
    )  # fmt: skip
    rows = pd.read_csv(table)
    assert list(rows.columns) == [
        "origin", "lead", "feature", "forecast", "lower_80", "upper_80", "lower_95", "upper_95",
    ]  # fmt: skip
    assert len(rows) == 144 * 3 * 4
    starts = (
        pd.to_datetime(rows["origin"]) + rows["lead"] * pd.Timedelta("10min") - pd.Timedelta("1h")
    )
    assert str(starts.min()) == "2024-03-11 00:00:00+00:00"
    assert str(starts.max()) == "2024-03-11 23:50:00+00:00"


def test_predict_forecasts_from_the_last_window_before_the_end_of_the_range(pool, shelf, capsys):
    told = answered(
        capsys, "predict", "small", "--data", pool, "--models", shelf,
        "--time_range", "<2024-03-11,2024-03-12)",
    )  # fmt: skip
    assert told["origins"] == ["2024-03-12T00:50:00Z"]
    assert told["leads"] == [1, 2, 3]
    assert len(told["forecasts"][0][0]) == 4 and "persistence" in told["baselines"]


def test_backtest_and_predict_show_every_baseline(pool, shelf, capsys):
    words = ["small", str(pool), "--models", str(shelf), "--time_range", "<2024-03-12,2024-03-12>"]
    told = answered(capsys, "backtest", *words)["summary"]["baselines"]
    assert list(told) == ["persistence", "seasonal_naive", "slot_median_change", "theta"]
    assert main(["backtest", *words]) == 0
    shown = capsys.readouterr().out
    assert all(f"({name.replace('_', ' ')})" in shown for name in list(told)[1:])
    assert main(["predict", *words]) == 0
    beside = capsys.readouterr().out.partition("beside what the baselines say")[2]
    lines = beside.partition("\n\n")[0].splitlines()[1:]
    assert lines[0].split() == ["lead", "feature", "forecast", *told]
    assert len(lines) == 1 + 3 * 4


def test_predict_draws_a_picture(pool, shelf, tmp_path):
    picture = tmp_path / "next.png"
    assert (
        main(["predict", "small", str(pool), "--models", str(shelf), "--output", str(picture)]) == 0
    )
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_detect_gives_each_row_of_a_csv_its_own_score(tmp_path, capsys):
    """Irregular, repeated and backward stamps stay as they are, one row out for one row in."""
    times = pd.date_range("2024-03-04", periods=600, freq="10min", tz="UTC")
    rows = pd.DataFrame({"time": times.strftime("%Y-%m-%d %H:%M:%S"), "load": range(600)})
    rows["load"] = (rows["load"] % 36) * 10.0
    rows.loc[300, "load"] = None
    odd = pd.concat([rows, rows.iloc[[10, 5, 5]]])
    data, out = tmp_path / "sensor.csv", tmp_path / "scores.csv"
    odd.to_csv(data, index=False)
    shelf = ["--models", tmp_path / "models"]
    answered(capsys, "train", data, "--model_name", "sensor", "--num_epochs", "2", *shelf)
    answered(capsys, "detect", "sensor", "--data", data, "--output", out, *shelf)
    scored = pd.read_csv(out)
    assert list(scored.columns) == ["time", "anomaly_score", "threshold", "anomaly", "feature"]
    assert scored["time"].tolist() == odd["time"].tolist()
    assert scored["anomaly_score"].notna().all() and scored["anomaly_score"][300] == 0


def test_train_replaces_a_model_of_the_same_name(pool, tmp_path, capsys):
    words = ["train", pool, "--models", tmp_path, "--model_name", "again", "--num_epochs", "1"]
    first = answered(capsys, *words, "--seed", "1")
    second = answered(capsys, *words, "--seed", "2")
    assert first["path"] == second["path"] and Path(first["path"]).is_file()
    assert [path.name for path in tmp_path.glob("*.zip")] == ["again.zip"]


def test_a_period_left_out_is_no_anomaly(pool, shelf, capsys):
    """A day excluded on purpose is not reported as missing."""
    words = ["detect", "small", "--data", pool, "--models", shelf]
    day = "<2024-03-10,2024-03-10>"
    told = answered(capsys, *words, "--time_ranges_excluded", day)
    assert [event for event in told["events"] if event["direction"] == "missing"] == []
    assert told["rows"] == 9 * 144


@pytest.fixture(scope="module")
def sensor(tmp_path_factory) -> tuple[Path, Path]:
    """A CSV of 300 steps, and a models folder with a model trained on it."""
    place = tmp_path_factory.mktemp("sensor")
    times = pd.date_range("2024-03-04", periods=300, freq="10min", tz="UTC")
    rows = pd.DataFrame({"time": times.strftime("%Y-%m-%d %H:%M:%S")})
    rows["load"], rows["heat"] = (rows.index % 36) * 10.0, (rows.index % 18) * 3.0
    rows.to_csv(place / "sensor.csv", index=False)
    words = ["--model_name", "sensor", "--num_epochs", "2", "--steps_ahead", "2"]
    data, models = str(place / "sensor.csv"), str(place / "models")
    assert main(["train", data, "--models", models, *words]) == 0
    return place / "sensor.csv", place / "models"


def test_two_days_are_enough_to_train_and_the_rough_threshold_is_told(sensor, capsys):
    told = answered(capsys, "models", "show", "sensor", "--models", sensor[1])
    assert any("thresholds" in line for line in told["metrics"]["warnings"])


def test_a_feature_unknown_at_the_origin_is_null_in_json(sensor, tmp_path, capsys):
    rows = pd.read_csv(sensor[0])
    rows.loc[299, "heat"] = None
    rows.to_csv(tmp_path / "blank.csv", index=False)
    told = answered(capsys, "predict", "sensor", tmp_path / "blank.csv", "--models", sensor[1])
    load, heat = told["forecasts"][0][0]
    assert load >= 0 and heat is None


def test_a_repeated_stamp_alarms_once_and_by_its_own_value(sensor, tmp_path, capsys):
    rows = pd.read_csv(sensor[0])
    spike = rows.iloc[[250]].assign(load=1e7)
    data, out = tmp_path / "twice.csv", tmp_path / "scores.csv"
    pd.concat([rows.iloc[:250], spike, rows.iloc[250:], spike]).to_csv(data, index=False)
    answered(capsys, "detect", "sensor", data, "--models", sensor[1], "--output", out)
    scored = pd.read_csv(out)
    assert len(scored) == 302
    assert scored["anomaly_score"][250] > 100 and scored["anomaly"][250] == 1
    assert scored["anomaly_score"][301] > 100 and scored["anomaly"][301] == 0


@pytest.mark.parametrize("command", ["predict", "backtest", "detect"])
@pytest.mark.parametrize(("step", "said"), [("20min", "0:20:00"), ("5min", "0:05:00")])
def test_a_file_of_other_steps_than_the_models_is_refused(
    command, step, said, sensor, tmp_path, capsys
):
    rows = pd.read_csv(sensor[0])
    rows["time"] = pd.date_range("2024-03-04", periods=300, freq=step).astype(str)
    rows.to_csv(tmp_path / "other.csv", index=False)
    words = [command, "sensor", "--data", tmp_path / "other.csv", "--models", sensor[1]]
    code, line = refused(capsys, *words)
    assert code == INPUT and f"has steps of {said}, the model of 0:10:00" in line


def test_a_file_of_the_models_step_may_lack_most_rows(sensor, tmp_path, capsys):
    rows = pd.read_csv(sensor[0])
    rows[(rows.index % 3 == 0) | (rows.index > 250)].to_csv(tmp_path / "holes.csv", index=False)
    told = answered(capsys, "predict", "sensor", tmp_path / "holes.csv", "--models", sensor[1])
    assert len(told["origins"]) == 1


def test_origins_are_the_stamps_of_the_file(sensor, tmp_path, capsys):
    rows = pd.read_csv(sensor[0])
    rows.loc[299, "time"] = rows["time"][299].replace(":00", ":20")[:19]
    late = pd.to_datetime(rows["time"]).iloc[-1].strftime("%Y-%m-%dT%H:%M:%SZ")
    rows.to_csv(tmp_path / "late.csv", index=False)
    told = answered(capsys, "predict", "sensor", tmp_path / "late.csv", "--models", sensor[1])
    assert told["origins"] == [late]


def test_forecasts_that_reach_beyond_the_data_are_in_the_backtest(sensor, tmp_path, capsys):
    out = tmp_path / "b.csv"
    answered(
        capsys, "backtest", "sensor", sensor[0], "--models", sensor[1], "--output", out,
        "--time_range", "<2024-03-06T01:50,2024-03-07)",
    )  # fmt: skip
    rows = pd.read_csv(out)
    assert rows.groupby("feature")["origin"].max().tolist() == ["2024-03-06T01:50:00Z"] * 2
    loads = rows[rows["feature"] == "load"]
    reached = loads["origin"].str[11:16] + "+" + loads["lead"].astype(str)
    assert reached.tolist() == ["01:30+2", "01:40+1", "01:40+2", "01:50+1", "01:50+2"]


def test_other_local_networks_than_the_models_are_refused(pool, shelf, tmp_path, capsys):
    other = tmp_path / "other"
    shutil.copytree(pool, other)
    about = json.loads((other / "datapool.json").read_text())
    text = json.dumps(about).replace('"local_networks": []', '"local_networks": ["10.0.0.0/8"]')
    (other / "datapool.json").write_text(text)
    code, line = refused(capsys, "predict", "small", other, "--models", shelf)
    assert code == INPUT and "10.0.0.0/8" in line and "unset" in line


def test_an_empty_value_is_refused_not_taken_for_the_default(pool, capsys):
    code, line = refused(capsys, "train", pool, "--model_name", "x", "--time_column", "")
    assert code == USAGE and "--time_column" in line


def test_a_closed_models_folder_is_refused_before_training(pool, tmp_path, capsys):
    (tmp_path / "models").write_text("a file")
    code, line = refused(
        capsys, "train", pool, "--model_name", "x", "--models", tmp_path / "models"
    )
    assert code == 5 and "models" in line
