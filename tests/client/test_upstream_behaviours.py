"""What openml-python's own tests hold, held by ours: each over a real socket, against the demo.

The table goes by the lines of FIELD 3.10; a proxy between client and demo notes what was asked.

==========================================  =======================================================
openml-python's test                        ours
==========================================  =======================================================
tests of the run APIs
v1_get                                      test_a_run_has_its_ids, test_the_fixture_of_openml_...
v1_list                                     test_a_list_of_five_has_five_rows
v1_publish_mocked                           test_publishing_posts_the_files_with_the_key_in_the_form
v1_publish, oml:id fallback                 test_publishing_falls_back_to_the_id
v1_delete_mocked                            test_deleting_your_own_run
v2_list, v2_publish                         test_what_v2_does_not_have_is_refused_in_upstreams_words
v2_get                                      test_v2_gets_runs_and_traces: theirs is a stub that
                                            raises, ours reads what the real V2 has
tests of runs
get_run(473351)                             test_a_run_has_its_data_set_scores_folds_tags_and_files;
                                            a run of the demo, whose catalogue has the true values
list by id (display_errors)                 test_a_list_by_id_is_one_row_of_eight_fields
empty task list                             test_a_task_without_runs_is_an_empty_frame
by task, uploader, flow, combined           test_lists_by_filter_are_those_of_the_catalogue
pagination never exceeds size               test_no_page_is_larger_than_asked_for
by tag (an expected failure there)          test_lists_by_filter_are_those_of_the_catalogue
cached run makes no request; uncached does  test_a_kept_run_makes_no_request
tagging round trip                          test_a_tag_is_listed_and_gone_when_taken_off
delete not owned, success, unknown          test_deleting_strangers_runs_..., ..._your_own_run,
                                            ..._a_run_that_does_not_exist
setup_string in XML                         test_a_setup_string_travels_there_and_back
offline == online                           the same test: what was uploaded from files is read back
publish with local flow                     test_a_run_of_a_flow_that_is_not_there_is_refused: flows
                                            are no objects here, the server's word (205) counts
to/from filesystem (3 forms)                none: a run here is read, never executed, so there is
                                            no local run object to save; files are downloaded and
                                            published (test_life_of_a_run)
tests of HTTP
cache key = path parts + params             test_a_reply_lies_under_the_parts_of_its_address
save/load round trip                        test_a_kept_run_makes_no_request
get creates meta/headers/body               test_a_reply_lies_under_the_parts_of_its_address
cached response with network blocked        test_a_kept_run_needs_no_network
refresh rewrites meta                       test_refreshing_asks_again_and_rewrites_what_is_kept
key added only if asked                     test_the_key_is_sent_only_where_it_is_asked_for
missing key raises                          test_without_a_key_no_write_leaves
download writes, is reused, checks md5      test_a_download_is_written_checked_and_taken_up_again
download honours handler                    none: there is no handler, the bytes go to the file as
                                            they are; what wants to look at them is told by progress
POST/DELETE argument shape                  test_a_post_is_a_form_and_a_delete_is_an_address
==========================================  =======================================================
"""

from __future__ import annotations

import email
import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from runbrowser.client.cache import ReplyCache
from runbrowser.client.call import Call
from runbrowser.client.download import download, download_async
from runbrowser.demo import DEMO_USER_ID
from runbrowser.demo.catalogue import unpack
from runbrowser.demo.launch import DemoProcess, start
from runbrowser.errors import (
    AnswerError,
    OpenMLAuthenticationError,
    OpenMLConnectionError,
    OpenMLHashException,
    OpenMLNotAuthorizedError,
    OpenMLNotSupportedError,
    OpenMLServerException,
)
from runbrowser.models import TaskType

from .chaos import Answered, Fault, Proxy, as_it_came, before, message
from .servers import Blocking, Driver
from .test_resources import COLUMNS, of_v1, of_v2

Connect = Callable[..., Driver]

FIXTURE = Path(__file__).parents[1] / "data" / "run-100-production.xml"


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sqlite3.Connection]:
    """What the demo's runs are, asked of its catalogue itself."""
    path = tmp_path_factory.mktemp("catalogue") / "catalogue.db"
    unpack(path)
    with closing(sqlite3.connect(path)) as connection:
        yield connection


@pytest.fixture(scope="module")
def writable() -> Iterator[DemoProcess]:
    """A demo for the tests that write; each has runs of its own."""
    with start() as process:
        yield process


@pytest.fixture
def proxy(demo: DemoProcess) -> Iterator[Proxy]:
    with before(demo.v1) as made:
        yield made


@pytest.fixture
def writing(writable: DemoProcess) -> Iterator[Proxy]:
    with before(writable.v1) as made:
        yield made


def ids(catalogue: sqlite3.Connection, condition: str = "1", *values: Any) -> list[int]:
    """The runs for which a condition on the catalogue's table of runs holds, and no embargo."""
    embargoed = "SELECT id FROM task WHERE embargo_end_date > '2026'"
    statement = f"SELECT id FROM run WHERE task_id NOT IN ({embargoed}) AND {condition} ORDER BY id"
    return [run_id for (run_id,) in catalogue.execute(statement, values)]


def description(task: int = 9101, flow: int = 9201, more: str = "") -> bytes:
    """A run description as openml-python uploads it, of a decision tree on iris."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<oml:run xmlns:oml="http://openml.org/openml">\n'
        f"  <oml:task_id>{task}</oml:task_id>\n  <oml:flow_id>{flow}</oml:flow_id>\n"
        f"{more}</oml:run>\n"
    ).encode()


# The run APIs


def test_a_run_has_its_ids(connect: Connect, demo: DemoProcess, proxy: Proxy) -> None:
    driver = connect(proxy.base(demo.v1))
    run = driver.run(of_v1(driver).get(900113))
    assert (run.run_id, run.task_id) == (900113, 9101)
    assert type(run.run_id) is type(run.task_id) is int
    assert [(a.method, a.target, a.body) for a in proxy.asked] == [
        ("GET", "/api/v1/xml/run/900113", b"")
    ]


def test_the_fixture_of_openml_python_is_read_from_its_cache(
    connect: Connect, demo: DemoProcess, proxy: Proxy, tmp_path: Path
) -> None:
    """Its file for run 1 holds the description of run 100."""
    port = proxy.origin.rpartition(":")[2]
    old = tmp_path / "theirs" / f"1:{port}" / "0" / "0" / "127" / "runs" / "1" / "description.xml"
    old.parent.mkdir(parents=True)
    old.write_bytes(FIXTURE.read_bytes())
    cache = ReplyCache(tmp_path / "ours", also_read=[tmp_path / "theirs"])
    driver = connect(proxy.base(demo.v1), cache=cache)
    run = driver.run(of_v1(driver).get(1))
    assert type(run.run_id) is int and run.run_id > 0
    assert type(run.task_id) is int
    assert len(run.evaluation_list) == 199
    assert proxy.asked == []


def test_a_list_of_five_has_five_rows(
    connect: Connect, demo: DemoProcess, catalogue: sqlite3.Connection
) -> None:
    """Of a setup none of whose runs two engines evaluated: those take two of the server's rows."""
    (setup,) = catalogue.execute(
        "SELECT setup_id FROM run JOIN run_evaluated ON run_id = id WHERE task_id <> 9109 AND"
        " ifnull(error, '') = '' GROUP BY 1 HAVING count(*) > 5 AND count(*) = count(DISTINCT id)"
    ).fetchone()
    driver = connect(demo.v1)
    frame = driver.run(of_v1(driver).list(5, 0, setup=[setup]))
    assert frame.shape == (5, 8)
    assert list(frame.columns) == COLUMNS
    assert (frame[["run_id", "task_id", "setup_id", "flow_id"]] > 0).all(axis=None)


def test_publishing_posts_the_files_with_the_key_in_the_form(
    connect: Connect, writable: DemoProcess, writing: Proxy
) -> None:
    driver = connect(writing.base(writable.v1), writable.api_key)
    files = {
        "description": ("description.xml", description(), "text/xml"),
        "notes": ("notes.txt", b"as it is \xff\x00", "text/plain"),
    }
    run_id = driver.run(of_v1(driver).publish("run", files))
    (asked,) = writing.asked
    assert (asked.method, asked.target) == ("POST", "/api/v1/xml/run")
    assert asked.headers["user-agent"].startswith("runbrowser/")
    parts = {
        part.get_param("name", header="content-disposition"): part
        for part in email.message_from_bytes(
            f"content-type: {asked.headers['content-type']}\r\n\r\n".encode() + asked.body
        ).get_payload()
    }
    assert set(parts) == {"api_key", "description", "notes"}
    assert parts["api_key"].get_payload(decode=True) == writable.api_key.encode()
    assert parts["description"].get_payload(decode=True) == description()
    assert parts["description"].get_filename() == "description.xml"
    assert parts["notes"].get_payload(decode=True) == b"as it is \xff\x00"
    assert asked.answered is not None
    assert f"<oml:run_id>{run_id}</oml:run_id>".encode() in asked.answered.plain
    assert driver.run(of_v1(driver).get(run_id)).uploader == DEMO_USER_ID


def test_publishing_falls_back_to_the_id(
    connect: Connect, writable: DemoProcess, writing: Proxy
) -> None:
    told: list[int] = []

    def id_alone(answered: Answered) -> bytes:
        body = answered.plain.replace(b"oml:run_id>", b"oml:id>")
        told.append(int(body.partition(b"<oml:id>")[2].partition(b"<")[0]))
        return message(200, body, ("content-type", "text/xml"))

    writing.fault = lambda asked: Fault(raw=id_alone)
    driver = connect(writing.base(writable.v1), writable.api_key)
    files = {"description": ("description.xml", description(), "text/xml")}
    assert driver.run(of_v1(driver).publish("run", files)) == told[0]


def test_an_answer_to_publishing_without_an_id_is_a_value_error(
    connect: Connect, writable: DemoProcess, writing: Proxy
) -> None:
    """Nor is an id taken from a document that is no answer to an upload."""
    driver = connect(writing.base(writable.v1), writable.api_key)
    files = {"description": ("description.xml", description(), "text/xml")}
    namespace = 'xmlns:oml="http://openml.org/openml"'
    for body in (
        f"<oml:upload_run {namespace}></oml:upload_run>",
        f"<oml:runs {namespace}><oml:run><oml:run_id>5</oml:run_id></oml:run></oml:runs>",
    ):
        raw = message(200, body.encode(), ("content-type", "text/xml"))
        writing.fault = lambda asked, raw=raw: Fault(raw=lambda answered: raw)
        with pytest.raises(ValueError, match="no id of the new run"):
            driver.run(of_v1(driver).publish("run", files))


def test_deleting_your_own_run(
    connect: Connect, writable: DemoProcess, writing: Proxy, catalogue: sqlite3.Connection
) -> None:
    driver = connect(writing.base(writable.v1), writable.api_key)
    mine = ids(catalogue, "uploader = ?", DEMO_USER_ID)[isinstance(driver, Blocking)]
    assert driver.run(of_v1(driver).delete(mine)) is True
    (asked,) = writing.asked
    assert (asked.method, asked.path) == ("DELETE", f"run/{mine}")
    assert asked.query == {"api_key": [writable.api_key]}
    assert asked.body == b""
    with pytest.raises(OpenMLServerException) as caught:
        driver.run(of_v1(driver).get(mine))
    assert caught.value.code == 236


def test_deleting_strangers_runs_is_not_authorized(
    connect: Connect, writable: DemoProcess, writing: Proxy, catalogue: sqlite3.Connection
) -> None:
    driver = connect(writing.base(writable.v1), writable.api_key)
    theirs = ids(catalogue, "uploader = 3")[0]
    with pytest.raises(OpenMLNotAuthorizedError) as caught:
        driver.run(of_v1(driver).delete(theirs))
    assert caught.value.code == 393
    assert caught.value.url == f"{writing.base(writable.v1)}run/{theirs}"
    assert writable.api_key not in str(caught.value)
    assert [(a.method, a.path, list(a.query)) for a in writing.asked] == [
        ("DELETE", f"run/{theirs}", ["api_key"])
    ]
    assert driver.run(of_v1(driver).get(theirs)).run_id == theirs


def test_deleting_a_run_that_does_not_exist_is_code_392(
    connect: Connect, writable: DemoProcess, writing: Proxy
) -> None:
    driver = connect(writing.base(writable.v1), writable.api_key)
    with pytest.raises(OpenMLServerException) as caught:
        driver.run(of_v1(driver).delete(9_999_999))
    assert type(caught.value) is OpenMLServerException
    assert caught.value.code == 392
    assert [(a.method, a.path, list(a.query)) for a in writing.asked] == [
        ("DELETE", "run/9999999", ["api_key"])
    ]


def test_v2_gets_runs_and_traces(
    connect: Connect, demo: DemoProcess, proxy: Proxy, catalogue: sqlite3.Connection
) -> None:
    traced = ids(catalogue, "id IN (SELECT run_id FROM trace)")[0]
    old, new = connect(demo.v1), connect(proxy.base(demo.v2))
    run, trace = (new.run(getattr(of_v2(new), what)(traced)) for what in ("get", "trace"))
    assert (run.api, run.run_id, run.setup_id) == (
        "v2", traced, old.run(of_v1(old).get(traced)).setup_id
    )  # fmt: skip
    assert trace.iterations == old.run(of_v1(old).trace(traced)).iterations
    assert len(trace.iterations) > 1
    assert [a.target for a in proxy.asked] == [f"/v2/run/{traced}", f"/v2/run/trace/{traced}"]
    assert not any(a.query for a in proxy.asked)


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("list", (5, 0)),
        ("publish", ("run", {"description": b"<oml:run/>"})),
        ("tag", (900113, "x")),
        ("untag", (900113, "x")),
        ("delete", (900113,)),
    ],
)
def test_what_v2_does_not_have_is_refused_in_upstreams_words(
    connect: Connect, demo: DemoProcess, proxy: Proxy, method: str, arguments: tuple[Any, ...]
) -> None:
    driver = connect(proxy.base(demo.v2), demo.api_key)
    with pytest.raises(OpenMLNotSupportedError) as caught:
        driver.run(getattr(of_v2(driver), method)(*arguments))
    name = type(of_v2(driver)).__name__
    assert str(caught.value) == f"{name}: v2 API does not support `{method}` for resource `run`"
    assert name == ("RunV2API" if isinstance(driver, Blocking) else "AsyncRunV2API")
    assert proxy.asked == []


# Runs


def test_a_run_has_its_data_set_scores_folds_tags_and_files(
    connect: Connect, demo: DemoProcess, catalogue: sqlite3.Connection
) -> None:
    run_id, f_measure = catalogue.execute(
        "SELECT e.run_id, e.value FROM evaluation e JOIN measure m ON m.id = e.measure_id"
        " JOIN run_tag t ON t.run_id = e.run_id WHERE m.name = 'f_measure' AND"
        " (SELECT count(*) FROM evaluation_fold f WHERE f.run_id = e.run_id"
        "  AND f.measure_id = e.measure_id) = 10 ORDER BY e.run_id LIMIT 1"
    ).fetchone()
    (dataset,) = catalogue.execute(
        "SELECT dataset_id FROM task JOIN run ON run.task_id = task.id WHERE run.id = ?", (run_id,)
    ).fetchone()
    folds = catalogue.execute(
        "SELECT fold, value FROM evaluation_fold f JOIN measure m ON m.id = f.measure_id"
        " WHERE run_id = ? AND m.name = 'f_measure' AND repeat = 0",
        (run_id,),
    ).fetchall()
    tags = catalogue.execute("SELECT tag FROM run_tag WHERE run_id = ?", (run_id,)).fetchall()
    driver = connect(demo.v1)
    run = driver.run(of_v1(driver).get(run_id))
    assert run.dataset_id == dataset
    assert run.evaluations["f_measure"] == pytest.approx(f_measure, abs=1e-6)
    assert len(folds) == 10
    assert run.fold_evaluations["f_measure"][0] == pytest.approx(dict(folds), abs=1e-6)
    assert set(run.tags) == {tag for (tag,) in tags} != set()
    file_id = run.output_files["predictions"]
    assert run.predictions_url.endswith(f"/data/download/{file_id}/predictions.arff")


def test_a_list_by_id_is_one_row_of_eight_fields(
    connect: Connect, demo: DemoProcess, catalogue: sqlite3.Connection
) -> None:
    """Failed on the server, so that without display_errors it is hidden."""
    condition = (
        "SELECT run_id FROM run_evaluated GROUP BY run_id HAVING min(ifnull(error, '')) <> ''"
    )
    failed = ids(catalogue, f"id IN ({condition})")[0]
    row = catalogue.execute(
        "SELECT r.task_id, r.setup_id, s.flow_id, r.uploader, r.upload_time, t.task_type_id"
        " FROM run r JOIN setup s ON s.id = r.setup_id JOIN task t ON t.id = r.task_id"
        " WHERE r.id = ?",
        (failed,),
    ).fetchone()
    driver = connect(demo.v1)
    frame = driver.run(of_v1(driver).list(10, 0, ids=[failed], display_errors=True))
    assert frame.shape == (1, 8)
    found = frame.loc[failed]
    assert tuple(found[["task_id", "setup_id", "flow_id", "uploader", "upload_time"]]) == row[:5]
    assert found["task_type"] is TaskType(row[5])
    assert found["error_message"] == ""
    assert driver.run(of_v1(driver).list(10, 0, ids=[failed])).empty


def test_a_task_without_runs_is_an_empty_frame(connect: Connect, demo: DemoProcess) -> None:
    driver = connect(demo.v1)
    frame = driver.run(of_v1(driver).list(10, 0, task=[0]))
    assert frame.shape == (0, 8)
    assert list(frame.columns) == COLUMNS


_IN_FLOW = "setup_id IN (SELECT id FROM setup WHERE flow_id IN ({}))"
FILTERS: dict[str, tuple[dict[str, Any], str]] = {
    "task": ({"task": [9101]}, "task_id = 9101"),
    "tasks": ({"task": [9101, 9102]}, "task_id IN (9101, 9102)"),
    "uploader": ({"uploader": [3]}, "uploader = 3"),
    "uploaders": ({"uploader": [2, 3]}, "uploader IN (2, 3)"),
    "flow": ({"flow": [9201]}, _IN_FLOW.format(9201)),
    "combined": (
        {"flow": [9201, 9202], "task": [9101], "uploader": [2, 3, 4]},
        f"task_id = 9101 AND uploader IN (2, 3, 4) AND {_IN_FLOW.format('9201, 9202')}",
    ),
    "tag": (
        {"tag": "openml-python", "task": [9101]},
        "task_id = 9101 AND id IN (SELECT run_id FROM run_tag WHERE tag = 'openml-python')",
    ),
}


@pytest.mark.parametrize("name", FILTERS)
def test_lists_by_filter_are_those_of_the_catalogue(
    connect: Connect, demo: DemoProcess, catalogue: sqlite3.Connection, name: str
) -> None:
    filters, condition = FILTERS[name]
    expected = ids(catalogue, condition)
    driver = connect(demo.v1)
    frame = driver.run(of_v1(driver).list(10_000, 0, display_errors=True, **filters))
    assert sorted(frame["run_id"]) == expected != []
    assert frame.index.equals(frame["run_id"].rename_axis("run_id").index)


def test_no_page_is_larger_than_asked_for(
    connect: Connect, demo: DemoProcess, catalogue: sqlite3.Connection
) -> None:
    size, listed = 40, []
    driver = connect(demo.v1)
    expected = ids(catalogue, "uploader = 2")
    for offset in range(0, 10_000, size):
        frame = driver.run(of_v1(driver).list(size, offset, uploader=[2], display_errors=True))
        assert len(frame) <= size
        if frame.empty:
            break
        listed += frame["run_id"].tolist()
    assert sorted(listed) == expected
    assert len(expected) > 5 * size


def test_a_kept_run_makes_no_request(
    connect: Connect, demo: DemoProcess, proxy: Proxy, tmp_path: Path
) -> None:
    first = connect(proxy.base(demo.v1), cache=ReplyCache(tmp_path))
    fetched = first.run(of_v1(first).get(900113))
    assert len(proxy.asked) == 1
    second = connect(proxy.base(demo.v1), cache=ReplyCache(tmp_path))
    kept = second.run(of_v1(second).get(900113))
    assert len(proxy.asked) == 1
    assert kept == fetched
    assert kept.description_text == fetched.description_text
    second.run(of_v1(second).get(900110))
    assert [asked.path for asked in proxy.asked] == ["run/900113", "run/900110"]


def test_a_tag_is_listed_and_gone_when_taken_off(
    connect: Connect, writable: DemoProcess, catalogue: sqlite3.Connection
) -> None:
    driver = connect(writable.v1, writable.api_key)
    api = of_v1(driver)
    run_id = ids(catalogue, "uploader = 4")[0]
    tag = f"test_tag_{type(api).__name__}"
    assert driver.run(api.list(10, 0, tag=tag)).empty
    assert tag in driver.run(api.tag(run_id, tag))
    assert driver.run(api.list(10, 0, tag=tag, display_errors=True))["run_id"].tolist() == [run_id]
    assert tag not in driver.run(api.untag(run_id, tag))
    assert driver.run(api.list(10, 0, tag=tag, display_errors=True)).empty


def test_a_setup_string_travels_there_and_back(connect: Connect, writable: DemoProcess) -> None:
    setup_string = "Python_3.11.7. Sklearn_1.9.1. DecisionTreeClassifier(max_depth=3 < 5, a='b')"
    more = (
        "  <oml:setup_string>Python_3.11.7. Sklearn_1.9.1. DecisionTreeClassifier(max_depth=3"
        " &lt; 5, a='b')</oml:setup_string>\n  <oml:parameter_setting>\n"
        "    <oml:name>max_depth</oml:name>\n    <oml:value>31</oml:value>\n"
        "    <oml:component>9201</oml:component>\n  </oml:parameter_setting>\n"
    )
    driver = connect(writable.v1, writable.api_key)
    files = {"description": ("description.xml", description(more=more), "text/xml")}
    run = driver.run(of_v1(driver).get(driver.run(of_v1(driver).publish("run", files))))
    assert "<oml:setup_string>" in run.description_text
    assert run.setup_string == setup_string
    assert [(p.name, p.value, p.component) for p in run.parameter_settings] == [
        ("max_depth", "31", 9201)
    ]
    assert (run.task_id, run.flow_id) == (9101, 9201)


def test_a_run_of_a_flow_that_is_not_there_is_refused(
    connect: Connect, writable: DemoProcess
) -> None:
    driver = connect(writable.v1, writable.api_key)
    files = {"description": ("description.xml", description(flow=999_999), "text/xml")}
    with pytest.raises(OpenMLServerException) as caught:
        driver.run(of_v1(driver).publish("run", files))
    assert caught.value.code == 205
    assert "flow" in str(caught.value)


# HTTP


def test_a_reply_lies_under_the_parts_of_its_address(
    connect: Connect, demo: DemoProcess, proxy: Proxy, tmp_path: Path
) -> None:
    driver = connect(proxy.base(demo.v1), demo.api_key, cache=ReplyCache(tmp_path))
    call = Call(
        "try it", "GET", "run/900113?some=1&more=a%20b", lambda a: a.text, key="query", keep=True
    )
    text = driver.send(call)
    assert proxy.asked[0].query == {"some": ["1"], "more": ["a b"], "api_key": [demo.api_key]}
    port = proxy.origin.rpartition(":")[2]
    path = tmp_path.joinpath(f"1_{port}", "0", "0", "127", "api", "v1", "xml", "run", "900113")
    (entry,) = (found for found in path.iterdir() if found.is_dir())
    assert {file.name for file in entry.iterdir()} == {"meta.json", "headers.json", "body.xml"}
    assert (entry / "body.xml").read_text() == text
    assert json.loads((entry / "headers.json").read_text())["Content-Type"].startswith("text/xml")
    meta = json.loads((entry / "meta.json").read_text())
    assert (meta["status_code"], meta["request"]["method"]) == (200, "GET")
    assert not any(
        demo.api_key in str(found) or demo.api_key.encode() in found.read_bytes()
        for found in tmp_path.rglob("*")
        if found.is_file()
    )
    other = Call("try it", "GET", "run/900113?some=2", lambda a: a.text, keep=True)
    driver.send(other)
    assert len(proxy.asked) == 2, "another parameter is another reply"
    assert driver.send(call) == text
    assert len(proxy.asked) == 2


def test_a_kept_run_needs_no_network(connect: Connect, demo: DemoProcess, tmp_path: Path) -> None:
    with before(demo.v1) as proxy:
        driver = connect(proxy.base(demo.v1), cache=ReplyCache(tmp_path))
        fetched = driver.run(of_v1(driver).get(900113))
    assert driver.run(of_v1(driver).get(900113)) == fetched
    with pytest.raises(OpenMLConnectionError):
        driver.run(of_v1(driver).get(900110))


def test_refreshing_asks_again_and_rewrites_what_is_kept(
    connect: Connect, demo: DemoProcess, proxy: Proxy, tmp_path: Path
) -> None:
    driver = connect(proxy.base(demo.v1), cache=ReplyCache(tmp_path))
    driver.run(of_v1(driver).get(900113))
    (meta,) = tmp_path.rglob("meta.json")
    kept = json.loads(meta.read_text())["created_at"]
    body = meta.with_name("body.xml")
    body.write_text("something else")
    driver.run(of_v1(driver).get(900113, reset_cache=True))
    assert len(proxy.asked) == 2
    assert json.loads(meta.read_text())["created_at"] > kept
    assert b"<oml:run_id>900113<" in body.read_bytes()


def test_the_key_is_sent_only_where_it_is_asked_for(
    connect: Connect, demo: DemoProcess, proxy: Proxy
) -> None:
    driver = connect(proxy.base(demo.v1), demo.api_key)
    api = of_v1(driver)
    driver.run(api.get(900113))
    driver.run(api.list(5, 0))
    with pytest.raises(OpenMLServerException):
        driver.run(api.trace(900113))
    for asked in proxy.asked:
        assert demo.api_key not in f"{asked.target} {asked.headers} {asked.body!r}"
    driver.send(Call("try it", "GET", "run/900113", lambda answer: answer.body, key="query"))
    assert proxy.asked[-1].query == {"api_key": [demo.api_key]}


@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("publish", ("run", {"description": b"<oml:run/>"})),
        ("tag", (900113, "x")),
        ("untag", (900113, "x")),
        ("delete", (900113,)),
    ],
)
def test_without_a_key_no_write_leaves(
    connect: Connect, demo: DemoProcess, proxy: Proxy, method: str, arguments: tuple[Any, ...]
) -> None:
    driver = connect(proxy.base(demo.v1))
    with pytest.raises(OpenMLAuthenticationError, match="no API key"):
        driver.run(getattr(of_v1(driver), method)(*arguments))
    assert proxy.asked == []


def fetch(driver: Driver, url: str, target: Path, **options: Any) -> int:
    if isinstance(driver, Blocking):
        return download(driver.client, url, target, **options)  # type: ignore[arg-type]
    return int(driver.run(download_async(driver.client, url, target, **options)))  # type: ignore[arg-type]


def test_a_download_is_written_checked_and_taken_up_again(
    connect: Connect, demo: DemoProcess, proxy: Proxy, tmp_path: Path
) -> None:
    driver = connect(proxy.base(demo.v1))
    run = driver.run(of_v1(driver).get(900113))
    direct = connect(demo.v1)
    whole = direct.send(Call("try it", "GET", run.predictions_url, lambda answer: answer.body))
    url = run.predictions_url.replace(demo.v1.partition("/api")[0], proxy.origin)
    md5 = f"md5:{hashlib.md5(whole).hexdigest()}"
    target = tmp_path / "predictions.arff"

    cut = len(whole) // 3
    proxy.fault = lambda asked: Fault(
        raw=lambda answered: as_it_came(answered)[: -len(whole) + cut], then="close"
    )
    with pytest.raises(OpenMLConnectionError):
        fetch(driver, url, target)
    assert not target.exists()

    proxy.forget()
    proxy.fault = lambda asked: Fault()
    assert fetch(driver, url, target, checksum=md5) == len(whole)
    assert [asked.headers.get("range") for asked in proxy.asked] == [f"bytes={cut}-"]
    assert target.read_bytes() == whole
    assert not any("api_key" in asked.target for asked in proxy.asked)

    wrong = tmp_path / "wrong.arff"
    with pytest.raises(OpenMLHashException):
        fetch(driver, url, wrong, checksum=f"md5:{'0' * 32}")
    assert not wrong.exists()
    assert list(tmp_path.iterdir()) == [target]


def test_a_post_is_a_form_and_a_delete_is_an_address(
    connect: Connect, writable: DemoProcess, writing: Proxy
) -> None:
    driver = connect(writing.base(writable.v1), writable.api_key)
    api = of_v1(driver)
    for method, arguments in (("tag", (1, "x")), ("untag", (1, "x")), ("delete", (1,))):
        with pytest.raises(OpenMLServerException):
            driver.run(getattr(api, method)(*arguments))
    tag, untag, delete = writing.asked
    form = {"run_id": ["1"], "tag": ["x"], "api_key": [writable.api_key]}
    for asked, name in ((tag, "tag"), (untag, "untag")):
        assert (asked.method, asked.target) == ("POST", f"/api/v1/xml/run/{name}")
        assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
        assert asked.form == form
    assert (delete.method, delete.target) == (
        "DELETE", f"/api/v1/xml/run/1?api_key={writable.api_key}"
    )  # fmt: skip
    assert delete.body == b""
    assert "content-type" not in delete.headers


def test_an_answer_that_is_no_run_list_is_a_value_error(
    connect: Connect, demo: DemoProcess, proxy: Proxy
) -> None:
    other = message(200, b"<oml:runs></oml:runs>", ("content-type", "text/xml"))
    proxy.fault = lambda asked: Fault(raw=lambda answered: other)
    driver = connect(proxy.base(demo.v1))
    with pytest.raises(ValueError) as caught:
        driver.run(of_v1(driver).list(5, 0))
    assert isinstance(caught.value, AnswerError)
