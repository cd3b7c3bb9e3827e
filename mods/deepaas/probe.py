"""A probe of the service: every model in a worker's reach makes a real forecast."""

from __future__ import annotations

from mods.deepaas.guard import answer, guarded


@guarded
def models() -> dict[str, str]:
    """Name -> what is wrong with the model, "" where it forecasts."""
    from mods.deepaas import shelf

    return {name: _fault(name) for name in shelf.latest()}


def _fault(name: str) -> str:
    from mods.deepaas import shelf

    try:
        shelf.model(name).forecaster.rehearse()
    except Exception as error:  # noqa: BLE001 - the last door of one model: the others are not ill
        return answer(error).record["message"]
    return ""
