"""Gather: the logs of all protocols are read, and what prepared windows say of themselves."""

from __future__ import annotations

import difflib
import json
import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mods.dataset import files
from mods.dataset.files import LogFile
from mods.errors import SettingError
from mods.features import definitions
from mods.features.catalog import Catalogue
from mods.features.datapool.about import About
from mods.features.entities import By
from mods.features.windows import Span
from mods.flows import intake, local
from mods.flows.intake import MEGABYTE, Reader, Reading
from mods.progress import shown
from mods.request import PrepareRequest
from mods.window import Window

log = logging.getLogger(__name__)
NAMES = """
capture_loss conn dce_rpc dhcp dnp3 dns files ftp http intel irc kerberos known_certs known_hosts
known_services ldap ldap_search modbus mqtt_connect mysql notice ntlm ntp ocsp pe postgresql quic
radius rdp reporter rfb sip smb_cmd smb_files smb_mapping smtp snmp socks software ssh ssl stats
syslog traceroute tunnel weird websocket x509
"""
ZEEK_LOGS = tuple(NAMES.split())


def about(request: PrepareRequest) -> About:
    """How the windows are to be made."""
    window, mine = Window.parse(request.window_slide), catalogue(request)
    return About(
        (str(window),),
        local.find(request)[0],
        mine.identity,
        mine.averages(),
        by=str(by(request) or ""),
        features=json.dumps([one.record() for one in mine.extra]),
    )


def catalogue(request: PrepareRequest) -> Catalogue:
    """The features that are wanted."""
    return definitions.catalogue(request.features)


def by(request: PrepareRequest) -> By | None:
    """What tells entities apart, if anything is to."""
    return By.parse(request.by) if request.by else None


def found(request: PrepareRequest) -> files.Found:
    """The logs that lie there.

    Raises SettingError where a feature asks for a log of which there is no file, and whose name is
    nearly that of one of Zeek's.
    """
    wanted = catalogue(request).protocols
    found = files.find(Path(request.logs), wanted, skip_broken=request.skip_broken)
    there = {one.header.path for one in found.logs}
    for protocol in wanted:
        if protocol not in (*there, *ZEEK_LOGS):
            _unknown(protocol, request.logs)
    return found


def _unknown(protocol: str, place: str) -> None:
    near = difflib.get_close_matches(protocol, ZEEK_LOGS, n=1, cutoff=0.7)
    if near:
        raise SettingError(
            f"no log of {protocol!r}, which a feature asks for, lies in {place}",
            where="features",
            fix=f"Did you mean {near[0]}?",
        )
    log.warning("no log of %r, which a feature asks for, lies in %s", protocol, place)


def reader(con: Any, request: PrepareRequest, skipped: list[tuple[Path, str]]) -> Reader:
    """How the logs are to be read."""
    window = Window.parse(request.window_slide)
    networks, _ = local.find(request)
    asked = catalogue(request), by(request)
    return Reader(con, window, networks, request.skip_broken, skipped, *asked)


def readings(reader: Reader, logs: Sequence[LogFile]) -> dict[str, Reading]:
    """The readings of the protocols that have logs, in the catalogue's order."""
    size = sum(one.size for one in logs) / MEGABYTE
    found = {}
    with shown("read logs", size, "MB") as progress:
        for protocol in reader.catalogue.protocols:
            mine = [one for one in logs if one.header.path == protocol]
            reading = intake.read(reader, protocol, mine, progress) if mine else None
            if reading is not None:
                found[protocol] = reading
    return found


def bounds(span: Span, window: Window) -> tuple[str, str]:
    """The first window's start and the last one's end, as text."""
    return moment(span.first * window.slide), moment(span.last * window.slide + window.length)


def moment(seconds: int) -> str:
    """Seconds since the epoch as text."""
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
