"""The tasks of the catalogue: a data set of scikit-learn, a target, fixed splits, a measure."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from sklearn import datasets
from sklearn.model_selection import (
    KFold,
    RepeatedStratifiedKFold,
    StratifiedKFold,
    train_test_split,
)

from runbrowser.demo.files import Split

SEED = 20260105

PROCEDURES = {
    # id: (task type, name, type, repeats, folds, stratified)
    1: (1, "10-fold Crossvalidation", "crossvalidation", 1, 10, 1),
    2: (1, "5 times 10-fold Crossvalidation", "crossvalidation", 5, 10, 1),
    3: (1, "33% Holdout set", "holdout", 1, None, 1),
    4: (2, "10-fold Crossvalidation", "crossvalidation", 1, 10, 0),
    5: (2, "33% Holdout set", "holdout", 1, None, 0),
}

TASK_TYPES = {
    1: ("Supervised Classification", "Predict the class of unseen rows from labelled ones."),
    2: ("Supervised Regression", "Predict a number for unseen rows from rows with known numbers."),
    3: ("Learning Curve", "Train on growing samples and see how the score develops."),
    4: ("Supervised Data Stream Classification", "Predict classes while rows arrive in order."),
    5: ("Clustering", "Group the rows of a data set without labels."),
    6: ("Machine Learning Challenge", "Predict hidden labels that only the server knows."),
    7: ("Survival Analysis", "Predict how long it takes until an event is seen."),
    8: ("Subgroup Discovery", "Describe parts of the data in which the target stands out."),
    9: ("Multitask Regression", "Predict several numbers for each row at once."),
    10: ("Active Classification", "Classify while choosing which rows should be labelled next."),
    11: ("Text tasks", "Learn from rows that are texts."),
}


@dataclass(frozen=True)
class DataSet:
    """A data set: rows [n, d], target [n] (class numbers or values), class labels in order."""

    id: int
    name: str
    title: str
    X: np.ndarray
    y: np.ndarray
    target: str
    features: tuple[str, ...]
    labels: tuple[str, ...] | None

    @property
    def labelled(self) -> np.ndarray:
        """The target as estimators see it: label texts, or numbers for a regression."""
        if self.labels is None:
            return self.y
        return np.array(self.labels)[self.y]


@dataclass(frozen=True)
class Task:
    """A task; folds are (repeat, fold, training rows, test rows), in the order runs write them."""

    id: int
    data: DataSet
    procedure: int
    measure: str | None
    embargo: str | None = None
    folds: tuple[tuple[int, int, np.ndarray, np.ndarray], ...] = field(default=(), repr=False)

    @property
    def type_id(self) -> int:
        return PROCEDURES[self.procedure][0]

    @property
    def split(self) -> Split:
        """The rows of the task's predictions."""
        repeat, fold, row = (
            np.concatenate([np.broadcast_to(part(f), f[3].shape) for f in self.folds]).tolist()
            for part in (lambda f: f[0], lambda f: f[1], lambda f: f[3])
        )
        return Split(repeat, fold, row, self.data.y[row].tolist(), self.data.labels)


def _data(id_: int, name: str, title: str, target: str, loader: Any, **more: Any) -> DataSet:
    raw = loader(**more)
    names = tuple(f.replace(" (cm)", "").replace(" ", "_") for f in raw.feature_names)
    if not hasattr(raw, "target_names"):
        return DataSet(id_, name, title, raw.data, raw.target, target, names, None)
    # Labels in alphabetical order, as estimators sort them: equal confidences then fall to the
    # same class for the estimator and for the evaluation.
    labels, y = np.unique(raw.target_names.astype(str)[raw.target], return_inverse=True)
    return DataSet(id_, name, title, raw.data, y, target, names, tuple(labels.tolist()))


@cache
def load_tasks() -> dict[int, Task]:
    """All tasks by id, with their splits: the same ones on every call and machine."""
    iris = _data(9001, "iris", "Iris flowers", "species", datasets.load_iris)
    wine = _data(9002, "wine", "Wine recognition", "cultivar", datasets.load_wine)
    cancer = _data(
        9003, "breast_cancer", "Breast cancer, Wisconsin", "diagnosis", datasets.load_breast_cancer
    )
    digits = _data(9004, "digits", "Handwritten digits, 8x8", "digit", datasets.load_digits)
    diabetes = _data(
        9005, "diabetes", "Diabetes progression", "progression", datasets.load_diabetes,
        scaled=False,
    )  # fmt: skip
    embargo = "2099-12-31 00:00:00"
    rows = [
        (9101, iris, 1, "predictive_accuracy", None),
        (9102, wine, 1, None, None),
        (9103, cancer, 1, "area_under_roc_curve", None),
        (9104, digits, 1, "predictive_accuracy", None),
        (9105, diabetes, 4, "root_mean_squared_error", None),
        (9106, iris, 2, "predictive_accuracy", None),
        (9107, cancer, 3, "f_measure", None),
        # Some regression tasks on the real server declare a measure of classification.
        (9108, diabetes, 5, "predictive_accuracy", None),
        (9109, wine, 3, "predictive_accuracy", embargo),
    ]
    return {
        id_: Task(id_, data, procedure, measure, until, _folds(data, procedure, SEED + id_))
        for id_, data, procedure, measure, until in rows
    }


def _folds(
    data: DataSet, procedure: int, seed: int
) -> tuple[tuple[int, int, np.ndarray, np.ndarray], ...]:
    _, _, kind, repeats, n_folds, stratified = PROCEDURES[procedure]
    if kind == "holdout":
        train, test = train_test_split(
            np.arange(len(data.y)), test_size=0.33, random_state=seed,
            stratify=data.y if stratified else None,
        )  # fmt: skip
        return ((0, 0, np.sort(train), np.sort(test)),)
    if repeats > 1:
        splitter: Any = RepeatedStratifiedKFold(
            n_splits=n_folds, n_repeats=repeats, random_state=seed
        )
    else:
        splitter = (StratifiedKFold if stratified else KFold)(
            n_folds, shuffle=True, random_state=seed
        )
    pairs = list(splitter.split(data.X, data.y))
    return tuple((i // n_folds, i % n_folds, a, b) for i, (a, b) in enumerate(pairs))


def data_arff(data: DataSet) -> bytes:
    """The data set as the ARFF file that its url downloads."""
    kind = "NUMERIC" if data.labels is None else "{" + ",".join(data.labels) + "}"
    lines = [f"@RELATION {data.name}", ""]
    lines += [f"@ATTRIBUTE {name} NUMERIC" for name in data.features]
    lines += [f"@ATTRIBUTE {data.target} {kind}", "", "@DATA"]
    for row, truth in zip(data.X, data.labelled, strict=True):
        said = f"{truth:g}" if data.labels is None else str(truth)
        lines.append(",".join([*(f"{value:.6g}" for value in row), said]))
    return ("\n".join(lines) + "\n").encode()
