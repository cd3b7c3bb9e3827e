"""Addresses: Crypto-PAn, under which two addresses share as many leading bits as before.

J. Xu, J. Fan, M. H. Ammar, S. B. Moon, Prefix-preserving IP address anonymization, Proceedings of
the IEEE International Conference on Network Protocols (2002). The sums are yacryptopan's.
"""

from __future__ import annotations

import ipaddress
from functools import lru_cache
from typing import Any

from mods.errors import ResourceError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
CACHED = 1 << 20
MAPPED = int(ipaddress.IPv6Address("::ffff:0:0"))


class Addresses:
    """Pseudonyms of addresses under one key of 32 bytes; ResourceError without yacryptopan.

    An IPv4 address and the same mapped into IPv6 (`::ffff:10.0.0.1`) have the same pseudonym.
    """

    def __init__(self, key: bytes) -> None:
        self._cipher = _cipher(key)
        self.pseudonym = lru_cache(CACHED)(self._pseudonym)

    def _pseudonym(self, text: str) -> str | None:
        """The pseudonym of an address as Zeek writes it; None for what is no address."""
        try:
            address = ipaddress.ip_address(text.partition("%")[0].strip("[]"))
        except ValueError:
            return None
        return str(self.of(address))

    def of(self, address: Address) -> Address:
        """The pseudonym of an address."""
        if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
            inner = self._cipher.anonymize_bin(int(address.ipv4_mapped), 4)
            return ipaddress.IPv6Address(MAPPED | inner)
        number = self._cipher.anonymize_bin(int(address), address.version)
        return type(address)(number)

    def network(self, text: str) -> str:
        """The network in which the pseudonyms of a network's addresses lie."""
        network = ipaddress.ip_network(text, strict=False)
        return str(
            ipaddress.ip_network(f"{self.of(network.network_address)}/{network.prefixlen}",
                                 strict=False)
        )  # fmt: skip


def _cipher(key: bytes) -> Any:
    try:
        from yacryptopan import CryptoPAn
    except ModuleNotFoundError as missing:
        raise ResourceError(
            f"{missing.name} is not installed",
            where="mods anonymize",
            fix="Run pip install 'mods[anonymize]'",
        ) from None
    return CryptoPAn(key)
