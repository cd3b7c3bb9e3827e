"""Which networks are local: said by the user, by Zeek's networks.cfg, by the logs, or private."""

from __future__ import annotations

import logging
from pathlib import Path

from mods.dataset import networks
from mods.errors import InputError, SettingError
from mods.features import directions
from mods.request import PrepareRequest

log = logging.getLogger(__name__)
ZEEK = "local_orig and local_resp of the logs where they have them, else private ranges"


def find(request: PrepareRequest) -> tuple[tuple[str, ...], str]:
    """The local networks in canonical form, () where each record says itself; and who says so.

    Raises SettingError or InputError, with the place, for what is no network.
    """
    if request.local_networks:
        return directions.networks(request.local_networks), "--local_networks"
    named = request.networks_cfg
    path = Path(named) if named else networks.find(Path(request.logs))
    if path is None:
        return (), ZEEK
    try:
        found = directions.networks(networks.read(path))
    except SettingError as error:
        raise InputError(error.message, where=path, fix=networks.FIX) from None
    if not found:
        if named:
            raise InputError("lists no network", where=path, fix=networks.FIX)
        return (), ZEEK
    log.info("local networks from %s: %s", path, ", ".join(found))
    return found, str(path)
