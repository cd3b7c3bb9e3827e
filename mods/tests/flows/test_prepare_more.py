"""Preparing with features of one's own and with a datapool per entity."""

import json

import pytest

from mods.errors import DatapoolError, LogError, SettingError
from mods.features.datapool import Datapool
from mods.flows.prepare import prepare
from mods.request import PrepareRequest

DAY = 1_700_006_400  # 2023-11-15T00:00:00Z
FIELDS = {
    "conn": {"_node_name": "string", "ts": "time", "id.orig_h": "addr", "id.resp_h": "addr",
             "duration": "interval", "orig_bytes": "count", "resp_bytes": "count",
             "conn_state": "string"},
    "files": {"ts": "time", "fuid": "string", "mime_type": "string", "duration": "interval"},
}  # fmt: skip
CONN = [
    (0, "a", "10.0.1.1", "8.8.8.8", "1.5", 100, 10, "SF"),
    (1, "a", "8.8.8.8", "10.0.2.1", "-", 7, "-", "S0"),
    (12, "b", "10.0.1.2", "9.9.9.9", "70.0", 5, 5, "REJ"),
    (13, "b", "8.8.8.8", "9.9.9.9", "1.0", 5, 5, "SF"),
    (31, "-", "10.0.2.1", "10.0.1.1", "2.0", 1, 1, "SF"),
    (45, "a", "10.0.1.1", "8.8.4.4", "0.5", 3, 1, "SF"),
]
FILES = [(2, "F1", "text/plain", "61.0"), (3, "F2", "text/html", "0.5"), (44, "F3", "-", "-")]
OWN = """
[[feature]]
log = "conn"
name = "refused"
aggregate = "count"
where = "conn_state in ['S0', 'REJ']"

[[feature]]
log = "conn"
name = "longest"
aggregate = "max"
column = "duration"
where = "duration > 1"

[[feature]]
log = "files"
name = "kinds"
aggregate = "distinct"
column = "mime_type"
"""


def text(protocol, rows):
    fields = FIELDS[protocol]
    place = list(fields).index("ts")
    lines = [f"#path\t{protocol}", "\t".join(["#fields", *fields])]
    lines += ["\t".join(["#types", *fields.values()])]
    for minute, *cells in rows:
        cells.insert(place, f"{DAY + minute * 60:.6f}")
        lines.append("\t".join(map(str, cells)))
    return "\n".join(lines) + "\n"


@pytest.fixture
def logs(tmp_path):
    place = tmp_path / "logs"
    place.mkdir()
    (place / "conn.00.log").write_text(text("conn", CONN[:4]))
    (place / "conn.01.log").write_text(text("conn", CONN[4:]))
    (place / "files.log").write_text(text("files", FILES))
    return place


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.toml"
    path.write_text(OWN)
    return str(path)


def request(logs, name="pool", **settings):
    settings = {"window_slide": "w10m-s10m", "local_networks": ("10.0.0.0/8",), **settings}
    return PrepareRequest(logs=str(logs), output=str(logs.parent / name), **settings)


def content(pool):
    return {
        str(path.relative_to(pool)): path.read_bytes()
        for path in pool.rglob("*")
        if path.is_file() and "panes" not in path.relative_to(pool).parts
    }


def column(pool, name):
    """The values of one column of a pool by the start of their window, NaN as None."""
    series = (
        Datapool(pool).select(f"{name}~x") if isinstance(pool, str) else pool.select(f"{name}~x")
    )
    values = series["x"].astype(object).where(series["x"].notna(), None)
    return [None if value is None else float(value) for value in values]


@pytest.mark.parametrize("no_panes", [False, True])
def test_features_of_ones_own_stand_behind_those_of_the_reference(logs, own, no_panes):
    done = prepare(request(logs, features=(own,), no_panes=no_panes))
    pool = Datapool(done.output)
    assert pool.columns("conn")[11:] == (
        "internal_count_uid", "in_refused", "in_longest", "out_refused", "out_longest",
        "internal_refused", "internal_longest",
    )  # fmt: skip
    assert pool.columns("files") == ("all_kinds",)
    assert column(pool, "conn|in_refused") == [1, 0, None, 0]
    assert column(pool, "conn|out_refused") == [0, 1, None, 0]
    assert column(pool, "conn|out_longest") == [1.5, 70, None, None], "a maximum of nothing is none"
    assert column(pool, "files|all_kinds") == [2, 0, None, 0]
    about = json.loads((done.output / "datapool.json").read_text())
    assert about["catalogue"].startswith("extended-")
    assert about["features"][0] == {
        "protocol": "conn", "name": "refused", "aggregate": "count",
        "where": "conn_state in ['S0', 'REJ']",
    }  # fmt: skip
    assert done.logs["files"].used == 3 and not any("files" in hint for hint in done.hints)


def test_a_pool_with_other_features_is_not_added_to(logs, own):
    prepare(request(logs))
    with pytest.raises(DatapoolError, match="was made with the catalogue reference-.*extended-"):
        prepare(request(logs, features=(own,)))


def test_columns_and_conditions_that_the_logs_do_not_have(logs, tmp_path, caplog):
    path = tmp_path / "x.toml"
    path.write_text(OWN.replace("conn_state", "state"))
    with pytest.raises(LogError, match="has no column state"):
        prepare(request(logs, features=(str(path),)))
    path.write_text(OWN.replace("duration > 1", "duration == 'x'"))
    with pytest.raises(Exception, match="duration is of type number in the logs") as caught:
        prepare(request(logs, features=(str(path),)))
    assert caught.value.exit_code == 3
    path.write_text(OWN.replace('"files"', '"fiels"'))
    with pytest.raises(SettingError, match=r"no log of 'fiels'.* Did you mean files\?"):
        prepare(request(logs, features=(str(path),)))
    path.write_text(OWN.replace('"files"', '"ours"'))
    prepare(request(logs, features=(str(path),)))
    assert "no log of 'ours'" in caplog.text
    with pytest.raises(SettingError, match="'sensors' is not known"):
        prepare(request(logs, by="sensors"))


def test_each_subnet_has_a_pool_that_knows_silence_from_absence(logs):
    done = prepare(request(logs, by="subnet:24"))
    pool = Datapool(done.output)
    assert pool.entities == ("10.0.1.0/24", "10.0.2.0/24")
    first = pool.entity("10.0.1.0/24")
    assert first.path == done.output / "by" / "10.0.1.0_24"
    assert first.columns("conn") == pool.columns("conn")
    assert column(first, "conn|out_count_uid") == [1, 1, None, 0], "no record at all: missing"
    second = Datapool(done.output / "by" / "10.0.2.0_24")
    assert column(second, "conn|in_count_uid") == [1, 0, None, 0], "silent, while others were heard"
    assert column(second, "conn|internal_count_uid") == [0, 0, None, 1]
    with pytest.raises(DatapoolError, match=r"has no entity '10.0.9.0/24'. It has 10.0.1.0/24"):
        pool.entity("10.0.9.0/24")


def test_sensors_and_groups_have_pools_too(logs, tmp_path):
    sensors = Datapool(prepare(request(logs, "sensors", by="sensor")).output)
    assert sensors.entities == ("a", "b")
    assert column(sensors.entity("b"), "conn|out_count_uid") == [0, 1, None, 0]
    file = tmp_path / "groups.toml"
    file.write_text('"my servers" = ["10.0.1.0/24"]\n')
    groups = Datapool(prepare(request(logs, "groups", by=f"groups:{file}")).output)
    assert groups.entities == ("my servers",)
    assert column(groups.entity("my servers"), "conn|out_count_uid") == [1, 1, None, 0]


def test_entities_come_out_the_same_in_any_order_of_arrival(logs, own):
    settings = {"by": "subnet:24", "features": (own, "security")}
    for name in ("conn.00.log", "conn.01.log"):
        path = logs / name
        path.write_text(path.read_text().replace("conn_state", "conn_state\tid.resp_p").replace(
            "count\tstring", "count\tstring\tport").replace("\tSF\n", "\tSF\t22\n").replace(
            "\tS0\n", "\tS0\t22\n").replace("\tREJ\n", "\tREJ\t80\n"))  # fmt: skip
    whole = content(prepare(request(logs, **settings)).output)
    late = logs.parent / "late"
    late.mkdir()
    for name in ("conn.01.log", "files.log", "conn.00.log"):
        (late / name).write_bytes((logs / name).read_bytes())
        done = prepare(request(late, "grown", **settings))
    assert content(done.output) == whole
    assert content(prepare(request(logs, "plain", no_panes=True, **settings)).output) == whole


def test_a_pool_by_other_entities_is_not_added_to(logs):
    prepare(request(logs, by="subnet:24"))
    with pytest.raises(DatapoolError, match="made with entities by subnet:24,64, not subnet:16,64"):
        prepare(request(logs, by="subnet:16"))
    with pytest.raises(DatapoolError, match="entities by subnet:24,64, not none"):
        prepare(request(logs))
    prepare(request(logs, "bare", by="subnet:24", no_panes=True))
    with pytest.raises(DatapoolError, match="has entities already"):
        prepare(request(logs, "bare", by="subnet:24", no_panes=True))
