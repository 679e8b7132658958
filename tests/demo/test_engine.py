"""Published runs are evaluated: from their predictions, with the measures of the engine."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from xml.etree import ElementTree

import httpx
import numpy as np
import pytest
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score, roc_auc_score

from runbrowser.demo.launch import DemoProcess
from tests.support.demos import start

WAIT = 60.0
SPACE = "{http://openml.org/openml}"
TASK, HOLDOUT, REGRESSION = 9101, 9105, 9108

DESCRIPTION = """<oml:run xmlns:oml="http://openml.org/openml">
<oml:task_id>{task}</oml:task_id><oml:flow_id>{flow}</oml:flow_id>
<oml:setup_string>made for a test</oml:setup_string>{more}</oml:run>"""


@dataclass
class Server:
    """A demo server whose engine works, and a client."""

    process: DemoProcess
    http: httpx.Client

    def get(self, path: str) -> str:
        return self.http.get(self.process.v1 + path).text

    def publish(self, task: int, more: str = "", **files: bytes) -> int:
        """Publish a run of the flow that the task's first run has."""
        flow = re.findall(r"<oml:flow_id>(\d+)<", self.get(f"run/list/task/{task}/limit/1"))[0]
        description = DESCRIPTION.format(task=task, flow=flow, more=more)
        sent = {"description": ("description.xml", description.encode())}
        sent |= {name: (f"{name}.arff", content) for name, content in files.items()}
        form = {"api_key": self.process.api_key}
        reply = self.http.post(self.process.v1 + "run", data=form, files=sent)
        assert reply.status_code == 200, reply.text
        return int(re.findall(r"<oml:run_id>(\d+)<", reply.text)[0])

    def verdict(self, run_id: int) -> str | None:
        """The engine's error ('' for none), once there is one; None when it was not looked at."""
        found = re.search(r"(?s)<oml:error>(.*?)</oml:error>", self.get(f"run/{run_id}"))
        return None if found is None else found[1]

    def wait(self, run_id: int) -> str:
        """The engine's error, waited for."""
        _until(lambda: self.verdict(run_id) is not None)
        return self.verdict(run_id) or ""

    def scores(self, run_id: int) -> dict[tuple[str, str | None, str | None], float | None]:
        """Values by measure, repeat and fold."""
        root = ElementTree.fromstring(self.get(f"run/{run_id}"))
        found = {}
        for given in root.iter(f"{SPACE}evaluation"):
            value = given.findtext(f"{SPACE}value")
            key = (given.findtext(f"{SPACE}name") or "", given.get("repeat"), given.get("fold"))
            found[key] = None if value is None else float(value)
        return found

    def evaluated(self, task: int) -> int:
        """A run of the catalogue that has scores and predictions."""
        for run in re.findall(r"<oml:run_id>(\d+)<", self.get(f"run/list/task/{task}/limit/50")):
            if "<oml:evaluation>" in (text := self.get(f"run/{run}")) and "predictions" in text:
                return int(run)
        raise AssertionError("no run with scores")

    def predictions(self, run_id: int) -> bytes:
        url = re.findall(r"<oml:url>(http\S+/predictions\.arff)<", self.get(f"run/{run_id}"))[0]
        return self.http.get(url).content


def _until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with start(evaluation_delay=0.0) as process, httpx.Client(timeout=60) as http:
        yield Server(process, http)


@pytest.mark.parametrize("task", [TASK, HOLDOUT, REGRESSION])
def test_the_same_predictions_get_the_scores_of_the_catalogue_s_run(
    server: Server, task: int
) -> None:
    known = server.evaluated(task)
    run = server.publish(task, predictions=server.predictions(known))
    assert server.wait(run) == ""
    ours, theirs = server.scores(run), server.scores(known)
    # The catalogue's engine took another prior, and its runs have times.
    shared = {
        key
        for key in theirs
        if "_time_" not in key[0] and "prior" not in key[0] and "relative" not in key[0]
    }
    assert len(shared) > 5
    assert {key: ours[key] for key in shared} == pytest.approx({k: theirs[k] for k in shared})
    listed = server.get(f"evaluation/list/function/{_first(ours)}/run/{run}")
    assert f"<oml:run_id>{run}<" in listed


def _first(scores: dict[tuple[str, str | None, str | None], float | None]) -> str:
    return next(name for name, repeat, _ in scores if repeat is None)


def test_the_scores_are_those_of_scikit_learn(server: Server) -> None:
    known = server.evaluated(TASK)
    body = server.predictions(known)
    run = server.publish(TASK, predictions=body)
    server.wait(run)
    header, _, data = body.decode().partition("@DATA\n")
    labels = re.findall(r"confidence\.(\w+)", header)
    rows = [line.split(",") for line in data.splitlines()]
    truth, guess = [row[4] for row in rows], [row[3] for row in rows]
    belief = np.array([[float(value) for value in row[5:]] for row in rows])
    found = {name: value for (name, repeat, _), value in server.scores(run).items() if not repeat}
    assert found["predictive_accuracy"] == pytest.approx(accuracy_score(truth, guess), abs=1e-6)
    assert found["kappa"] == pytest.approx(cohen_kappa_score(truth, guess), abs=1e-6)
    assert found["f_measure"] == pytest.approx(f1_score(truth, guess, average="weighted"), abs=1e-6)
    area = roc_auc_score(truth, belief, multi_class="ovr", average="weighted", labels=labels)
    assert found["area_under_roc_curve"] == pytest.approx(area, abs=1e-6)


def test_times_that_the_uploader_measured_are_kept_and_summed(server: Server) -> None:
    given = "".join(
        f'<oml:evaluation repeat="0" fold="{fold}"><oml:name>{name}</oml:name>'
        f"<oml:value>{value}</oml:value></oml:evaluation>"
        for fold in range(10)
        for name, value in (("usercpu_time_millis", fold + 0.5), ("predictive_accuracy", 0.123))
    )
    more = f"<oml:output_data>{given}</oml:output_data>"
    run = server.publish(TASK, more, predictions=server.predictions(server.evaluated(TASK)))
    assert server.wait(run) == ""
    scores = server.scores(run)
    assert scores["usercpu_time_millis", "0", "3"] == 3.5
    assert scores["usercpu_time_millis", None, None] == 50.0
    # What the engine measures itself it does not take from anybody.
    assert 0.123 not in scores.values()


def _without_a_row(body: bytes) -> bytes:
    return b"\n".join(body.splitlines()[:-1]) + b"\n"


def _twice(body: bytes) -> bytes:
    return body + body.splitlines()[-1] + b"\n"


def _unsure(body: bytes) -> bytes:
    head, line = body.rstrip().rsplit(b"\n", 1)
    return head + b"\n" + b",".join([*line.split(b",")[:5], b"0.1", b"0.1", b"0.1"]) + b"\n"


def _endless(body: bytes) -> bytes:
    head, line = body.rstrip().rsplit(b"\n", 1)
    return head + b"\n" + b",".join([b"inf", *line.split(b",")[1:]]) + b"\n"


def _renamed(body: bytes) -> bytes:
    return body.replace(b"confidence.", b"proba.")


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (_without_a_row, "1 of 150 test rows without a prediction"),
        (_twice, "a second prediction for repeat"),
        (_unsure, "confidences sum to 0.3, not to 1"),
        (_endless, "The evaluation broke off: OverflowError"),
        (_renamed, "is missing from the predictions"),
    ],
)
def test_predictions_that_cannot_be_evaluated_are_an_evaluation_error(
    server: Server, damage: Callable[[bytes], bytes], words: str
) -> None:
    body = damage(server.predictions(server.evaluated(TASK)))
    run = server.publish(TASK, predictions=body)
    assert words in server.wait(run)
    assert server.scores(run) == {}
    assert "<oml:code>512<" in server.get(f"run/list/run/{run}")
    assert f"<oml:run_id>{run}<" in server.get(f"run/list/run/{run}/show_errors/true")


def test_a_run_without_predictions_is_an_error_unless_its_uploader_told_one(
    server: Server,
) -> None:
    failed = server.publish(TASK, "<oml:error_message>MemoryError</oml:error_message>")
    empty = server.publish(TASK)
    assert "Required output files not present" in server.wait(empty)
    # They are taken up one after the other: the first was passed by.
    assert server.verdict(failed) is None


TRACE = b"""@RELATION trace
@ATTRIBUTE repeat NUMERIC
@ATTRIBUTE fold NUMERIC
@ATTRIBUTE iteration NUMERIC
@ATTRIBUTE evaluation NUMERIC
@ATTRIBUTE selected {true,false}
@ATTRIBUTE 'parameter_max_depth' STRING
@DATA
0,0,0,0.5,false,'1'
0,0,1,0.75,true,'"it\\'s, 2"'
"""


def test_an_uploaded_trace_becomes_the_run_s_trace(server: Server) -> None:
    body = server.predictions(server.evaluated(TASK))
    run = server.publish(TASK, predictions=body, trace=TRACE)
    assert server.wait(run) == ""
    trace = ElementTree.fromstring(server.get(f"run/trace/{run}"))
    rows = [
        [row.findtext(SPACE + name) for name in ("iteration", "evaluation", "selected")]
        for row in trace.iter(f"{SPACE}trace_iteration")
    ]
    assert rows == [["0", "0.5", "false"], ["1", "0.75", "true"]]
    setups = [row.findtext(f"{SPACE}setup_string") for row in trace.iter(f"{SPACE}trace_iteration")]
    assert setups[0] == '{"parameter_max_depth": "1"}'
    assert setups[1] == '{"parameter_max_depth": "\\"it\'s, 2\\""}'


def test_a_reset_run_is_evaluated_again(server: Server) -> None:
    body = server.predictions(server.evaluated(TASK))
    run = server.publish(TASK, predictions=body)
    server.wait(run)
    before = server.scores(run)
    key = server.process.api_key
    assert server.http.get(f"{server.process.v1}run/reset/{run}?api_key={key}").status_code == 200
    server.wait(run)
    assert server.scores(run) == before


def test_a_run_that_is_deleted_before_its_turn_is_left_alone(server: Server) -> None:
    body = server.predictions(server.evaluated(TASK))
    gone = server.publish(TASK, predictions=body)
    url = f"{server.process.v1}run/{gone}?api_key={server.process.api_key}"
    assert server.http.delete(url).status_code == 200
    assert server.wait(server.publish(TASK, predictions=body)) == ""
    assert "<oml:code>236<" in server.get(f"run/{gone}")


def test_evaluations_can_be_made_to_fail() -> None:
    words = "No heap & no <hope>"
    with (
        start(evaluation_delay=0.0, evaluation_error=words) as process,
        httpx.Client(timeout=60) as http,
    ):
        server = Server(process, http)
        run = server.publish(TASK, predictions=server.predictions(server.evaluated(TASK)))
        assert server.wait(run) == "No heap &amp; no &lt;hope&gt;"


def test_evaluations_can_be_late_and_hold_no_ending_server_up() -> None:
    with start(evaluation_delay=600.0) as process, httpx.Client(timeout=60) as http:
        server = Server(process, http)
        run = server.publish(TASK, predictions=server.predictions(server.evaluated(TASK)))
        assert server.verdict(run) is None
