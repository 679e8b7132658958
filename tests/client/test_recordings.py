"""Every recorded reply of both servers, and what the client makes of it.

``recordings.tsv`` has one row per recording: the reader that a call of the client would use, and
the outcome in one line. What the rows say of errors is checked against an independent reading of
the same bytes (an XML or JSON parser), so the table cannot merely repeat the client.
"""

from __future__ import annotations

import csv
import html
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from runbrowser import errors
from runbrowser.errors import NEXT_STEP, OpenMLServerError, OpenMLServerException
from runbrowser.text import display

from .outcome import outcome
from .readers import READERS, conclude
from .recorded import Recorded, every, index, recorded

with (Path(__file__).parent / "recordings.tsv").open(encoding="utf-8", newline="") as _lines:
    TABLE = list(csv.DictReader(_lines, delimiter="\t", quoting=csv.QUOTE_NONE))

OML = "{http://openml.org/openml}"
IDS = [f"{row['server']}/{row['case']}" for row in TABLE]


def told_by_a_parser(case: Recorded) -> tuple[int | None, str] | None:
    """The (code, words) of an error document, read by general parsers; None if it is none."""
    text = case.body.decode("utf-8", "replace").strip()
    if text.startswith("<oml:error"):
        root = ET.fromstring(text)
        words = root.findtext(f"{OML}message", "")
        return int(root.findtext(f"{OML}code", "0")), html.unescape(words).strip()
    if case.status < 400 or not text.startswith("{"):
        return None
    document = json.loads(text)
    if "error" in document:
        error = document["error"]
        return int(error["code"]), html.unescape(error["message"]).strip()
    code = document.get("code")
    return (None if code is None else int(code)), document["detail"].strip()


def test_the_table_has_one_row_for_every_recording_and_no_other() -> None:
    rows = [(row["server"], row["case"]) for row in TABLE]
    assert len(rows) == len(set(rows))
    assert set(rows) == set(index())
    files = {
        (path.parent.name, path.stem)
        for server in ("v1", "v2")
        for path in (Path(__file__).parent.parent / "data" / "wire" / server).glob("*.json")
    }
    assert files == set(index())


def test_the_table_tells_the_method_and_status_that_were_recorded() -> None:
    for row in TABLE:
        case = recorded(row["server"], row["case"])
        assert (row["method"], row["status"]) == (case.method, str(case.status)), case.id


def test_every_reader_of_the_client_is_tried_on_recordings() -> None:
    used = {row["reader"] for row in TABLE}
    # Successful traces are not among the public recordings; test_traces.py builds them.
    assert used == set(READERS)


@pytest.mark.parametrize("row", TABLE, ids=IDS)
def test_a_recording_becomes_what_the_table_says(row: dict[str, str]) -> None:
    case = recorded(row["server"], row["case"])
    assert outcome(case.answer, row["reader"]) == row["outcome"]


@pytest.mark.parametrize("case", [c for c in every() if c.status >= 400], ids=lambda c: c.id)
def test_a_refusal_is_raised_with_the_servers_code_and_words_and_a_next_step(
    case: Recorded,
) -> None:
    with pytest.raises(OpenMLServerError) as caught:
        conclude(case.answer, "nobody")
    error, told = caught.value, told_by_a_parser(case)
    assert error.status == case.status
    assert str(error).startswith("Could not try nobody: ")
    if told is None:
        assert type(error) is OpenMLServerError
        assert f"HTTP {case.status}" in str(error)
        assert str(error).count(". ") >= 1
        assert str(error).endswith(".")
        return
    code, words = told
    assert isinstance(error, OpenMLServerException)
    assert error.code == code
    assert display(words, 200).rstrip("\u2026 .") in str(error)
    if code is None:
        assert f"[HTTP {case.status}]" in str(error)
    else:
        assert f"[code {code}]" in str(error)
        assert str(error).endswith(NEXT_STEP[code])
    assert len(str(error).rpartition("]. ")[2]) > 15, "no next step"


@pytest.mark.parametrize("case", [c for c in every() if c.status < 400], ids=lambda c: c.id)
def test_an_answer_is_never_taken_for_a_refusal(case: Recorded) -> None:
    assert told_by_a_parser(case) is None
    if case.content_type.startswith("text/html"):
        pytest.fail("a web page among the successes")
    assert conclude(case.answer, "nobody") == "not read"


def test_the_exceptions_are_those_of_the_codes() -> None:
    classes: dict[int, set[str]] = {}
    for row in TABLE:
        name, _, code = row["outcome"].partition(" ")
        if hasattr(errors, name) and code.isdecimal():
            classes.setdefault(int(code), set()).add(name)
    for code, names in classes.items():
        if code in errors.NO_RESULT_CODES:
            assert names == {"OpenMLServerNoResult"}, code
        elif code in errors.AUTHENTICATION_CODES:
            assert names == {"OpenMLAuthenticationError"}, code
        elif code in errors.NOT_AUTHORIZED_CODES:
            assert names == {"OpenMLNotAuthorizedError"}, code
        else:
            assert names == {"OpenMLServerException"}, code


@pytest.mark.parametrize(
    "case",
    [c for c in every() if c.server == "v1" and "/json/" in c.path and c.status < 400],
    ids=lambda c: c.id,
)
def test_an_answer_in_the_json_flavour_is_read_by_no_v1_reader(case: Recorded) -> None:
    for reader in ("run_list", "run", "evaluations", "tasks", "users", "tag", "publish"):
        with pytest.raises(OpenMLServerError):
            conclude(case.answer, reader)


def test_a_reader_never_takes_another_document_for_its_own() -> None:
    for row in TABLE:
        case = recorded(row["server"], row["case"])
        if case.status >= 400 or row["reader"] == "nobody":
            continue
        same = {row["reader"]}
        if row["reader"] in ("tag", "untag", "publish", "delete", "v2_run", "v2_trace", "run"):
            same |= {"publish", "delete"}  # these look for an id or a root and have no rows
        for reader in set(READERS) - same - {"nobody", "publish", "delete"}:
            with pytest.raises(OpenMLServerError):
                conclude(case.answer, reader)


def test_exit_codes_follow_the_design() -> None:
    def code_of(server: str, name: str) -> int:
        with pytest.raises(OpenMLServerError) as caught:
            conclude(recorded(server, name).answer, "nobody")
        return errors.exit_code(caught.value)

    assert code_of("v1", "w_db_down_list") == 1
    assert code_of("v1", "run_list_head") == 1
    assert code_of("v1", "run_get_notfound") == 3
    assert code_of("v2", "run_get_notfound") == 3
    assert code_of("v1", "run_list_no_result") == 3
    assert code_of("v1", "w_delete_notowned") == 4
    assert code_of("v1", "w_tag_badkey") == 4
    assert code_of("v1", "w_tag_readonly") == 4
    assert errors.exit_code(errors.UsageError("x")) == 2
    assert errors.exit_code(errors.OpenMLNotSupportedError("x")) == 2
