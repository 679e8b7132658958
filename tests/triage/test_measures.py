"""The table of measures: the server's names, directions, and the default of a task."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runbrowser.triage.measures import MEASURES, default_measure, direction, measure

WIRE = Path(__file__).parent.parent / "data" / "wire" / "v1"


def test_the_names_are_the_servers_in_its_order():
    body = (WIRE / "evaluationmeasure_list.body").read_text()
    assert list(MEASURES) == re.findall(r"<oml:measure>([^<]+)</oml:measure>", body)


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("predictive_accuracy", "higher"),
        ("area_under_roc_curve", "higher"),
        ("recall", "higher"),
        ("root_mean_squared_error", "lower"),
        ("total_cost", "lower"),
        ("usercpu_time_millis", "lower"),
        ("build_memory", "lower"),
        ("unclassified_instance_count", "lower"),
        ("mean_prior_absolute_error", None),
        ("prior_entropy", None),
        ("number_of_instances", None),
        ("os_information", None),
        ("scimark_benchmark", None),
        ("a_measure_of_tomorrow", None),
    ],
)
def test_directions(name, better):
    assert direction(name) == better


def test_labels_tell_measures_apart():
    labels = [known.label for known in MEASURES.values()]
    twice = {label for label in labels if labels.count(label) > 1}
    assert twice <= {"Recall"}  # weighted_recall, and recall: its name on old runs


def test_an_unknown_measure_is_shown_by_its_name():
    assert measure("a_measure_of_tomorrow").label == "a_measure_of_tomorrow"


@pytest.mark.parametrize(
    ("named", "task_type", "default"),
    [
        (None, 1, "predictive_accuracy"),
        ("", 1, "predictive_accuracy"),
        ("area_under_roc_curve", 1, "area_under_roc_curve"),
        (None, 2, "root_mean_squared_error"),
        ("mean_absolute_error", 2, "mean_absolute_error"),
        ("predictive_accuracy", 2, "root_mean_squared_error"),
        ("a_measure_of_tomorrow", 1, "a_measure_of_tomorrow"),
        (None, 7, "c_index"),
    ],
)
def test_the_default_measure_of_a_task(named, task_type, default):
    assert default_measure(named, task_type) == default
