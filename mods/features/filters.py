"""Conditions (conditions.py) on a table of records, as expressions for any engine.

As in SQL a comparison with an unset value is neither true nor false, and a record is taken only if
the whole is true. Intervals such as `duration`, which travel as microseconds, are compared in
seconds.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

import ibis
from ibis.expr import types as ir

from mods.errors import InputError
from mods.features.conditions import FLAG, FUNCTIONS, NUMBER, TEXT, column, constant, parse

MICROSECONDS = 1_000_000
INTERVALS = frozenset({
    "duration", "rtt", "lease_time", "precision", "root_delay", "root_disp", "lag",
    "ts_delta", "pkt_lag", "age_of_oldest_active_dns_request",
})  # fmt: skip
COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le,
    ast.Gt: operator.gt, ast.GtE: operator.ge,
}  # fmt: skip


def build(text: str, records: ir.Table) -> ir.BooleanValue:
    """Which of the records the condition takes; false where it is neither true nor false.

    Raises InputError where a column is of a type that it cannot be compared with.
    """
    return _Builder(text, records).flag(parse(text)).fill_null(False)


class _Builder:
    """Builds the tree, which the grammar has passed, into an expression over the records."""

    def __init__(self, text: str, records: ir.Table) -> None:
        self.text, self.records = text, records

    def flag(self, node: ast.expr) -> Any:
        """A true-or-false expression."""
        if isinstance(node, ast.BoolOp):
            first, *others = (self.flag(one) for one in node.values)
            for one in others:
                first = first & one if isinstance(node.op, ast.And) else first | one
            return first
        if isinstance(node, ast.UnaryOp):
            return ~self.flag(node.operand)
        if isinstance(node, ast.Compare):
            return self.comparison(node)
        value = self.value(node)
        if not value.type().is_boolean():
            raise self.unlike(node, value, True)
        return value

    def comparison(self, node: ast.Compare) -> Any:
        """All comparisons of a chain."""
        sides = [node.left, *node.comparators]
        found = None
        for left, way, right in zip(sides, node.ops, sides[1:], strict=False):
            one = self.one(left, way, right)
            found = one if found is None else found & one
        return found

    def one(self, left: ast.expr, way: ast.cmpop, right: ast.expr) -> Any:
        """One comparison; constants are read in the unit of the column beside them."""
        if isinstance(way, (ast.Is, ast.IsNot)):
            unset = self.value(left).isnull()
            return unset if isinstance(way, ast.Is) else ~unset
        scale = MICROSECONDS if {column(left), column(right)} & INTERVALS else 1
        if isinstance(way, (ast.In, ast.NotIn)):
            value = self.value(left, scale)
            among = [_scaled(constant(one), scale) for one in _elements(right)]
            self.check(left, value, among[0])
            return value.isin(among) if isinstance(way, ast.In) else value.notin(among)
        self.check(left, self.value(left), self.value(right))
        return COMPARISONS[type(way)](self.value(left, scale), self.value(right, scale))

    def value(self, node: ast.expr, scale: int = 1) -> Any:
        """A column, a function of one, or a constant."""
        name = column(node)
        if name is not None:
            return self.records[name]
        if isinstance(node, ast.Call):
            first, *others = node.args
            text = self.value(first)
            if not text.type().is_string():
                raise self.unlike(first, text, "")
            _, _, function = FUNCTIONS[ast.unparse(node.func)]
            return function(text, *(constant(one) for one in others))
        return ibis.literal(_scaled(constant(node), scale))

    def check(self, node: ast.expr, left: Any, right: Any) -> None:
        """Raise where text and numbers, or flags and others, are compared."""
        other = right if isinstance(right, ir.Value) else ibis.literal(right)
        if _family(left) != _family(other):
            raise self.unlike(node, left, right)

    def unlike(self, node: ast.expr, left: Any, right: Any) -> InputError:
        """The error for a column of another type than the condition takes it for."""
        wanted = right if isinstance(right, ir.Value) else ibis.literal(right)
        return InputError(
            f"{ast.unparse(node)} is of type {_family(left)} in the logs, but is taken for one of "
            f"type {_family(wanted)} at character {node.col_offset + 1}",
            where=self.text,
            fix="See the #types of the logs",
        )


def _family(value: Any) -> str:
    kind = value.type()
    return TEXT if kind.is_string() else FLAG if kind.is_boolean() else NUMBER


def _elements(node: ast.expr) -> list[ast.expr]:
    return list(getattr(node, "elts", []))


def _scaled(value: Any, scale: int) -> Any:
    return round(value * scale) if scale > 1 and not isinstance(value, (str, bool)) else value
