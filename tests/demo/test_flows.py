"""Flows and setups are looked up and sent as openml-python does it before it publishes a run."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

import httpx
import pytest
from lxml import etree

from runbrowser.demo.launch import DemoProcess

SPACE = "{http://openml.org/openml}"
CHILD = """<oml:flow xmlns:oml="http://openml.org/openml"><oml:name>made.Child</oml:name>
<oml:external_version>made==1</oml:external_version><oml:description>A part.</oml:description>
<oml:parameter><oml:name>depth</oml:name><oml:data_type>int</oml:data_type>
<oml:default_value>3</oml:default_value><oml:description>How deep &amp; wide</oml:description>
</oml:parameter></oml:flow>"""
FLOW = f"""<oml:flow xmlns:oml="http://openml.org/openml"><oml:name>made.Flow(part=made.Child)</oml:name>
<oml:class_name>made.Flow</oml:class_name><oml:external_version>made==1</oml:external_version>
<oml:description>A whole.</oml:description><oml:language>English</oml:language>
<oml:dependencies>made==1
numpy&gt;=1.24.1</oml:dependencies>
<oml:parameter><oml:name>rate</oml:name><oml:default_value>0.5</oml:default_value></oml:parameter>
<oml:component><oml:identifier>part</oml:identifier>{CHILD}</oml:component>
<oml:tag>made</oml:tag><oml:tag>python</oml:tag></oml:flow>"""


@dataclass
class Server:
    process: DemoProcess
    http: httpx.Client

    def get(self, path: str) -> httpx.Response:
        return self.http.get(self.process.v1 + path)

    def post(self, path: str, description: str = "", **fields: str) -> httpx.Response:
        files = {"description": ("description.xml", description.encode())} if description else None
        form = {**fields, "api_key": self.process.api_key}
        return self.http.post(self.process.v1 + path, data=form, files=files)

    def exists(self, name: str, version: str) -> int:
        reply = self.post("flow/exists", name=name, external_version=version)
        return _id(reply)


def _id(reply: httpx.Response) -> int:
    assert reply.status_code == 200, reply.text
    found = int(re.findall(r"<oml:id>(-?\d+)</oml:id>", reply.text)[0])
    said = re.findall(r"<oml:exists>(\w+)</oml:exists>", reply.text)
    assert said in ([], ["true" if found > 0 else "false"])
    return found


def _code(reply: httpx.Response) -> int:
    assert reply.status_code == 412
    return int(re.findall(r"<oml:code>(\d+)<", reply.text)[0])


@pytest.fixture
def server(fresh_demo: DemoProcess) -> Iterator[Server]:
    with httpx.Client(timeout=60) as http:
        yield Server(fresh_demo, http)


def test_a_flow_is_found_by_its_name_and_external_version_once_it_was_sent(server: Server) -> None:
    name = "made.Flow(part=made.Child)"
    assert server.exists(name, "made==1") == -1
    number = _id(server.post("flow", FLOW))
    assert server.exists(name, "made==1") == number
    assert server.exists(name, "made==2") == -1
    assert server.exists("made.Child", "made==1") > 0
    whole = ElementTree.fromstring(server.get(f"flow/{number}").text.strip())
    assert whole.findtext(f"{SPACE}dependencies") == "made==1\nnumpy>=1.24.1"
    assert [tag.text for tag in whole.findall(f"{SPACE}tag")] == ["made", "python"]
    part = whole.find(f"{SPACE}component/{SPACE}flow/{SPACE}parameter")
    assert part is not None
    assert part.findtext(f"{SPACE}description") == "How deep & wide"
    assert server.get("flow/exists/made.Child/made%3D%3D1").status_code == 200


def test_a_flow_is_sent_once_and_its_parts_are_not_stored_again(server: Server) -> None:
    child = _id(server.post("flow", CHILD))
    number = _id(server.post("flow", FLOW))
    assert server.exists("made.Child", "made==1") == child
    assert f"<oml:id>{child}</oml:id>" in server.get(f"flow/{number}").text
    assert _code(server.post("flow", FLOW)) == 171
    later = _id(server.post("flow", FLOW.replace("made==1", "made==2")))
    assert "<oml:version>2</oml:version>" in server.get(f"flow/{later}").text


def test_what_is_wrong_with_a_flow_is_told_with_its_code(server: Server) -> None:
    assert _code(server.post("flow")) == 161
    for wrong in ("<flow>", "<oml:run xmlns:oml='http://openml.org/openml'/>", "<flow/>"):
        assert _code(server.post("flow", wrong)) == 163
    assert _code(server.post("flow/exists", name="x")) == 330
    assert _code(server.http.post(server.process.v1 + "flow", data={})) == 102


RUN = """<oml:run xmlns:oml="http://openml.org/openml"><oml:task_id>9101</oml:task_id>
<oml:flow_id>{flow}</oml:flow_id>{more}</oml:run>"""


def test_a_setup_is_found_by_its_values_once_a_run_had_it(server: Server) -> None:
    flow = _id(server.post("flow", FLOW))
    child = server.exists("made.Child", "made==1")
    setting = (
        "<oml:parameter_setting><oml:name>{}</oml:name><oml:value>{}</oml:value>"
        "<oml:component>{}</oml:component></oml:parameter_setting>"
    )
    one = RUN.format(flow=flow, more=setting.format("depth", 7, child))
    assert _id(server.post("setup/exists", one)) == -1
    run = re.findall(r"<oml:run_id>(\d+)<", server.post("run", one).text)[0]
    setup = re.findall(r"<oml:setup_id>(\d+)<", server.get(f"run/{run}").text)[0]
    assert _id(server.post("setup/exists", one)) == int(setup)
    assert _id(server.post("setup/exists", one.replace(">7<", ">8<"))) == -1
    unknown = RUN.format(flow=flow, more=setting.format("nope", 1, child))
    assert _code(server.post("setup/exists", unknown)) == 586
    assert _code(server.post("setup/exists", RUN.format(flow=999999, more=""))) == 584
    assert _code(server.post("setup/exists", "<run/>")) == 582
    assert _code(server.post("setup/exists")) == 581


def test_the_schema_is_handed_out_and_takes_what_the_server_takes(server: Server) -> None:
    base = server.process.v1.replace("api/v1/xml/", "api/v1/xsd/")
    reply = server.http.get(base + "openml.run.upload")
    assert reply.headers["content-type"].startswith("text/xml")
    schema = etree.XMLSchema(etree.XML(reply.content))
    assert schema.validate(etree.XML(RUN.format(flow=1, more="")))
    assert not schema.validate(etree.XML(RUN.format(flow="x", more="")))
    assert "Page Not Found" in server.http.get(base + "other").text


def test_a_description_with_entities_of_its_own_is_refused(server: Server) -> None:
    bomb = '<!DOCTYPE run [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>' + RUN.format(
        flow=1, more="<oml:setup_string>&b;</oml:setup_string>"
    )
    for path, code in (("run", 202), ("setup/exists", 582), ("flow", 163)):
        assert _code(server.post(path, bomb)) == code
