"""The report of a preparation: every line accounted for, odd shares of directions hinted at."""

from mods.flows.prepared import LogCount, direction_hints


def count(*directions, none=0):
    return LogCount(1, dict(zip(("in", "out", "internal"), directions, strict=True)), none)


def test_rows_are_used_or_without_direction_or_rejected():
    one = LogCount(2, {"in": 5, "out": 1, "internal": 0}, 3, {"too few fields": 2})
    assert (one.used, one.rows) == (6, 11)
    assert one.shares() == {"in": 5 / 9, "out": 1 / 9, "internal": 0.0, "none": 3 / 9}


def test_a_log_of_which_over_nine_tenths_have_no_direction_is_hinted_at():
    (hint,) = direction_hints({"conn": count(50, 50, 0), "dns": count(9, 0, 0, none=91)})
    assert hint.startswith("dns: over 90% of the records have no direction")
    assert "--local_networks" in hint
    assert direction_hints({"dns": count(10, 1, 0, none=90)}) == []


def test_only_incoming_records_are_hinted_at():
    (hint,) = direction_hints({"conn": count(7, 0, 0), "ssh": count(1, 0, 0, none=1)})
    assert "comes from outside (in)" in hint and "--local_networks" in hint
    assert direction_hints({"conn": count(7, 0, 1), "ssh": count(1, 0, 0)}) == []


def test_an_empty_log_is_not_odd():
    assert direction_hints({"conn": count(0, 0, 0)}) == []
