"""Names and words of the demo traffic; all domains are reserved for examples (RFC 2606)."""

from __future__ import annotations

import hashlib

from mods.dataset.demo_traffic.site import DOMAIN

OWN_HOSTS = (f"www.{DOMAIN}", f"shop.{DOMAIN}", f"api.{DOMAIN}")
OWN = (
    *OWN_HOSTS,
    *(f"{kind}.{DOMAIN}" for kind in ("mail", "ns1", "sip", "cdn", "status", "docs", "git", "vpn")),
    *(f"host-{number:04d}.{DOMAIN}" for number in range(1_500)),
)
FOREIGN = tuple(
    f"{kind}.{word}{number}.example"
    for number in range(400)
    for word in ("news", "cloud", "video")
    for kind in ("www", "static", "api")
)
HOSTS = OWN_HOSTS + FOREIGN
URIS = ("/", "/index.html", "/style.css", "/app.js", "/logo.png", "/search?q=zeek",
        *(f"/articles/{number}" for number in range(300)))  # fmt: skip
AGENTS = (
    "Mozilla/5.0 (X11; Linux x86_64; rv:123.0) Gecko/20100101 Firefox/123.0",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:123.0) Gecko/20100101 Firefox/123.0",
    "curl/8.5.0",
    "python-requests/2.31.0",
)
PHONES = ("ExamplePhone/2.4", "ExamplePhone/2.5", "friendly-scanner")
STATUSES = (("200", "OK"), ("301", "Moved Permanently"), ("304", "Not Modified"),
            ("404", "Not Found"), ("500", "Internal Server Error"))  # fmt: skip
STATUS_SHARES = (0.82, 0.05, 0.07, 0.05, 0.01)
MIME_TYPES = ("text/html", "text/plain", "image/png", "application/javascript")
QUERY_TYPES = ((1, "A"), (28, "AAAA"), (15, "MX"), (16, "TXT"), (12, "PTR"))
QUERY_SHARES = (0.62, 0.25, 0.05, 0.05, 0.03)
ANSWERS = tuple(f"198.51.100.{number}" for number in range(128, 192))
TTLS = ("60.000000", "300.000000", "3600.000000")
CIPHERS = ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384")
SSH_CLIENTS = (
    "SSH-2.0-libssh_0.10.5",
    "SSH-2.0-Go",
    "SSH-2.0-OpenSSH_9.6",
    "SSH-2.0-paramiko_3.4.0",
)
SSH_ALGORITHMS = (
    ("cipher_alg", "chacha20-poly1305@openssh.com"),
    ("mac_alg", "hmac-sha2-256-etm@openssh.com"),
    ("compression_alg", "none"),
    ("kex_alg", "curve25519-sha256"),
    ("host_key_alg", "ssh-ed25519"),
)
FINGERPRINTS = tuple(hashlib.sha256(f"demo {number}".encode()).hexdigest() for number in range(16))
