"""Runs as values, for tests of what is said of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from runbrowser.models import Evaluation, ParameterSetting, Run
from runbrowser.triage.compare import PairedTest, corrected_test, fold_count, fold_places

Folds = Sequence[float | None] | Sequence[Sequence[float | None]]


def evaluations_of(name: str, folds: Folds, value: float | None = None) -> list[Evaluation]:
    """Fold values of a measure, in one repeat or in several, and the value of the whole run."""
    repeats = folds if folds and isinstance(folds[0], Sequence) else [folds]
    made = [
        Evaluation(name, number, None, repeat, fold)
        for repeat, values in enumerate(repeats)
        for fold, number in enumerate(values)  # type: ignore[arg-type]
    ]
    return [*made, Evaluation(name, value)] if value is not None else made


def a_run(
    run_id: int,
    folds: Folds = (),
    *,
    measure: str = "predictive_accuracy",
    value: float | None = None,
    parameters: Mapping[str, str] | None = None,
    **changes: object,
) -> Run:
    """A run of task 1 with fold values of one measure; every attribute can be changed."""
    flow_id = changes.get("flow_id", 7)
    values: dict[str, object] = {
        "run_id": run_id,
        "uploader": 2,
        "uploader_name": "ada",
        "task_id": 1,
        "task_type": "Supervised Classification",
        "flow_id": flow_id,
        "flow_name": "sklearn.svm._classes.SVC(1)",
        "setup_id": 3,
        "evaluation_list": tuple(evaluations_of(measure, folds, value)),
        "evaluation_error": "",
        "parameter_settings": tuple(
            ParameterSetting(name, text, flow_id)  # type: ignore[arg-type]
            for name, text in (parameters or {}).items()
        ),
    }
    return Run(**{**values, **changes})  # type: ignore[arg-type]


def paired_test(first: Run, second: Run, measure: str) -> PairedTest | None:
    """The test of two runs over the folds they share."""
    one, two = first.fold_evaluations, second.fold_evaluations
    folds = fold_count(fold_places(one) | fold_places(two))
    return corrected_test(one.get(measure, {}), two.get(measure, {}), folds)
