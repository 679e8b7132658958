"""Runs, pages and filters as values."""

from __future__ import annotations

import pickle

import pytest

from runbrowser.models import (
    Evaluation,
    InputData,
    OutputFile,
    Run,
    RunFilter,
    RunPage,
    RunRow,
    RunState,
    TaskType,
    TraceIteration,
)
from runbrowser.secret import ApiKey

BARE = Run(1, None, None, None, None, None, None, None)


def run(**fields: object) -> Run:
    return Run(1, 2, "Ada", 59, "Supervised Classification", 6, "f(1)", 37, **fields)  # type: ignore[arg-type]


POOLED = Evaluation("kappa", 0.5)
FOLD = Evaluation("kappa", 0.4, None, 0, 1)


@pytest.mark.parametrize(
    ("told", "state"),
    [
        ({}, RunState.NOT_EVALUATED),
        ({"evaluation_error": ""}, RunState.OK),
        ({"evaluation_list": (POOLED,)}, RunState.OK),
        ({"evaluation_list": (FOLD,)}, RunState.NOT_EVALUATED),
        ({"evaluation_error": "no class"}, RunState.EVALUATION_FAILED),
        (
            {"evaluation_error": "no class", "evaluation_list": (POOLED,)},
            RunState.EVALUATION_FAILED,
        ),
        ({"error_message": "boom"}, RunState.FAILED),
        ({"error_message": "boom", "evaluation_error": "no class"}, RunState.FAILED),
        ({"error_message": "", "evaluation_list": (POOLED,)}, RunState.OK),
    ],
)
def test_the_state_of_a_run_follows_from_what_the_server_tells(
    told: dict[str, object], state: RunState
) -> None:
    assert run(**told).state is state


def test_a_row_of_the_list_can_tell_only_that_the_uploader_reported_an_error() -> None:
    row = RunRow(1, 59, 1, 37, 6, 2, None, None, None)
    assert row.state is RunState.UNKNOWN
    assert row._replace(error_message="boom").state is RunState.FAILED


def test_every_state_has_a_glyph_of_its_own() -> None:
    glyphs = [state.glyph for state in RunState]
    assert len(set(glyphs)) == len(glyphs)
    assert all(len(glyph) == 1 for glyph in glyphs)


def test_a_task_type_newer_than_this_client_is_its_number() -> None:
    assert TaskType.of(1) is TaskType.SUPERVISED_CLASSIFICATION
    assert TaskType.of(99) == 99
    assert TaskType.of(None) is None


def test_evaluations_are_grouped_as_upstream_groups_them() -> None:
    told = run(
        evaluation_list=(
            POOLED,
            Evaluation("confusion_matrix", None, "[[1]]"),
            FOLD,
            Evaluation("kappa", 0.6, None, 1, 0),
            Evaluation("kappa", 0.1, None, 0, 1, 2),
        )
    )
    assert told.evaluations == {"kappa": 0.5, "confusion_matrix": "[[1]]"}
    assert told.fold_evaluations == {"kappa": {0: {1: 0.4}, 1: {0: 0.6}}}
    assert told.sample_evaluations == {"kappa": {0: {1: {2: 0.1}}}}


def test_files_and_data_sets_are_found_by_name_and_number() -> None:
    told = run(
        files=(OutputFile("description", 5), OutputFile("predictions", 7, "http://x/p.arff")),
        input_data=(InputData(10, "d", "u"),),
    )
    assert told.output_files == {"description": 5, "predictions": 7}
    assert told.predictions_url == "http://x/p.arff"
    assert told.dataset_id == 10
    assert (BARE.predictions_url, BARE.dataset_id, BARE.output_files) == (None, None, {})


def test_a_run_does_not_show_its_whole_description() -> None:
    assert "secret" not in repr(run(description_text="secret" * 1000))
    assert run(description_text="a") == run(description_text="b")


def test_parameters_of_an_iteration_survive_a_text_that_is_no_json_object() -> None:
    def parameters(text: str) -> dict[str, str]:
        return TraceIteration(0, 0, 0, None, False, text).parameters

    assert parameters('{"a": "1", "b": {"c": 2}}') == {"a": "1", "b": '{"c": 2}'}
    assert parameters("[1, 2]") == parameters("not json") == parameters("") == {}
    assert parameters("[" * 100_000) == {}


def test_an_empty_page_is_a_sequence_of_nothing() -> None:
    page = RunPage(limit=10, offset=5)
    assert (len(page), list(page), page[0:3], page.received) == (0, [], [], 0)
    assert page.last
    with pytest.raises(IndexError):
        page[0]


def test_the_last_page_is_the_one_the_server_did_not_fill() -> None:
    columns = [[1], *([[None]] * 8)]
    assert RunPage(columns, limit=2).last
    assert not RunPage(columns, limit=1).last
    assert not RunPage(columns, limit=2, received=2).last
    assert RunPage(columns).last


def test_a_filter_knows_whether_it_is_empty_and_what_the_server_cannot_look_for() -> None:
    assert RunFilter().empty
    assert RunFilter(show_errors=False).empty
    assert not RunFilter(task=(59,)).empty
    assert not RunFilter(task=(59,)).local
    assert RunFilter(state=RunState.FAILED).local
    assert RunFilter(error="memory").local
    both = RunFilter(task=(59,), state=RunState.FAILED, error="memory")
    assert both.remote == RunFilter(task=(59,))


def test_a_key_shows_itself_to_nobody() -> None:
    key = ApiKey("c" * 32)
    assert key.reveal() == "c" * 32
    for shown in (repr(key), str(key), f"{key}", f"{[key]}", f"{ {'key': key} }"):
        assert "c" * 4 not in shown
    with pytest.raises(TypeError):
        pickle.dumps(key)
    assert not hasattr(key, "__dict__")
