"""The command that trains many times to find better settings."""

from __future__ import annotations

from typing import Any

from mods import settings
from mods.command import Answer, Command
from mods.config import Config
from mods.request import Source, TuneRequest


def tune(values: dict[str, Any]) -> Answer:
    """Datapool or file -> settings that forecast it better."""
    config, request = settings.build(Config, values), settings.build(TuneRequest, values)
    source = settings.build(Source, values)
    given = {one.name for one in settings.settings(Config)} & set(values)
    from mods.flows import tune as flow

    tuned = flow.tune(config, request, source, given)
    record, lines = tuned.record(), [tuned.text()]
    if request.output:
        record["written"] = tuned.write(request.output)
        lines.append(f"written: {', '.join(record['written'])}")
    if request.train and tuned.error is not None:
        record["trained"] = flow.best(tuned, config, request, source)
        lines.append(f"saved {record['trained']['path']}")
        lines += [f"warning: {line}" for line in record["trained"]["metrics"]["warnings"]]
    return Answer(record, "\n".join(lines))


COMMANDS = (
    Command(
        "tune",
        "Datapool (or CSV) -> better settings, by trials that survive a kill (extra tune).",
        tune,
        (TuneRequest, Source, Config),
        (
            "mods tune data/features --steps_ahead 12 --trials 50 --timeout 8h --train tuned",
            "mods tune sensor.csv --search model_type,blocks --output reports/tuning",
        ),
        ("data",),
    ),
)
