"""What Zeek would have recognised inside the connections: dns, http, ssl, ssh and sip."""

from __future__ import annotations

import numpy as np

from mods.dataset.demo_traffic import columns, names, site
from mods.dataset.demo_traffic.columns import chosen, flag, joined, number, seconds, text, where
from mods.dataset.demo_traffic.connections import RSTO, Connections, uids
from mods.dataset.demo_traffic.records import Records, records


def dns(rows: Connections, rng: np.random.Generator) -> Records:
    """Queries: strangers ask for our names, the resolver and its clients for those of others."""
    n, answered = len(rows), rows.answered
    authoritative = site.LOCAL[rows.resp] & ~site.LOCAL[rows.orig]
    own = site.ranks(len(names.OWN), n, rng)
    foreign = len(names.OWN) + site.ranks(len(names.FOREIGN), n, rng)
    kind = rng.choice(len(names.QUERY_TYPES), n, p=names.QUERY_SHARES)
    unknown, refused = rng.random(n) < 0.06, authoritative & (rng.random(n) < 0.01)
    code = np.where(refused, 2, unknown.astype(int))
    full = answered & (code == 0)
    values = {
        "proto": chosen(("udp",), np.zeros(n, dtype=int)),
        "trans_id": number(rng.integers(1, 65_536, n)),
        "rtt": where(answered, seconds(rows.duration)),
        "query": chosen(names.OWN + names.FOREIGN, np.where(authoritative, own, foreign)),
        "qclass": number(np.ones(n, dtype=int)),
        "qclass_name": chosen(("C_INTERNET",), np.zeros(n, dtype=int)),
        "qtype": chosen([str(number) for number, _ in names.QUERY_TYPES], kind),
        "qtype_name": chosen([name for _, name in names.QUERY_TYPES], kind),
        "rcode": where(answered, chosen(("0", "3", "5"), code)),
        "rcode_name": where(answered, chosen(("NOERROR", "NXDOMAIN", "REFUSED"), code)),
        "AA": flag(authoritative & full),
        "TC": flag(answered & (rng.random(n) < 0.004)),
        "RD": flag(~authoritative | (rng.random(n) < 0.1)),
        "RA": flag(answered & ~authoritative),
        "Z": number(np.zeros(n, dtype=int)),
        "answers": where(full, chosen(names.ANSWERS, rng.integers(0, len(names.ANSWERS), n))),
        "TTLs": where(full, chosen(names.TTLS, rng.integers(0, len(names.TTLS), n))),
        "rejected": flag(refused & answered),
    }
    return records("dns", rows, values, rows.end + 1)


def http(rows: Connections, rng: np.random.Generator) -> Records:
    """Requests: one connection carries one to four of them."""
    repeats = 1 + (rng.random(len(rows)) < 0.25) * rng.integers(1, 4, len(rows))
    rows = rows.take(np.repeat(np.arange(len(rows)), repeats))
    depth = 1 + np.arange(len(rows)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    n = len(rows)
    method = rng.choice(3, n, p=(0.85, 0.1, 0.05))
    status = rng.choice(len(names.STATUSES), n, p=names.STATUS_SHARES)
    length = np.where(method == 2, 0, np.maximum(rows.received // np.repeat(repeats, repeats), 0))
    filled = length > 0
    mime = rng.integers(0, len(names.MIME_TYPES), n)
    values = {
        "trans_depth": number(depth),
        "method": chosen(("GET", "POST", "HEAD"), method),
        "host": chosen(names.HOSTS, _host(rows, rng)),
        "uri": chosen(names.URIS, site.ranks(len(names.URIS), n, rng)),
        "version": chosen(("1.1",), np.zeros(n, dtype=int)),
        "user_agent": chosen(names.AGENTS, rows.orig % len(names.AGENTS)),
        "request_body_len": number(np.where(method == 1, rows.sent // 2, 0)),
        "response_body_len": number(length),
        "status_code": chosen([code for code, _ in names.STATUSES], status),
        "status_msg": chosen([message for _, message in names.STATUSES], status),
        "tags": chosen((columns.EMPTY,), np.zeros(n, dtype=int)),
        "resp_fuids": where(filled, text(uids(n, rng, b"F"))),
        "resp_mime_types": where(filled, chosen(names.MIME_TYPES, mime)),
    }
    requested = rows.start + 20_000 + (depth - 1) * (np.maximum(rows.duration, 0) // 5)
    later = Connections(**{**vars(rows), "start": np.minimum(requested, rows.end)})
    return records("http", later, values, later.start + 1)


def ssl(rows: Connections, rng: np.random.Generator) -> Records:
    """Handshakes: TLS 1.3 hides the certificate, a resumed session has none."""
    n, modern = len(rows), rng.random(len(rows)) < 0.8
    resumed = rng.random(n) < 0.3
    shown = ~modern & ~resumed
    values = {
        "version": chosen(("TLSv12", "TLSv13"), modern.astype(int)),
        "cipher": chosen(names.CIPHERS, modern.astype(int)),
        "curve": chosen(("secp256r1", "x25519"), modern.astype(int)),
        "server_name": chosen(names.HOSTS, _host(rows, rng)),
        "resumed": flag(resumed),
        "next_protocol": chosen(("http/1.1", "h2"), (rng.random(n) < 0.7).astype(int)),
        "established": flag(rows.state != RSTO),
        "ssl_history": chosen(("CsxknGIi", "CsiI"), resumed.astype(int)),
        "cert_chain_fps": where(
            shown, chosen(names.FINGERPRINTS, rows.resp % len(names.FINGERPRINTS))
        ),
        "client_cert_chain_fps": where(shown, chosen((columns.EMPTY,), np.zeros(n, dtype=int))),
        "sni_matches_cert": flag(np.ones(n, dtype=bool), shown),
        "validation_status": where(shown, chosen(("ok",), np.zeros(n, dtype=int))),
    }
    return records("ssl", rows, values, rows.start + 30_000)


def ssh(rows: Connections, rng: np.random.Generator) -> Records:
    """Logins: those from outside fail, those from inside succeed."""
    n = len(rows)
    from_inside = site.LOCAL[rows.orig]
    both = from_inside & site.LOCAL[rows.resp]
    values = {
        "version": chosen(("2",), np.zeros(n, dtype=int)),
        "auth_success": flag(from_inside),
        "auth_attempts": number(np.where(from_inside, 1, rng.integers(1, 7, n))),
        "direction": where(~both, chosen(("INBOUND", "OUTBOUND"), from_inside.astype(int))),
        "client": chosen(names.SSH_CLIENTS, rows.orig % len(names.SSH_CLIENTS)),
        "server": chosen(("SSH-2.0-OpenSSH_9.6",), np.zeros(n, dtype=int)),
        **{field: chosen((word,), np.zeros(n, dtype=int)) for field, word in names.SSH_ALGORITHMS},
        "host_key": chosen(names.FINGERPRINTS, rows.resp % len(names.FINGERPRINTS)),
    }
    return records("ssh", rows, values, rows.start + 200_000)


def sip(rows: Connections, rng: np.random.Generator) -> Records:
    """Phones register and call; strangers probe with OPTIONS."""
    n = len(rows)
    known = site.LOCAL[rows.orig]
    method = np.where(known, rng.choice(2, n, p=(0.7, 0.3)), 2)
    caller = joined("<sip:", number(rng.integers(100, 160, n)), f"@{site.DOMAIN}>")
    called = joined("<sip:", number(rng.integers(100, 160, n)), f"@{site.DOMAIN}>")
    status = np.where(known, 0, rng.integers(0, 2, n))
    values = {
        "trans_depth": number(np.zeros(n, dtype=int)),
        "method": chosen(("REGISTER", "INVITE", "OPTIONS"), method),
        "uri": chosen((f"sip:{site.DOMAIN}",), np.zeros(n, dtype=int)),
        "request_from": caller,
        "request_to": called,
        "response_from": caller,
        "response_to": called,
        "call_id": text(uids(n, rng, b"s")),
        "seq": joined("1 ", chosen(("REGISTER", "INVITE", "OPTIONS"), method)),
        "request_path": joined("SIP/2.0/UDP ", chosen(site.ADDRESSES, rows.orig), ":5060"),
        "response_path": joined("SIP/2.0/UDP ", chosen(site.ADDRESSES, rows.orig), ":5060"),
        "user_agent": chosen(names.PHONES, np.where(known, rows.orig % 2, 2)),
        "status_code": chosen(("200", "403"), status),
        "status_msg": chosen(("OK", "Forbidden"), status),
        "request_body_len": number(np.where(method == 1, rows.sent // 2, 0)),
        "response_body_len": number(np.zeros(n, dtype=int)),
    }
    return records("sip", rows, values, rows.end + 1)


def _host(rows: Connections, rng: np.random.Generator) -> np.ndarray:
    """One of our own names for our servers, another's for theirs."""
    own = len(names.OWN_HOSTS)
    others = own + site.ranks(len(names.HOSTS) - own, len(rows), rng)
    return np.where(site.LOCAL[rows.resp], rows.resp % own, others)


MAKERS = {"dns": dns, "http": http, "ssl": ssl, "ssh": ssh, "sip": sip}
