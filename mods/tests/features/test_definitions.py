"""Features from files: what they may say, and the one line that tells what is wrong with them."""

import pytest

from mods.errors import SettingError
from mods.features import conditions, definitions
from mods.features.catalog import AGGREGATES, FEATURES, REFERENCE, Feature

TOML = """
[[feature]]
log = "conn"
name = "failed"
aggregate = "count"
where = "conn_state in ['S0', 'REJ'] and orig_bytes > 0"
direction = ["out", "in"]
why = "Scans."

[[feature]]
log = "conn"
name = "kilobytes"
aggregate = "sum"
column = "orig_bytes"
divisor = 1024

[[feature]]
log = "conn"
name = "failed_rate"
aggregate = "ratio"
numerator = "failed"
denominator = "count_uid"
direction = "in"

[[feature]]
log = "files"
name = "p99_duration"
aggregate = "quantile"
column = "duration"
q = 0.99
"""
YAML = """
feature:
  - {log: smtp, name: distinct_from, aggregate: distinct, column: mailfrom}
"""


@pytest.fixture
def file(tmp_path):
    def write(text, name="own.toml"):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


def entry(**changed):
    keys = {"log": "conn", "name": "mine", "aggregate": "sum", "column": "orig_bytes", **changed}
    lines = [f"{key} = {value!r}" for key, value in keys.items() if value is not None]
    return "[[feature]]\n" + "\n".join(lines) + "\n"


def test_a_toml_file_adds_rows_behind_those_of_the_reference(file):
    found = definitions.catalogue([file(TOML)])
    assert found.rows[: len(FEATURES)] == FEATURES
    assert found.extra == (
        Feature("conn", "failed", "count", directions=("in", "out"),
                where="conn_state in ['S0', 'REJ'] and orig_bytes > 0"),
        Feature("conn", "kilobytes", "sum", "orig_bytes", divisor=1024),
        Feature("conn", "failed_rate", "ratio", over=("failed", "count_uid"), directions=("in",)),
        Feature("files", "p99_duration", "quantile", "duration", divisor=1_000_000, q=0.99,
                directions=("all",)),
    )  # fmt: skip
    assert found.extra[0].why == "Scans."
    assert found.columns("conn")[12:] == (
        "in_failed", "in_kilobytes", "in_failed_rate", "out_failed", "out_kilobytes",
        "internal_kilobytes",
    )  # fmt: skip
    assert found.needed("conn") == ("orig_bytes", "resp_bytes", "duration", "conn_state")
    assert found.protocols[-1] == "files" and not found.directed("files")


def test_yaml_says_the_same(file):
    found = definitions.catalogue([file(YAML, "own.yaml")])
    assert found.extra == (Feature("smtp", "distinct_from", "distinct", "mailfrom"),)


def test_a_byte_order_mark_is_no_part_of_the_file(file):
    plain, marked = (
        definitions.catalogue((file(mark + YAML, f"{n}.yaml"),))
        for n, mark in enumerate(("", "\ufeff"))
    )
    assert plain.identity == marked.identity
    assert definitions.catalogue((file("\ufeff" + entry()),)).extra


def test_the_identity_tells_catalogues_apart_but_not_their_reasons(file):
    plain = definitions.catalogue([])
    assert plain == REFERENCE and plain.identity.startswith("reference-")
    one, other = file(TOML), file(TOML.replace("0.99", "0.95"), "b.toml")
    why = file(TOML.replace("Scans.", "Worms."), "c.toml")
    names = [definitions.catalogue([path]).identity for path in (one, other, why)]
    assert names[0].startswith("extended-") and names[0] == names[2] != names[1]


def test_the_packaged_set_is_sound_and_gives_its_reasons():
    found = definitions.catalogue(["security"])
    assert all(one.why.endswith(".") and len(one.why) > 20 for one in found.extra)
    named = {(one.protocol, one.name) for one in found.extra}
    assert len(named) == len(found.extra)
    assert {("conn", "failed"), ("dns", "nxdomain_rate"), ("ssh", "auth_failures")} <= named
    assert all(one.where == "" or conditions.columns(one.where) for one in found.extra)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = 1", "holds no list called feature"),
        ("[[feature]", "cannot be read"),
        ("feature = [1]", "feature 1: is no table"),
        (entry(log=None), r"feature 1 \(mine\): has no log"),
        (entry(log="../conn"), "log is '../conn'"),
        (entry(aggregate="summ"), r"'summ' is not known. Did you mean sum\?"),
        (entry(aggregate="DROP TABLE"), "There are count, sum, mean"),
        (entry(colum="x"), r"'colum' is no key. Did you mean column\?"),
        (entry(column=None), "has no column"),
        (entry(column="source"), "'source' cannot be used"),
        (entry(aggregate="count"), "count takes no column"),
        (entry(name="count_uid"), "has a feature of that name already"),
        (entry(name="a b"), "name is 'a b'"),
        (entry(where="orig_bytes >"), "'orig_bytes >' is no condition"),
        (entry(where="exec('x') == 1"), "at character 1 .* is no function"),
        (entry(direction="up"), "direction 'up' is not known"),
        (entry(direction=[]), "direction .* is not known"),
        (entry(divisor=0), "divisor 0 is not above 0"),
        (entry(divisor="1024"), "divisor is '1024'"),
        (entry(aggregate="quantile"), "q is missing"),
        (entry(aggregate="quantile", q=1.5), "q is missing or wrong"),
        (entry(q=0.5), "sum takes no q"),
        (entry(aggregate="ratio", column=None), "has no numerator"),
        (
            entry(aggregate="ratio", column=None, numerator="x", denominator="count_uid"),
            "'x' is no feature of conn",
        ),
    ],
)
def test_what_cannot_be_meant_is_one_line_with_its_place(file, text, message):
    path = file(text)
    with pytest.raises(SettingError, match=message) as caught:
        definitions.catalogue([path])
    assert "\n" not in str(caught.value) and caught.value.exit_code == 2


def test_a_missing_file_and_a_wrong_yaml(file, tmp_path):
    with pytest.raises(SettingError, match=r"no\.toml: cannot be read"):
        definitions.catalogue([tmp_path / "no.toml"])
    with pytest.raises(SettingError, match="is no YAML"):
        definitions.catalogue([file("feature: [", "x.yaml")])
    with pytest.raises(SettingError, match="is no YAML"):
        definitions.catalogue([file("feature: !!python/object/apply:os.system [ls]", "y.yaml")])


def test_every_aggregate_can_be_asked_for(file):
    for aggregate in set(AGGREGATES) - {"count", "ratio", "quantile"}:
        assert (
            definitions.catalogue([file(entry(aggregate=aggregate))]).extra[0].aggregate
            == aggregate
        )
