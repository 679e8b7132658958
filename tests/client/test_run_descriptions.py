"""V1's run descriptions: read whole, well-formed or not, and told alike by V2."""

from __future__ import annotations

import dataclasses
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbrowser.client.call import Answer
from runbrowser.client.wire import repair as mender
from runbrowser.client.wire.run_description import read_run, read_trace
from runbrowser.client.wire.v2 import read_run as read_v2_run
from runbrowser.errors import AnswerError
from runbrowser.models import Evaluation, Run, RunState

from .pages import answer_of
from .recorded import Recorded, every, v1, v2
from .test_run_list import ANY_TEXT, FRAGMENTS, HOSTILE

OML = "{http://openml.org/openml}"
PRODUCTION = Path(__file__).parent.parent / "data" / "run-100-production.xml"
RUNS = [
    case
    for case in every()
    if case.server == "v1"
    and case.status == 200
    and case.body.lstrip().startswith(b"<oml:run ")
    and "/xml/" in case.path
]
WELL_FORMED = [case for case in RUNS if case.told.get("well_formed_xml")]
BOTH = [
    (case, v2(case.name))
    for case in RUNS
    if any(other.server == "v2" and other.name == case.name for other in every())
    and re.fullmatch(r"run_get_s\d+", case.name)
]


def read(text: str | bytes) -> Run:
    """What the client reads from a description."""
    return read_run(answer_of(text))


def by_a_parser(body: bytes) -> dict[str, object]:
    """A well-formed description as ElementTree gives it, in the names of Run."""
    root = ET.fromstring(body)

    def text(name: str) -> str | None:
        found = root.find(OML + name)
        return None if found is None else found.text or ""

    def each(path: str, *names: str) -> list[tuple[str | None, ...]]:
        return [
            tuple(item.findtext(OML + name) for name in names)
            for item in root.findall("/".join(OML + part for part in path.split("/")))
        ]

    return {
        "run_id": int(text("run_id") or 0),
        "uploader": int(text("uploader") or 0) or None,
        "task_id": int(text("task_id") or 0),
        "task_type": text("task_type"),
        "task_evaluation_measure": text("task_evaluation_measure"),
        "flow_id": int(text("flow_id") or 0),
        "flow_name": text("flow_name"),
        "setup_id": int(text("setup_id") or 0),
        "setup_string": text("setup_string") or None,
        "evaluation_error": text("error"),
        "parameters": [
            (name or "", value or "", int(component) if component else None)
            for name, value, component in each("parameter_setting", "name", "value", "component")
        ],
        "tags": [tag.text for tag in root.findall(OML + "tag")],
        "input_data": [(int(d or 0), n) for d, n in each("input_data/dataset", "did", "name")],
        "files": each("output_data/file", "name", "file_id", "url"),
        "evaluations": [
            (
                item.findtext(OML + "name"),
                None if (value := item.findtext(OML + "value")) is None else float(value),
                item.findtext(OML + "array_data"),
                item.get("repeat"),
                item.get("fold"),
            )
            for item in root.findall(f"{OML}output_data/{OML}evaluation")
        ],
    }


def in_the_same_form(run: Run) -> dict[str, object]:
    """A Run in the form of :func:`by_a_parser`."""

    def as_text(value: int | None) -> str | None:
        return None if value is None else str(value)

    return {
        "run_id": run.run_id,
        "uploader": run.uploader,
        "task_id": run.task_id,
        "task_type": run.task_type,
        "task_evaluation_measure": run.task_evaluation_measure,
        "flow_id": run.flow_id,
        "flow_name": run.flow_name,
        "setup_id": run.setup_id,
        "setup_string": run.setup_string,
        "evaluation_error": run.evaluation_error,
        "parameters": [(p.name, p.value, p.component) for p in run.parameter_settings],
        "tags": list(run.tags),
        "input_data": [(d.dataset_id, d.name) for d in run.input_data],
        "files": [(f.name, str(f.file_id), f.url) for f in run.files],
        "evaluations": [
            (e.name, e.value, e.array_data, as_text(e.repeat), as_text(e.fold))
            for e in run.evaluation_list
        ],
    }


@pytest.mark.parametrize("case", WELL_FORMED, ids=lambda case: case.id)
def test_a_well_formed_description_says_what_a_parser_finds_in_it(case: Recorded) -> None:
    run = read(case.body)
    assert in_the_same_form(run) == by_a_parser(case.body)
    assert run.description_text == case.body.decode()


def test_the_production_sample_is_read_like_any_other() -> None:
    body = PRODUCTION.read_bytes()
    run = read(body)
    assert in_the_same_form(run) == by_a_parser(body)
    assert (run.run_id, run.dataset_id, run.state) == (100, 28, RunState.OK)
    assert (len(run.evaluation_list), len(run.evaluations)) == (199, 19)
    assert run.predictions_url is not None
    assert run.predictions_url.endswith("weka_generated_predictions576954524972002741.arff")
    assert set(run.fold_evaluations["predictive_accuracy"]) == {0}
    assert sorted(run.fold_evaluations["predictive_accuracy"][0]) == list(range(10))
    assert run.evaluations["f_measure"] == 0.922723


@pytest.mark.parametrize(("old", "new"), BOTH, ids=lambda case: case.id)
def test_v1_and_v2_tell_the_same_of_a_run(old: Recorded, new: Recorded) -> None:
    """All attributes but those that PROTOCOL 7 says differ: V2 has no evaluation error, details,
    file urls; V1 has no characters beyond U+FFFF.
    """
    one, two = read(old.body), read_v2_run(new.answer)
    # V1 tells '' and absent apart where V2 leaves both out.
    if one.error_message == "":
        one = dataclasses.replace(one, error_message=None)
    narrow = {
        field.name: _narrow(getattr(two, field.name))
        for field in dataclasses.fields(Run)
        if field.name in ("error_message", "setup_string", "uploader_name")
    }
    two = dataclasses.replace(two, **narrow)
    documented = {"evaluation_error", "run_details", "files", "description_text", "api"}
    for field in dataclasses.fields(Run):
        if field.name in documented:
            continue
        told, expected = getattr(one, field.name), getattr(two, field.name)
        if field.name in ("evaluation_list", "parameter_settings", "tags"):
            assert sorted(map(repr, told)) == sorted(map(repr, expected)), field.name
        else:
            assert told == expected, field.name
    assert [(f.name, f.file_id) for f in one.files] == [(f.name, f.file_id) for f in two.files]
    assert (two.evaluation_error, two.run_details) == (None, None)


def _narrow(text: str | None) -> str | None:
    return None if text is None else re.sub("[\U00010000-\U0010ffff]", "?", text)


def test_several_broken_descriptions_are_among_those_compared() -> None:
    broken = {old.name for old, _ in BOTH if not old.told.get("well_formed_xml")}
    assert {"run_get_s01", "run_get_s02", "run_get_s05", "run_get_s09", "run_get_s29"} <= broken


def test_a_run_without_files_evaluations_or_input_data_is_read() -> None:
    run = read(v1("run_get_s18").body)
    assert (run.files, run.evaluation_list, run.input_data) == ((), (), ())
    assert (run.dataset_id, run.predictions_url, run.evaluation_error) == (None, None, None)
    assert run.state is RunState.NOT_EVALUATED


def test_an_evaluation_with_neither_value_nor_array_is_kept_without_a_value() -> None:
    run = read(v1("run_get_s44").body)
    empty = [e for e in run.evaluation_list if e.value is None and e.array_data is None]
    assert empty
    assert all(run.evaluations[e.name] is None for e in empty)


def test_an_array_without_a_value_is_the_measures_value() -> None:
    run = read(v1("run_get_s19").body)
    assert str(run.evaluations["confusion_matrix"]).startswith("[[")


def test_folds_are_kept_by_repeat_and_fold() -> None:
    run = read(v1("run_get_s36").body)
    folds = run.fold_evaluations["predictive_accuracy"]
    assert sorted(folds) == [0, 1, 2, 3, 4]
    assert all(sorted(by_fold) == list(range(10)) for by_fold in folds.values())


def description(**fields: str) -> str:
    """A description by V1's template with the given texts in its unescaped fields."""
    f = {
        "uploader_name": "Ada",
        "flow_name": "f(1)",
        "error_message": "",
        "run_details": "",
        "parameter": "p",
        "tag": "t",
        "dataset": "d",
        "url": "http://example.org/d.arff",
        "file_url": "http://example.org/data/download/7/p.arff",
        "array": "[1,2]",
    } | fields
    return (
        '<oml:run xmlns:oml="http://openml.org/openml">\n  <oml:run_id>5</oml:run_id>\n'
        "  <oml:uploader>2</oml:uploader>\n"
        f"  <oml:uploader_name>{f['uploader_name']}</oml:uploader_name>\n"
        "  <oml:task_id>59</oml:task_id>\n  <oml:task_type>Supervised</oml:task_type>\n"
        f"    <oml:flow_id>6</oml:flow_id>\n  <oml:flow_name>{f['flow_name']}</oml:flow_name>\n"
        "  <oml:setup_id>37</oml:setup_id>\n   <oml:error></oml:error>"
        f"    <oml:error_message>{f['error_message']}</oml:error_message>"
        f"     <oml:run_details>{f['run_details']}</oml:run_details>"
        "     <oml:setup_string>a &amp; b</oml:setup_string>\n      <oml:parameter_setting>\n"
        f"      <oml:name>{f['parameter']}</oml:name>\n      <oml:value>&lt;1&gt;</oml:value>\n"
        "      <oml:component>6</oml:component>\n    </oml:parameter_setting>\n"
        f"      <oml:tag>{f['tag']}</oml:tag>\n      <oml:tag>last</oml:tag>\n"
        "        <oml:input_data>\n          <oml:dataset>\n        <oml:did>10</oml:did>\n"
        f"        <oml:name>{f['dataset']}</oml:name>\n        <oml:url>{f['url']}</oml:url>\n"
        "      </oml:dataset>\n        </oml:input_data>\n        <oml:output_data>\n"
        "                <oml:file>\n"
        "        <oml:did>-1</oml:did> <!-- Deprecated field, will be removed -->\n"
        "        <oml:file_id>7</oml:file_id>\n        <oml:name>predictions</oml:name>\n"
        f"        <oml:url>{f['file_url']}</oml:url>\n      </oml:file>\n"
        "                        <oml:evaluation>\n          <oml:name>f_measure</oml:name>\n"
        f"          <oml:value>0.5</oml:value>          <oml:array_data>{f['array']}"
        '</oml:array_data>        </oml:evaluation>\n              <oml:evaluation repeat="0" '
        'fold="1">\n          <oml:name>kappa</oml:name>\n          <oml:value>0</oml:value>'
        "                  </oml:evaluation>\n            </oml:output_data>\n  </oml:run>\n"
    )


def texts(run: Run) -> dict[str, str | None]:
    """The texts that :func:`description` was given."""
    return {
        "flow_name": run.flow_name,
        "error_message": run.error_message,
        "run_details": run.run_details,
        "parameter": run.parameter_settings[0].name,
        "tag": run.tags[0],
        "dataset": run.input_data[0].name,
        "url": run.input_data[0].url,
        "file_url": run.files[0].url,
        "array": run.evaluation_list[0].array_data,
    }


FIELDS = sorted(texts(read(description())))
TEMPLATE = re.compile(r"</oml:(?:flow_name|error_message|run_details|name|tag|url|array_data)>\s*<")


def assert_read_back(given_texts: dict[str, str]) -> None:
    run = read(description(**given_texts))
    assert {name: texts(run)[name] for name in given_texts} == given_texts
    assert run.setup_string == "a & b"
    assert run.parameter_settings[0].value == "<1>"
    assert len(run.evaluation_list) == 2
    assert run.evaluation_list[1] == Evaluation("kappa", 0.0, None, 0, 1)
    assert run.tags[-1] == "last"
    assert len(run.files) == len(run.input_data) == len(run.parameter_settings) == 1


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:30]))
def test_a_hostile_text_in_any_unescaped_field_is_read_back_verbatim(field: str, text: str) -> None:
    if field == "error_message" and "<oml:run_details>" in text:
        return  # a field's end and the next field's start cannot be told from the template
    assert_read_back({field: text})


@pytest.mark.parametrize("field", FIELDS)
def test_a_text_that_holds_other_elements_forges_nothing(field: str) -> None:
    for forged in (
        "<oml:tag>evil</oml:tag>",
        "</oml:tag><oml:evaluation><oml:name>x</oml:name></oml:evaluation>",
        "</oml:run>",
        "<oml:name>a</oml:name>",
    ):
        if field == "tag" and forged.startswith("</oml:tag>"):
            continue
        assert_read_back({field: forged})


@settings(max_examples=200, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(FIELDS),
        st.one_of(ANY_TEXT, FRAGMENTS)
        .map(lambda t: t.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
        .filter(lambda t: t and not TEMPLATE.search(t)),
    )
)
def test_whatever_an_unescaped_field_holds_comes_back(given_texts: dict[str, str]) -> None:
    assert_read_back(given_texts)


@settings(max_examples=200, deadline=None)
@given(st.one_of(st.binary(max_size=300), FRAGMENTS.map(lambda t: t.encode("utf-8", "replace"))))
def test_other_bytes_are_an_answer_error_and_nothing_else(body: bytes) -> None:
    for reader in (read_run, read_trace, read_v2_run):
        with pytest.raises(AnswerError):
            reader(answer_of(body))


@settings(max_examples=200, deadline=None)
@given(st.one_of(ANY_TEXT, FRAGMENTS))
def test_anything_in_the_root_is_a_run_or_an_answer_error(middle: str) -> None:
    text = f'<oml:run xmlns:oml="http://openml.org/openml">{middle}<oml:run_id>5</oml:run_id>'
    try:
        run = read(f"{text}</oml:run>")
    except AnswerError:
        return
    assert isinstance(run.run_id, int)


@pytest.mark.parametrize("name", ["run_get_s02", "run_get_s18", "run_get_s29"])
def test_a_description_cut_short_anywhere_is_an_error(name: str) -> None:
    body = v1(name).body.rstrip()
    for cut in range(0, len(body), 7):
        with pytest.raises(AnswerError):
            read(body[:cut])


def test_entities_of_a_document_type_are_not_expanded() -> None:
    bomb = (
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>'
        '<oml:run xmlns:oml="http://openml.org/openml"><oml:run_id>1</oml:run_id></oml:run>'
    )
    with pytest.raises(AnswerError):
        read(bomb)


def test_the_work_of_repair_grows_with_the_text_and_not_with_its_square(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Counted: how far each search for an end had to look, for texts that never end."""

    def looked_at(text: str) -> int:
        total = 0
        compile_ = re.compile

        class Counting:
            def __init__(self, pattern: str) -> None:
                self.inner = compile_(pattern)

            def search(self, where: str, start: int = 0) -> re.Match[str] | None:
                nonlocal total
                found = self.inner.search(where, start)
                total += (found.end() if found else len(where)) - start
                return found

        with monkeypatch.context() as patch:
            patch.setattr(mender.re, "compile", Counting)
            mender.repair(text)
        return total

    for piece in (
        "<oml:name>",
        "<oml:name><oml:tag><oml:url>",
        "</oml:name>",
        "<oml:name>x</oml:name>",
    ):
        few, many = looked_at(piece * 100), looked_at(piece * 1000)
        assert many <= 12 * few, piece


def test_several_input_data_sets_are_all_kept_and_no_one_of_them_is_the_runs() -> None:
    text = description().replace(
        "      </oml:dataset>\n",
        "      </oml:dataset>\n          <oml:dataset>\n        <oml:did>11</oml:did>\n"
        "        <oml:name>e & f</oml:name>\n        <oml:url>u</oml:url>\n      </oml:dataset>\n",
    )
    run = read(text)
    assert [(d.dataset_id, d.name) for d in run.input_data] == [(10, "d"), (11, "e & f")]
    assert run.dataset_id is None


def test_what_a_description_leaves_out_is_none_and_what_is_empty_is_empty() -> None:
    least = '<oml:run xmlns:oml="http://openml.org/openml"><oml:run_id>9</oml:run_id></oml:run>'
    run = read(least)
    assert run == Run(9, None, None, None, None, None, None, None)
    run = read(least.replace("</oml:run>", "<oml:error></oml:error></oml:run>"))
    assert run.evaluation_error == ""
    assert run.state is RunState.OK


def test_an_uploader_of_nobody_is_none() -> None:
    text = description(uploader_name=" ").replace(">2<", "><", 1)
    run = read(text)
    assert (run.uploader, run.uploader_name) == (None, None)


TRACE = (
    '<oml:trace xmlns:oml="http://openml.org/openml">\n  <oml:run_id>900021</oml:run_id>\n'
    "\t{} \n</oml:trace>\n"
)


def iteration(repeat: int, fold: int, number: int, setup: str, selected: str = "false") -> str:
    """One iteration by V1's template: setup_string is pasted in unescaped."""
    return (
        f"\t<oml:trace_iteration>\n\t\t<oml:repeat>{repeat}</oml:repeat>\n"
        f"\t\t<oml:fold>{fold}</oml:fold>\n\t\t<oml:iteration>{number}</oml:iteration>\n"
        f"\t\t<oml:setup_string>{setup}</oml:setup_string>\n"
        f"\t\t<oml:evaluation>90.14285714285714</oml:evaluation>\n"
        f"\t\t<oml:selected>{selected}</oml:selected>\n\t</oml:trace_iteration>\n\t"
    )


@pytest.mark.parametrize("text", ['{"parameter_C": "1.5", "n": 3}', *HOSTILE], ids=repr)
def test_a_trace_is_read_in_order_with_its_texts_verbatim(text: str) -> None:
    body = iteration(0, 1, 0, "b") + iteration(0, 0, 1, text, "true") + iteration(0, 0, 0, "a")
    trace = read_trace(answer_of(TRACE.format(body)))
    assert trace.run_id == 900021
    assert [(i.fold, i.iteration, i.selected) for i in trace.iterations] == [
        (0, 0, False),
        (0, 1, True),
        (1, 0, False),
    ]
    assert trace.iterations[1].setup_string == text
    assert trace.iterations[1].evaluation == 90.14285714285714


def test_the_parameters_of_an_iteration_are_those_of_its_json_text() -> None:
    body = iteration(0, 0, 0, '{"parameter_C": "1.5", "n": [1, null]}') + iteration(0, 0, 1, "[1]")
    first, second = read_trace(answer_of(TRACE.format(body))).iterations
    assert first.parameters == {"parameter_C": "1.5", "n": "[1, null]"}
    assert second.parameters == {}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=2,
)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            [
                *("run_id", "uploader", "task_id", "error", "tag", "parameter_setting", "trace"),
                *("input_data", "output_data", "setup_string", "flow_name", "uploader_name"),
            ]
        ),
        JSON
        | st.lists(
            st.dictionaries(st.sampled_from(["did", "file_id", "name", "value"]), JSON), max_size=2
        )
        | st.dictionaries(
            st.sampled_from(["file", "evaluation"]),
            st.lists(
                st.dictionaries(st.sampled_from(["file_id", "name", "value", "fold"]), JSON),
                max_size=2,
            ),
        ),
    )
)
def test_any_json_object_is_a_run_of_v2_or_an_answer_error(document: dict[str, object]) -> None:
    body = json.dumps(document).encode()
    answer = Answer(200, "application/json", body)
    try:
        run = read_v2_run(answer)
    except AnswerError:
        return
    assert isinstance(run.run_id, int)
    assert isinstance(run.state, RunState)
    assert isinstance(run.evaluations, dict)
    assert isinstance(run.fold_evaluations, dict)
