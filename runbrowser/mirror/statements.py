"""SQL over one connection of a version that is being made, and columns of values laid beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


class Statements:
    """One connection; results are read whole, as one that is not keeps the connection busy."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection

    def rows(self, statement: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """What a statement gives."""
        return self._connection.execute(statement, list(values)).fetchall()

    def value(self, statement: str, values: Sequence[object] = ()) -> Any:
        """The first value that a statement gives, None where it gives no row."""
        rows = self.rows(statement, values)
        return rows[0][0] if rows else None

    def register(self, name: str, columns: Mapping[str, Sequence[Any]]) -> None:
        """Lets statements read columns of values as a table."""
        self._connection.register(name, _table(columns))

    def unregister(self, name: str) -> None:
        """Lets go of them."""
        self._connection.unregister(name)

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()


_TEXTS = frozenset(
    ("upload_time", "error_message", "run_details", "measure", "flow", "data", "name", "text",
     "kind", "essence")
)  # fmt: skip


def _table(columns: Mapping[str, Sequence[Any]]) -> pa.Table:
    """Columns as Arrow has them: texts, values and whole numbers."""
    import pyarrow as pa

    kinds = {"value": pa.float64()}
    return pa.table(
        {
            name: pa.array(values, pa.string() if name in _TEXTS else kinds.get(name, pa.int64()))
            for name, values in columns.items()
        }
    )
