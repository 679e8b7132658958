"""V1's lists of evaluations and names, and what it answers to writes."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbrowser.client.wire import tables, writes
from runbrowser.errors import AnswerError
from runbrowser.models import EvaluationRow

from .pages import answer_of
from .recorded import Recorded, every, v1
from .test_run_list import FRAGMENTS, HOSTILE

OML = "{http://openml.org/openml}"
EVALUATIONS = [
    case
    for case in every()
    if case.server == "v1" and case.status == 200 and case.body.startswith(b"<oml:evaluations ")
]


@pytest.mark.parametrize("case", EVALUATIONS, ids=lambda case: case.id)
def test_evaluations_are_those_that_a_parser_finds(case: Recorded) -> None:
    def integer(text: str | None) -> int | None:
        return int(text) if text else None

    expected = []
    for element in ET.fromstring(case.body):
        told = {child.tag.removeprefix(OML): child.text for child in element}
        expected.append(
            EvaluationRow(
                run_id=int(told["run_id"] or 0),
                task_id=integer(told["task_id"]),
                setup_id=integer(told["setup_id"]),
                flow_id=integer(told["flow_id"]),
                flow_name=told["flow_name"],
                uploader=integer(told["uploader"]),
                data_id=integer(told.get("data_id")),
                data_name=told.get("data_name"),
                function=str(told["function"]),
                upload_time=told.get("upload_time"),
                evaluation_engine_id=integer(told.get("evaluation_engine_id")),
                value=float(value) if (value := told.get("value")) else None,
                values=told.get("values"),
                array_data=told.get("array_data"),
            )
        )
    assert tables.read_evaluations(case.answer) == expected


def evaluation(run_id: int, flow_name: str = "f", data_name: str = "d", array: str = "") -> str:
    """One row by V1's template; names are pasted in unescaped."""
    return (
        "    <oml:evaluation>\n"
        f"    <oml:run_id>{run_id}</oml:run_id>\n    <oml:uploader>2</oml:uploader>\n"
        "    <oml:task_id>59</oml:task_id>\n    <oml:setup_id>37</oml:setup_id>\n"
        f"    <oml:flow_id>668</oml:flow_id>\n    <oml:flow_name>{flow_name}</oml:flow_name>\n"
        f"        <oml:data_id>10</oml:data_id>    <oml:data_name>{data_name}</oml:data_name>    "
        "<oml:evaluation_engine_id>1</oml:evaluation_engine_id>\n"
        "    <oml:function>f_measure</oml:function>\n"
        "    <oml:upload_time>2020-02-20 10:19:00</oml:upload_time>\n"
        f"    <oml:value>0.5</oml:value>          <oml:array_data>{array}</oml:array_data>"
        "    </oml:evaluation>\n"
    )


def evaluations(*rows: str) -> str:
    return (
        '<oml:evaluations xmlns:oml="http://openml.org/openml">\n'
        f"{''.join(rows)}</oml:evaluations>\n"
    )


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:30]))
def test_hostile_names_cost_no_other_evaluation(text: str) -> None:
    page = evaluations(evaluation(1, text, text, text), evaluation(2))
    rows = tables.read_evaluations(answer_of(page))
    assert [row.run_id for row in rows] == [1, 2]
    assert (rows[0].flow_name, rows[0].data_name, rows[0].array_data) == (text, text, text)


def test_a_row_that_cannot_be_read_costs_no_other_evaluation() -> None:
    bad = evaluation(2).replace("<oml:function>f_measure</oml:function>", "")
    rows = tables.read_evaluations(answer_of(evaluations(evaluation(1), bad, evaluation(3))))
    assert [row.run_id for row in rows] == [1, 3]


@pytest.mark.timeout(60)
def test_ten_thousand_rows_of_another_template_are_passed_over_in_one_go() -> None:
    bad = evaluation(2, "a < b" * 20).replace("oml:function>", "oml:measure>")
    assert tables.read_evaluations(answer_of(evaluations(*[bad] * 10_000))) == []


READERS = {
    "evaluations": tables.read_evaluations,
    "users": tables.read_users,
    "tasks": tables.read_tasks,
    "flow": tables.read_flow_names,
    "flows": tables.read_flow_list,
    "run_tag_list": tables.read_tags,
}


@pytest.mark.parametrize("root", READERS)
def test_a_list_cut_short_is_an_error(root: str) -> None:
    name = {
        "evaluations": "eval_array",
        "users": "x_user_list_ids",
        "tasks": "x_task_list_type",
        "flow": "x_flow_nasty",
        "flows": "x_flow_list_offset",
        "run_tag_list": "tag_list_legacy",
    }[root]
    body = v1(name).body.rstrip()
    assert READERS[root](answer_of(body))
    for cut in range(0, len(body), 11):
        with pytest.raises(AnswerError):
            READERS[root](answer_of(body[:cut]))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(sorted(READERS)), FRAGMENTS)
def test_anything_in_a_lists_root_is_read_without_another_error(root: str, middle: str) -> None:
    text = f'<oml:{root} xmlns:oml="http://openml.org/openml">{middle}</oml:{root}>'
    assert isinstance(READERS[root](answer_of(text)), (list, dict))
    with pytest.raises(AnswerError):
        READERS[root](answer_of(f"{middle}x"))


def test_user_names_are_verbatim_and_unknown_ids_are_absent() -> None:
    users = tables.read_users(v1("x_user_list_ids").answer)
    assert set(users) == {1, 2, 10, 18}
    (name,) = tables.read_users(v1("x_user_list_markup").answer).values()
    assert name == "Smith & Sons Ltd <R&D>"


def test_tasks_tell_type_data_set_and_measure() -> None:
    task = tables.read_tasks(v1("x_task_list").answer)[1]
    assert task == (1, 1, 1, "anneal", "predictive_accuracy")
    assert {t.task_type_id for t in tables.read_tasks(v1("x_task_list_type").answer).values()} == {
        3
    }


def test_a_flow_is_named_with_its_version_and_so_are_its_components() -> None:
    names = tables.read_flow_names(v1("x_flow").answer)
    assert names[668].startswith("sklearn.pipeline.Pipeline(onehotencoder=")
    assert names[668].endswith("(20)")
    assert names[125] == "sklearn.ensemble._forest.RandomForestClassifier(1)"
    assert tables.read_flow_names(v1("x_flow_nasty").answer) == {866: "weird.Flow(T,co)[bold]x(1)"}


def test_the_tags_of_all_runs_are_verbatim() -> None:
    tags = tables.read_tags(v1("tag_list_legacy").answer)
    assert len(tags) == 23
    assert {"<tag>", "a & b", "[bold]", "標籤", "tag with spaces"} <= set(tags)


def test_the_tags_after_a_write_are_all_of_the_run() -> None:
    read = writes.read_tags_after
    assert read(v1("w_tag_ok_second").answer, "run_tag") == ["another.tag-2", "mytag"]
    assert read(v1("w_untag_legacy").answer, "run_untag") == [
        "<tag>",
        "tag with spaces",
        "[bold]",
        "標籤",
    ]
    last = '<oml:run_untag xmlns:oml="http://openml.org/openml">\n  <oml:id>9</oml:id>\n  '
    assert read(answer_of(f"{last}</oml:run_untag>"), "run_untag") == []


def test_the_id_of_a_published_run_is_found_or_a_value_error_says_what_came() -> None:
    assert writes.read_published_id(v1("w_upload_ok").answer) == 10500408
    id_alone = '<oml:upload_run xmlns:oml="http://openml.org/openml"><oml:id>7</oml:id>'
    assert writes.read_published_id(answer_of(f"{id_alone}</oml:upload_run>")) == 7
    with pytest.raises(ValueError, match="no id of the new run") as caught:
        writes.read_published_id(answer_of("<oml:upload_run></oml:upload_run>"))
    assert "look at the run before trying again" in str(caught.value)


def test_a_deletion_is_confirmed_by_its_root_alone() -> None:
    assert writes.read_deleted(v1("w_delete_ok").answer)
    assert not writes.read_deleted(answer_of("<html></html>"))


def test_the_measures_a_server_knows_come_in_its_order() -> None:
    measures = tables.read_measures(v1("evaluationmeasure_list").answer)
    assert len(measures) == len(set(measures)) > 10
    assert "area_under_roc_curve" in measures
    assert all(name == name.strip() and "<" not in name for name in measures)


def test_defaults_belong_to_the_innermost_flow_and_are_unescaped() -> None:
    body = (
        '<oml:flow xmlns:oml="http://openml.org/openml"><oml:id>1</oml:id><oml:name>a</oml:name>'
        "<oml:version>1</oml:version>"
        "<oml:parameter><oml:name>x</oml:name><oml:default_value>&quot;g&quot;</oml:default_value>"
        "</oml:parameter><oml:parameter><oml:name>none</oml:name></oml:parameter>"
        '<oml:component><oml:flow xmlns:oml="http://openml.org/openml"><oml:id>2</oml:id>'
        "<oml:name>b</oml:name><oml:version>1</oml:version><oml:parameter><oml:name>x</oml:name>"
        "<oml:default_value>2</oml:default_value></oml:parameter></oml:flow></oml:component>"
        "<oml:parameter><oml:name>late</oml:name><oml:default_value></oml:default_value>"
        "</oml:parameter></oml:flow>"
    )
    found = tables.read_flow(answer_of(body))
    assert found.names == {1: "a(1)", 2: "b(1)"}
    assert found.defaults == {1: {"x": '"g"', "late": ""}, 2: {"x": "2"}}
