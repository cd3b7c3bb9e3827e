"""Generated Zeek logs: the same bytes for the same number of rows, one day from 2024-04-19 on.

Run as `python -m benchmarks.logs conn 1000000 FILE`; a process of its own, so that whoever
measures stays small. Of dns there are two:

- `dns`: resolvers see names repeat. One of 100,000 names is asked for with a probability falling as
  one over its rank (Zipf's law; Jung et al., "DNS performance and the effectiveness of caching",
  IEEE/ACM Trans. Networking 10(5), 2002, fit an exponent of 0.9 to two universities), but two in a
  hundred are asked for once and never again, as names that carry data are. A fourth of the records
  of an hour and direction are new names then, where the published days of the network that the
  features were made for have 2 to 17 in a hundred: still the harder case.
- `dns-new`: names drawn evenly from a million, so that nearly every record is a new name in its ten
  minutes and direction. No network looks like that, except under attack.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import duckdb

START, SECONDS = 1_713_484_800, 86_400
LOCAL = "'10.' || {0} % 4 || '.' || {0} % 16 || '.' || {0} % 200"
WEB = "'93.' || {0} % 60 || '.' || {0} % 250 || '.' || {0} % 200"
TIME = f"printf('%.6f', {START} + (i * {SECONDS}.0 + (a % 1000) / 1000.0) / n)"
ENDS = """
 uid string 'C' || substr(md5(i::VARCHAR), 1, 17)
 id.orig_h addr CASE WHEN way < 2 THEN {inside} ELSE {outside} END
 id.orig_p port 1024 + a % 60000
 id.resp_h addr CASE WHEN way % 2 = 0 THEN {other} ELSE {outside} END
 id.resp_p port [53, 80, 443, 22, 8080][1 + b % 5]
"""
CONN = """
 proto enum ['tcp', 'udp', 'icmp'][1 + a % 3]
 service string CASE WHEN b % 3 = 0 THEN '-' ELSE ['dns', 'http', 'ssl', 'ssh'][1 + b % 4] END
 duration interval CASE WHEN c % 5 = 0 THEN '-' ELSE printf('%.6f', (c % 90000000) / 1e6) END
 orig_bytes count CASE WHEN c % 7 = 0 THEN '-' ELSE (a % 90000)::VARCHAR END
 resp_bytes count CASE WHEN c % 7 = 0 THEN '-' ELSE (b % 900000)::VARCHAR END
 conn_state string ['SF', 'S0', 'REJ', 'RSTO', 'OTH'][1 + c % 5]
 local_orig bool CASE WHEN way < 2 THEN 'T' ELSE 'F' END
 local_resp bool CASE WHEN way % 2 = 0 THEN 'T' ELSE 'F' END
 missed_bytes count 0
 history string ['ShADadFf', 'D', 'Dd', 'S', 'ShAdDaTFf'][1 + a % 5]
 orig_pkts count 1 + a % 90
 orig_ip_bytes count 40 + a % 100000
 resp_pkts count 1 + b % 90
 resp_ip_bytes count 40 + b % 100000
 tunnel_parents set[string] '-'
"""
FLAGS = "\n".join(
    f" {name} bool CASE WHEN (c >> {bit}) % 2 = 0 THEN 'T' ELSE 'F' END"
    for bit, name in enumerate(("AA", "TC", "RD", "RA"))
)
POPULAR, ONCE = 100_000, 50
RANK = f"exp((c % 1000003) / 1000003.0 * ln({POPULAR}))::BIGINT"
EVEN = "'host' || (a % 20000) || '.site' || (b % 50) || '.example.org'"
ZIPF = f"""
 CASE WHEN b % {ONCE} = 0 THEN substr(md5((i + 7)::VARCHAR), 1, 26) || '.cdn.example.net'
 ELSE 'host' || {RANK} % 997 || '.site' || {RANK} || '.example.org' END
""".replace("\n", "")
DNS = f"""
 proto enum CASE WHEN a % 50 = 0 THEN 'tcp' ELSE 'udp' END
 trans_id count b % 65536
 rtt interval printf('%.6f', (c % 900000) / 1e6)
 query string {{query}}
 qclass count 1
 qclass_name string 'C_INTERNET'
 qtype count 1
 qtype_name string 'A'
 rcode count 0
 rcode_name string 'NOERROR'
{FLAGS}
 Z count 0
 answers vector[string] '93.1.2.' || b % 200
 TTLs vector[interval] '300.000000'
 rejected bool CASE WHEN c % 40 = 0 THEN 'T' ELSE 'F' END
"""
COLUMNS = {"conn": CONN, "dns": DNS.format(query=ZIPF), "dns-new": DNS.format(query=EVEN)}


def write(kind: str, rows: int, path: Path) -> None:
    """Write a log of so many records, in the order of time, as Zeek writes TSV."""
    ends = ENDS.format(inside=LOCAL.format("a"), other=LOCAL.format("b"), outside=WEB.format("b"))
    fields = [line.split(maxsplit=2) for line in (ends + COLUMNS[kind]).splitlines() if line]
    names, types, values = zip(["ts", "time", TIME], *fields, strict=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    body, partial = path.with_suffix(".body"), path.with_suffix(".partial")
    chosen = ", ".join(f"({value})::VARCHAR" for value in values)
    duckdb.sql(
        f"COPY (SELECT {chosen} FROM (SELECT i, {rows} AS n, (hash(i) >> 1)::BIGINT AS a, "
        "(hash(i + 1000000007) >> 1)::BIGINT AS b, (hash(i + 2000000011) >> 1)::BIGINT AS c, "
        f"(a % 10) % 3 AS way FROM range({rows}) numbers(i))) "
        f"TO '{body}' (DELIMITER '\t', HEADER false, QUOTE '')"
    )
    with partial.open("wb") as log:
        log.write(_header(kind.partition("-")[0], names, types).encode())
        with body.open("rb") as lines:
            shutil.copyfileobj(lines, log, 1 << 20)
        log.write(b"#close\t2024-04-20-00-00-00\n")
    body.unlink()
    partial.replace(path)


def _header(protocol: str, names: tuple[str, ...], types: tuple[str, ...]) -> str:
    lines = (
        "#separator \\x09", "#set_separator\t,", "#empty_field\t(empty)", "#unset_field\t-",
        f"#path\t{protocol}", "#open\t2024-04-19-00-00-00",
        "\t".join(("#fields", *names)), "\t".join(("#types", *types)),
    )  # fmt: skip
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    write(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
