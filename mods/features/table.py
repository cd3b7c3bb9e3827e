"""Tables of windows on their way to disk, as plain rows.

They are small, a row per window: to load pandas and pyarrow for them would take as long as to read
half a million records.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Table:
    """The windows of one log.

    whole:  per column, in their order, whether it holds whole numbers (else floats)
    rows:   (window_start in seconds since the epoch, *cells), None for an empty cell
    """

    whole: Mapping[str, bool]
    rows: Sequence[tuple[Any, ...]]

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def starts(self) -> list[int]:
        """window_start of each row, in seconds since the epoch."""
        return [row[0] for row in self.rows]

    def below(self, other: Table) -> Table:
        """The rows of the other table and then these, which have the same columns."""
        return Table(self.whole, [*other.rows, *self.rows])

    @classmethod
    def of(cls, frame: pd.DataFrame) -> Table:
        """From a frame by `window_start` (UTC), of Int64 and float64 columns, NA where empty."""
        from pandas import DatetimeIndex
        from pandas.api.types import is_float_dtype

        starts = DatetimeIndex(frame.index).as_unit("s").asi8.tolist()
        cells = frame.astype(object).where(frame.notna(), None)
        columns = [cells[name].tolist() for name in frame.columns]
        whole = {str(name): not is_float_dtype(kind) for name, kind in frame.dtypes.items()}
        return cls(whole, list(zip(starts, *columns, strict=True)))

    def frame(self) -> pd.DataFrame:
        """The same as a frame."""
        import pandas as pd

        kinds = {name: "Int64" if whole else "float64" for name, whole in self.whole.items()}
        cells = pd.DataFrame([row[1:] for row in self.rows], columns=list(kinds), dtype=object)
        starts = pd.to_datetime(self.starts, unit="s", utc=True)
        return cells.astype(kinds).set_axis(pd.DatetimeIndex(starts, name="window_start"), axis=0)
