"""What a hyper-parameter search tried."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class TraceIteration:
    """One configuration that a hyper-parameter search tried in one fold."""

    repeat: int
    fold: int
    iteration: int
    evaluation: float | None
    selected: bool
    setup_string: str

    @property
    def parameters(self) -> dict[str, str]:
        """Name to JSON text; empty when the server's text is not a JSON object."""
        import json

        try:
            loaded = json.loads(self.setup_string)
        except (ValueError, RecursionError):
            return {}
        if not isinstance(loaded, dict):
            return {}
        return {str(k): v if isinstance(v, str) else json.dumps(v) for k, v in loaded.items()}


@dataclass(frozen=True, slots=True, repr=False)
class Trace:
    """All configurations that a run's search tried, ordered by repeat, fold, iteration."""

    run_id: int
    iterations: tuple[TraceIteration, ...]
    kept_at: float | None = field(default=None, repr=False, compare=False)  # as in Run
    unread: tuple[str, ...] = field(default=(), repr=False, compare=False)
    notices: tuple[str, ...] = field(default=(), repr=False, compare=False)

    def frame(self, *, parameters: bool = False) -> pd.DataFrame:
        """The configurations as a DataFrame, one a row.

        Columns: repeat, fold, iteration, int64; evaluation, float64; selected, bool; setup_string,
        the configuration as JSON text. With ``parameters`` also ``parameter.NAME`` for each that
        any configuration names, its value as JSON text or None.
        """
        from runbrowser.frames import table

        rows: list[tuple[Any, ...]] = [
            (i.repeat, i.fold, i.iteration, i.evaluation, i.selected, i.setup_string)
            for i in self.iterations
        ]
        dtypes = {
            "repeat": "int64",
            "fold": "int64",
            "iteration": "int64",
            "evaluation": "float64",
            "selected": "bool",
            "setup_string": "object",
        }
        if parameters:
            values = [iteration.parameters for iteration in self.iterations]
            names = list(dict.fromkeys(name for one in values for name in one))
            dtypes |= {f"parameter.{name}": "object" for name in names}
            rows = [
                (*row, *(one.get(name) for name in names))
                for row, one in zip(rows, values, strict=True)
            ]
        return table(rows, dtypes)

    def get_selected_iteration(self, fold: int, repeat: int) -> int:
        """The number of the configuration that the search selected in a fold of a repeat.

        Raises ValueError when none is, as openml-python does.
        """
        for one in self.iterations:
            if one.selected and (one.repeat, one.fold) == (repeat, fold):
                return one.iteration
        raise ValueError(
            f"Could not find the selected iteration for repeat {repeat} and fold {fold}."
        )

    def __repr__(self) -> str:
        places = {(one.repeat, one.fold) for one in self.iterations}
        return (
            f"<Trace of run {self.run_id}: {len(self.iterations):,} configurations "
            f"in {len(places):,} folds>"
        )
