"""pandas at the library's edge: DataFrames from light rows, made only when asked for.

Every frame of one kind has the same columns with the same dtypes, empty or not, so that pages can
be concatenated, merged and stored: ids are ``Int64`` (a missing one is ``<NA>``), numbers
``float64``, all else ``object``. An index has no name, since its ids are a column, too.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

RUN_COLUMNS = (
    "run_id",
    "task_id",
    "setup_id",
    "flow_id",
    "uploader",
    "task_type",
    "upload_time",
    "error_message",
)
"""The columns of a list of runs, which are openml-python's."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_MISSING = -1  # stands for a missing id until the column is made: ids are never negative


class Ids:
    """A column of ids on its way: eight bytes each. ``complete`` ones are ``int64``."""

    def __init__(self, *, complete: bool = False) -> None:
        self._numbers = array("q")
        self._complete = complete

    def add(self, values: Sequence[int | None]) -> None:
        """Some more; None is a missing one."""
        before = len(self._numbers)
        try:
            self._numbers.extend(values)  # type: ignore[arg-type]
        except TypeError:
            del self._numbers[before:]
            self._numbers.extend(_MISSING if value is None else value for value in values)

    def series(self) -> Any:
        """The column."""
        import numpy as np
        import pandas as pd

        numbers = np.array(self._numbers, dtype=np.int64)
        if self._complete:
            return pd.Series(numbers, dtype="int64")
        return pd.Series(pd.arrays.IntegerArray(numbers, numbers == _MISSING))


class Objects:
    """A column of texts or other values on its way; equal ones are held once if ``repeated``."""

    def __init__(self, *, repeated: bool = False) -> None:
        self._values: list[Any] = []
        self._once: dict[Any, Any] | None = {} if repeated else None

    def add(self, values: Iterable[Any]) -> None:
        """Some more; None is a missing one."""
        if self._once is None:
            self._values.extend(values)
            return
        once = self._once
        self._values.extend([once.setdefault(value, value) for value in values])

    def series(self) -> Any:
        """The column."""
        import pandas as pd

        return pd.Series(_writable(self._values), dtype=object)


def _writable(values: list[Any]) -> list[Any]:
    """The values with bytes that are no UTF-8, which were read as lone surrogates, shown as
    U+FFFD: no file or database could take them otherwise.
    """
    try:
        for value in values:
            if type(value) is str and not value.isascii():
                value.encode()
    except UnicodeEncodeError:
        return [
            _SURROGATE.sub("\ufffd", value) if type(value) is str else value for value in values
        ]
    return values


class RunRows:
    """Rows of runs on their way to a DataFrame: what is left of a page is some bytes a row."""

    def __init__(self) -> None:
        self._ids = {name: Ids(complete=name == "run_id") for name in RUN_COLUMNS[:5]}
        self._objects = {
            "task_type": Objects(),
            "upload_time": Objects(),
            "error_message": Objects(repeated=True),
        }

    def add(self, columns: Mapping[str, Sequence[Any]]) -> None:
        """Some rows more, as columns by name."""
        for name, ids in self._ids.items():
            ids.add(columns[name])
        for name, objects in self._objects.items():
            objects.add(columns[name])

    def frame(self) -> pd.DataFrame:
        """All rows, in the order in which they came, labelled by run id."""
        import pandas as pd

        columns = {name: column.series() for name, column in self._ids.items()}
        columns |= {name: column.series() for name, column in self._objects.items()}
        frame = pd.DataFrame(columns, columns=list(RUN_COLUMNS))
        frame.index = pd.Index(frame["run_id"].to_numpy(copy=True))
        return frame


def table(rows: Sequence[Sequence[Any]], dtypes: Mapping[str, str]) -> pd.DataFrame:
    """A DataFrame of rows with one value for each of ``dtypes``, which are pandas' by name."""
    import pandas as pd

    columns = zip(*rows, strict=True) if rows else ((),) * len(dtypes)
    return pd.DataFrame(
        {
            name: pd.Series(
                _writable(list(values)) if kind == "object" else list(values), dtype=kind
            )
            for (name, kind), values in zip(dtypes.items(), columns, strict=True)
        }
    )
