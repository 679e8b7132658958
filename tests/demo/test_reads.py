"""Reads of the shipped catalogue that no public recording shows, over a real socket."""

import json
import re
from urllib.parse import urlsplit
from xml.etree import ElementTree

import httpx
import pytest

from runbrowser.demo.launch import DemoProcess

from .recordings import Answer, multipart_body, request

RUN_ID = re.compile(r"<oml:run_id>(\d+)</oml:run_id>")


def _get(base: str, path: str, **headers: str) -> Answer:
    return request(base, "GET", urlsplit(base).path + path, headers=headers)


def _code(answer: Answer) -> int:
    found = re.search(rb"<oml:code>(\d+)</oml:code>", answer.body)
    return int(found[1]) if found else 0


@pytest.fixture(scope="module")
def traced(demo: DemoProcess) -> int:
    """A run with a trace."""
    with httpx.Client(timeout=60) as client:
        runs = RUN_ID.findall(client.get(demo.v1 + "run/list/limit/10000").text)
        return next(
            int(run) for run in runs if client.get(f"{demo.v1}run/trace/{run}").status_code == 200
        )


def test_a_trace_is_the_same_from_v1_in_xml_and_json_and_from_v2(
    demo: DemoProcess, traced: int
) -> None:
    root = ElementTree.fromstring(_get(demo.v1, f"run/trace/{traced}").body)
    names = ("repeat", "fold", "iteration", "setup_string", "evaluation", "selected")
    space = "{http://openml.org/openml}"
    listed = [
        {name: row.findtext(space + name) for name in names}
        for row in root.findall(f"{space}trace_iteration")
    ]
    as_json = json.loads(_get(demo.v1.replace("xml", "json"), f"run/trace/{traced}").body)
    assert as_json == {"trace": {"run_id": str(traced), "trace_iteration": listed}}
    told = json.loads(_get(demo.v2, f"run/trace/{traced}").body)
    assert told["run_id"] == traced
    assert [
        {name: str(value) for name, value in row.items() if name != "evaluation"}
        for row in told["trace"]
    ] == [{n: v for n, v in row.items() if n != "evaluation"} for row in listed]
    assert [row["evaluation"] for row in told["trace"]] == [
        float(row["evaluation"] or "nan") for row in listed
    ]


def test_a_trace_comes_in_xml_with_the_white_space_of_the_template(
    demo: DemoProcess, traced: int
) -> None:
    text = _get(demo.v1, f"run/trace/{traced}").body.decode()
    start = f'<oml:trace xmlns:oml="http://openml.org/openml">\n  <oml:run_id>{traced}</oml:run_id>'
    assert text.startswith(f"{start}\n\t\t<oml:trace_iteration>\n\t\t<oml:repeat>")
    assert "</oml:selected>\n\t</oml:trace_iteration>\n\t\t<oml:trace_iteration>\n" in text
    assert text.endswith("\t</oml:trace_iteration>\n\t \n</oml:trace>\n")


def test_pages_of_a_list_are_its_whole_in_order_and_then_512(demo: DemoProcess) -> None:
    whole = RUN_ID.findall(_get(demo.v1, "run/list/limit/10000").body.decode())
    paged: list[str] = []
    while True:
        answer = _get(demo.v1, f"run/list/limit/50/offset/{len(paged)}")
        if answer.status != 200:
            break
        paged += RUN_ID.findall(answer.body.decode())
    assert (_code(answer), paged) == (512, whole)


def test_runs_under_embargo_are_listed_for_their_uploader_alone(demo: DemoProcess) -> None:
    path = "run/list/limit/10000/show_errors/true"
    anybody = set(RUN_ID.findall(_get(demo.v1, path).body.decode()))
    mine = set(RUN_ID.findall(_get(demo.v1, f"{path}?api_key={demo.api_key}").body.decode()))
    assert anybody <= mine
    for run in mine - anybody:
        assert _get(demo.v1, f"run/{run}").status == 200


def test_a_limit_of_two_numbers_is_offset_and_limit_where_it_is_small_enough(
    demo: DemoProcess,
) -> None:
    wanted = RUN_ID.findall(_get(demo.v1, "run/list/limit/2/offset/1").body.decode())
    assert RUN_ID.findall(_get(demo.v1, "run/list/limit/1,2").body.decode()) == wanted
    assert _code(_get(demo.v1, "run/list/limit/5,3")) == 516


def test_long_addresses_are_refused_by_the_web_server(demo: DemoProcess) -> None:
    def ids(count: int) -> str:
        return "run/list/run/" + ",".join(str(900_000 + number) for number in range(count))

    assert _get(demo.v1, ids(570)).status in (200, 412)
    assert _get(demo.v1, ids(600)).status == 403
    assert _get(demo.v1, ids(1200)).status == 414
    assert "set-cookie" not in _get(demo.v1, ids(1200)).headers


def test_every_answer_of_v1_brings_a_cookie_of_its_own(demo: DemoProcess) -> None:
    paths = ("run/list/limit/1", "run/list/limit/1", "run/0", "run/list/tag/a@b")
    cookies = {_get(demo.v1, path).headers["set-cookie"] for path in paths}
    assert len(cookies) == 4
    assert all(cookie.startswith("ci_session=") for cookie in cookies)


def test_only_xml_is_compressed_and_only_when_asked_for(demo: DemoProcess) -> None:
    gzip = {"Accept-Encoding": "gzip, deflate"}
    packed = _get(demo.v1, "run/list/limit/20", **gzip)
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in _get(demo.v1, "run/list/limit/20").headers
    as_json = _get(demo.v1.replace("xml", "json"), "run/list/limit/20", **gzip)
    assert "content-encoding" not in as_json.headers
    assert "content-encoding" not in _get(demo.v2, "evaluationmeasure/list", **gzip).headers


def test_a_key_in_the_query_wins_even_when_it_is_empty(demo: DemoProcess) -> None:
    path = urlsplit(demo.v1).path + "run/list/limit/1"
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    body = f"api_key={demo.api_key}".encode()
    assert request(demo.v1, "POST", path, body, form).status == 200
    assert _code(request(demo.v1, "POST", path + "?api_key=", body, form)) == 102
    as_json = json.dumps({"api_key": demo.api_key}).encode()
    sent = {"Content-Type": "application/json"}
    assert _code(request(demo.v1, "POST", path, as_json, sent)) == 102
    kind, multipart = multipart_body({"api_key": (None, "", demo.api_key.encode())})
    assert request(demo.v1, "POST", path, multipart, {"Content-Type": kind}).status == 200
    broken = {"Content-Type": "multipart/form-data; boundary=other"}
    assert _code(request(demo.v1, "POST", path, multipart, broken)) == 102


def test_all_that_a_run_refers_to_can_be_read(demo: DemoProcess) -> None:
    text = _get(demo.v1, "run/list/limit/10000").body.decode()
    for name, element in (("flow", "flow_id"), ("setup", "setup_id"), ("task", "task_id")):
        for number in set(re.findall(rf"<oml:{element}>(\d+)<", text)):
            answer = _get(demo.v1, f"{name}/{number}")
            assert answer.status == 200
            ElementTree.fromstring(answer.body)
            plural = {"flow": "flows", "task": "tasks"}.get(name, name)
            assert _get(demo.v2, f"{plural}/{number}").status == 200
    users = set(re.findall(r"<oml:uploader>(\d+)<", text))
    named = _get(demo.v1, f"user/list/user_id/{','.join(users)}").body.decode()
    assert set(re.findall(r"<oml:id>(\d+)<", named)) == users


def test_files_are_downloaded_from_the_addresses_runs_give(demo: DemoProcess) -> None:
    with httpx.Client(timeout=60) as client:
        run = RUN_ID.findall(client.get(demo.v1 + "run/list/limit/1").text)[0]
        text = client.get(f"{demo.v1}run/{run}").text
        urls = re.findall(r"<oml:url>(http://127\S*?)</oml:url>", text)
        kinds = {url.rpartition(".")[2]: client.get(url) for url in urls}
    assert kinds["xml"].headers["content-type"] == "text/xml;charset=UTF-8"
    assert ElementTree.fromstring(kinds["xml"].content).tag.endswith("run")
    assert kinds["arff"].text.lower().startswith("@relation")


def test_a_wrong_address_answers_200_with_a_page_of_html(demo: DemoProcess) -> None:
    for path in ("/nope", "/api/v2/xml/run/1", "/"):
        answer = request(demo.v1, "GET", path)
        assert answer.status == 200
        assert answer.headers["content-type"].startswith("text/html")


def test_v2_redirects_a_trailing_slash_and_knows_no_run_zero_in_traces(demo: DemoProcess) -> None:
    moved = _get(demo.v2, "run/1/")
    assert moved.status == 307
    assert moved.headers["location"].endswith("/v2/run/1")
    assert _get(demo.v2, "run/-5").status == 404
    assert _get(demo.v2, "run/trace/0").status == 422
