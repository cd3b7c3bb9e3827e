"""Entities: whose records they are, and names that are safe as folders."""

import ipaddress

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mods.errors import SettingError
from mods.features import directions, entities
from mods.features.engines import duckdb as engine
from mods.features.entities import By

ENGINE = engine.connect("200MB")
IPV6 = st.integers(0, 2**128 - 1).flatmap(
    lambda n: st.sampled_from(
        [n, n & ~(2**96 - 1), n % 2**64, n & 0xFFFF << 64 | n & 0xFF, n >> 100]
    )
)
ADDRESSES = st.one_of(
    st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address),
    IPV6.filter(lambda n: n >> 32 not in (0, 0xFFFF)).map(ipaddress.IPv6Address),
)


def labelled(rows, by, local=("0.0.0.0/0", "::/0")):
    schema = {"id.orig_h": "string", "id.resp_h": "string", "node": "string"}
    data = [dict(zip(schema, (*row, None)[:3], strict=True)) for row in rows]
    table = ENGINE.create_table(ibis.util.gen_name("t"), ibis.memtable(data, schema=schema))
    table = table.mutate(n=ibis.row_number())
    found = entities.label(directions.label(table, local), By.parse(by))
    return found.order_by("n").entity.to_pyarrow().to_pylist()


@settings(max_examples=25, deadline=None)
@given(st.lists(ADDRESSES, min_size=1, max_size=20), st.integers(1, 32), st.integers(1, 32))
def test_a_subnet_is_the_network_of_the_address(hosts, ipv4, nibbles):
    lengths = {4: ipv4, 6: 4 * nibbles}
    found = labelled([(str(host), "8.8.8.8") for host in hosts], f"subnet:{ipv4},{4 * nibbles}")
    expected = [ipaddress.ip_network((host, lengths[host.version]), strict=False) for host in hosts]
    assert [ipaddress.ip_network(one) for one in found] == expected


def test_a_record_is_of_its_local_end_and_of_the_originator_between_two():
    local = ("10.0.0.0/8", "fc00::/7")
    rows = [
        ("10.0.1.2", "8.8.8.8"), ("8.8.8.8", "10.0.2.2"), ("10.0.3.1", "10.0.4.1"),
        ("8.8.8.8", "9.9.9.9"), ("FC00::1%eth0", "9.9.9.9"), ("::ffff:10.0.5.1", "8.8.8.8"),
    ]  # fmt: skip
    assert labelled(rows, "subnet", local) == [
        "10.0.1.0/24", "10.0.2.0/24", "10.0.3.0/24", "", "fc00:0000:0000:0000::/64", "10.0.5.0/24",
    ]  # fmt: skip


def test_sensors_and_groups(tmp_path):
    rows = [
        ("10.0.1.2", "8.8.8.8", "a"),
        ("8.8.8.8", "10.0.2.2", None),
        ("1.1.1.1", "2.2.2.2", "b"),
    ]
    assert labelled(rows, "sensor:node", ("10.0.0.0/8",)) == ["a", "", "b"]
    file = tmp_path / "groups.toml"
    file.write_text(
        '\ufeffservers = ["10.0.1.0/24"]\n"all others" = ["10.0.0.0/8", "2001:db8::/32"]\n'
    )
    assert labelled(rows, f"groups:{file}", ("10.0.0.0/8",)) == ["servers", "all others", ""]
    assert str(By.parse(f"groups:{file}")) == (
        "groups:servers=10.0.1.0/24;all others=10.0.0.0/8,2001:db8::/32"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("subnets", "'subnets' is not known. Give subnet:24"),
        ("subnet:33", "no prefix lengths"),
        ("subnet:24,63", "no prefix lengths"),
        ("subnet:a", "no prefix lengths"),
        ("subnet:1,4,4", "no prefix lengths"),
        ("groups", "is not known"),
        ("groups:/nowhere.toml", "cannot be read"),
    ],
)
def test_what_cannot_be_meant_is_refused(text, message):
    with pytest.raises(SettingError, match=message):
        By.parse(text)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('a = "10.0.0.0/8"', "'a' is no list"),
        ("a = ['x']", "is no network"),
        ("", "names no group"),
    ],
)
def test_groups_are_lists_of_networks(tmp_path, text, message):
    file = tmp_path / "groups.toml"
    file.write_text(text)
    with pytest.raises(SettingError, match=message):
        By.parse(f"groups:{file}")
