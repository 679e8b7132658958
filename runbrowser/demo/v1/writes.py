"""V1's calls that change runs: tag, untag, delete, reset."""

import re
import sqlite3
from datetime import datetime

from ..store import Store
from .call import Call
from .errors import TAG_STATUS, ApiError
from .reply import fatal
from .runs import run_number, tags
from .xmlout import NAMESPACE, Answer, Document, is_numeric, truthy

LONGEST_TAG = 64
_TAG = re.compile(r"[a-zA-Z0-9_.-]+\Z")
_SCRIPT = re.compile(r"</?script[^>]*>", re.IGNORECASE)
_ES_DOWN = "No alive nodes found in your cluster"


def now() -> str:
    """The server's local time as its tables hold it."""
    return datetime.now().strftime("%Y-%m-%d %H:%M:%S")


def tag(call: Call) -> Answer:
    """POST run/tag with run_id and tag in the form: codes 471 to 474, 477; 105 after the act."""
    run_id, name = _run_and_tag(call)
    add_tag(call.store, run_id, name, call.user.id)
    return _tagged(call, "run_tag", run_id)


def untag(call: Call) -> Answer:
    """POST run/untag with run_id and tag in the form: codes 471, 472, 475, 476; 105 after."""
    run_id, name = _run_and_tag(call)
    if '"' in name:
        return fatal()  # V1 writes the tag between double quotes into its SQL
    row = call.store.row(
        "SELECT uploader FROM run_tag WHERE run_id = ? AND tag = ?", (run_id, name)
    )
    if row is None:
        raise ApiError(475)
    if row["uploader"] != call.user.id and not call.user.is_admin:
        raise ApiError(476)
    with call.store.transaction() as connection:
        connection.execute("DELETE FROM run_tag WHERE run_id = ? AND tag = ?", (run_id, name))
    return _tagged(call, "run_untag", run_id)


def _run_and_tag(call: Call) -> tuple[int, str]:
    run, name = (
        _SCRIPT.sub("[removed]", call.fields.get(field, "")) for field in ("run_id", "tag")
    )
    if not truthy(run) or not truthy(name):
        raise ApiError(471)
    run_id = run_number(run) if is_numeric(run) else None
    if not run_id or not run_exists(call.store, run_id):
        raise ApiError(472)
    return run_id, name


def run_exists(store: Store, run_id: int) -> bool:
    """Whether there is a run with this id."""
    return bool(store.value("SELECT 1 FROM run WHERE id = ?", (run_id,)))


def add_tag(store: Store, run_id: int, name: str, uploader: int) -> None:
    """Store a tag, or raise ApiError 473, 474 or 477. Anyone may tag any run."""
    told = f"id={run_id}; tag={name}"
    if name in tags(store, run_id):
        raise ApiError(473, told, TAG_STATUS)
    if len(name.encode("utf-8", "replace")) > LONGEST_TAG or not _TAG.match(name):
        raise ApiError(477, told, TAG_STATUS)
    try:
        with store.transaction() as connection:
            connection.execute(
                "INSERT INTO run_tag (run_id, tag, uploader, date) VALUES (?, ?, ?, ?)",
                (run_id, name, uploader, now()),
            )
    except sqlite3.IntegrityError as error:  # the same tag in other capitals
        raise ApiError(474) from error


def _tagged(call: Call, element: str, run_id: int) -> Answer:
    if call.faults.elasticsearch_down:
        raise ApiError(105, _ES_DOWN)
    body = "".join(
        f"  <oml:tag>{call.text(name)}</oml:tag>\n  " for name in tags(call.store, run_id)
    )
    return Document(
        f"<oml:{element} {NAMESPACE}>\n  <oml:id>{run_id}</oml:id>\n  {body}</oml:{element}>\n",
    )


def delete(call: Call, text: str) -> Answer:
    """DELETE run/{id}: 392 for no such run, 393 for somebody else's, 394 for a run in a study; 105
    after the act.

    What hangs on the run goes with it, but its place in a study does not: V1's tables let no run
    go while a study lists it. Its files can still be downloaded.
    """
    run_id = _own_run(call, text, 392, 393)
    with call.store.transaction() as connection:
        listed = connection.execute(
            "SELECT 1 FROM study_run k JOIN study s ON s.id = k.study_id"
            " WHERE k.run_id = ? AND s.legacy = 0",
            (run_id,),
        ).fetchone()
        if listed and not call.faults.studies_cascade:
            raise ApiError(394)
        connection.execute("DELETE FROM run WHERE id = ?", (run_id,))
    if call.faults.elasticsearch_down:
        raise ApiError(105, f"Api_run.run_delete:{_ES_DOWN}")
    return _done(call, "run_delete", run_id)


def reset(call: Call, text: str) -> Answer:
    """run/reset/{id}, a GET that writes: the run is not evaluated any more; 412, 413."""
    run_id = _own_run(call, text, 412, 413)
    with call.store.transaction() as connection:
        connection.execute("DELETE FROM run_evaluated WHERE run_id = ?", (run_id,))
    call.engine.add(run_id)
    return _done(call, "run_reset", run_id)


def _own_run(call: Call, text: str, missing: int, not_owned: int) -> int:
    run = call.store.row("SELECT id, uploader FROM run WHERE id = ?", (run_number(text),))
    if run is None:
        raise ApiError(missing)
    if run["uploader"] != call.user.id and not call.user.is_admin:
        raise ApiError(not_owned)
    return int(run["id"])


def _done(call: Call, element: str, run_id: int) -> Answer:
    return Document(f"<oml:{element} {NAMESPACE}>\n  <oml:id>{run_id}</oml:id>\n</oml:{element}>\n")
