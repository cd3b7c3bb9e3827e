"""`mods ...`: reads the command line, runs the command, prints its answer."""

from __future__ import annotations

import argparse
import difflib
import errno
import gc
import json
import logging
import os
import sys
from collections.abc import Iterable
from typing import Any, NoReturn

from mods import __version__, commands
from mods.commands.command import Command
from mods.errors import ModsError, ResourceError, UsageError
from mods.plain import plain
from mods.settings import Setting, settings

INTERRUPTED = 130
RARELY = (50_000, 20, 20)  # looking for cycles of garbage took a tenth of loading the libraries
TRUTHS = ("true", "false", "yes", "no", "1", "0")


class Parser(argparse.ArgumentParser):
    """An argparse parser whose complaints are ours: one line, exit code 2."""

    def error(self, message: str) -> NoReturn:
        """Turn argparse's complaint into a UsageError."""
        raise UsageError(message, where=self.prog, fix=f"See {self.prog} --help")


def main(argv: list[str] | None = None) -> int:
    """Run one command line and return its exit code (CONTRACTS: 0, 2, 3, 4, 5, 130)."""
    words = sys.argv[1:] if argv is None else argv
    gc.set_threshold(*RARELY)
    try:
        return run(words)
    except ModsError as error:
        complain(error, as_json="--json" in words)
        return error.exit_code
    except KeyboardInterrupt:
        print("mods: interrupted", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        if sys.stdout is not None:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        return refuse(error)


def refuse(error: OSError) -> int:
    """What the machine refuses where nobody foresaw it: a closed folder, a full disk."""
    reason = error.strerror or str(error)
    where = error.filename or "output"
    complain(ResourceError(reason, where=where, fix="Check the path and the disk"), as_json=False)
    return ResourceError.exit_code


def run(words: list[str]) -> int:
    """Find the command, run it, print its answer."""
    if not words or words[0] in ("-h", "--help", "help"):
        print(commands.overview())
        return 0
    if words[0] == "--version":
        print(f"mods {__version__}")
        return 0
    command = find(words[0])
    values = read(command, words[1:])
    listen(verbose=values.pop("verbose"), quiet=values.pop("quiet"))
    as_json = values.pop("json")
    answer = command.run(values)
    if as_json:
        say(json.dumps(plain(answer.record), allow_nan=False))
        return 0
    for line in answer.lines:
        say(line)
    if answer.text or not answer.lines:
        say(answer.text)
    return 0


def say(text: str) -> None:
    """The answer on stdout; OSError where that is closed or full."""
    if sys.stdout is None:
        raise OSError(errno.EBADF, "is closed", "stdout")
    try:
        print(text, flush=True)
    except OSError:
        sys.stdout = None  # what is left in its buffer has nowhere to go
        raise


def find(name: str) -> Command:
    """The command of that name; UsageError with the nearest one otherwise."""
    if name in commands.names():
        return commands.find(name)
    near = difflib.get_close_matches(name, commands.names(), n=1)
    fix = f"Did you mean mods {near[0]}?" if near else "See mods --help"
    raise UsageError(f"{name!r} is no command", where="mods", fix=fix)


def read(command: Command, words: list[str]) -> dict[str, Any]:
    """The values given on a command line, by the settings' names; hyphens are accepted."""
    parser = build(command)
    given, rest = parser.parse_known_args(spelled(command, words))
    values = {name: value for name, value in vars(given).items() if value is not None}
    for name, value in values.items():
        if value == "":
            raise UsageError("no value given", where=f"--{name}", fix="Leave it out, or give one")
    for word in rest:
        if word.startswith("-") and len(word) > 1:
            raise unknown(parser, word)
    names = command.positional
    if len(rest) > len(names):
        raise UsageError(
            f"{rest[len(names)]!r} is one word too many",
            where=parser.prog,
            fix=f"See {parser.prog} --help",
        )
    for name, word in zip(names, rest, strict=False):
        if name in values:
            raise UsageError(
                f"{name} is given twice: {word!r} and --{name}", where=parser.prog, fix="Give one"
            )
        values[name] = word
    return values


def spelled(command: Command, words: list[str]) -> list[str]:
    """Options as they are declared: `--train-time-range` -> `--train_time_range`.

    A switch may stand alone or be followed by its value: `--model_delta false`.
    """
    switches = {
        f"--{one.name}" for cls in command.classes for one in settings(cls) if one.kind is bool
    }
    said: list[str] = []
    for word in words:
        name, equals, value = word.partition("=")
        if said and said[-1] in switches and word.lower() in TRUTHS:
            said[-1] += f"={word}"
        elif word.startswith("--"):
            said.append(f"--{name[2:].replace('-', '_')}{equals}{value}")
        else:
            said.append(word)
    return [f"{word}=true" if word in switches else word for word in said]


def unknown(parser: argparse.ArgumentParser, word: str) -> UsageError:
    """The error for an option that a command does not have, with the nearest one it has."""
    options = [option for action in parser._actions for option in action.option_strings]
    near = difflib.get_close_matches(word.partition("=")[0], options, n=1)
    fix = f"Did you mean {near[0]}?" if near else f"See {parser.prog} --help"
    return UsageError(f"{word!r} is no option", where=parser.prog, fix=fix)


def build(command: Command) -> Parser:
    """The parser of one command, made of the settings that it declares."""
    words = " ".join(f"[{name.upper()}]" for name in command.positional)
    parser = Parser(
        prog=f"mods {command.name}",
        usage=f"mods {command.name} {words} [options]".replace("  ", " "),
        description=command.help,
        epilog="examples:\n" + "\n".join(f"  {line}" for line in command.examples),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    for cls in command.classes:
        for one in settings(cls):
            add(parser, one, command.aliases.get(one.name, ()))
    for name, text in command.extra.items():
        parser.add_argument(f"--{name}", help=text, metavar=name.upper())
    parser.add_argument("--json", action="store_true", help="Answer in JSON on stdout.")
    parser.add_argument("--verbose", action="store_true", help="Say more on stderr.")
    parser.add_argument("--quiet", action="store_true", help="Say errors only.")
    return parser


def add(parser: argparse.ArgumentParser, one: Setting, aliases: Iterable[str]) -> None:
    """One option from one declaration; values stay text until the settings read them."""
    limits = f" [{one.limits}]" if one.limits else ""
    shown = "" if one.default in (None, (), "") else f" (default: {one.default})"
    parser.add_argument(
        f"--{one.name}",
        *aliases,
        dest=one.name,
        help=f"{one.help}{limits}{shown}".replace("%", "%%"),
        metavar=one.kind.__name__.upper() if one.kind is not str else "TEXT",
        action="append" if one.many else "store",
    )


def listen(*, verbose: bool, quiet: bool) -> None:
    """Log to stderr: progress as lines where no terminal shows bars, warnings always."""
    level = logging.INFO if verbose or not sys.stderr.isatty() else logging.WARNING
    logging.basicConfig(stream=sys.stderr, format="mods: %(message)s", level=logging.ERROR)
    logging.getLogger("mods").setLevel(logging.ERROR if quiet else level)
    logging.getLogger("tensorflow").setLevel(logging.ERROR)  # it warns of many trainings


def complain(error: ModsError, *, as_json: bool) -> None:
    """Tell an error: one line on stderr, or one JSON object on stdout."""
    if as_json:
        print(json.dumps(error.record()))
    else:
        print(f"mods: error: {error}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
