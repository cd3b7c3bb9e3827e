"""Pseudonyms of addresses and names: published vectors, prefixes, labels, reverse names."""

from __future__ import annotations

import ipaddress
import random

import numpy as np
import pytest
from Cryptodome.Cipher import AES

from mods.dataset.anonymizer.addresses import Addresses
from mods.dataset.anonymizer.names import Names

# The key and the first pairs of sample_trace, published with Crypto-PAn by its authors.
KEY = bytes([21, 34, 23, 141, 51, 164, 207, 128, 19, 10, 91, 22, 73, 144, 125, 16,
             216, 152, 143, 131, 121, 121, 101, 39, 98, 87, 76, 45, 42, 132, 34, 2])  # fmt: skip
VECTORS = {
    "128.11.68.132": "135.242.180.132",
    "129.118.74.4": "134.136.186.123",
    "130.132.252.244": "133.68.164.234",
    "141.223.7.43": "141.167.8.160",
    "141.233.145.108": "141.129.237.235",
    "152.163.225.39": "151.140.114.167",
    "156.29.3.236": "147.225.12.42",
    "165.247.96.84": "162.9.99.234",
    "166.107.77.190": "160.132.178.185",
    "192.102.249.13": "252.138.62.131",
    "192.215.32.125": "252.43.47.189",
    "192.233.80.103": "252.25.108.8",
    "192.41.57.43": "252.222.221.184",
    "193.150.244.223": "253.169.52.216",
    "195.205.63.100": "255.186.223.5",
    "198.200.171.101": "249.199.68.213",
}


@pytest.fixture(scope="module")
def addresses() -> Addresses:
    return Addresses(KEY)


@pytest.fixture(scope="module")
def names(addresses) -> Names:
    return Names(b"k" * 32, addresses)


def shared(one: int, other: int, size: int) -> int:
    """How many leading bits two addresses of `size` bits share."""
    return size - (one ^ other).bit_length()


def by_the_paper(key: bytes, numbers: np.ndarray, size: int) -> list[int]:
    """Crypto-PAn written anew from the paper: bit i turns where AES of the bits before it begins
    with 1. numbers: big-endian bytes, one row per address."""
    cipher = AES.new(key[:16], AES.MODE_ECB)
    pad = np.unpackbits(np.frombuffer(cipher.encrypt(key[16:]), np.uint8))
    bits = np.unpackbits(numbers, axis=1)
    turned = np.empty_like(bits)
    for place in range(size):
        blocks = np.tile(pad, (len(bits), 1))
        blocks[:, :place] = bits[:, :place]
        sealed = cipher.encrypt(np.packbits(blocks, axis=1).tobytes())
        turned[:, place] = np.frombuffer(sealed, np.uint8)[::16] >> 7
    return [int.from_bytes(row) for row in np.packbits(bits ^ turned, axis=1)]


def as_the_paper_says(addresses: Addresses, count: int, kind: type, size: int) -> None:
    rng = np.random.default_rng(7)
    numbers = rng.integers(0, 256, (count, size // 8), dtype=np.uint8)
    hidden = [int(addresses.of(kind(int.from_bytes(row)))) for row in numbers]
    assert hidden == by_the_paper(KEY, numbers, size)


def prefixes_are_kept(addresses: Addresses, pairs: int, kind: type, size: int) -> None:
    rng = random.Random(0)  # noqa: S311
    for _ in range(pairs):
        one = rng.getrandbits(size)
        other = one ^ rng.getrandbits(rng.randint(1, size))
        hidden = [int(addresses.of(kind(number))) for number in (one, other)]
        assert shared(*hidden, size) == shared(one, other, size)


@pytest.mark.parametrize("plain", VECTORS)
def test_published_vectors(addresses, plain):
    assert addresses.pseudonym(plain) == VECTORS[plain]


def test_an_implementation_of_its_own_gives_the_vectors_and_the_same_pseudonyms(addresses):
    plain = np.array([list(ipaddress.ip_address(one).packed) for one in VECTORS], np.uint8)
    expected = [int(ipaddress.ip_address(one)) for one in VECTORS.values()]
    assert by_the_paper(KEY, plain, 32) == expected
    as_the_paper_says(addresses, 2_000, ipaddress.IPv4Address, 32)
    as_the_paper_says(addresses, 200, ipaddress.IPv6Address, 128)


@pytest.mark.slow
def test_a_hundred_thousand_pseudonyms_are_those_of_the_paper(addresses):
    as_the_paper_says(addresses, 100_000, ipaddress.IPv4Address, 32)
    as_the_paper_says(addresses, 10_000, ipaddress.IPv6Address, 128)


@pytest.mark.parametrize(
    ("kind", "size"), [(ipaddress.IPv4Address, 32), (ipaddress.IPv6Address, 128)]
)
def test_two_addresses_share_as_many_leading_bits_as_before(addresses, kind, size):
    prefixes_are_kept(addresses, 500, kind, size)


@pytest.mark.slow
def test_prefixes_are_kept_over_a_hundred_thousand_pairs(addresses):
    prefixes_are_kept(addresses, 80_000, ipaddress.IPv4Address, 32)
    prefixes_are_kept(addresses, 20_000, ipaddress.IPv6Address, 128)


def test_a_network_holds_the_pseudonyms_of_its_addresses(addresses):
    network = ipaddress.ip_network(addresses.network("10.7.0.0/16"))
    assert network.prefixlen == 16
    assert ipaddress.ip_address(addresses.pseudonym("10.7.200.3")) in network
    assert ipaddress.ip_address(addresses.pseudonym("10.8.200.3")) not in network


def test_an_address_is_the_same_however_it_is_written(addresses):
    assert addresses.pseudonym("2001:DB8::1") == addresses.pseudonym("2001:db8:0:0::1")
    mapped = ipaddress.IPv6Address(addresses.pseudonym("::ffff:128.11.68.132"))
    assert str(mapped.ipv4_mapped) == VECTORS["128.11.68.132"]


@pytest.mark.parametrize("text", ["", "-", "canary", "300.1.1.1", "1.2.3", "1.2.3.4/8"])
def test_what_is_no_address_has_no_pseudonym(addresses, text):
    assert addresses.pseudonym(text) is None


def test_names_that_ended_alike_end_alike(names):
    one, other = names.host("www.example.org"), names.host("mail.example.org")
    assert one.split(".")[1:] == other.split(".")[1:]
    assert one != other
    assert names.host("example.org") == one.partition(".")[2]
    assert "example" not in one


def test_distinct_names_stay_distinct(names):
    plain = [f"host{number}.example{number % 7}.org" for number in range(5_000)] + [
        "Host0.example0.org"
    ]
    assert len({names.host(one) for one in plain}) == len(plain)


def test_addresses_inside_names_are_those_of_the_other_fields(names):
    assert names.host("128.11.68.132") == "135.242.180.132"
    assert names.host("128.11.68.132:8080") == "135.242.180.132:8080"
    assert names.host("132.68.11.128.in-addr.arpa") == "132.180.242.135.in-addr.arpa"
    assert names.host("132.68.11.128.in-addr.arpa.") == "132.180.242.135.in-addr.arpa."
    assert names.host("11.128.in-addr.arpa") == "242.135.in-addr.arpa"


def test_reverse_names_of_ipv6(names, addresses):
    plain = ipaddress.ip_address("2001:db8::567:89ab")
    hidden = ipaddress.ip_address(addresses.pseudonym(str(plain)))
    assert names.host(plain.reverse_pointer) == hidden.reverse_pointer
    short = ".".join(plain.reverse_pointer.split(".")[-6:])
    assert hidden.reverse_pointer.endswith(names.host(short))


def test_an_ipv6_host_keeps_its_brackets_and_port(names, addresses):
    assert names.host("[2001:db8::1]:443") == f"[{addresses.pseudonym('2001:db8::1')}]:443"
    assert names.host("2001:db8::1") == addresses.pseudonym("2001:db8::1")


@pytest.mark.parametrize(
    "text", ["x.in-addr.arpa", "999.1.2.3.in-addr.arpa", "1.2.3.4.5.in-addr.arpa", "in-addr.arpa"]
)
def test_what_only_looks_like_a_reverse_name_is_a_name(names, text):
    assert "arpa" not in names.host(text)


def test_identifiers_and_hardware_addresses(names):
    assert names.identifier("CAbc") != names.identifier("Cabc")
    assert names.hardware("AA:BB:CC:00:11:22") == names.hardware("aa:bb:cc:00:11:22")
    assert names.hardware("aa:bb:cc:00:11:22").startswith("02:")


def test_another_key_gives_other_pseudonyms(addresses):
    other = Addresses(b"x" * 32)
    assert other.pseudonym("128.11.68.132") != addresses.pseudonym("128.11.68.132")
    assert Names(b"a" * 32, other).host("a.b") != Names(b"b" * 32, other).host("a.b")
