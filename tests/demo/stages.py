"""What stood in the recorded servers' database before a write was recorded.

The recordings come from one long session; here each case gets its own copy of the catalogue, set
to what that session had reached by then.
"""

import html
import re
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path

from runbrowser.demo.faults import Faults

from .recordings import WIRE, Recording

Statement = tuple[str, tuple[object, ...]]

# The run whose description is uploaded, and the newest ids before it was.
UPLOADED, BEFORE = 10500408, 10500407
LAST_SETUP, LAST_FILE = 3877, 56166
# Tagged, but late in the session: most cases do not know of it.
ES_DOWN_RUN = 900058
UPLOAD_TIME = "2026-11-23 07:21:07"

_EMPTY_RUN = "INSERT OR IGNORE INTO run (id, uploader, setup_id, task_id) VALUES (?, 2, 37, 59)"
_TAG = "INSERT OR REPLACE INTO run_tag VALUES (?, ?, ?, '2020-01-01')"
_DELETE = "DELETE FROM run WHERE id = ?"
_OF_OTHERS = {"from_user3": 3}

_DELETED_BEFORE = {"w_delete_again": 900060, "w_delete_es_down_again": 900068}
_TAGS_BEFORE = {
    "w_tag_already": ["mytag"],
    "w_untag_notowned": ["from_user3"],
    "tag_list_legacy": ["<tag>", "a & b"],
    "tag_list_legacy_json": ["<tag>", "a & b"],
    "run_get_legacy_tags": ["<tag>", "a & b"],
}


@dataclass
class Stage:
    """How to get ready for one case.

    before, after: statements ahead of and behind the uploads. uploads: descriptions sent first.
    files: what the case itself sends.
    """

    before: list[Statement] = field(default_factory=list)
    uploads: list[bytes] = field(default_factory=list)
    after: list[Statement] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    faults: Faults = field(default_factory=lambda: Faults(no_evaluation=True))


def run_statements(database: Path, statements: list[Statement]) -> None:
    """Change a catalogue file from outside the server."""
    db = sqlite3.connect(database)
    db.execute("PRAGMA foreign_keys = ON")
    for sql, values in statements:
        db.execute(sql, values)
    db.commit()
    db.close()


def stage_of(recording: Recording) -> Stage:
    """The state in which a case was recorded."""
    case = recording.case
    stage = Stage()
    if case in _DELETED_BEFORE:
        stage.before.append((_DELETE, (_DELETED_BEFORE[case],)))
    if case == "w_es_down_tag_check":
        stage.before.append((_TAG, (ES_DOWN_RUN, "esdown", 2)))
    if case == "w_delete_uploaded":
        stage.before.append((_EMPTY_RUN, (UPLOADED,)))
    if case in _TAGS_BEFORE:
        run = 900028 if recording.form is None else int(recording.form["run_id"])
        stage.before += [(_TAG, (run, tag, _OF_OTHERS.get(tag, 2))) for tag in _TAGS_BEFORE[case]]
    stage.before += _tags_behind(recording)
    if "es_down" in case and not case.endswith(("_check", "_again")):
        stage.faults = Faults(elasticsearch_down=True)
    if case == "w_db_down_list":
        stage.faults = Faults(database_down=True)
    if case == "w_delete_in_study":  # recorded over tables whose keys were guessed to cascade
        stage.faults = Faults(studies_cascade=True)
    if case.startswith("w_upload"):
        _upload_stage(stage, case)
    return stage


def _tags_behind(recording: Recording) -> list[Statement]:
    """The tags before a tag or untag that succeeded, worked out from the tags after it."""
    form = recording.form or {}
    ok = recording.reply.status == 200 or "es_down_tag" in recording.case
    if "tag" not in form or not ok:
        return []
    body = recording.reply.body.decode()
    tags = set(re.findall(r"<oml:tag>(.*?)</oml:tag>\n|\"tag\":\"(.*?)\"", body))
    names = {first or second for first, second in tags}
    if recording.path.partition("?")[0].endswith("/untag"):
        names.add(form["tag"])
    else:
        names.discard(form["tag"])
    run = int(form["run_id"])
    statements: list[Statement] = [("DELETE FROM run_tag WHERE run_id = ?", (run,))]
    return statements + [(_TAG, (run, tag, _OF_OTHERS.get(tag, 2))) for tag in names]


def description(*lines: str, task: str = "59", flow: str = "4") -> bytes:
    """The recorded description with other ids, or with lines behind its setup_string."""
    whole = (WIRE / "upload" / "description.xml").read_text("utf-8")
    whole = whole.replace(">59<", f">{task}<").replace(">4<", f">{flow}<")
    return whole.replace("</oml:run>", "\n".join([*lines, "</oml:run>"])).encode()


def _error(text: str) -> bytes:
    return description(f"<oml:error_message>{html.escape(text, quote=False)}</oml:error_message>")


def _evaluation(measure: str) -> str:
    return (
        f"<oml:output_data><oml:evaluation><oml:name>{measure}</oml:name>"
        "<oml:value>0.5</oml:value></oml:evaluation></oml:output_data>"
    )


_OK = description("<oml:tag>uploaded_tag</oml:tag>", _evaluation("predictive_accuracy"))
_AMP = _error("TypeError: <class 'int'> & 1 < 2\nline two")
_DESCRIPTIONS = {
    "w_upload_bad_measure": description(_evaluation("nope")),
    "w_upload_bad_xml": b'<oml:run xmlns:oml="http://openml.org/openml"><oml:task_id>',
    "w_upload_error_amp": _AMP,
    "w_upload_error_long": _error("x" * 129),
    "w_upload_error_unicode": _error("学习失败"),
    "w_upload_ok": _OK,
    "w_upload_unknown_flow": description(flow="999999"),
    "w_upload_unknown_task": description(task="999999"),
}


def _upload_stage(stage: Stage, case: str) -> None:
    stage.before += [
        ("INSERT OR IGNORE INTO setup VALUES (?, 1, NULL)", (LAST_SETUP,)),
        ("INSERT INTO file VALUES (?, NULL, 'x', 'x.txt', 'raw', x'00')", (LAST_FILE,)),
    ]
    if case in _DESCRIPTIONS:
        predictions = (WIRE / "upload" / "predictions.arff").read_bytes()
        stage.files = {"description": _DESCRIPTIONS[case], "predictions": predictions}
    if case.startswith("w_upload_error_amp"):
        stage.uploads.append(_OK)
    if case in ("w_upload_error_amp_json", "w_upload_error_amp_list"):
        stage.uploads.append(_AMP)
    if case in ("w_upload_ok_get", "w_upload_ok_list", "w_upload_file_1"):
        stage.uploads.append(_OK)
    stage.after.append(
        ("UPDATE run SET upload_time = ? WHERE id > ?", (UPLOAD_TIME, BEFORE)),
    )
