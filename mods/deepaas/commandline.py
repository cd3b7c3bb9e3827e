"""What `deepaas-cli` 2.6 needs to have mended: the options that nobody gave.

It takes the mark of marshmallow for them as their default, shows that mark in its help, and fails
to write it as JSON once a training is done.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

from marshmallow import fields, missing

CALLER = "deepaas.cmd.cli"
Options = dict[str, dict[str, Any]]


def install_if_called() -> None:
    """Mend `deepaas-cli` where it is what imports us; anywhere else do nothing."""
    caller: Any = sys.modules.get(CALLER)
    if caller is not None:
        caller._get_subdict = given(caller._get_subdict)
        caller._fields_to_dict = told(caller._fields_to_dict)


def given(select: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Of the values of a method those that somebody gave, or that have a default to send."""

    @functools.wraps(select)
    def inside(values: dict[str, Any], names: dict[str, Any]) -> dict[str, Any]:
        return {name: one for name, one in select(values, names).items() if one is not missing}

    return inside


def told(make: Callable[..., Options]) -> Callable[..., Options]:
    """The options with the default of each setting in their help."""

    @functools.wraps(make)
    def inside(declared: dict[str, fields.Field]) -> Options:
        made = make(declared)
        for name, option in made.items():
            default = declared[name].metadata.get("doc_default")
            option["help"] = option["help"].replace(f"Default: {missing}", f"Default: {default}")
        return made

    return inside
