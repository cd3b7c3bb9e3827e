"""Names: each label by its own pseudonym, so that what ended alike still ends alike."""

from __future__ import annotations

import base64
import hashlib
import hmac
import ipaddress
import re
from functools import lru_cache

from mods.dataset.anonymizer.addresses import Addresses
from mods.dataset.anonymizer.key import derived

REVERSE4, REVERSE6 = ".in-addr.arpa", ".ip6.arpa"
LENGTH = 16
CACHED = 1 << 20
PORT = re.compile(r":\d{1,5}")


class Names:
    """Pseudonyms of host names, identifiers and hardware addresses under one key."""

    def __init__(self, key: bytes, addresses: Addresses) -> None:
        self._labels, self._ids = derived(key, "labels"), derived(key, "identifiers")
        self._addresses = addresses
        self.host = lru_cache(CACHED)(self._host)

    def identifier(self, text: str) -> str:
        """The pseudonym of a uid or a user: the same text, the same pseudonym."""
        return f"C{_short(self._ids, text)}"

    def hardware(self, text: str) -> str:
        """The pseudonym of a MAC address: a locally administered one."""
        digest = hmac.new(self._ids, text.lower().encode(), hashlib.sha256).digest()
        return ":".join(["02", *(f"{byte:02x}" for byte in digest[:5])])

    def _host(self, text: str) -> str:
        """The pseudonym of a host name, a PTR name or an address, with or without a port."""
        address = self._addresses.pseudonym(text)
        if address is not None:
            return address
        host, colon, port = text.rpartition(":")
        if colon and PORT.fullmatch(f":{port}"):
            inner = self.host(host)
            return f"[{inner}]:{port}" if host.startswith("[") else f"{inner}:{port}"
        dot = "." if text.endswith(".") and len(text) > 1 else ""
        bare = text.removesuffix(".") if dot else text
        return f"{self._reverse(bare) or self._labelled(bare)}{dot}"

    def _labelled(self, text: str) -> str:
        return ".".join(_short(self._labels, label) if label else "" for label in text.split("."))

    def _reverse(self, text: str) -> str | None:
        """The PTR name of the pseudonym, of a whole address or of its first parts; else None."""
        lowered = text.lower()
        for ending, size, width, base in ((REVERSE4, 4, 8, 10), (REVERSE6, 32, 4, 16)):
            if not lowered.endswith(ending):
                continue
            digits = lowered.removesuffix(ending).split(".")[::-1]
            try:
                values = [int(digit, base) for digit in digits]
            except ValueError:
                return None
            if not 0 < len(values) <= size or not all(0 <= value < 1 << width for value in values):
                return None
            parts = self._pseudonyms(values, size, width)
            shown = [f"{part:x}" if base == 16 else str(part) for part in parts]
            return ".".join(shown[::-1]) + text[-len(ending) :].lower()
        return None

    def _pseudonyms(self, values: list[int], size: int, width: int) -> list[int]:
        number = 0
        for value in [*values, *[0] * (size - len(values))]:
            number = number << width | value
        kind = ipaddress.IPv4Address if size * width == 32 else ipaddress.IPv6Address
        found = int(self._addresses.of(kind(number)))
        mask = (1 << width) - 1
        return [found >> (size - 1 - at) * width & mask for at in range(len(values))]


def _short(key: bytes, text: str) -> str:
    """80 bits of the HMAC as 16 letters and digits: of a billion names, two hardly meet."""
    digest = hmac.new(key, text.encode("utf-8", "surrogateescape"), hashlib.sha256).digest()
    return base64.b32encode(digest[:10]).decode().lower()[:LENGTH]
