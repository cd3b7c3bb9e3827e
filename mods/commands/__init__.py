"""The commands of `mods`: a line and an example of each, and the module that knows the rest.

`mods --help` reads this list alone; a command's module is imported when the command is asked for.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mods.commands.command import Command

# name, module, what it does, an example
LISTED = (
    (
        "prepare",
        "data",
        "Zeek logs -> datapool of windowed features.",
        "mods prepare /var/log/zeek --output data/features --local_networks 10.0.0.0/8",
    ),
    (
        "check",
        "data",
        "Datapool (or CSV) -> what it lacks, and what in it looks wrong.",
        "mods check data/features --output check.html",
    ),
    (
        "features",
        "data",
        "Datapool (or CSV) -> its features ranked for forecasting, and why.",
        "mods features data/features --data_select_query 'conn;dns;ssh' --output features.html",
    ),
    (
        "train",
        "experiments",
        "Datapool (or CSV) -> saved model, scored beside the baselines.",
        "mods train data/features --model_name week --steps_ahead 12",
    ),
    (
        "tune",
        "experiments",
        "Datapool (or CSV) -> better settings, by trials that survive a kill (extra tune).",
        "mods tune data/features --steps_ahead 12 --trials 50 --timeout 8h --train tuned",
    ),
    (
        "backtest",
        "experiments",
        "Saved model -> its forecasts over a period, scored beside the baselines.",
        "mods backtest week --time_range '<2019-04-01,2019-05-01)' --output april.csv",
    ),
    (
        "jobs",
        "jobs",
        "Trainings that run in the background: list, show, follow, cancel, resume.",
        "mods jobs",
    ),
    (
        "predict",
        "models",
        "Saved model -> forecast of the next steps, with intervals.",
        "mods predict week --data data/features --output next.csv",
    ),
    (
        "detect",
        "anomalies",
        "Saved model (or --online) -> anomalies: where reality departs from what was expected.",
        "mods detect week --data data/features --output anomalies.csv",
    ),
    (
        "explain",
        "anomalies",
        "An event -> what was expected and why, and who is behind it in the raw logs.",
        "mods explain week --logs data/demo/logs --output event.html",
    ),
    (
        "evaluate-detector",
        "anomalies",
        "Saved model (or --online) and calm data -> what it would find of injected anomalies.",
        "mods evaluate-detector week --data data/features --time_range '<2019-04-01,2019-05-01)'",
    ),
    (
        "events",
        "events",
        "Events of a saved model: list them, mark them expected, false or true, keep a calendar.",
        "mods events week --data data/features --time_range '<2024-05-01,2024-06-01)'",
    ),
    (
        "calibrate",
        "events",
        "Saved model -> the same with alarm thresholds learnt anew: marked events count.",
        "mods calibrate week --data data/features",
    ),
    ("models", "models", "List, show, export or delete saved models.", "mods models"),
    (
        "serve",
        "service",
        "Saved models -> REST service with tokens, limits, health and figures.",
        "mods serve",
    ),
    (
        "export",
        "data",
        "Datapool -> the same windows in another layout.",
        "mods export data/features --layout parquet --output pool-parquet",
    ),
    (
        "storage",
        "data",
        "Datapool -> how much panes and windows take; trims what is old.",
        "mods storage data/features",
    ),
    (
        "anonymize",
        "data",
        "Zeek logs -> the same logs with pseudonyms, to be given to others.",
        "mods anonymize /var/log/zeek --output shared --key_file site.key --new_key",
    ),
    (
        "demo",
        "data",
        "The whole way on synthetic traffic: logs to report, in half a minute on two cores.",
        "mods demo",
    ),
)
TITLE = "mods learns the rhythm of a network from its Zeek logs and says where reality departs."


def names() -> list[str]:
    """All of them, in the order in which people meet them."""
    return [name for name, *_ in LISTED]


def find(name: str) -> Command:
    """The command of that name; KeyError for another."""
    import dataclasses

    module, line, example = {one: rest for one, *rest in LISTED}[name]
    rows = importlib.import_module(f"mods.commands.{module}").COMMANDS
    command: Command = next(one for one in rows if one.name == name)
    return dataclasses.replace(command, help=line, examples=(example, *command.examples))


def overview() -> str:
    """What `mods --help` prints."""
    width = max(len(name) for name in names())
    lines = [f"  {name:<{width}}  {line}" for name, _, line, _ in LISTED]
    examples = [f"  {example}" for *_, example in LISTED]
    usage = ["", "usage: mods COMMAND [options]", "", "commands:", *lines, "", "examples:"]
    end = "`mods COMMAND --help` tells the options of a command."
    return "\n".join([TITLE, *usage, *examples, "", end])
