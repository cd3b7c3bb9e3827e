"""The columns that Zeek writes into the logs read here, with their types.

Zeek's JSON does not say types, and leaves out what is unset; this table stands in for `#types`.
Source: the Info records of Zeek's script reference (Conn::Info, DNS::Info and so on).
"""

from __future__ import annotations

COMMON = """
ts:time uid:string id.orig_h:addr id.orig_p:port id.resp_h:addr id.resp_p:port
"""
LOGS = {
    "conn": """
        proto:enum service:string duration:interval orig_bytes:count resp_bytes:count
        conn_state:string local_orig:bool local_resp:bool missed_bytes:count history:string
        orig_pkts:count orig_ip_bytes:count resp_pkts:count resp_ip_bytes:count
        tunnel_parents:set[string] orig_l2_addr:string resp_l2_addr:string vlan:int inner_vlan:int
        community_id:string ip_proto:count
    """,
    "dns": """
        proto:enum trans_id:count rtt:interval query:string qclass:count qclass_name:string
        qtype:count qtype_name:string rcode:count rcode_name:string AA:bool TC:bool RD:bool RA:bool
        Z:count answers:vector[string] TTLs:vector[interval] rejected:bool
    """,
    "http": """
        trans_depth:count method:string host:string uri:string referrer:string version:string
        user_agent:string origin:string request_body_len:count response_body_len:count
        status_code:count status_msg:string info_code:count info_msg:string tags:set[enum]
        username:string password:string proxied:set[string] orig_fuids:vector[string]
        orig_filenames:vector[string] orig_mime_types:vector[string] resp_fuids:vector[string]
        resp_filenames:vector[string] resp_mime_types:vector[string]
    """,
    "sip": """
        trans_depth:count method:string uri:string date:string request_from:string
        request_to:string response_from:string response_to:string reply_to:string call_id:string
        seq:string subject:string request_path:vector[string] response_path:vector[string]
        user_agent:string status_code:count status_msg:string warning:string
        request_body_len:count response_body_len:count content_type:string
    """,
    "ssh": """
        version:count auth_success:bool auth_attempts:count direction:enum client:string
        server:string cipher_alg:string mac_alg:string compression_alg:string kex_alg:string
        host_key_alg:string host_key:string remote_location.country_code:string
        remote_location.region:string remote_location.city:string
        remote_location.latitude:double remote_location.longitude:double
    """,
    "ssl": """
        version:string cipher:string curve:string server_name:string resumed:bool last_alert:string
        next_protocol:string established:bool ssl_history:string cert_chain_fps:vector[string]
        client_cert_chain_fps:vector[string] cert_chain_fuids:vector[string]
        client_cert_chain_fuids:vector[string] subject:string issuer:string client_subject:string
        client_issuer:string sni_matches_cert:bool validation_status:string
    """,
}


def known(log: str) -> dict[str, str]:
    """The columns of a log and their types; of a log that is not in the table the common ones.

    >>> known("conn")["duration"], known("weird")["ts"]
    ('interval', 'time')
    """
    return dict(one.split(":", 1) for one in (COMMON + LOGS.get(log, "")).split())
