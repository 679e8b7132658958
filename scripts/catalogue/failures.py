"""Runs that fail: ordinary mistakes, really made. Only the exceptions' own texts are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    AdaBoostClassifier,
    GradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
    VotingClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Lasso, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import PolynomialFeatures, PowerTransformer, StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC, NuSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from .plans import Plan, Rng
from .tasks import SEED

IRIS, WINE, CANCER, DIGITS, DIABETES, REPEATS, HOLDOUT, PROGRESS = range(9101, 9109)
EMBARGOED = 9109
CLASSES = (IRIS, WINE, CANCER, HOLDOUT)
DIRTY = (IRIS, CANCER, HOLDOUT)  # texts with < or & are kept off WINE: its list stays readable
NUMBERS = (DIABETES, PROGRESS)

Rows = Any  # arrays or data frames: whatever the user handed over
Spoil = Callable[[Rows, Rows], tuple[Rows, Rows]]


@dataclass(frozen=True)
class Scenario:
    """One kind of mistake.

    make(rng): the estimator. tasks: where it happens. n: how often in a full catalogue.
    spoil: what was done to the training rows and targets before fitting. limit: seconds a fit
    may take.
    """

    name: str
    make: Callable[[Rng], BaseEstimator]
    tasks: tuple[int, ...]
    n: int
    spoil: Spoil | None = None
    limit: float | None = None


def _holes(X: Rows, y: Rows) -> tuple[Rows, Rows]:
    holed = X.copy()
    holed[3, 2] = np.nan
    return holed, y


def _mixed_labels(X: Rows, y: Rows) -> tuple[Rows, Rows]:
    mixed = y.astype(object)
    mixed[5] = 3.0
    return X, mixed


def _text(value: str) -> Spoil:
    def spoil(X: Rows, y: Rows) -> tuple[Rows, Rows]:
        written = X.astype(object)
        written[7, 1] = value
        return written, y

    return spoil


def _bold_heading(X: Rows, y: Rows) -> tuple[Rows, Rows]:
    # Column names copied out of a coloured terminal, the way they were trained with.
    names = [f"column {i}" for i in range(X.shape[1])]
    names[0] = "\x1b[1mcolumn 0\x1b[0m"
    return pd.DataFrame(X, columns=names), y


def _named(*steps: tuple[str, Any]) -> Pipeline:
    return Pipeline(list(steps))


_knn = KNeighborsClassifier
_pipe = make_pipeline
_logit = LogisticRegression

SCENARIOS = (
    Scenario("nan", lambda g: SVC(C=float(g.randint(1, 9))), CLASSES, 22, _holes),
    Scenario("nan-linear", lambda g: _logit(C=float(g.randint(1, 5))), CLASSES, 8, _holes),
    Scenario(
        "too-many-neighbours", lambda g: _knn(n_neighbors=int(g.randint(2, 6)) * 300), DIRTY, 16
    ),
    Scenario(
        "neighbours-regressor",
        lambda g: KNeighborsRegressor(n_neighbors=int(g.randint(500, 999))),
        NUMBERS,
        8,
    ),
    Scenario("zero-neighbours", lambda g: _knn(n_neighbors=0), CLASSES, 4),
    Scenario("metric-tree", lambda g: _knn(algorithm="ball_tree", metric="cosine"), CLASSES, 4),
    Scenario("metric-and", lambda g: _knn(metric="cosine&l2"), DIRTY, 6),
    Scenario("solver-and", lambda g: _logit(solver="lbfgs&saga"), DIRTY, 3),
    Scenario("solver-markup", lambda g: _logit(solver="[bold]lbfgs[/bold]"), CLASSES, 3),
    Scenario("penalty-l1", lambda g: _logit(solver="lbfgs", penalty="l1"), CLASSES, 12),
    Scenario(
        "penalty-elastic", lambda g: _logit(solver="liblinear", penalty="elasticnet"), CLASSES, 5
    ),
    Scenario("liblinear", lambda g: _logit(solver="liblinear"), (IRIS, WINE), 8),
    Scenario("negative-c", lambda g: SVC(C=-float(g.randint(1, 4))), CLASSES, 10),
    Scenario("text-gamma", lambda g: SVC(gamma="0.1"), CLASSES, 4),
    Scenario("linear-svm-loss", lambda g: LinearSVC(penalty="l1", loss="hinge"), CLASSES, 4),
    Scenario("infeasible-nu", lambda g: NuSVC(nu=0.95), (CANCER, HOLDOUT), 3),
    Scenario("precomputed", lambda g: SVC(kernel="precomputed"), CLASSES, 3),
    Scenario("components", lambda g: _pipe(PCA(n_components=64), SVC()), CLASSES, 12),
    Scenario("discriminants", lambda g: LinearDiscriminantAnalysis(n_components=5), CLASSES, 3),
    Scenario("shrinkage", lambda g: LinearDiscriminantAnalysis(shrinkage="auto"), CLASSES, 3),
    Scenario(
        "multinomial",
        lambda g: _pipe(StandardScaler(), MultinomialNB(alpha=float(g.randint(1, 4)))),
        CLASSES,
        10,
    ),
    Scenario("priors", lambda g: GaussianNB(priors=[0.5, 0.2, 0.2]), (IRIS, WINE), 3),
    Scenario("old-max-features", lambda g: RandomForestClassifier(max_features="auto"), CLASSES, 9),
    Scenario("text-trees", lambda g: RandomForestClassifier(n_estimators="100"), CLASSES, 5),
    Scenario(
        "out-of-bag", lambda g: RandomForestClassifier(oob_score=True, bootstrap=False), CLASSES, 3
    ),
    Scenario("old-criterion", lambda g: DecisionTreeRegressor(criterion="mse"), NUMBERS, 6),
    Scenario("split-of-one", lambda g: DecisionTreeClassifier(min_samples_split=1), CLASSES, 4),
    Scenario("boosted-neighbours", lambda g: AdaBoostClassifier(estimator=_knn()), CLASSES, 4),
    Scenario(
        "exponential", lambda g: GradientBoostingClassifier(loss="exponential"), (IRIS, WINE), 3
    ),
    Scenario("constant", lambda g: DummyClassifier(strategy="constant"), CLASSES, 2),
    Scenario("class-weights", lambda g: _logit(class_weight={"b<a": 1, "b": 2}), DIRTY, 2),
    Scenario("step-is-text", lambda g: _named(("scale", "standard"), ("svc", SVC())), DIRTY, 6),
    Scenario("step-is-number", lambda g: _named(("scale", 1), ("svc", SVC())), DIRTY, 4),
    Scenario("layers-as-text", lambda g: MLPClassifier(hidden_layer_sizes=("10",)), DIRTY, 4),
    Scenario("empty-layer", lambda g: MLPClassifier(hidden_layer_sizes=(0,)), CLASSES, 3),
    Scenario(
        "fill-value",
        lambda g: _pipe(SimpleImputer(strategy="constant", fill_value="missing"), SVC()),
        DIRTY,
        4,
    ),
    Scenario(
        "mixed-labels",
        lambda g: DecisionTreeClassifier(max_depth=int(g.randint(2, 6))),
        DIRTY,
        10,
        _mixed_labels,
    ),
    Scenario("below-limit", lambda g: _logit(), DIRTY, 4, _text("< 2.5")),
    Scenario("and-more", lambda g: _logit(), DIRTY, 3, _text("5 & more")),
    Scenario("coloured-heading", lambda g: DecisionTreeClassifier(), (IRIS,), 1, _bold_heading),
    Scenario("wrong-grid", lambda g: GridSearchCV(SVC(), {"Cc": [1, 10]}), CLASSES, 4),
    Scenario("all-fits-failed", lambda g: GridSearchCV(SVC(), {"C": [-1, -10]}), (IRIS, CANCER), 3),
    Scenario("inner-folds", lambda g: GridSearchCV(SVC(), {"C": [1, 10]}, cv=300), (IRIS, WINE), 3),
    Scenario(
        "box-cox", lambda g: _pipe(StandardScaler(), PowerTransformer("box-cox"), SVC()), CLASSES, 3
    ),
    Scenario(
        "no-probabilities",
        lambda g: VotingClassifier([("svc", SVC()), ("gnb", GaussianNB())], voting="soft"),
        CLASSES,
        3,
    ),
    Scenario(
        "memory",
        lambda g: _pipe(PolynomialFeatures(degree=12, include_bias=False), Ridge()),
        (CANCER,),
        3,
    ),
    Scenario(
        "slow-network",
        lambda g: MLPClassifier((200, 200), max_iter=10**6, tol=0.0, n_iter_no_change=10**6),
        (DIGITS,),
        2,
        None,
        1.5,
    ),
    Scenario("negative-alpha", lambda g: Lasso(alpha=-float(g.randint(1, 4))), NUMBERS, 6),
    Scenario("negative-epsilon", lambda g: SVR(epsilon=-0.5), NUMBERS, 4),
    Scenario("negative-trees", lambda g: RandomForestRegressor(n_estimators=-10), NUMBERS, 4),
    Scenario("embargoed", lambda g: SVC(C=0.0), (EMBARGOED,), 1),
)

BY_NAME = {scenario.name: scenario for scenario in SCENARIOS}


def failing_plans(share: float = 1.0) -> list[Plan]:
    """The runs that must fail; each scenario goes round its tasks."""
    rng = Rng(SEED)
    plans = []
    for i, scenario in enumerate(SCENARIOS):
        for k in range(max(1, round(scenario.n * share))):
            task = scenario.tasks[(i + k) % len(scenario.tasks)]
            plans.append(Plan(task, scenario.make(rng), "failing", scenario.name))
    return plans
