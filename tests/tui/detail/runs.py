"""Runs of any shape, as values, for tests of the page about one run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from runbrowser.models import Evaluation, Run
from runbrowser.openml.base import NameBook
from runbrowser.pages.detail import detail

WIDTHS = (20, 38, 56, 78, 120)


def a_run(**fields: object) -> Run:
    """A run of which little is known but what is given."""
    known: dict[str, object] = {
        "run_id": 900101,
        "uploader": 7,
        "uploader_name": "A B",
        "task_id": 9101,
        "task_type": "Supervised Classification",
        "flow_id": 9201,
        "flow_name": "sklearn.svm._classes.SVC(1)",
        "setup_id": 90001,
    }
    return Run(**{**known, **fields})  # type: ignore[arg-type]


def folded(
    measures: Mapping[str, Sequence[float | None]], repeats: int, folds: int
) -> tuple[Evaluation, ...]:
    """The values of measures per fold, in order of repeat and fold."""
    return tuple(
        Evaluation(name, values[r * folds + f], None, r, f)
        for name, values in measures.items()
        for r in range(repeats)
        for f in range(folds)
    )


def page(run: Run, width: int, names: NameBook | None = None) -> str:
    """The page as plain text."""
    return detail(run, None, names or NameBook(), width, fold=False).plain


def section(text: str, title: str) -> list[str]:
    """The lines below a title, up to the next title that follows an empty line."""
    assert f"\n{title}" in text, f"no {title} in\n{text}"
    return text.partition(f"\n{title}")[2].partition("\n\n")[0].split("\n")[1:]
