"""Runs: whole numbers as `(first, last)` pairs, sorted and apart, for panes, windows and days."""

from __future__ import annotations

from collections.abc import Iterable

Runs = tuple[tuple[int, int], ...]


def joined(pairs: Iterable[tuple[int, int]]) -> Runs:
    """Pairs that touch or overlap become one.

    >>> joined([(7, 9), (1, 2), (3, 3), (9, 11)])
    ((1, 3), (7, 11))
    """
    found: list[tuple[int, int]] = []
    for first, last in sorted(pairs):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def single(numbers: Iterable[int]) -> Runs:
    """Numbers one by one.

    >>> single([3, 1, 2, 9])
    ((1, 3), (9, 9))
    """
    return joined((int(one), int(one)) for one in numbers)


def clipped(runs: Runs, first: int, last: int) -> Runs:
    """What lies between two numbers, both in.

    >>> clipped(((1, 3), (7, 11)), 3, 8)
    ((3, 3), (7, 8))
    """
    pairs = ((max(first, one), min(last, other)) for one, other in runs)
    return tuple((one, other) for one, other in pairs if one <= other)


def without(runs: Runs, first: int, last: int) -> Runs:
    """What does not lie between two numbers.

    >>> without(((1, 9),), 3, 4)
    ((1, 2), (5, 9))
    """
    if first > last:
        return runs
    parts = (((one, min(other, first - 1)), (max(one, last + 1), other)) for one, other in runs)
    return joined((one, other) for pair in parts for one, other in pair if one <= other)


def count(runs: Runs) -> int:
    """How many numbers there are.

    >>> count(((1, 3), (7, 7)))
    4
    """
    return sum(last - first + 1 for first, last in runs)
