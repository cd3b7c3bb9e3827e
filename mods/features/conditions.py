"""Conditions on records: `conn_state in ['S0', 'REJ'] and orig_bytes > 0`, never run as code.

The text is parsed into Python's syntax tree, of which only comparisons, `and`, `or`, `not`, `in`,
columns, constants and the functions below are known; filters.py builds an expression of it.
"""

from __future__ import annotations

import ast
import math
import warnings
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any, NoReturn

from mods.errors import SettingError
from mods.features import directions

TEXT, FLAG, NUMBER, COLUMN, MANY, NONE = "text", "flag", "number", "column", "list", "None"
# What each function takes beside its column, and what it gives.
FUNCTIONS: dict[str, tuple[tuple[str, ...], str, Callable[..., Any]]] = {
    "length": ((), NUMBER, lambda text: text.length()),
    "lower": ((), TEXT, lambda text: text.lower()),
    "contains": ((TEXT,), FLAG, lambda text, part: text.contains(part)),
    "startswith": ((TEXT,), FLAG, lambda text, part: text.startswith(part)),
    "endswith": ((TEXT,), FLAG, lambda text, part: text.endswith(part)),
    "within": ((TEXT,), FLAG, lambda text, networks: text.re_search(_pattern(networks))),
}
EXAMPLE = "Write it as in conn_state in ['S0', 'REJ'] and orig_bytes > 0"
LONGEST = 2_000


@lru_cache(maxsize=512)
def parse(text: str) -> ast.expr:
    """The syntax tree of a condition; SettingError, with the position, where it is none."""
    try:
        if len(text) > LONGEST:
            raise SettingError(f"is longer than {LONGEST} characters", where="where")
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(text.strip(), mode="eval").body
        _Grammar(text.strip()).flag(tree)
    except SyntaxError as error:
        place = f" at character {error.offset}" if error.offset else ""
        raise _wrong(f"{text!r} is no condition{place} ({error.msg})") from None
    except (ValueError, RecursionError, MemoryError):
        raise _wrong(f"{text[:80]!r} is no condition") from None
    return tree


def columns(text: str) -> tuple[str, ...]:
    """The columns that a condition asks for, each once.

    >>> columns("id.resp_p in [22, 2222] and not local_orig")
    ('id.resp_p', 'local_orig')
    """
    return tuple(dict.fromkeys(_columns(parse(text)))) if text else ()


def column(node: ast.expr) -> str | None:
    """The column that a node names: `uid`, `id.orig_h` or `column('from')`."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = column(node.value)
        return f"{before}.{node.attr}" if before else None
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == COLUMN:
        given = node.args[0] if len(node.args) == 1 and not node.keywords else None
        value = constant(given) if given is not None else None
        return value if isinstance(value, str) else None
    return None


def _columns(node: ast.AST) -> Iterator[str]:
    name = column(node) if isinstance(node, ast.expr) else None
    if name is not None:
        yield name
    elif isinstance(node, ast.Call):
        for one in node.args:
            yield from _columns(one)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _columns(child)


class _Grammar:
    """Walks the tree once and raises for the first node that is not of the language."""

    def __init__(self, text: str) -> None:
        self.text = text

    def flag(self, node: ast.expr) -> None:
        """A node that is true or false."""
        if isinstance(node, ast.BoolOp):
            for one in node.values:
                self.flag(one)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            self.flag(node.operand)
        elif isinstance(node, ast.Compare):
            self.comparison(node)
        elif self.kind(node) not in (COLUMN, FLAG):
            self.refuse(node, "is neither true nor false")

    def comparison(self, node: ast.Compare) -> None:
        """Any number of comparisons, `in` with a list of constants, `is None`."""
        sides = [node.left, *node.comparators]
        kinds = [self.kind(side) for side in sides]
        for left, way, right, place in zip(kinds, node.ops, kinds[1:], sides[1:], strict=False):
            if isinstance(way, (ast.In, ast.NotIn)):
                fits = right == MANY and left not in (MANY, NONE)
            elif isinstance(way, (ast.Is, ast.IsNot)):
                fits = right == NONE and left == COLUMN
            else:
                fits = not {left, right} & {MANY, NONE}
            if not fits:
                self.refuse(place, "cannot be compared so")
        if COLUMN not in kinds and not any(isinstance(one, ast.Call) for one in sides):
            self.refuse(node, "compares no column")

    def kind(self, node: ast.expr) -> str:
        """What a node stands for."""
        if column(node) is not None:
            return COLUMN
        if isinstance(node, ast.Call):
            return self.function(node)
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            inner = {
                self.kind(one) for one in node.elts if isinstance(one, (ast.Constant, ast.UnaryOp))
            }
            if len(inner) == 1 and all(constant(one) is not None for one in node.elts):
                return MANY
            self.refuse(node, "is no list of texts or of numbers")
        if isinstance(node, ast.Constant) and node.value is None:
            return NONE
        value = constant(node)
        if value is None:
            self.refuse(node, "is not understood")
        return FLAG if isinstance(value, bool) else TEXT if _is_text(value) else NUMBER

    def function(self, node: ast.Call) -> str:
        """A call of one of our functions, on a column, with constants."""
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in FUNCTIONS:
            self.refuse(node, f"is no function; there are {', '.join([COLUMN, *FUNCTIONS])}")
        wanted, gives, _ = FUNCTIONS[name]
        first, *others = node.args or [node]
        if (
            column(first) is None
            or [self.kind(one) for one in others] != [*wanted]
            or node.keywords
        ):
            self.refuse(node, f"has to be {name}({', '.join(['COLUMN', *map(repr, wanted)])})")
        if name == "within":
            _pattern(str(constant(others[0])))
        return gives

    def refuse(self, node: ast.expr, why: str) -> NoReturn:
        """Say which part is not understood, and where it stands."""
        part = ast.get_source_segment(self.text, node) or self.text
        raise _wrong(f"{part!r} at character {node.col_offset + 1} of {self.text!r} {why}")


def constant(node: ast.expr) -> str | float | bool | None:
    """The value of a constant, also of a negative number; None for anything else."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = constant(node.operand)
        return -inner if isinstance(inner, (int, float)) and not isinstance(inner, bool) else None
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, (int, float)) and not (math.isfinite(value) and abs(value) < 2**63):
        return None
    return value if isinstance(value, (str, int, float, bool)) else None


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _pattern(networks: object) -> str:
    return directions.pattern(directions.networks([str(networks)]))


def _wrong(message: str) -> SettingError:
    return SettingError(message, where="where", fix=EXAMPLE)
