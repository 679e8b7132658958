"""The demo server's replies, held against those of the real servers, byte for byte."""

import gzip
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from runbrowser.demo.app import create_app

from .recordings import KEYS, WIRE, Answer, Recording, multipart_body, recordings, request, send
from .seed import collected
from .seed_write import write
from .serving import served
from .stages import Stage, run_statements, stage_of

# Where the recorded servers were reached; it stands in the addresses of files.
RECORDED_BASE = "http://127.0.0.1:8081/"

ALL = [*recordings("v1"), *recordings("v2")]

# Cases whose body is another, with the reason. Their status and type are the recorded ones, and
# their lines have the recorded shape.
OTHER_BODY = {
    "v1/eval_per_fold": "the database gave the folds in no order, here they come in theirs",
    "v1/run_list_disallowed_uri_char": "the framework's page without its style sheet",
    "v1/run_list_disallowed_uri_char2": "the framework's page without its style sheet",
    "v1/run_list_too_many": "the recordings tell of fewer runs than there were",
    "v1/x_study_alias": "the recordings tell of fewer runs than there were",
    "v1/x_study_alias_json": "the recordings tell of fewer runs than there were",
    "v1/x_study_json": "the recordings tell of fewer runs than there were",
    "v1/x_data_json": "the catalogue has no licence texts, tags or checksums of data sets",
    "v1/x_estimationprocedure_json": "the catalogue does not tell a holdout's percentage",
    "v1/x_tasktype_list_json": "the catalogue does not tell who made a task type",
    "v2/x_tasks_list_get": "the catalogue has no tags of tasks",
}
# Calls no run needs; the demo server does not have them.
NOT_SERVED = {
    "v2/path_openapi",
    "v2/x_dataset",
    "v2/x_setup_tag_badkey",
    "v2/x_setup_tag_malformed_key",
    "v2/x_setup_tag_missing_body",
    "v2/x_setup_tag_nokey",
    "v2/x_study_alias",
    "v2/x_tasks_list_post",
    "v2/x_tasktype1",
}
# Lines that the recorded bodies of OTHER_BODY have and ours may lack.
MAY_LACK = {
    "v1/run_list_disallowed_uri_char",
    "v1/run_list_disallowed_uri_char2",
    "v1/x_data_json",
    "v1/x_estimationprocedure_json",
    "v1/x_tasktype_list_json",
    "v2/x_tasks_list_get",
}


def _name(recording: Recording) -> str:
    return f"{recording.server}/{recording.case}"


def _needs_own_copy(recording: Recording) -> bool:
    stage = stage_of(recording)
    return recording.case.startswith("w_") or bool(stage.before)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A catalogue with the rows of the recordings. Copy it before serving it."""
    database = tmp_path_factory.mktemp("seed") / "seed.db"
    write(collected(), database)
    return database


@contextmanager
def _serving(database: Path, stage: Stage) -> Iterator[str]:
    app = create_app(database, base_url=RECORDED_BASE, faults=stage.faults)
    with served(app) as base:
        yield base


@pytest.fixture(scope="module")
def reading(seeded: Path) -> Iterator[str]:
    """A server over the recordings' rows that is only read from."""
    copy = seeded.with_name("read.db")
    shutil.copyfile(seeded, copy)
    with _serving(copy, Stage()) as base:
        yield base


def _request_headers(recording: Recording) -> dict[str, str]:
    """Headers the recordings do not keep but describe."""
    if "gzip" in recording.case:
        return {"Accept-Encoding": "gzip"}
    if recording.case == "run_get_range":
        return {"Range": "bytes=0-99"}
    if recording.case == "run_get_conditional":
        return {"If-None-Match": '"x"', "If-Modified-Since": "Tue, 01 Jan 2030 00:00:00 GMT"}
    return {}


def _answer(recording: Recording, seeded: Path, reading: str, folder: Path) -> Answer:
    prefix = "/v2" if recording.server == "v2" else ""
    headers = _request_headers(recording)
    if not _needs_own_copy(recording):
        return send(reading, recording, prefix=prefix, headers=headers)
    stage = stage_of(recording)
    copy = folder / "own.db"
    shutil.copyfile(seeded, copy)
    run_statements(copy, stage.before)
    with _serving(copy, stage) as base:
        for description in stage.uploads:
            assert _upload(base, description).status == 200
        run_statements(copy, stage.after)
        return send(base, recording, prefix=prefix, headers=headers, files=stage.files)


def _upload(base: str, description: bytes) -> Answer:
    kind, body = multipart_body(
        {
            "description": ("description.xml", "text/xml", description),
            "predictions": (
                "predictions.arff",
                "text/plain",
                (WIRE / "upload" / "predictions.arff").read_bytes(),
            ),
            "api_key": (None, "", KEYS["user2"].encode()),
        }
    )
    return request(base, "POST", "/api/v1/xml/run", body, {"Content-Type": kind})


def _plain(body: bytes) -> bytes:
    return gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body


def _shape(body: bytes) -> set[str]:
    """The different lines of a document, or members of a JSON one, without their values."""
    text = body.decode()
    if text.startswith(("{", "[")):
        return set(re.findall(r'"[a-z_]+":', text))
    masked = re.sub(r"(?s)(?<=>)[^<\n]+(?=</)", "", text)
    return set(re.sub(r"\d+; max", "; max", masked).splitlines())


SERVED = [recording for recording in ALL if _name(recording) not in NOT_SERVED]


@pytest.mark.parametrize("recording", SERVED, ids=_name)
def test_a_recorded_request_gets_the_recorded_reply(
    recording: Recording, seeded: Path, reading: str, tmp_path: Path
) -> None:
    answer = _answer(recording, seeded, reading, tmp_path)
    wanted = recording.reply
    assert answer.status == wanted.status
    told = {name: answer.headers.get(name) for name in {*wanted.headers, "vary", "allow"}}
    expected = {name: wanted.headers.get(name) for name in told}
    # An upstream proxy of the recordings keeps connections alive in so many words.
    for headers in (told, expected):
        headers.pop("content-length", None)
        if headers.get("connection") == "keep-alive":
            del headers["connection"]
    told = {name: value for name, value in told.items() if name in expected}
    assert told == expected
    ours, theirs = _plain(answer.body), _plain(wanted.body)
    if _name(recording) not in OTHER_BODY:
        assert ours == theirs
        return
    assert ours != theirs, "equal now: take the case out of OTHER_BODY"
    if _name(recording) in MAY_LACK:
        assert _shape(ours) <= _shape(theirs)
    else:
        assert _shape(ours) == _shape(theirs)


def test_the_share_of_byte_equal_replies_does_not_shrink() -> None:
    names = {_name(recording) for recording in ALL}
    assert set(OTHER_BODY) <= names
    assert names >= NOT_SERVED
    assert len(names) - len(OTHER_BODY) - len(NOT_SERVED) >= 409
    assert len(OTHER_BODY) <= 11
