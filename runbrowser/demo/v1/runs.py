"""V1's run/{id} and run/trace/{id}."""

import sqlite3

from ..store import LARGEST_INTEGER, Store
from .call import Call
from .errors import ApiError
from .lists import collated
from .xmlout import NAMESPACE, Answer, Document, number, plain, special, truthy

# The engine whose verdict run/{id} shows, however many have evaluated the run.
DEFAULT_ENGINE = 1

_RUN = """
SELECT r.id, r.uploader, u.first_name, u.last_name, r.task_id, tt.name AS task_type,
       t.evaluation_measure, t.dataset_id, s.flow_id, f.full_name, r.setup_id, r.error_message,
       r.run_details, ifnull(r.setup_string, s.setup_string) AS setup_string,
       e.run_id IS NOT NULL AS evaluated, e.error, d.name AS data_name, d.url AS data_url
FROM run r
JOIN setup s ON s.id = r.setup_id
JOIN flow f ON f.id = s.flow_id
JOIN task t ON t.id = r.task_id
JOIN task_type tt ON tt.id = t.task_type_id
JOIN dataset d ON d.id = t.dataset_id
LEFT JOIN user u ON u.id = r.uploader
LEFT JOIN run_evaluated e ON e.run_id = r.id AND e.engine_id = ?
WHERE r.id = ?
"""
_PARAMETERS = """
SELECT p.name, v.value, p.flow_id FROM setup_parameter v
JOIN flow_parameter p ON p.id = v.parameter_id WHERE v.setup_id = ? ORDER BY p.id
"""
_EVALUATIONS = """
SELECT m.name, e.value, e.array_data FROM evaluation e
JOIN measure m ON m.id = e.measure_id WHERE e.run_id = ? ORDER BY m.id
"""
_FOLDS = """
SELECT m.name, e.value, e.array_data, e.repeat, e.fold FROM evaluation_fold e
JOIN measure m ON m.id = e.measure_id WHERE e.run_id = ? ORDER BY m.id, e.fold, e.repeat
"""


def run_number(text: str) -> int | None:
    """The run a path segment means to MySQL ('0900018' is 900018); None where it can mean none."""
    value = int(text) if text.isdecimal() else float(text)
    if value != value or value != abs(value) or value > LARGEST_INTEGER or value != int(value):
        return None
    return int(value)


def find_run(store: Store, text: str) -> sqlite3.Row | None:
    """The run with this id, with what belongs to it once."""
    number_ = run_number(text)
    return None if number_ is None else store.row(_RUN, (DEFAULT_ENGINE, number_))


def parameters(store: Store, setup_id: int) -> list[sqlite3.Row]:
    """A setup's parameter values: name, value, flow_id, in the order of parameter ids."""
    return store.rows(_PARAMETERS, (setup_id,))


def evaluations(store: Store, run_id: int) -> list[sqlite3.Row]:
    """A run's values pooled over folds and repeats: name, value, array_data."""
    return store.rows(_EVALUATIONS, (run_id,))


def fold_evaluations(store: Store, run_id: int) -> list[sqlite3.Row]:
    """A run's values of each fold: name, value, array_data, repeat, fold."""
    return store.rows(_FOLDS, (run_id,))


def files(store: Store, run_id: int) -> list[sqlite3.Row]:
    """A run's files: id, name (the field of the upload), filename."""
    return store.rows("SELECT id, name, filename FROM file WHERE run_id = ? ORDER BY id", (run_id,))


def tags(store: Store, run_id: int) -> list[str]:
    """A run's tags in the order V1 gives them."""
    rows = store.tuples("SELECT tag FROM run_tag WHERE run_id = ?", (run_id,))
    return collated([tag for (tag,) in rows])


def run_get(call: Call, text: str) -> Answer:
    """run/{id}: 235 for 0, 236 for a run that is not there."""
    if not truthy(text):
        raise ApiError(235)
    run = find_run(call.store, text)
    if run is None:
        raise ApiError(236)
    return Document(_document(call, run))


def _document(call: Call, run: sqlite3.Row) -> str:
    store, run_id = call.store, run["id"]
    parts = [
        f"<oml:run {NAMESPACE}>\n",
        f"  <oml:run_id>{run_id}</oml:run_id>\n",
        f"  <oml:uploader>{plain(run['uploader'])}</oml:uploader>\n",
        f"  <oml:uploader_name>{call.text(run['first_name'])} {call.text(run['last_name'])}"
        "</oml:uploader_name>\n",
        f"  <oml:task_id>{run['task_id']}</oml:task_id>\n",
        f"  <oml:task_type>{run['task_type']}</oml:task_type>\n  ",
    ]
    if run["evaluation_measure"]:
        measure = run["evaluation_measure"]
        parts.append(
            f"    <oml:task_evaluation_measure>{measure}</oml:task_evaluation_measure>\n  "
        )
    parts += [
        f"  <oml:flow_id>{run['flow_id']}</oml:flow_id>\n",
        f"  <oml:flow_name>{call.text(run['full_name'])}</oml:flow_name>\n",
        f"  <oml:setup_id>{run['setup_id']}</oml:setup_id>\n",
        "  ",
        f" <oml:error>{special(run['error'])}</oml:error> " if run["evaluated"] else "",
        "  ",
        _optional(call, "error_message", run["error_message"]),
        "  ",
        _optional(call, "run_details", run["run_details"]),
        f"  <oml:setup_string>{special(run['setup_string'])}</oml:setup_string>\n  ",
    ]
    for row in parameters(store, run["setup_id"]):
        parts.append(
            "    <oml:parameter_setting>\n"
            f"      <oml:name>{call.text(row['name'])}</oml:name>\n"
            f"      <oml:value>{special(row['value'])}</oml:value>\n"
            f"      <oml:component>{row['flow_id']}</oml:component>\n"
            "    </oml:parameter_setting>\n  "
        )
    parts.append("  ")
    parts += [f"    <oml:tag>{call.text(tag)}</oml:tag>\n  " for tag in tags(store, run_id)]
    output = _output_data(call, run_id)
    # V1 notes the data set when a run is stored with its files; a run without any has neither.
    input_data = _input_data(call, run) if output else "  "
    return "".join([*parts, input_data, "  ", output, "</oml:run>\n"])


def _optional(call: Call, name: str, text: str | None) -> str:
    return "" if text is None else f" <oml:{name}>{call.text(text)}</oml:{name}> "


def _input_data(call: Call, run: sqlite3.Row) -> str:
    return (
        "      <oml:input_data>\n          <oml:dataset>\n"
        f"        <oml:did>{run['dataset_id']}</oml:did>\n"
        f"        <oml:name>{call.text(run['data_name'])}</oml:name>\n"
        f"        <oml:url>{call.text(run['data_url'])}</oml:url>\n"
        "      </oml:dataset>\n        </oml:input_data>\n  "
    )


def _output_data(call: Call, run_id: int) -> str:
    base = call.base_url
    listed = [
        "      <oml:file>\n"
        "        <oml:did>-1</oml:did>"
        " <!-- Deprecated field, will be removed during next upgrade. -->\n"
        f"        <oml:file_id>{row['id']}</oml:file_id>\n"
        f"        <oml:name>{call.text(row['name'])}</oml:name>\n"
        f"        <oml:url>{base}data/download/{row['id']}/{call.text(row['filename'])}</oml:url>\n"
        "      </oml:file>\n      "
        for row in files(call.store, run_id)
    ]
    pooled = [_evaluation(call, row) for row in evaluations(call.store, run_id)]
    folds = [
        _evaluation(call, row, f' repeat="{row["repeat"]}" fold="{row["fold"]}"')
        for row in fold_evaluations(call.store, run_id)
    ]
    if not listed and not pooled and not folds:
        return ""
    blocks = [f"      {''.join(block)}    " for block in (listed, pooled, folds) if block]
    return f"    <oml:output_data>\n    {''.join(blocks)}  </oml:output_data>\n  "


def _evaluation(call: Call, row: sqlite3.Row, attributes: str = "") -> str:
    value = "" if row["value"] is None else f"<oml:value>{number(row['value'])}</oml:value>"
    text = call.text(row["array_data"])
    array = f"<oml:array_data>{text}</oml:array_data>" if text else ""
    return (
        f"        <oml:evaluation{attributes}>\n"
        f"          <oml:name>{row['name']}</oml:name>\n"
        f"          {value}          {array}        </oml:evaluation>\n      "
    )


def run_trace(call: Call, text: str) -> Answer:
    """run/trace/{id}: 571 for no such run, 572 for a run without a trace."""
    run_id = run_number(text)
    if run_id is None or not call.store.value("SELECT 1 FROM run WHERE id = ?", (run_id,)):
        raise ApiError(571)
    rows = call.store.tuples(
        "SELECT repeat, fold, iteration, setup_string, evaluation, selected FROM trace"
        " WHERE run_id = ? ORDER BY repeat, fold, iteration",
        (run_id,),
    )
    if not rows:
        raise ApiError(572)
    template = (
        "\t<oml:trace_iteration>\n"
        "\t\t<oml:repeat>%s</oml:repeat>\n"
        "\t\t<oml:fold>%s</oml:fold>\n"
        "\t\t<oml:iteration>%s</oml:iteration>\n"
        "\t\t<oml:setup_string>%s</oml:setup_string>\n"
        "\t\t<oml:evaluation>%s</oml:evaluation>\n"
        "\t\t<oml:selected>%s</oml:selected>\n"
        "\t</oml:trace_iteration>\n\t"
    )
    body = "".join(template % (*row[:3], call.text(row[3]), *row[4:]) for row in rows)
    return Document(
        f"<oml:trace {NAMESPACE}>\n  <oml:run_id>{text}</oml:run_id>\n\t{body} \n</oml:trace>\n",
    )
