"""Which fields are kept, which get a pseudonym; what is not listed here is dropped.

A kept field is kept only where its value has the form that it should have: a text that a damaged or
hostile line put there is dropped as well.
"""

from __future__ import annotations

import re

ADDRESS, HOST, IDENTIFIER, HARDWARE = "address", "host", "identifier", "hardware"
NUMBER = r"-?\d{1,25}(?:\.\d{1,12})?(?:[eE][-+]?\d{1,3})?"
FLAG = r"[TF]|true|false"
TIME = rf"{NUMBER}|\d{{4}}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d{{1,9}})?(?:Z|[-+]\d\d:?\d\d)?"
SERVICE = (
    "ayiya|dce_rpc|dhcp|dnp3|dns|dtls|ftp|ftp-data|gssapi|gtpv1|http|imap|irc|kerberos|krb|krb_tcp|"
    "ldap|ldap_tcp|ldap_udp|modbus|mqtt|mysql|ntlm|ntp|pop3|postgresql|quic|radius|rdp|rdpeudp|"
    "redis|rfb|sip|smb|smtp|snmp|socks|spicy_ldap_tcp|ssh|ssl|syslog|teredo|tftp|vxlan|websocket|"
    "wireguard|xmpp"
)
LOG = (
    "conn|dns|http|ssl|ssh|sip|files|weird|notice|dhcp|ftp|smtp|x509|dpd|tunnel|ntp|snmp|radius|"
    "kerberos|rdp|smb_files|smb_mapping|known_hosts|known_services|software|stats|capture_loss"
)
METHOD = (
    "GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH|PROPFIND|INVITE|ACK|BYE|CANCEL|REGISTER|"
    "PRACK|SUBSCRIBE|NOTIFY|PUBLISH|INFO|REFER|MESSAGE|UPDATE"
)
STATE = "S0|S1|SF|REJ|S2|S3|RSTO|RSTR|RSTOS0|RSTRH|SH|SHR|OTH"
RCODE = (
    "NOERROR|FORMERR|SERVFAIL|NXDOMAIN|NOTIMP|REFUSED|YXDOMAIN|YXRRSET|NXRRSet|NXRRSET|NOTAUTH|"
    "NOTZONE|BADVERS|BADSIG|BADKEY|BADTIME|BADMODE|BADNAME|BADALG|BADTRUNC|BADCOOKIE"
)
QTYPE = (
    "A|NS|MD|MF|CNAME|SOA|MB|MG|MR|NULL|WKS|PTR|HINFO|MINFO|MX|TXT|RP|AFSDB|X25|ISDN|RT|SIG|KEY|"
    "PX|GPOS|AAAA|LOC|NXT|EID|NIMLOC|SRV|ATMA|NAPTR|KX|CERT|A6|DNAME|SINK|OPT|APL|DS|SSHFP|"
    "IPSECKEY|RRSIG|NSEC|DNSKEY|DHCID|NSEC3|NSEC3PARAM|TLSA|SMIMEA|HIP|CDS|CDNSKEY|OPENPGPKEY|"
    r"CSYNC|ZONEMD|SVCB|HTTPS|SPF|TKEY|TSIG|IXFR|AXFR|MAILB|MAILA|\*|URI|CAA|query-\d{1,5}"
)
TLS = r"(?:TLS|DTLS)v1[0-3]|SSLv[23]|[12]|[01]\.[0-9]"
CIPHER = r"TLS_[A-Z0-9_]{4,60}|unknown-\d{1,5}"
CURVE = r"x25519|x448|secp\d{3}[kr]\d|sect\d{3}[kr]\d|X25519\w{0,12}|unknown-\d{1,5}"
HISTORY = r"\^?[ShAaDdFfRrCcIiTtGgWwQqUuNnXx^]{1,60}"

FORMS = {
    TIME: "ts _write_ts",
    NUMBER: (
        "duration rtt orig_bytes resp_bytes missed_bytes orig_pkts resp_pkts orig_ip_bytes "
        "resp_ip_bytes id.orig_p id.resp_p src_p dst_p trans_id qclass qtype rcode Z TTLs "
        "trans_depth request_body_len response_body_len status_code info_code auth_attempts "
        "seen_bytes total_bytes missing_bytes overflow_bytes depth ip_proto vlan inner_vlan"
    ),
    FLAG: (
        "local_orig local_resp AA TC RD RA rejected resumed established auth_success is_orig "
        "timedout sni_matches_cert tls"
    ),
    "tcp|udp|icmp|icmp6|sctp|unknown_transport": "proto",
    rf"(?:{SERVICE})(?:(?:,-?|-)(?:{SERVICE}))*": "service",
    LOG: "_path",
    STATE: "conn_state",
    HISTORY: "history",
    RCODE: "rcode_name",
    QTYPE: "qtype_name",
    r"C_INTERNET|C_CHAOS|C_HESIOD|C_NONE|C_ANY|qclass-\d{1,5}": "qclass_name",
    METHOD: "method",
    TLS: "version",
    CIPHER: "cipher",
    CURVE: "curve",
    "INBOUND|OUTBOUND": "direction",
}
PSEUDONYMS = {
    ADDRESS: "id.orig_h id.resp_h src dst orig_h resp_h client_addr server_addr assigned_addr "
    "requested_addr tx_hosts rx_hosts",
    HOST: "query answers host server_name",
    IDENTIFIER: "uid uids fuid conn_uids tunnel_parents orig_fuids resp_fuids user username "
    "call_id",
    HARDWARE: "mac orig_l2_addr resp_l2_addr",
}
KEPT = {name: re.compile(form) for form, names in FORMS.items() for name in names.split()}
PSEUDONYM = {name: kind for kind, names in PSEUDONYMS.items() for name in names.split()}
