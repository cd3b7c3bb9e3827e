"""Columns of Zeek's type double: sums to six decimals, and odd values harm none."""

import mods
from mods.flows.prepare import prepare
from mods.tests.flows.test_increment import request
from mods.tests.flows.test_prepare import ADDRESSES, IN, put, text

FEATURES = "".join(
    f'[[feature]]\nlog = "ssh"\nname = "{name}_load"\naggregate = "{name}"\ncolumn = "load"\n'
    'direction = "in"\n'
    for name in ("sum", "mean", "max")
)


def test_odd_values_are_unset_and_counted_and_sums_keep_six_decimals(tmp_path):
    values = ["0.0000004", "0.0000016", "1.5", "0.1", "1e20", "nan", "inf", "-inf", "-"]
    rows = [(minute, f"{IN}\t{value}") for minute, value in enumerate(values)]
    fields = {**ADDRESSES, "load": "double"}
    put(tmp_path / "logs", "ssh.log", text("ssh", [*rows, (60, f"{IN}\t-")], fields))
    (tmp_path / "own.toml").write_text(FEATURES)
    pool = tmp_path / "pool"
    done = prepare(request(tmp_path / "logs", pool, features=(str(tmp_path / "own.toml"),)))
    assert done.logs["ssh"].unreadable == {"load": 4} and done.logs["ssh"].used == 10
    (row,) = mods.Datapool(pool).select("ssh|in_sum_load|in_mean_load|in_max_load").to_numpy()
    assert row.tolist() == [1.600002, 1.600002 / 4, 1.5]
