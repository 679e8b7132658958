"""Publishing: the checks name element and line, progress counts bytes, and nothing goes twice."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from runbrowser.bulk.delivery import Delivery, HaltError
from runbrowser.bulk.description import Problem, read_description
from runbrowser.bulk.permission import ask_why_read_only
from runbrowser.bulk.publication import folder_parts, prepare, publish
from runbrowser.client.http import AsyncHTTPClient
from runbrowser.demo import DEMO_USER_ID
from runbrowser.demo.files import read_file
from runbrowser.demo.launch import DemoProcess
from runbrowser.demo.v1.description import DescriptionError
from runbrowser.demo.v1.description import read_description as server_reads
from runbrowser.errors import OpenMLServerException, UsageError
from tests.bulk.conftest import QUICK, READER_KEY, Desk, words
from tests.bulk.faulty import LOST_REPLY, LOST_REQUEST, Proxy, refused

HEAD = '<oml:run xmlns:oml="http://openml.org/openml">\n<oml:task_id>59</oml:task_id>\n'


def described(inner: str, flow: str = "<oml:flow_id>4</oml:flow_id>\n") -> bytes:
    return f"{HEAD}{flow}{inner}\n</oml:run>".encode()


@pytest.fixture
def ready(tmp_path: Path, catalogue: sqlite3.Connection) -> tuple[Path, dict[str, Path]]:
    """The files of a run as its uploader had them."""
    (run_id,) = catalogue.execute(
        "SELECT r.id FROM run r JOIN file f ON f.run_id = r.id"
        " WHERE r.uploader = ? AND f.name = 'predictions' LIMIT 1",
        (DEMO_USER_ID,),
    ).fetchone()
    paths = {}
    for file_id, name in catalogue.execute("SELECT id, name FROM file WHERE run_id = ?", (run_id,)):
        found = read_file(catalogue, file_id)
        assert found is not None
        paths[name] = tmp_path / found[0]
        paths[name].write_bytes(found[1])
    return paths.pop("description"), paths


@pytest.mark.parametrize(
    ("inner", "element", "line", "part"),
    [
        (f"<oml:error_message>{'x' * 300}</oml:error_message>", "error_message", 4, "300"),
        ("<oml:error_message>caf\u00e9</oml:error_message>", "error_message", 4, "\u00e9"),
        ("<oml:error_message></oml:error_message>", "error_message", 4, "empty"),
        ("<oml:run_details>two words</oml:run_details>", "run_details", 4, "' '"),
        ("<oml:tag>a b</oml:tag>", "tag", 4, "A-Z"),
        ("\n<oml:setup_id>x</oml:setup_id>", "setup_id", 5, "whole number"),
        ("<oml:nonsense/>", "nonsense", 4, "no place"),
        ("<run_id>1</run_id>", "run_id", 4, "prefix"),
        ("<oml:run_id>1</oml:run_id>", "run_id", 4, "before flow_id"),
        ("<oml:setup_id>1</oml:setup_id><oml:setup_id>1</oml:setup_id>", "setup_id", 4, "once"),
        ("<oml:parameter_setting><oml:name>C</oml:name></oml:parameter_setting>",
         "parameter_setting", 4, "lacks value"),
        ("<oml:output_data><oml:evaluation><oml:name>a</oml:name><oml:value>x</oml:value>"
         "</oml:evaluation></oml:output_data>", "value", 4, "a number"),
        ("<oml:tag>", "XML", 5, "tag"),
    ],
)  # fmt: skip
def test_what_the_server_would_refuse_is_named_with_element_and_line(
    inner: str, element: str, line: int, part: str
) -> None:
    content = described(inner)
    problems = read_description(content).problems
    assert problems, content
    assert (problems[0].element, problems[0].line) == (element, line)
    assert part in problems[0].words and "\x1b" not in str(problems[0])
    with pytest.raises(DescriptionError):
        server_reads(content)


def test_the_checks_and_the_server_agree_on_the_descriptions_of_the_catalogue(
    catalogue: sqlite3.Connection,
) -> None:
    rows = catalogue.execute(
        "SELECT f.id FROM file f JOIN run r ON r.id = f.run_id WHERE f.name = 'description'"
        " ORDER BY coalesce(length(r.error_message), 0) > 128 DESC, f.id LIMIT 400"
    ).fetchall()
    verdicts = set()
    for (file_id,) in rows:
        found = read_file(catalogue, file_id)
        assert found is not None
        try:
            server_reads(found[1])
            refused_by_server = False
        except DescriptionError:
            refused_by_server = True
        assert bool(read_description(found[1]).problems) == refused_by_server
        verdicts.add(refused_by_server)
    assert verdicts == {True, False}


def test_other_roots_empty_files_and_entities_are_refused() -> None:
    for content in (b"", b"  ", b"<run/>", b"<html>", b"\x00", b'<oml:run xmlns:oml="x"/>',
                    b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'):  # fmt: skip
        assert read_description(content).problems


def test_files_are_checked_before_anything_is_sent(tmp_path: Path) -> None:
    description = tmp_path / "description.xml"
    description.write_bytes(described(""))
    named = {p.element for p in prepare(description, {}).problems}
    assert named == {"predictions"}
    odd, empty, bad = tmp_path / "noext", tmp_path / "empty.arff", tmp_path / "bad.arff"
    odd.write_text("x")
    empty.write_text("")
    bad.write_text("@relation a\n1,2,3\n")
    found = prepare(description, {"a": odd, "b": empty, "predictions": bad}).problems
    assert {p.element for p in found} == {"a", "b", "predictions"}
    assert Problem(2, "predictions", found[-1].words) in found
    description.write_bytes(described("<oml:error_message>died</oml:error_message>"))
    assert prepare(description, {}).problems == ()
    with pytest.raises(UsageError):
        prepare(tmp_path / "nowhere.xml", {})
    with pytest.raises(UsageError):
        prepare(description, {"description": odd})


async def test_a_run_is_published_and_progress_counts_its_bytes(
    desk: Desk, ready: tuple[Path, dict[str, Path]]
) -> None:
    upload = prepare(*ready)
    assert upload.problems == ()
    steps: list[tuple[int, int]] = []
    done = await publish(desk.http, upload, progress=lambda *step: steps.append(step))
    assert done.run_id is not None
    run = await desk.run(done.run_id)
    assert run is not None
    assert run.task_id == upload.description.task_id
    assert set(run.output_files) == {"description", *ready[1]}
    assert steps[-1] == (upload.size, upload.size)
    assert steps == sorted(steps) and len(steps) > 1


async def test_a_run_with_problems_is_not_sent(behind: Desk, proxy: Proxy, tmp_path: Path) -> None:
    description = tmp_path / "description.xml"
    description.write_bytes(described("<oml:nonsense/>"))
    with pytest.raises(UsageError, match="nonsense"):
        await publish(behind.http, prepare(description, {}))
    assert proxy.asked == []


async def test_a_lost_reply_leads_to_the_new_run(
    behind: Desk, proxy: Proxy, ready: tuple[Path, dict[str, Path]]
) -> None:
    upload = prepare(*ready)
    before = await publish(behind.http, upload)  # the same description was published before
    proxy.fault = lambda asked: LOST_REPLY if asked.path == "run" else None
    delivery = Delivery(behind.http, patience=QUICK)
    done = await publish(behind.http, upload, delivery=delivery, user_id=DEMO_USER_ID)
    assert done.run_id is not None and before.run_id is not None
    assert done.run_id > before.run_id
    assert "reply was lost" in words(done.remark)
    assert proxy.sent("POST") == ["run", "run"]


async def test_a_lost_upload_is_told_as_a_doubt_and_not_sent_again(
    behind: Desk, proxy: Proxy, ready: tuple[Path, dict[str, Path]]
) -> None:
    upload = prepare(*ready)
    await publish(behind.http, upload)
    proxy.fault = lambda asked: LOST_REQUEST if asked.path == "run" else None
    done = await publish(behind.http, upload, delivery=Delivery(behind.http, patience=QUICK))
    assert done.run_id is None and "may still appear" in words(done.remark)
    assert proxy.sent("POST") == ["run", "run"]


async def test_the_upload_is_whole_again_after_a_pause(
    behind: Desk, proxy: Proxy, ready: tuple[Path, dict[str, Path]]
) -> None:
    turns = iter([refused(107), refused(107)])
    proxy.fault = lambda asked: next(turns, None) if asked.path == "run" else None
    upload = prepare(*ready)
    done = await publish(behind.http, upload, delivery=Delivery(behind.http, patience=QUICK))
    assert done.run_id is not None
    posts = [asked.body for asked in proxy.asked if asked.method == "POST" and asked.path == "run"]
    assert len(posts) == 3 and len({len(body) for body in posts}) == 1


async def test_a_refusal_comes_in_the_server_s_words(
    desk: Desk, ready: tuple[Path, dict[str, Path]]
) -> None:
    description, files = ready
    text = description.read_text()
    start, end = text.index("<oml:task_id>"), text.index("</oml:task_id>")
    description.write_text(f"{text[:start]}<oml:task_id>1{text[end:]}")
    with pytest.raises(OpenMLServerException) as refusal:
        await publish(desk.http, prepare(description, files))
    assert refusal.value.code == 204


async def test_without_a_key_that_may_write_nothing_is_published(
    fresh_demo: DemoProcess, ready: tuple[Path, dict[str, Path]]
) -> None:
    for key, part in ((None, "no API key"), ("f" * 32, "103"), (READER_KEY, "104")):
        async with AsyncHTTPClient(fresh_demo.v1, key, retry="none") as http:
            with pytest.raises(HaltError, match=part):
                await publish(http, prepare(*ready))


async def test_whether_a_key_may_write_is_known_before_anything_is_tried(
    demo: DemoProcess,
) -> None:
    for key, code in ((demo.api_key, ""), ("f" * 32, "103"), (READER_KEY, "104"), (None, "key")):
        async with AsyncHTTPClient(demo.v1, key, retry="none") as http:
            words = await ask_why_read_only(http, "OPENML_APIKEY")
            assert (code in words) and bool(words) == bool(code)
            assert ("OPENML_APIKEY" in words) == bool(code)


async def test_a_folder_as_openml_python_writes_it_is_published(
    desk: Desk, ready: tuple[Path, dict[str, Path]], tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    with pytest.raises(UsageError, match=r"no description\.xml"):
        folder_parts(folder)
    (folder / "description.xml").write_bytes(ready[0].read_bytes())
    (folder / "predictions.arff").write_bytes(ready[1]["predictions"].read_bytes())
    (folder / "model.pkl").write_bytes(b"not to be published")
    description, files = folder_parts(folder)
    assert set(files) == {"predictions"}
    done = await publish(desk.http, prepare(description, files))
    run = await desk.run(done.run_id or 0)
    assert run is not None and set(run.output_files) == {"description", "predictions"}
