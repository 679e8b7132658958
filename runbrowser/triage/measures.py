"""The evaluation measures of OpenML: short labels, directions, units and task types.

The names and their order are those of V1's ``evaluationmeasure/list``. The server's own
``higherIsBetter`` column is not usable (it mixes '1', '0', 'true', 'False', '' and NULL and is
wrong for several measures), so the directions are stated here.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

__all__ = [
    "MEASURES",
    "Direction",
    "Measure",
    "change_text",
    "default_measure",
    "direction",
    "measure",
    "value_text",
]

Direction = Literal["higher", "lower"]

# Task types whose runs are scored like a classification (EvaluationEngine, io/Output.java),
# with 4, 10 and 11 added: their targets are classes too.
CLASSIFICATION_TYPES = frozenset({1, 3, 4, 5, 6, 8, 10, 11})
REGRESSION_TYPES = frozenset({2, 9})
SURVIVAL_TYPES = frozenset({7})
ALL_TYPES = frozenset(range(1, 12))


@dataclass(frozen=True, slots=True)
class Measure:
    """One evaluation measure.

    name: as the server spells it. label: a short name for a table's head. direction: which
    values are better, None where neither is. unit: '' for plain numbers and fractions, else
    'ms', 's', 'bits', 'rows', 'bytes', 'GB h'. task_types: ids of the task types it is given for.
    """

    name: str
    label: str
    direction: Direction | None
    unit: str
    task_types: frozenset[int]


_C, _R, _S, _A = CLASSIFICATION_TYPES, REGRESSION_TYPES, SURVIVAL_TYPES, ALL_TYPES
_CR = _C | _R

_ROWS: tuple[tuple[str, str, Direction | None, str, frozenset[int]], ...] = (
    ("area_under_roc_curve", "AUC", "higher", "", _C),
    ("average_cost", "Avg cost", "lower", "", _C),
    ("binominal_test", "Binom", None, "", _C),
    ("build_cpu_time", "Build time", "lower", "s", _A),
    ("build_memory", "Build mem", "lower", "bytes", _A),
    ("c_index", "C-index", "higher", "", _S),
    ("chi-squared", "Chi2", None, "", _C),
    ("class_complexity", "Complexity", "lower", "bits", _CR),
    ("class_complexity_gain", "Compl gain", "higher", "bits", _CR),
    ("confusion_matrix", "Confusion", None, "rows", _C),
    ("correlation_coefficient", "Corr", "higher", "", _R),
    ("cortana_quality", "Cortana", "higher", "", _C),
    ("coverage", "Coverage", None, "", _C),
    ("f_measure", "F1", "higher", "", _C),
    ("information_gain", "Info gain", "higher", "bits", _C),
    ("jaccard", "Jaccard", "higher", "", _C),
    ("kappa", "Kappa", "higher", "", _C),
    ("kb_relative_information_score", "KB rel", "higher", "", _C),
    ("kohavi_wolpert_bias_squared", "KW bias2", "lower", "", _C),
    ("kohavi_wolpert_error", "KW error", "lower", "", _C),
    ("kohavi_wolpert_sigma_squared", "KW sigma2", "lower", "", _C),
    ("kohavi_wolpert_variance", "KW var", "lower", "", _C),
    ("kononenko_bratko_information_score", "KB info", "higher", "bits", _C),
    ("matthews_correlation_coefficient", "MCC", "higher", "", _C),
    ("mean_absolute_error", "MAE", "lower", "", _CR),
    ("mean_class_complexity", "Mean compl", "lower", "bits", _CR),
    ("mean_class_complexity_gain", "Mean compl gain", "higher", "bits", _CR),
    ("mean_f_measure", "Mean F1", "higher", "", _C),
    ("mean_kononenko_bratko_information_score", "Mean KB", "higher", "bits", _C),
    ("mean_precision", "Mean prec", "higher", "", _C),
    ("mean_prior_absolute_error", "Prior MAE", None, "", _CR),
    ("mean_prior_class_complexity", "Prior compl", None, "bits", _CR),
    ("mean_recall", "Mean recall", "higher", "", _C),
    ("mean_weighted_area_under_roc_curve", "Mean wAUC", "higher", "", _C),
    ("mean_weighted_f_measure", "Mean wF1", "higher", "", _C),
    ("mean_weighted_precision", "Mean wPrec", "higher", "", _C),
    ("weighted_recall", "Recall", "higher", "", _C),
    ("number_of_instances", "Rows", None, "rows", _CR),
    ("os_information", "System", None, "", _A),
    ("positives", "Positives", None, "rows", _C),
    ("precision", "Precision", "higher", "", _C),
    ("predictive_accuracy", "ACC", "higher", "", _C),
    ("prior_class_complexity", "Prior cc", None, "bits", _CR),
    ("prior_entropy", "Prior ent", None, "bits", _C),
    ("probability", "Prob", None, "", _C),
    ("quality", "Quality", "higher", "", _C),
    ("ram_hours", "RAM hours", "lower", "GB h", _A),
    ("recall", "Recall", "higher", "", _C),
    ("relative_absolute_error", "RAE", "lower", "", _CR),
    ("root_mean_prior_squared_error", "Prior RMSE", None, "", _CR),
    ("root_mean_squared_error", "RMSE", "lower", "", _CR),
    ("root_relative_squared_error", "RRSE", "lower", "", _CR),
    ("run_cpu_time", "Run time", "lower", "s", _A),
    ("run_memory", "Run mem", "lower", "bytes", _A),
    ("run_virtual_memory", "Run vmem", "lower", "bytes", _A),
    ("scimark_benchmark", "SciMark", None, "", _A),
    ("single_point_area_under_roc_curve", "1-pt AUC", "higher", "", _C),
    ("total_cost", "Cost", "lower", "", _C),
    ("unclassified_instance_count", "Unclassified", "lower", "rows", _C),
    ("usercpu_time_millis", "CPU", "lower", "ms", _A),
    ("usercpu_time_millis_testing", "CPU test", "lower", "ms", _A),
    ("usercpu_time_millis_training", "CPU train", "lower", "ms", _A),
    ("webb_bias", "Webb bias", "lower", "", _C),
    ("webb_error", "Webb error", "lower", "", _C),
    ("webb_variance", "Webb var", "lower", "", _C),
    ("joint_entropy", "Joint ent", None, "bits", _C),
    ("pattern_team_auroc10", "Team AUC10", "higher", "", _C),
    ("wall_clock_time_millis", "Wall", "lower", "ms", _A),
    ("wall_clock_time_millis_training", "Wall train", "lower", "ms", _A),
    ("wall_clock_time_millis_testing", "Wall test", "lower", "ms", _A),
    ("unweighted_recall", "Bal ACC", "higher", "", _C),
)

MEASURES: MappingProxyType[str, Measure] = MappingProxyType(
    {row[0]: Measure(*row) for row in _ROWS}
)


def measure(name: str) -> Measure:
    """The measure of that name.

    A name the table does not hold gives a measure labelled by its own name, without direction
    or unit, for every task type: a server may know more measures than this table.
    """
    known = MEASURES.get(name)
    return known if known is not None else Measure(name, name, None, "", ALL_TYPES)


def direction(name: str) -> Direction | None:
    """Which values of a measure are better: 'higher', 'lower', or None (neither, or unknown)."""
    return measure(name).direction


def default_measure(task_measure: str | None, task_type_id: int) -> str:
    """The measure by which runs on a task are compared when the user has chosen none.

    task_measure: what the task names (``task_evaluation_measure``), None or '' if nothing.
    task_type_id: 1 to 11. A measure that is not given for the task's type is passed over:
    regression tasks that declare predictive_accuracy exist, and their runs never carry it.
    """
    if task_measure and task_type_id in measure(task_measure).task_types:
        return task_measure
    if task_type_id in REGRESSION_TYPES:
        return "root_mean_squared_error"
    if task_type_id in SURVIVAL_TYPES:
        return "c_index"
    return "predictive_accuracy"


def value_text(value: float) -> str:
    """A measure's value as people compare it: four decimals, large values with fewer."""
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    size = abs(value)
    if size >= 1e7:
        return f"{value:.3e}"
    if value == int(value) and size >= 10:
        return f"{int(value):,}"
    return f"{value:.4f}" if size < 100 else f"{value:,.2f}" if size < 1e4 else f"{value:,.0f}"


def change_text(difference: float) -> str:
    """The difference of two values with its sign; one that four decimals would hide, in full."""
    if difference == 0:
        return "="
    if abs(difference) < 0.00005:
        return f"{difference:+.0e}"
    return ("+" if difference > 0 else "") + value_text(difference)
