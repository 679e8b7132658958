"""V1's POST run and setup/exists: a run description, and the files that come with it."""

import sqlite3
from xml.etree import ElementTree

from ..store import Store
from .arff import arff_error
from .call import Call, Upload
from .description import DescriptionError, Node, read_description
from .errors import ApiError
from .runs import run_number
from .writes import add_tag, now
from .xmlout import NAMESPACE, Answer, Document, truthy

_LAST_RUN = "last_run_id"


def run_upload(call: Call) -> Answer:
    """POST run as multipart, field `description` and any other files: codes 201 to 217.

    The run is not evaluated yet: that is the engine's, which takes it up a little later. Scores
    in the description are only checked here, as V1 does it. What was checked before a refusal,
    such as a new setup, stays.
    """
    description = call.files.get("description")
    if description is None:
        raise ApiError(201, "File meta-info is missing. ")
    if not description.content:
        raise ApiError(201, "Filesize is 0 bytes, which is not allowed. ")
    try:
        run = read_description(description.content)
    except DescriptionError as error:
        raise ApiError(202, str(error)) from error
    flow_id = _existing(call.store, "flow", run.value("flow_id"), 205)
    for name, file in call.files.items():
        _check_file(name, file)
    setup_id = _setup(call.store, flow_id, _parameters(call.store, flow_id, run, 213), run)
    task_id = _existing(call.store, "task", run.value("task_id"), 204)
    _check_measures(call.store, task_id, run)
    run_id = _insert(call, task_id, setup_id, run)
    for tag in run.all("tag"):
        add_tag(call.store, run_id, tag.text, call.user.id)
    call.engine.add(run_id)
    return Document(
        f"<oml:upload_run {NAMESPACE}>\n\t<oml:run_id>{run_id}</oml:run_id>\n\t</oml:upload_run>\n",
    )


def _existing(store: Store, table: str, text: str | None, code: int) -> int:
    number = run_number((text or "-1").strip())
    if number is None or not store.value(f"SELECT 1 FROM {table} WHERE id = ?", (number,)):  # noqa: S608
        raise ApiError(code)
    return number


def _check_file(name: str, file: Upload) -> None:
    extension = file.filename.rpartition(".")[2].lower() if "." in file.filename else ""
    if not extension:
        told = f'Invalid extension for file "{name}". Original filename: {file.filename}'
        raise ApiError(206, told)
    if not file.content:
        told = "Filesize is 0 bytes, which is not allowed. "
        raise ApiError(207, f'Upload problem with file "{name}": {told}')
    if extension == "arff":
        error = arff_error(file.content)
        if error:
            raise ApiError(209, f"Arff error in {name} file: {error}")
    if extension == "xml":
        try:
            ElementTree.fromstring(file.content)  # noqa: S314 expat bounds expansion
        except ElementTree.ParseError as error:
            raise ApiError(209, f"XML error in {name} file: ") from error


def setup_exists(call: Call) -> Answer:
    """POST setup/exists with a run's description as a file: 581, 582, 584, 586.

    The setup with exactly these parameter values, or -1.
    """
    description = call.files.get("description")
    if description is None or not description.content:
        raise ApiError(581, "File meta-info is missing. ")
    try:
        run = read_description(description.content)
    except DescriptionError as error:
        raise ApiError(582, str(error)) from error
    flow_id = _existing(call.store, "flow", run.value("flow_id"), 584)
    values = _parameters(call.store, flow_id, run, 586)
    with call.store.connection() as connection:
        found = _find_setup(connection, flow_id, values)
    exists, number = ("false", -1) if found is None else ("true", found)
    return Document(
        f"<oml:setup_exists {NAMESPACE}>\n\t<oml:exists>{exists}</oml:exists>\n"
        f"\t<oml:id>{number}</oml:id>\n</oml:setup_exists>\n",
    )


def _parameters(store: Store, flow_id: int, run: Node, unknown: int) -> dict[int, str]:
    """Values by parameter id. A setting without component is the flow's own."""
    values: dict[int, str] = {}
    for setting in run.all("parameter_setting"):
        name = setting.value("name") or ""
        component = setting.value("component") or str(flow_id)
        parameter = store.value(
            "SELECT id FROM flow_parameter WHERE flow_id = ? AND name = ?",
            (run_number(component.strip()) if component.strip().isdecimal() else None, name),
        )
        if parameter is None:
            raise ApiError(unknown, f"Name: {name}, flow id (component): {component}")
        values[parameter] = setting.value("value") or ""
    return values


def _find_setup(connection: sqlite3.Connection, flow_id: int, values: dict[int, str]) -> int | None:
    """The first setup of this flow with exactly these values."""
    candidates = connection.execute(
        "SELECT s.id FROM setup s WHERE s.flow_id = ? AND"
        " (SELECT count(*) FROM setup_parameter v WHERE v.setup_id = s.id) = ? ORDER BY s.id",
        (flow_id, len(values)),
    ).fetchall()
    for (setup_id,) in candidates:
        found = connection.execute(
            "SELECT parameter_id, value FROM setup_parameter WHERE setup_id = ?", (setup_id,)
        )
        if dict(found.fetchall()) == values:
            return int(setup_id)
    return None


def _setup(store: Store, flow_id: int, values: dict[int, str], run: Node) -> int:
    """The setup of this flow with exactly these values: the one there is, or a new one."""
    with store.transaction() as connection:
        known = _find_setup(connection, flow_id, values)
        if known is not None:
            return known
        legal = connection.execute(
            "WITH RECURSIVE part(id) AS (VALUES (?) UNION"
            " SELECT c.child FROM flow_component c JOIN part ON c.parent = part.id)"
            " SELECT p.id FROM flow_parameter p JOIN part ON p.flow_id = part.id",
            (flow_id,),
        ).fetchall()
        if not set(values) <= {number for (number,) in legal}:
            raise ApiError(214)
        created = connection.execute(
            "INSERT INTO setup (flow_id, setup_string) VALUES (?, ?)",
            (flow_id, run.value("setup_string")),
        ).lastrowid
        connection.executemany(
            "INSERT INTO setup_parameter (setup_id, parameter_id, value) VALUES (?, ?, ?)",
            [(created, parameter, value) for parameter, value in values.items()],
        )
    return int(created or 0)


def _check_measures(store: Store, task_id: int, run: Node) -> None:
    given = [score for part in run.all("output_data") for score in part.all("evaluation")]
    known = {name for (name,) in store.tuples("SELECT name FROM measure")}
    procedure = store.row(
        "SELECT p.repeats, p.folds FROM task t"
        " JOIN estimation_procedure p ON p.id = t.estimation_procedure_id WHERE t.id = ?",
        (task_id,),
    )
    named = dict.fromkeys(score.value("name") or "" for score in given)
    unknown = [name for name in named if name not in known]
    if unknown:
        raise ApiError(217, f"Measure(s): {', '.join(unknown)}")
    illegal = [_measure_text(score) for score in given if not _legal(score, procedure)]
    if illegal:
        raise ApiError(216, f"Measure(s): {', '.join(illegal)}")


def _legal(score: Node, procedure: sqlite3.Row | None) -> bool:
    """Whether the estimation procedure has the repeat and fold a score is given for."""
    if score.attributes.get("sample"):
        return False
    limits = {"repeat": "repeats", "fold": "folds"}
    for attribute, column in limits.items():
        given = score.attributes.get(attribute, "0")
        most = procedure[column] if procedure is not None else None
        if truthy(given) and (most is None or not given.isdecimal() or int(given) >= most):
            return False
    return True


def _measure_text(score: Node) -> str:
    numbers = [score.attributes.get(name) for name in ("repeat", "fold", "sample")]
    told = ", ".join(number for number in numbers if number is not None)
    return f"{score.value('name')}({told or 'global'})"


def _insert(call: Call, task_id: int, setup_id: int, run: Node) -> int:
    error, details = run.value("error_message"), run.value("run_details")
    with call.store.transaction() as connection:
        # Ids are never given twice, not even that of the newest run when it was deleted.
        (last,) = connection.execute(
            "SELECT max(ifnull((SELECT max(id) FROM run), 0),"
            " ifnull((SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?), 0))",
            (_LAST_RUN,),
        ).fetchone()
        run_id = int(last) + 1
        connection.execute(
            "INSERT INTO meta (key, value) VALUES (?, ?)"
            " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            (_LAST_RUN, str(run_id)),
        )
        connection.execute(
            "INSERT INTO run (id, uploader, setup_id, task_id, upload_time, error_message,"
            " run_details) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                run_id,
                call.user.id,
                setup_id,
                task_id,
                now(),
                error if truthy(error) else None,
                details if truthy(details) else None,
            ),
        )
        connection.executemany(
            "INSERT INTO file (run_id, name, filename, encoding, content)"
            " VALUES (?, ?, ?, 'raw', ?)",
            [(run_id, name, file.filename, file.content) for name, file in call.files.items()],
        )
    return run_id
