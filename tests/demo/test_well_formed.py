"""With --well-formed every document can be read, and says what the broken one meant to say."""

import json
import re
from collections.abc import Iterator
from xml.etree import ElementTree

import httpx
import pytest

from runbrowser.demo.launch import DemoProcess
from tests.support.demos import start

SPACE = "{http://openml.org/openml}"
LISTS = (
    "run/list/limit/10000/show_errors/true",
    "run/list/uploader/2",
    "evaluation/list/function/predictive_accuracy/limit/2000",
    "run/tag/list",
    "flow/list",
    "task/list",
    "data/list",
    "user/list/user_id/1,2,3,4,5,6,7,8",
    "study/list",
)


@pytest.fixture(scope="module")
def server() -> Iterator[DemoProcess]:
    with start(well_formed=True, no_evaluation=True) as process:
        yield process


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60) as client:
        yield client


def _is_xml(text: str) -> bool:
    try:
        ElementTree.fromstring(text)
    except ElementTree.ParseError:
        return False
    return True


@pytest.mark.parametrize("path", LISTS)
def test_every_list_can_be_read_as_xml_and_as_json(
    path: str, server: DemoProcess, http: httpx.Client
) -> None:
    assert _is_xml(http.get(server.v1 + path).text)
    reply = http.get(server.v1.replace("/xml/", "/json/") + path)
    assert reply.status_code == 200
    json.loads(reply.text)


def test_without_it_a_few_runs_break_the_list_as_they_do_on_the_real_server(
    demo: DemoProcess, http: httpx.Client
) -> None:
    assert not _is_xml(http.get(demo.v1 + LISTS[0]).text)
    assert not _is_xml(http.get(demo.v1 + LISTS[1]).text)


def test_the_runs_that_break_lists_say_what_their_uploaders_meant(
    demo: DemoProcess, server: DemoProcess, http: httpx.Client
) -> None:
    rows = http.get(demo.v1 + LISTS[0]).text.split("<oml:run>")[1:]
    broken = [re.findall(r"<oml:run_id>(\d+)<", row)[0] for row in rows if not _whole(row)]
    assert len(broken) > 30
    listed = ElementTree.fromstring(http.get(server.v1 + LISTS[0]).text)
    messages = {
        row.findtext(f"{SPACE}run_id"): row.findtext(f"{SPACE}error_message") for row in listed
    }
    for run in broken:
        told = ElementTree.fromstring(http.get(f"{server.v1}run/{run}").text)
        v2 = http.get(f"{server.v2}run/{run}").json()
        meant = (v2["error"] or [""])[0]
        clean = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f]", "\ufffd", meant).replace("\r\n", "\n")
        assert messages[run] == (told.findtext(f"{SPACE}error_message") or "") == clean
        as_json = http.get(f"{server.v1.replace('/xml/', '/json/')}run/{run}")
        assert as_json.json()["run"]["run_id"] == run


def _whole(row: str) -> bool:
    return _is_xml('<x xmlns:oml="o"><oml:run>' + row.partition("</oml:run>")[0] + "</oml:run></x>")


def test_uploaded_texts_come_back_whole(server: DemoProcess, http: httpx.Client) -> None:
    description = (
        '<oml:run xmlns:oml="http://openml.org/openml"><oml:task_id>9101</oml:task_id>'
        "<oml:flow_id>9201</oml:flow_id>"
        '<oml:error_message>a &lt;b&gt; &amp; "c" \\ ]]&gt;</oml:error_message></oml:run>'
    )
    reply = http.post(
        server.v1 + "run",
        data={"api_key": server.api_key},
        files={"description": ("description.xml", description.encode())},
    )
    run = re.findall(r"<oml:run_id>(\d+)<", reply.text)[0]
    told = ElementTree.fromstring(http.get(f"{server.v1}run/{run}").text)
    assert told.findtext(f"{SPACE}error_message") == 'a <b> & "c" \\ ]]>'
    listed = http.get(f"{server.v1.replace('/xml/', '/json/')}run/list/run/{run}").json()
    assert listed["runs"]["run"][0]["error_message"] == 'a <b> & "c" \\ ]]>'
