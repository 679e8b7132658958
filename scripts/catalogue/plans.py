"""Which estimators run on which tasks: parameter spaces, sampled with a fixed seed."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, Ridge
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from .tasks import SEED

Rng = np.random.RandomState


@dataclass(frozen=True)
class Plan:
    """One run to carry out: an estimator on a task, by which kind of user.

    scenario: None for a run that should succeed, else the name of a planned failure.
    """

    task_id: int
    estimator: BaseEstimator
    family: str
    scenario: str | None = None


@dataclass(frozen=True)
class Family:
    """A flow's parameter space: make(rng) draws one configuration; counts: task id to runs."""

    name: str
    make: Callable[[Rng], BaseEstimator]
    counts: dict[int, int]


def _pipe(*steps: BaseEstimator) -> Pipeline:
    """A pipeline whose steps are named as make_pipeline names them."""
    return Pipeline([(type(step).__name__.lower(), step) for step in steps])


def _log(rng: Rng, low: float, high: float) -> float:
    """A number between 10**low and 10**high, with three digits, so that it reads well."""
    return float(f"{10 ** rng.uniform(low, high):.3g}")


def _pick(rng: Rng, *values: Any) -> Any:
    return values[rng.randint(len(values))]


def _seed(rng: Rng) -> int:
    return int(rng.randint(0, 1000))


def _tree(rng: Rng) -> dict[str, Any]:
    return {
        "max_depth": _pick(rng, None, 2, 3, 4, 5, 8, 12),
        "min_samples_leaf": int(_pick(rng, 1, 2, 3, 5, 8, 10)),
        "random_state": _seed(rng),
    }


def _forest(rng: Rng) -> dict[str, Any]:
    return {
        **_tree(rng),
        "n_estimators": int(_pick(rng, 5, 10, 15, 20, 25, 30)),
        "max_features": _pick(rng, "sqrt", "log2", None, 0.5),
    }


def _boost(rng: Rng) -> dict[str, Any]:
    return {
        "learning_rate": _log(rng, -2, 0),
        "n_estimators": int(_pick(rng, 5, 10, 15, 20)),
        "max_depth": int(_pick(rng, 1, 2, 3)),
        "subsample": _pick(rng, 1.0, 0.8, 0.6),
        "random_state": _seed(rng),
    }


def _neighbours(rng: Rng) -> dict[str, Any]:
    return {
        "n_neighbors": int(rng.randint(1, 32)),
        "weights": _pick(rng, "uniform", "uniform", "distance"),
        "p": int(_pick(rng, 1, 2)),
    }


def _mlp(rng: Rng) -> dict[str, Any]:
    return {
        "hidden_layer_sizes": _pick(rng, (4,), (8,), (16,), (8, 4)),
        "alpha": _log(rng, -5, 0),
        "learning_rate_init": _log(rng, -3, -1.3),
        "max_iter": int(_pick(rng, 30, 60, 100)),
        "random_state": _seed(rng),
    }


def _columns(rng: Rng) -> ColumnTransformer:
    codes = OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=_pick(rng, 5, 10, 20))
    return ColumnTransformer([("scaled", StandardScaler(), [0, 1, 2]), ("coded", codes, [3])])


def _logistic(rng: Rng, *before: BaseEstimator) -> BaseEstimator:
    last = LogisticRegression(C=_log(rng, -3, 3), max_iter=int(_pick(rng, 100, 200, 500)))
    return _pipe(*before, last) if before else last


def _svm(rng: Rng, cls: type) -> Pipeline:
    kernel = _pick(rng, "rbf", "rbf", "poly", "linear", "sigmoid")
    gamma = "scale" if kernel in ("linear", "poly") else _log(rng, -3, 1)
    # Without a limit some of these never come to an end.
    svm = cls(C=_log(rng, -2, 2), gamma=gamma, kernel=kernel, max_iter=20000)
    return _pipe(StandardScaler(), svm)


def _dummy(rng: Rng) -> DummyClassifier:
    strategy = _pick(rng, "prior", "most_frequent", "stratified", "uniform")
    return DummyClassifier(strategy=strategy, random_state=_seed(rng))


def _random_search(rng: Rng) -> RandomizedSearchCV:
    space = {"svc__C": stats.loguniform(0.01, 100), "svc__gamma": stats.loguniform(0.001, 1)}
    model = _pipe(StandardScaler(), SVC())
    n_iter, folds = int(_pick(rng, 4, 5, 8)), int(_pick(rng, 2, 3))
    return RandomizedSearchCV(model, space, n_iter=n_iter, cv=folds, random_state=_seed(rng))


def _grid_search(rng: Rng) -> GridSearchCV:
    grid = {
        "max_depth": _pick(rng, [1, 2, 3], [2, 4], [2, None]),
        "min_samples_leaf": _pick(rng, [1, 5], [1, 10]),
    }
    return GridSearchCV(DecisionTreeClassifier(random_state=_seed(rng)), grid, cv=3)


def _grid_ridge(rng: Rng) -> GridSearchCV:
    grid = {"alpha": _pick(rng, [0.01, 0.1, 1.0, 10.0], [0.001, 0.03, 1.0], [0.5, 5.0])}
    return GridSearchCV(Ridge(), grid, cv=int(_pick(rng, 3, 5)))


def _c(iris: int, wine: int, cancer: int, digits: int = 0, repeats: int = 0, holdout: int = 0,
       embargo: int = 0) -> dict[int, int]:  # fmt: skip
    counts = {9101: iris, 9102: wine, 9103: cancer, 9104: digits, 9106: repeats, 9107: holdout}
    return {task: n for task, n in (counts | {9109: embargo}).items() if n}


def _r(folds: int, holdout: int) -> dict[int, int]:
    return {9105: folds, 9108: holdout}


FAMILIES = (
    Family("dummy", _dummy, _c(20, 16, 12, 3, 5, 6)),
    Family("logistic", _logistic, _c(48, 0, 0, 0, 4)),
    Family("scaled-logistic", lambda g: _logistic(g, StandardScaler()), _c(56, 56, 36, 3, 0, 16)),
    Family(
        "pca-logistic",
        lambda g: _logistic(g, StandardScaler(), PCA(n_components=int(_pick(g, 1, 2, 3, 4)))),
        _c(44, 44, 24, 0, 0, 10, 2),
    ),
    Family("columns", lambda g: _logistic(g, _columns(g)), _c(28, 26, 16, 0, 0, 6)),
    Family(
        "linear-svm",
        lambda g: _pipe(
            StandardScaler(),
            LinearSVC(C=_log(g, -3, 1.5), max_iter=3000, random_state=_seed(g)),
        ),
        _c(48, 46, 40, 4, 5, 16),
    ),
    Family("svm", lambda g: _svm(g, SVC), _c(130, 120, 80, 10, 14, 36, 3)),
    Family("neighbours", lambda g: KNeighborsClassifier(**_neighbours(g)), _c(90, 70, 36, 8, 8)),
    Family(
        "scaled-neighbours",
        lambda g: _pipe(MinMaxScaler(), KNeighborsClassifier(**_neighbours(g))),
        _c(50, 60, 36, 0, 0, 14),
    ),
    Family(
        "tree",
        lambda g: DecisionTreeClassifier(
            criterion=_pick(g, "gini", "entropy"), ccp_alpha=_pick(g, 0.0, 0.0, 0.01), **_tree(g)
        ),
        _c(80, 70, 44, 5, 12, 20, 1),
    ),
    Family(
        "imputed-tree",
        lambda g: _pipe(
            SimpleImputer(strategy=_pick(g, "mean", "median", "most_frequent")),
            DecisionTreeClassifier(**_tree(g)),
        ),
        _c(36, 36, 20, 0, 0, 8),
    ),
    Family("forest", lambda g: RandomForestClassifier(**_forest(g)), _c(60, 60, 36, 3, 3, 14, 4)),
    Family("extra-trees", lambda g: ExtraTreesClassifier(**_forest(g)), _c(36, 40, 22, 2, 0, 8)),
    Family("boosting", lambda g: GradientBoostingClassifier(**_boost(g)), _c(30, 26, 16, 0, 0, 6)),
    Family(
        "ada",
        lambda g: AdaBoostClassifier(
            learning_rate=_log(g, -1.5, 0.2),
            n_estimators=int(_pick(g, 5, 10, 20)),
            random_state=_seed(g),
        ),
        _c(28, 26, 16, 0, 0, 6),
    ),
    Family("bayes", lambda g: GaussianNB(var_smoothing=_log(g, -11, -1)), _c(28, 26, 16, 2, 3, 6)),
    Family(
        "discriminant",
        lambda g: LinearDiscriminantAnalysis(
            solver="lsqr", shrinkage=_pick(g, "auto", *np.linspace(0, 1, 21).round(2).tolist())
        ),
        _c(26, 26, 12, 0, 3, 4),
    ),
    Family(
        "network",
        lambda g: _pipe(StandardScaler(), MLPClassifier(**_mlp(g))),
        _c(34, 32, 14, 0, 0, 6),
    ),
    Family("random-search", _random_search, _c(14, 10, 5, 0, 0, 3)),
    Family("grid-search", _grid_search, _c(14, 10, 5, 0, 0, 3)),
    Family(
        "dummy-regressor",
        lambda g: DummyRegressor(
            strategy="quantile", quantile=float(np.round(g.uniform(0.1, 0.9), 2))
        ),
        _r(6, 4),
    ),
    Family("ridge", lambda g: _pipe(StandardScaler(), Ridge(alpha=_log(g, -3, 3))), _r(30, 16)),
    Family("lasso", lambda g: _pipe(StandardScaler(), Lasso(alpha=_log(g, -3, 1.3))), _r(30, 14)),
    Family(
        "elastic-net",
        lambda g: ElasticNet(alpha=_log(g, -4, 0), l1_ratio=round(g.uniform(0.1, 0.9), 2)),
        _r(16, 6),
    ),
    Family("svr", lambda g: _svm(g, SVR), _r(40, 18)),
    Family(
        "neighbours-regressor",
        lambda g: _pipe(StandardScaler(), KNeighborsRegressor(**_neighbours(g))),
        _r(36, 18),
    ),
    Family("tree-regressor", lambda g: DecisionTreeRegressor(**_tree(g)), _r(44, 20)),
    Family("forest-regressor", lambda g: RandomForestRegressor(**_forest(g)), _r(24, 10)),
    Family("extra-trees-regressor", lambda g: ExtraTreesRegressor(**_forest(g)), _r(16, 6)),
    Family("boosting-regressor", lambda g: GradientBoostingRegressor(**_boost(g)), _r(24, 10)),
    Family(
        "ada-regressor",
        lambda g: AdaBoostRegressor(n_estimators=int(_pick(g, 5, 10)), random_state=_seed(g)),
        _r(8, 4),
    ),
    Family(
        "network-regressor",
        lambda g: _pipe(StandardScaler(), MLPRegressor(solver="lbfgs", **_mlp(g))),
        _r(14, 6),
    ),
    Family("grid-ridge", _grid_ridge, _r(5, 2)),
)


def successful_plans(share: float = 1.0) -> list[Plan]:
    """The runs that should succeed, family by family.

    share: the part of each family's runs to plan (at least one per task). The k-th run of a
    family has the same setup on every task, so that setups can be compared across tasks.
    """
    plans = []
    for family in FAMILIES:
        # One task's runs are a prefix of the family's draws; crc32 is the same on every machine.
        rng = Rng((zlib.crc32(family.name.encode()) + SEED) % 2**32)
        wanted = {task: max(1, round(n * share)) for task, n in family.counts.items()}
        drawn = [family.make(rng) for _ in range(max(wanted.values()))]
        plans += [
            Plan(task, estimator, family.name)
            for task, n in wanted.items()
            for estimator in drawn[:n]
        ]
    # The prior-only classifier on balanced classes has published values to compare with.
    prior = DummyClassifier(strategy="prior")
    return [Plan(9101, prior, "dummy"), Plan(9106, prior, "dummy"), *plans]
