"""Directions against Python's own ipaddress, which is slow but knows the addresses by heart."""

import ipaddress
import re

import ibis
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mods.errors import SettingError
from mods.features import directions

WORDS = st.sampled_from([0, 0, 0, 1, 0xFF, 0x100, 0x8000, 0xDB8, 0x2001, 0xFE80, 0xFFFF])
SIXES = st.lists(WORDS, min_size=8, max_size=8).map(
    lambda words: ipaddress.IPv6Address(b"".join(word.to_bytes(2, "big") for word in words))
)
FOURS = st.integers(0, 2**32 - 1).map(ipaddress.IPv4Address)


def near(address, bits):
    """The address with one bit turned: often just inside or outside a network."""
    return type(address)(int(address) ^ (1 << bits) if bits < address.max_prefixlen else address)


@settings(max_examples=600, deadline=None)
@given(
    st.one_of(SIXES, st.integers(0, 2**128 - 1).map(ipaddress.IPv6Address)),
    st.integers(0, 128),
    st.integers(0, 130),
    st.integers(0, 2**128 - 1),
)
def test_ipv6_networks_of_any_prefix_length(address, prefix, flipped, noise):
    network = ipaddress.IPv6Network((int(address), prefix), strict=False)
    matches = re.compile(directions.pattern([str(network)])).search
    inside = ipaddress.IPv6Address(int(network.network_address) | (noise & int(network.hostmask)))
    for one in (address, near(address, flipped), inside, network[0], network[-1]):
        if one.ipv4_mapped is not None:
            continue
        for text in (str(one), str(one).upper(), f"{one}%eth0", one.exploded):
            assert bool(matches(text)) == (one in network), (text, network)


@settings(max_examples=300, deadline=None)
@given(FOURS, st.integers(0, 32), st.integers(0, 33), st.integers(0, 2**32 - 1))
def test_ipv4_networks_of_any_prefix_length(address, prefix, flipped, noise):
    network = ipaddress.IPv4Network((int(address), prefix), strict=False)
    matches = re.compile(directions.pattern([str(network)])).search
    inside = ipaddress.IPv4Address(int(network.network_address) | (noise & int(network.hostmask)))
    for one in (address, near(address, flipped), inside, network[0], network[-1]):
        high, low = divmod(int(one), 65536)
        for text in (str(one), f"::ffff:{one}", f"::FFFF:{one}", f"::ffff:{high:x}:{low:x}"):
            assert bool(matches(text)) == (one in network), (text, network)
        assert not matches(f"1{one}.1") and not matches(f"{one}.example.org")


@settings(max_examples=100, deadline=None)
@given(SIXES, st.integers(0, 128), st.integers(0, 7), st.integers(1, 8))
def test_double_colon_stands_wherever_it_may(address, prefix, start, length):
    words = address.exploded.split(":")
    if any(int(word, 16) for word in words[start : start + length]):
        words[start : start + length] = ["0000"] * len(words[start : start + length])
    text = (
        ":".join(f"{int(word, 16):x}" for word in words[:start])
        + "::"
        + ":".join(f"{int(word, 16):x}" for word in words[start + length :])
    )
    one = ipaddress.IPv6Address(text)
    network = ipaddress.IPv6Network((int(one), prefix), strict=False)
    if one.ipv4_mapped is None:
        assert re.search(directions.pattern([str(network)]), text)


def test_old_ipv4_compatible_addresses_are_known():
    assert re.search(directions.pattern(["::/64"]), "::1.2.3.4")
    assert re.search(directions.pattern(["::1.2.0.0/112"]), "::1.2.3.4")
    assert not re.search(directions.pattern(["::1.3.0.0/112"]), "::1.2.3.4")
    assert not re.search(directions.pattern(["2001:db8::/32"]), "::1.2.3.4")


def test_networks_are_written_one_way_and_once():
    texts = ["10.1.2.3/8,192.168.1.1", "2001:DB8:0::/32", " 10.0.0.0/8 ", "::ffff:172.16.0.0/108"]
    assert directions.networks(texts) == (
        "10.0.0.0/8",
        "192.168.1.1/32",
        "2001:db8::/32",
        "172.16.0.0/12",
    )


@pytest.mark.parametrize("text", ["10.0.0.0/33", "10.0.0", "home", "2001:db8::/129", "1.2.3.4/x"])
def test_what_is_no_network_is_refused_with_an_example(text):
    with pytest.raises(SettingError, match=r"is no network.*10\.0\.0\.0/8,192\.168"):
        directions.networks([text])


def directions_of(rows, local):
    names = ["id.orig_h", "id.resp_h", "local_orig", "local_resp"]
    types = ["string", "string", "boolean", "boolean"]
    data = [dict(zip(names, row, strict=True)) for row in rows]
    records = ibis.memtable(data, schema=dict(zip(names, types, strict=True)))
    labelled = directions.label(records, local)
    return labelled["flow_direction"].to_pyarrow().to_pylist()


def test_direction_by_given_networks_does_not_ask_zeek():
    rows = [
        ("10.0.0.1", "8.8.8.8", False, False),
        ("8.8.8.8", "10.0.0.1", False, False),
        ("10.0.0.1", "10.255.0.9", False, False),
        ("192.168.0.1", "8.8.8.8", True, True),
        (None, "8.8.8.8", None, None),
        (None, "10.0.0.1", None, None),
    ]
    assert directions_of(rows, ("10.0.0.0/8",)) == ["out", "in", "internal", None, None, "in"]


def test_without_networks_zeek_decides_and_private_ranges_where_it_is_silent():
    rows = [
        ("64.225.56.201", "8.8.8.8", True, False),
        ("10.0.0.1", "64.225.56.201", False, True),
        ("10.0.0.1", "8.8.8.8", None, None),
        ("8.8.8.8", "fe80::1", None, None),
        ("172.31.255.255", "172.32.0.0", None, None),
        ("8.8.8.8", "9.9.9.9", None, None),
    ]
    assert directions_of(rows, ()) == ["out", "in", "out", "in", "out", None]
