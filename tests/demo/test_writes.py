"""Tag, untag, delete, upload and reset on the shipped catalogue, over a real socket."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from runbrowser.demo.launch import DemoProcess
from tests.support.demos import start


@dataclass
class Server:
    """A demo server, and calls to it with the key where V1 reads it."""

    process: DemoProcess
    http: httpx.Client

    def get(self, path: str) -> httpx.Response:
        return self.http.get(self.process.v1 + path)

    def post(self, path: str, key: str | None = None, **fields: str) -> httpx.Response:
        form = {**fields, "api_key": key or self.process.api_key}
        return self.http.post(self.process.v1 + path, data=form)

    def delete(self, run_id: int, key: str | None = None) -> httpx.Response:
        url = f"{self.process.v1}run/{run_id}"
        return self.http.delete(url, params={"api_key": key or self.process.api_key})

    def upload(self, description: str, **files: tuple[str, bytes]) -> httpx.Response:
        sent = {"description": ("description.xml", description.encode()), **files}
        form = {"api_key": self.process.api_key}
        return self.http.post(self.process.v1 + "run", data=form, files=sent)


def _code(reply: httpx.Response) -> int:
    found = re.search(r"<oml:code>(\d+)</oml:code>", reply.text)
    return int(found[1]) if found else 0


def _ids(text: str, name: str = "run_id") -> list[int]:
    return [int(number) for number in re.findall(rf"<oml:{name}>(\d+)</oml:{name}>", text)]


def _tags(text: str) -> list[str]:
    return re.findall(r"<oml:tag>(.*?)</oml:tag>", text)


@pytest.fixture
def server(fresh_demo: DemoProcess) -> Iterator[Server]:
    with httpx.Client(timeout=60) as http:
        yield Server(fresh_demo, http)


@pytest.fixture
def others_run(server: Server) -> int:
    """A run that does not belong to the key's owner."""
    rows = server.get("run/list/limit/500").text.split("<oml:run>")[1:]
    return next(_ids(row)[0] for row in rows if _ids(row, "uploader") not in ([2], []))


DESCRIPTION = """<?xml version="1.0" encoding="utf-8"?>
<oml:run xmlns:oml="http://openml.org/openml">
<oml:task_id>{task}</oml:task_id>
<oml:flow_id>{flow}</oml:flow_id>
<oml:setup_string>made for a test</oml:setup_string>
{more}</oml:run>
"""
ARFF = b"@relation p\n@attribute row_id numeric\n@attribute prediction {a,b}\n@data\n0,a\n1,b\n"


@pytest.fixture
def description(server: Server, others_run: int) -> str:
    """A description with the task and flow of a run of the catalogue; `{more}` is left open."""
    told = server.get(f"run/{others_run}").text
    task, flow = _ids(told, "task_id")[0], _ids(told, "flow_id")[0]
    return DESCRIPTION.format(task=task, flow=flow, more="{more}")


def test_a_tag_is_added_found_and_taken_away_again(server: Server, others_run: int) -> None:
    before = _tags(server.get(f"run/{others_run}").text)
    added = server.post("run/tag", run_id=str(others_run), tag="Made.By-a_test")
    assert added.status_code == 200
    assert set(_tags(added.text)) == {*before, "Made.By-a_test"}
    assert _ids(server.get("run/list/tag/made.by-A_test").text) == [others_run]
    assert "Made.By-a_test" in _tags(server.get("run/tag/list").text)
    taken = server.post("run/untag", run_id=str(others_run), tag="Made.By-a_test")
    assert set(_tags(taken.text)) == set(before)
    assert _code(server.get("run/list/tag/made.by-A_test")) == 512


def test_tags_that_are_refused_have_their_codes_and_statuses(
    server: Server, others_run: int
) -> None:
    run = str(others_run)
    assert server.post("run/tag", run_id=run, tag="t" * 64).status_code == 200
    refused = {
        (471, 412): {"run_id": run},
        (472, 412): {"run_id": "999999999", "tag": "x"},
        (473, 500): {"run_id": run, "tag": "t" * 64},
        (474, 412): {"run_id": run, "tag": "T" * 64},
        (477, 500): {"run_id": run, "tag": "t" * 65},
    }
    for (code, status), fields in refused.items():
        reply = server.post("run/tag", **fields)
        assert (_code(reply), reply.status_code) == (code, status)
    assert _code(server.post("run/tag", run_id=run, tag="é")) == 477
    assert _code(server.post("run/untag", run_id=run, tag="other")) == 475
    quoted = server.post("run/untag", run_id=run, tag='a"b')
    assert (quoted.status_code, quoted.content) == (500, b"")


def test_a_tag_of_somebody_else_stays(server: Server) -> None:
    tagged = [
        (run, tag)
        for run in _ids(server.get("run/list/limit/100").text)
        for tag in _tags(server.get(f"run/{run}").text)
    ]
    refused = [
        (run, tag)
        for run, tag in tagged
        if _code(server.post("run/untag", run_id=str(run), tag=tag)) == 476
    ]
    assert refused
    for run, tag in refused:
        assert tag in _tags(server.get(f"run/{run}").text)


def test_a_run_is_deleted_once_and_its_files_stay(server: Server, description: str) -> None:
    run = _ids(server.upload(description.format(more=""), predictions=("p.arff", ARFF)).text)[0]
    urls = re.findall(r"<oml:url>(.*/data/download/.*?)</oml:url>", server.get(f"run/{run}").text)
    url = urls[-1]  # behind the data set and the description
    server.post("run/tag", run_id=str(run), tag="goes-with-it")
    gone = server.delete(run)
    assert (gone.status_code, _ids(gone.text, "id")) == (200, [run])
    assert _code(server.delete(run)) == 392
    assert _code(server.get(f"run/{run}")) == 236
    assert _code(server.get("run/list/tag/goes-with-it")) == 512
    assert server.http.get(url).content == ARFF


def test_the_id_of_a_deleted_run_is_not_given_again(server: Server, description: str) -> None:
    whole = description.format(more="")
    first = _ids(server.upload(whole).text)[0]
    server.delete(first)
    assert _ids(server.upload(whole).text)[0] > first


def test_only_the_owner_deletes_a_run_and_only_with_a_key_in_the_query(
    server: Server, others_run: int
) -> None:
    assert _code(server.delete(others_run)) == 393
    assert _code(server.delete(others_run, "0" * 32)) == 103
    url = f"{server.process.v1}run/{others_run}"
    body = f"api_key={server.process.api_key}"
    in_body = server.http.request(
        "DELETE", url, content=body, headers={"Content-Type": "application/x-www-form-urlencoded"}
    )
    assert _code(in_body) == 102
    assert server.get(f"run/{others_run}").status_code == 200


def test_an_upload_becomes_a_run_that_is_not_evaluated_yet(
    server: Server, description: str
) -> None:
    more = (
        "<oml:error_message>TypeError: 1 &lt; 2 &amp; 3</oml:error_message>\n"
        "<oml:tag>first</oml:tag>\n<oml:tag>second</oml:tag>\n"
    )
    whole = description.format(more=more)
    reply = server.upload(whole, predictions=("predictions.arff", ARFF))
    assert reply.status_code == 200
    run = _ids(reply.text)[0]
    told = server.get(f"run/{run}").text
    assert "<oml:error>" not in told
    assert "<oml:error_message>TypeError: 1 < 2 & 3</oml:error_message>" in told
    assert _tags(told) == ["first", "second"]
    urls = dict(re.findall(r"<oml:name>(\w+)</oml:name>\n\s+<oml:url>(.*?)</oml:url>", told))
    assert server.http.get(urls["description"]).content == whole.encode()
    assert server.http.get(urls["predictions"]).content == ARFF
    # Never with the key, and listed like any other.
    assert _ids(server.get(f"run/list/run/{run}").text) == [run]


def test_the_same_settings_are_the_same_setup(server: Server, others_run: int) -> None:
    told = server.get(f"run/{others_run}").text
    settings = "".join(re.findall(r"(?s)<oml:parameter_setting>.*?</oml:parameter_setting>", told))
    assert settings
    whole = DESCRIPTION.format(
        task=_ids(told, "task_id")[0], flow=_ids(told, "flow_id")[0], more=settings
    )
    run = _ids(server.upload(whole).text)[0]
    setup = _ids(told, "setup_id")
    assert _ids(server.get(f"run/{run}").text, "setup_id") == setup
    other = re.sub("<oml:value>.*?</oml:value>", "<oml:value>9</oml:value>", whole, count=1)
    second = _ids(server.upload(other).text)[0]
    assert _ids(server.get(f"run/{second}").text, "setup_id") != setup


def test_what_is_wrong_with_an_upload_is_told_with_its_code(
    server: Server, description: str
) -> None:
    parameter = (
        "<oml:parameter_setting><oml:name>no_such</oml:name><oml:value>1</oml:value>"
        "</oml:parameter_setting>\n"
    )
    score = (
        '<oml:output_data><oml:evaluation repeat="99" fold="0">'
        "<oml:name>predictive_accuracy</oml:name><oml:value>1</oml:value>"
        "</oml:evaluation></oml:output_data>\n"
    )
    assert _code(server.upload(description.format(more=parameter))) == 213
    assert _code(server.upload(description.format(more=score))) == 216
    assert _code(server.upload("")) == 201
    assert _code(server.upload(description.format(more=""), predictions=("plain", ARFF))) == 206
    assert _code(server.upload(description.format(more=""), predictions=("p.arff", b""))) == 207
    for broken in (ARFF + b"2,c\n", ARFF + b"2\n", ARFF + b"x,a\n", b"no arff"):
        reply = server.upload(description.format(more=""), predictions=("p.arff", broken))
        assert _code(reply) == 209
        assert "Arff error in predictions file" in reply.text


XSD_COMPLAINTS = {
    "<oml:run_details>a b</oml:run_details>": "[facet &#039;pattern&#039;]",
    "<oml:error_message></oml:error_message>": "underruns the allowed minimum length",
    f"<oml:error_message>{'x' * 129}</oml:error_message>": "exceeds the allowed maximum length",
    "<oml:tag>a b</oml:tag>": "[facet &#039;pattern&#039;]",
    "<oml:tag>a</oml:tag><oml:error_message>x</oml:error_message>": "error_message&#039;: This "
    "element is not expected",
    "<oml:flow_id>1</oml:flow_id>": "flow_id&#039;: This element is not expected",
    "<oml:nonsense/>": "nonsense&#039;: This element is not expected. Expected is one of",
    "<oml:parameter_setting><oml:name>a</oml:name></oml:parameter_setting>": "Missing child "
    "element(s). Expected is ( {http://openml.org/openml}value )",
    "<oml:parameter_setting><oml:name>a</oml:name><oml:value>1</oml:value>"
    "<oml:component>x</oml:component></oml:parameter_setting>": "is not a valid value of the "
    "atomic type &#039;xs:integer&#039;",
}


@pytest.mark.parametrize("more", XSD_COMPLAINTS)
def test_a_description_against_the_rules_is_refused_with_the_reason(
    more: str, demo: DemoProcess
) -> None:
    with httpx.Client(timeout=60) as http:
        whole = DESCRIPTION.format(task=1, flow=1, more=more)
        reply = Server(demo, http).upload(whole)
    assert _code(reply) == 202
    assert XSD_COMPLAINTS[more] in reply.text.replace("&amp;", "&")


def test_a_reset_takes_the_evaluation_s_verdict_away(server: Server, others_run: int) -> None:
    key = server.process.api_key
    assert _code(server.get(f"run/reset/{others_run}?api_key={key}")) == 413
    assert _code(server.get(f"run/reset/999999999?api_key={key}")) == 412
    mine = _ids(server.get("run/list/uploader/2").text)
    evaluated = next(r for r in mine if "<oml:error>" in server.get(f"run/{r}").text)
    reply = server.get(f"run/reset/{evaluated}?api_key={key}")
    assert (reply.status_code, _ids(reply.text, "id")) == (200, [evaluated])
    assert "<oml:error>" not in server.get(f"run/{evaluated}").text


def test_with_elasticsearch_down_writes_are_done_and_answered_with_105() -> None:
    with start(elasticsearch_down=True) as process, httpx.Client(timeout=60) as http:
        server = Server(process, http)
        run = _ids(server.get("run/list/uploader/2").text)[0]
        assert _code(server.post("run/tag", run_id=str(run), tag="es-down")) == 105
        assert "es-down" in _tags(server.get(f"run/{run}").text)
        assert _code(server.post("run/untag", run_id=str(run), tag="es-down")) == 105
        assert "es-down" not in _tags(server.get(f"run/{run}").text)
        assert _code(server.delete(run)) == 105
        assert _code(server.delete(run)) == 392


def test_with_the_database_down_nothing_is_done() -> None:
    with start(database_down=True) as process, httpx.Client(timeout=60) as http:
        server = Server(process, http)
        assert _code(server.get("run/list/limit/1")) == 107
        assert _code(server.post("run/tag", run_id="1", tag="x")) == 107
        assert _code(server.delete(1)) == 107
