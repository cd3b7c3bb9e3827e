"""Columns of a Zeek log as Arrow text, and the fields of the six logs as Zeek 6 writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

UNSET = "-"
EMPTY = "(empty)"
CONN_ID = "id.orig_h:addr id.orig_p:port id.resp_h:addr id.resp_p:port"
_FIELDS = {
    "conn": f"ts:time uid:string {CONN_ID} proto:enum service:string duration:interval "
    "orig_bytes:count resp_bytes:count conn_state:string local_orig:bool local_resp:bool "
    "missed_bytes:count history:string orig_pkts:count orig_ip_bytes:count resp_pkts:count "
    "resp_ip_bytes:count tunnel_parents:set[string]",
    "dns": f"ts:time uid:string {CONN_ID} proto:enum trans_id:count rtt:interval query:string "
    "qclass:count qclass_name:string qtype:count qtype_name:string rcode:count rcode_name:string "
    "AA:bool TC:bool RD:bool RA:bool Z:count answers:vector[string] TTLs:vector[interval] "
    "rejected:bool",
    "http": f"ts:time uid:string {CONN_ID} trans_depth:count method:string host:string uri:string "
    "referrer:string version:string user_agent:string origin:string request_body_len:count "
    "response_body_len:count status_code:count status_msg:string info_code:count info_msg:string "
    "tags:set[enum] username:string password:string proxied:set[string] orig_fuids:vector[string] "
    "orig_filenames:vector[string] orig_mime_types:vector[string] resp_fuids:vector[string] "
    "resp_filenames:vector[string] resp_mime_types:vector[string]",
    "sip": f"ts:time uid:string {CONN_ID} trans_depth:count method:string uri:string date:string "
    "request_from:string request_to:string response_from:string response_to:string "
    "reply_to:string call_id:string seq:string subject:string request_path:vector[string] "
    "response_path:vector[string] user_agent:string status_code:count status_msg:string "
    "warning:string request_body_len:count response_body_len:count content_type:string",
    "ssh": f"ts:time uid:string {CONN_ID} version:count auth_success:bool auth_attempts:count "
    "direction:enum client:string server:string cipher_alg:string mac_alg:string "
    "compression_alg:string kex_alg:string host_key_alg:string host_key:string",
    "ssl": f"ts:time uid:string {CONN_ID} version:string cipher:string curve:string "
    "server_name:string resumed:bool last_alert:string next_protocol:string established:bool "
    "ssl_history:string cert_chain_fps:vector[string] client_cert_chain_fps:vector[string] "
    "sni_matches_cert:bool validation_status:string",
}
FIELDS = {
    log: tuple(tuple(field.split(":", 1)) for field in text.split())
    for log, text in _FIELDS.items()
}


def table(log: str, columns: Mapping[str, Any], rows: int) -> pa.Table:
    """All fields of the log in their order; those not given are unset."""
    unset = pa.array(np.full(rows, UNSET, dtype=object), pa.string())
    return pa.table({name: columns.get(name, unset) for name, _ in FIELDS[log]})


def chosen(words: Sequence[str], codes: np.ndarray) -> Any:
    """The word of each code."""
    return pa.array(words, pa.string()).take(pa.array(codes))


def number(values: np.ndarray) -> Any:
    """Whole numbers; unset where negative."""
    return _or_unset(pa.array(values).cast(pa.string()), values >= 0)


def flag(values: np.ndarray, known: np.ndarray | bool = True) -> Any:
    """T or F; unset where not known."""
    return chosen(("F", "T", UNSET), np.where(known, values.astype(int), 2))


def seconds(microseconds: np.ndarray) -> Any:
    """Seconds with six decimals, exactly; unset where negative."""
    whole, rest = np.divmod(microseconds, 1_000_000)
    decimals = pc.utf8_lpad(pa.array(rest).cast(pa.string()), 6, "0")
    text = pc.binary_join_element_wise(pa.array(whole).cast(pa.string()), decimals, ".")
    return _or_unset(text, microseconds >= 0)


def where(known: np.ndarray, column: Any, other: str = UNSET) -> Any:
    """The column, or `other` where it is not known."""
    return pc.if_else(pa.array(known), column, other)


def joined(*parts: Any) -> Any:
    """Text put together from columns and words."""
    return pc.binary_join_element_wise(*parts, "")


def text(letters: np.ndarray) -> Any:
    """Arrow text of numpy bytes."""
    return pa.array(letters).cast(pa.string())


def _or_unset(column: Any, known: np.ndarray) -> Any:
    return column if known.all() else where(known, column)
