"""Every aggregate, direction and entity against brute force, from addresses (IPv4 and IPv6) on."""

import ipaddress
import math
import random

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mods.features import directions, entities
from mods.features.catalog import ALL, DIRECTIONS, Feature
from mods.features.datapool import parts
from mods.features.engines import duckdb as engine
from mods.features.entities import By
from mods.features.panes import Panes
from mods.features.windows import Span, table, tables
from mods.window import Window

ENGINE = engine.connect("500MB")
SECOND = 1_000_000
LOCAL = ("10.0.0.0/8", "2001:db8::/32")
HOSTS = (
    "10.0.1.1", "10.0.1.9", "10.0.2.1", "::ffff:10.0.2.7", "8.8.8.8", "9.9.9.9", "2001:db8::1",
    "2001:db8:0:1::2", "2001:db8:0:1:5:6:7:8", "2a00:1450::1", "2001:DB8::1", "2001:db8::1%eth0",
)  # fmt: skip
EVERY = (*DIRECTIONS, ALL)
WHERE = "state in ['S0', 'REJ'] and not (size > 100)"


def feature(name, aggregate, column=None, **more):
    return Feature("conn", name, aggregate, column, directions=EVERY, **more)


FEATURES = (
    feature("count", "count"),
    feature("failed", "count", where=WHERE),
    feature("size", "sum", "size", divisor=1024),
    feature("failed_size", "sum", "size", where=WHERE),
    feature("loss", "sum", "loss"),
    feature("mean", "mean", "size"),
    feature("mean_loss", "mean", "loss", where="state == 'S0'"),
    feature("min", "min", "size"),
    feature("max_loss", "max", "loss"),
    feature("max_failed", "max", "size", where=WHERE),
    feature("states", "distinct", "state"),
    feature("failed_ports", "distinct", "port", where=WHERE),
    feature("median", "quantile", "size", q=0.5),
    feature("p90", "quantile", "size", q=0.9),
    feature("failed_p10", "quantile", "loss", q=0.1, where=WHERE),
    feature("share_failed", "ratio", over=("failed", "count")),
    feature("spread", "ratio", over=("p90", "median")),
    Feature("conn", "external", "distinct", "external_host"),
    Feature("conn", "local", "distinct", "local_host"),
    feature("flagged", "true", "flag"),
    feature("unflagged", "false", "flag"),
)
TYPES = {
    "line_fault": "string", "value_fault": "string", "ts": "int64", "id.orig_h": "string",
    "id.resp_h": "string", "size": "int64", "loss": "float64", "state": "string", "port": "int64",
    "flag": "boolean", "node": "string",
}  # fmt: skip


def address(text):
    found = ipaddress.ip_address(text.partition("%")[0])
    return getattr(found, "ipv4_mapped", None) or found


def is_local(text):
    return any(address(text) in ipaddress.ip_network(one) for one in LOCAL)


def way(row):
    ends = is_local(row["id.orig_h"]), is_local(row["id.resp_h"])
    return {(1, 1): "internal", (1, 0): "out", (0, 1): "in", (0, 0): None}[ends]


def local_host(row):
    return {"in": row["id.resp_h"], None: None}.get(way(row), row["id.orig_h"])


def subnet(row):
    host = local_host(row)
    if host is None:
        return ""
    found = address(host)
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 64), strict=False))


def rounded(number):
    """Seven significant bits, nearest."""
    if number == 0:
        return 0.0
    step = 2.0 ** (math.floor(math.log2(abs(number))) - 6)
    return math.copysign(math.floor(abs(number) / step + 0.5) * step, number)


def quantile(values, q):
    ordered = sorted(map(rounded, values))
    return (
        ordered[max(0, math.ceil(round(q * 10_000) * len(ordered) / 10_000) - 1)]
        if values
        else None
    )


def cells(rows, direction):
    """What FEATURES should be for the records of one direction and window."""
    failed = [
        row for row in rows
        if row["state"] in ("S0", "REJ") and row["size"] is not None and not row["size"] > 100
    ]  # fmt: skip

    def of(name, among=rows):
        return [row[name] for row in among if row[name] is not None]

    def mean(values):
        return sum(values) / len(values) if values else None

    def ratio(above, under):
        return above / under if above is not None and under else None

    syn = [row for row in rows if row["state"] == "S0"]
    found = {
        "count": len(rows),
        "failed": len(failed),
        "size": sum(of("size")) / 1024,
        "failed_size": sum(of("size", failed)),
        "loss": sum(of("loss")),
        "mean": mean(of("size")),
        "mean_loss": mean(of("loss", syn)),
        "min": min(of("size"), default=None),
        "max_loss": max(of("loss"), default=None),
        "max_failed": max(of("size", failed), default=None),
        "states": len({*of("state")} - {""}),
        "failed_ports": len({*of("port", failed)}),
        "median": quantile(of("size"), 0.5),
        "p90": quantile(of("size"), 0.9),
        "failed_p10": quantile(of("loss", failed), 0.1),
        "flagged": sum(row["flag"] is True for row in rows),
        "unflagged": sum(row["flag"] is False for row in rows),
    }
    found["share_failed"] = ratio(found["failed"], found["count"])
    found["spread"] = ratio(found["p90"], found["median"])
    if direction != ALL:
        outer = {"in": "id.orig_h", "out": "id.resp_h"}.get(direction)
        found["external"] = len({row[outer] for row in rows}) if outer else 0
        found["local"] = len({local_host(row) for row in rows})
    return found if rows else dict.fromkeys(found)


def brute(rows, window, span):
    """{window number: {column: value}}, each window's records looked at anew."""
    found = {}
    for number in range(span.first, span.last + 1):
        start = number * window.slide * SECOND
        inside = [row for row in rows if start <= row["ts"] < start + window.length * SECOND]
        if inside:
            found[number] = {
                f"{one}_{name}": value
                for one in EVERY
                for name, value in cells(
                    [row for row in inside if one in (ALL, way(row))], one
                ).items()
            }
    return found


def same(frame, expected, window):
    numbers = [int(start.timestamp()) // window.slide for start in frame.index]
    assert numbers == sorted(expected)
    columns = {column for row in expected.values() for column in row}
    assert not expected or columns == set(frame.columns)
    for number, (_, row) in zip(numbers, frame.iterrows(), strict=True):
        for column, value in expected[number].items():
            cell = row[column]
            if value is None:
                assert pd.isna(cell), (number, column, cell)
            else:
                assert math.isclose(cell, value, rel_tol=1e-9, abs_tol=1e-9), (
                    number,
                    column,
                    cell,
                    value,
                )


def read(batches, window, by=None):
    panes = Panes(ENGINE, FEATURES, window)
    for rows in batches:
        records = directions.label(ibis.memtable(rows, schema=TYPES), LOCAL)
        panes.add(entities.label(records, by))
    return panes


RECORDS = st.lists(
    st.fixed_dictionaries({
        "line_fault": st.none(),
        "value_fault": st.sampled_from([None, None, "size"]),
        "ts": st.integers(0, 3000 * SECOND),
        "id.orig_h": st.sampled_from(HOSTS),
        "id.resp_h": st.sampled_from(HOSTS),
        "size": st.one_of(st.none(), st.integers(-50, 200), st.integers(0, 2**40)),
        "loss": st.one_of(st.none(), st.integers(-10**9, 10**9).map(lambda n: n / 1e6)),
        "state": st.sampled_from([None, "", "S0", "REJ", "SF"]),
        "port": st.sampled_from([None, 22, 53, 443]),
        "flag": st.sampled_from([None, True, False]),
        "node": st.sampled_from([None, "", "a", "b/../c"]),
    }),
    min_size=1,
    max_size=50,
)  # fmt: skip
WINDOWS = ["w10m-s10m", "w10m-s01m", "w20m-s05m", "w15s-s05s"]


def drawn(chance):
    """One record as RECORDS draws them."""
    return {
        "line_fault": None,
        "value_fault": None,
        "ts": chance.randrange(3000 * SECOND),
        "id.orig_h": chance.choice(HOSTS),
        "id.resp_h": chance.choice(HOSTS),
        "size": chance.choice([None, chance.randint(-50, 200), chance.randrange(2**40)]),
        "loss": chance.choice([None, chance.randint(-(10**9), 10**9) / 1e6]),
        "state": chance.choice([None, "", "S0", "REJ", "SF"]),
        "port": chance.choice([None, 22, 53, 443]),
        "flag": chance.choice([None, True, False]),
        "node": None,
    }


def test_windows_of_1_to_12_slides_equal_brute_force():
    """One set of panes, cut into windows of every length."""
    chance = random.Random(12)
    rows = [drawn(chance) for _ in range(150)]
    panes = read([rows[::2], rows[1::2]], Window(300, 300))
    for length in range(1, 13):
        window, span = Window(length * 300, 300), Span(-length, 10)
        cut = Panes.of(ENGINE, FEATURES, window, panes.additive, panes.sets)
        same(table(cut, span).frame(), brute(rows, window, span), window)


@settings(max_examples=8, deadline=None)
@given(RECORDS, st.sampled_from(WINDOWS), st.booleans())
def test_every_aggregate_equals_brute_force(rows, name, divided):
    window = Window.parse(name)
    batches = [rows[::2], rows[1::2]] if divided and len(rows) > 1 else [rows]
    span = Span(0, 3000 // window.slide)
    same(table(read(batches, window), span).frame(), brute(rows, window, span), window)


@pytest.mark.parametrize(
    ("by", "entity"), [("subnet:24,64", subnet), ("sensor:node", lambda row: row["node"] or "")]
)
@settings(max_examples=3, deadline=None)
@given(rows=RECORDS, name=st.sampled_from(WINDOWS))
def test_every_entity_is_what_its_records_alone_give(by, entity, rows, name):
    window, span = Window.parse(name), Span(0, 3000 // Window.parse(name).slide)
    panes = read(
        [rows[::2] or rows[:1], rows[1::2]] if len(rows) > 1 else [rows], window, By.parse(by)
    )
    found = tables(panes, span)
    groups = {}
    for row in rows:
        groups.setdefault(entity(row), []).append(row)
    groups.pop("", None)
    assert {parts.name(one) for one in found} <= {*groups}
    for one, frame in found.items():
        same(frame.frame(), brute(groups[parts.name(one)], window, span), window)
    empty = {*groups} - {parts.name(one) for one in found}
    assert all(not brute(groups[one], window, span) for one in empty)
    same(table(panes, span).frame(), brute(rows, window, span), window)
