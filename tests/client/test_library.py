"""What people do with the library in a session: print, pickle, fail, publish, read predictions."""

from __future__ import annotations

import asyncio
import copy
import inspect
import io
import pickle
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

import runbrowser
from runbrowser import (
    AsyncHTTPClient,
    AsyncRunV1API,
    HTTPClient,
    MinIOClient,
    OpenMLServerException,
    PyOpenMLError,
    ReplyCache,
    Run,
    RunV1API,
    RunV2API,
    UsageError,
)
from runbrowser.client.resources.evaluations import EvaluationV1API
from runbrowser.client.resources.fallback import FallbackRunAPI
from runbrowser.models import Evaluation, OutputFile, ParameterSetting, RunState

from .servers import KEY, Blocking, Reply, Request, serving
from .test_http import recording
from .test_resources import Connect, of_v1, of_v2

NINE = [
    "ids",
    "task",
    "setup",
    "flow",
    "uploader",
    "study",
    "tag",
    "display_errors",
    "task_type",
]


@pytest.mark.parametrize(
    "kind",
    [
        runbrowser.RunV1API,
        runbrowser.RunV2API,
        runbrowser.AsyncRunV1API,
        runbrowser.AsyncRunV2API,
        runbrowser.FallbackRunAPI,
        runbrowser.AsyncFallbackRunAPI,
        runbrowser.EvaluationV1API,
        runbrowser.AsyncEvaluationV1API,
    ],
)
def test_the_parameters_of_list_stand_in_its_signature(kind: Any) -> None:
    parameters = inspect.signature(kind.list).parameters
    keywords = [n for n, p in parameters.items() if p.kind is inspect.Parameter.KEYWORD_ONLY]
    assert keywords == NINE
    assert not any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters.values())
    assert inspect.getdoc(kind.list)
    if hasattr(kind, "list_all"):
        assert set(NINE) < set(inspect.signature(kind.list_all).parameters)
    http: Any = (AsyncHTTPClient if kind.__name__.startswith("Async") else HTTPClient)(
        "http://127.0.0.1:9/"
    )
    api = kind(kind(http)) if "Fallback" in kind.__name__ else kind(http)
    with pytest.raises(TypeError, match=rf"{kind.__name__}\.list\(\).*unexpected.*'tsk'"):
        api.list(5, 0, tsk=1)


def test_the_servers_words_and_the_whole_sentence(connect: Connect) -> None:
    with serving(recording("run_get_notfound")) as server:
        driver = connect(server.base)
        with pytest.raises(OpenMLServerException) as caught:
            driver.run(of_v1(driver).get(999))
    error = caught.value
    assert error.message == "Run not found"
    assert (error.code, error.status) == (236, 412)
    assert error.url.endswith("/run/999")
    assert str(error).startswith("Could not read run 999: Run not found [code 236].")
    assert "deleted" in str(error)
    assert isinstance(error, PyOpenMLError)
    again = pickle.loads(pickle.dumps(error))
    assert (str(again), again.message, again.code) == (str(error), error.message, error.code)


def test_every_exception_has_one_root_and_upstreams_names() -> None:
    from runbrowser import errors

    kinds = [
        one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, Exception)
    ]
    assert all(issubclass(one, PyOpenMLError) for one in kinds)
    for one in kinds:
        made = one("the sentence")
        assert (str(made), made.message) == ("the sentence", "the sentence")


def test_versions_and_kinds_have_a_value_as_upstreams_enums() -> None:
    with RunV1API(HTTPClient("http://127.0.0.1:9/")) as api:
        assert api.api_version.value == "v1" == api.api_version
        assert api.resource_type.value == "run" == api.resource_type
        assert FallbackRunAPI(api).api_version.value == "v1"
    assert RunV2API.api_version.value == "v2"
    assert AsyncRunV1API.resource_type.value == "run"


def test_a_second_event_loop_is_told_in_words() -> None:
    with serving(recording("run_get_s19")) as server:
        client = AsyncHTTPClient(server.base, retry="none")
        api = AsyncRunV1API(client)

        async def twice() -> None:
            assert (await api.get(900019)).run_id == 900019
            assert (await api.get(900019)).run_id == 900019

        asyncio.run(twice())
        with pytest.raises(UsageError, match=r"another event loop.*asyncio\.run"):
            asyncio.run(api.get(900019))
        assert len(server.requests) == 2


def read_there(api: RunV1API) -> tuple[int, bool]:
    """In another process: what it reads, and whether the key came along."""
    with api:
        return api.get(900019).run_id, api._http.api_key is not None


def test_clients_pickle_without_connections_and_keys(tmp_path: Path) -> None:
    with serving(recording("run_get_s19")) as server:
        http = HTTPClient(
            server.base, KEY, retry="none", cache=ReplyCache(tmp_path), on_retry=lambda *_: None
        )
        with RunV1API(http, MinIOClient("https://data.openml.org", "access", "s" * 20)) as api:
            run = api.get(900019)
            pickled = pickle.dumps(api)
            assert KEY.encode() not in pickled
            assert b"s" * 20 not in pickled
            with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
                assert pool.submit(read_there, api).result() == (900019, False)
            assert pickle.loads(pickle.dumps(run)) == run
            assert copy.deepcopy(run) == run
            assert api._http.api_key is not None
    twin = pickle.loads(pickle.dumps(AsyncHTTPClient(server.base, KEY)))
    assert (twin.server, twin.api_key, twin.is_closed) == (server.base, None, False)


def big_run() -> Run:
    return Run(
        7,
        2,
        "<b>Ada</b>\x1b[31m",
        59,
        "Supervised Classification",
        6,
        "f" * 5000,
        37,
        parameter_settings=tuple(ParameterSetting(f"p{n}", "v" * 9000, 6) for n in range(1000)),
        tags=tuple(f"tag{n}" for n in range(500)),
        files=tuple(OutputFile(f"file{n}", n) for n in range(500)),
        evaluation_list=tuple(Evaluation(f"m{n}", 0.5) for n in range(60))
        + tuple(Evaluation("m1", 0.5, None, 0, fold) for fold in range(1000)),
        error_message="<script>alert(1)</script>\nsecond line & more",
        description_text="x" * 90_000,
    )


def test_a_run_shows_itself_on_a_screen() -> None:
    run = big_run()
    shown = repr(run)
    assert shown.startswith("<Run 7: failed\n")
    assert shown.count("\n") < 20
    assert max(map(len, shown.splitlines())) < 500
    assert "\x1b" not in shown
    assert "(and 999 more)" in shown and "(and 494 more)" in shown
    page = run._repr_html_()
    assert "<script>" not in page and "<b>" not in page and "\x1b" not in page
    assert "&lt;script&gt;" in page
    assert len(page) < 5000
    bare = Run(1, None, None, None, None, None, None, None)
    assert "unknown" in repr(bare) and bare._repr_html_().startswith("<table>")


def test_clients_and_apis_say_what_they_are_and_no_key(tmp_path: Path) -> None:
    with HTTPClient("https://u:secret@www.openml.org/api/v1/xml/", KEY) as http:
        cache = ReplyCache(tmp_path)
        old = RunV1API(http)
        for one, words in (
            (http, "HTTPClient of https://www.openml.org/api/v1/xml/ with an API key"),
            (old, "RunV1API of https://www.openml.org/api/v1/xml/"),
            (FallbackRunAPI(RunV2API(http), old), "RunV2API of"),
            (EvaluationV1API(http), "EvaluationV1API of"),
            (cache, "ReplyCache"),
        ):
            shown = repr(one)
            assert words in shown
            assert KEY not in shown and "secret" not in shown
            assert shown.count("\n") == 0


def test_a_run_holds_the_servers_reply_only_if_that_is_asked_for(connect: Connect) -> None:
    with serving(recording("run_get_s19")) as server:
        driver = connect(server.base)
        api = of_v1(driver)
        assert driver.run(api.get(900019)).description_text == ""
        whole = driver.run(api.get(900019, description=True))
        assert whole.description_text.strip() == recording("run_get_s19").body.decode().strip()
        assert whole.state is RunState.OK


def test_files_to_publish_are_what_people_have(connect: Connect, tmp_path: Path) -> None:
    arff = "@relation p\n@attribute a numeric\n@data\n1\n"
    path = tmp_path / "mine.arff"
    path.write_text(arff)
    open_file = path.open("rb")
    forms: dict[str, Any] = {
        "path": path,
        "bytes": arff.encode(),
        "text": arff,
        "open": open_file,
        "open text": io.StringIO(arff),
        "memory": io.BytesIO(arff.encode()),
        "pair": ("own.arff", arff.encode()),
    }
    with serving(recording("w_upload_ok")) as server:
        driver = connect(server.base, KEY)
        api = of_v1(driver)
        for given in forms.values():
            files = {"description": "<oml:run/>", "predictions": given}
            assert driver.run(api.publish("run", files)) == 10500408
        for wrong, words in (
            (5, "not int"),
            (None, "not NoneType"),
            (tmp_path / "gone", "cannot be read"),
            (str(path), r"give Path\("),
        ):
            with pytest.raises((TypeError, ValueError), match=words):
                driver.run(api.publish("run", {"description": wrong}))
    open_file.close()
    names = ["mine.arff", *["predictions.arff"] * 2, "mine.arff", *["predictions.arff"] * 2]
    assert len(server.requests) == len(forms)
    for request, name in zip(server.requests, [*names, "own.arff"], strict=True):
        assert arff.encode() in request.body
        assert f'name="predictions"; filename="{name}"'.encode() in request.body
        assert b'name="description"; filename="description.xml"' in request.body


ARFF = b"""@relation openml_task_59_predictions
@attribute repeat numeric
@attribute fold numeric
@attribute row_id numeric
@attribute prediction {'a b',c}
@attribute correct {'a b',c}
@attribute confidence.c numeric
@data
0,0,7,'a b',c,0.25
0,1,8,c,c,?
"""


def with_files(request: Request) -> Reply:
    if "/data/download/" in request.path:
        return Reply(body=ARFF, headers={"content-type": "text/plain"})
    return recording("run_get_s19")


def test_the_predictions_of_a_run_are_a_frame(connect: Connect) -> None:
    with serving(with_files) as server:
        driver = connect(server.base)
        api = of_v1(driver)
        run = driver.run(api.get(900019))
        here = OutputFile("predictions", 5, f"{server.origin}/data/download/5/predictions.arff")
        run = Run(**{n: getattr(run, n) for n in Run.__slots__} | {"files": (here,)})
        frame = driver.run(api.predictions(run))
        if isinstance(driver, Blocking):
            driver.close()
            assert run.predictions().equals(frame), "a run outlives the block it was read in"
        else:
            with pytest.raises(UsageError, match="predictions method"):
                run.predictions()
    assert frame["prediction"].tolist() == ["a b", "c"]
    assert frame["row_id"].tolist() == [7, 8]
    assert frame.dtypes.astype(str).to_dict() == {
        "repeat": "Int64",
        "fold": "Int64",
        "row_id": "Int64",
        "prediction": "object",
        "correct": "object",
        "confidence.c": "float64",
    }
    assert frame["confidence.c"].isna().tolist() == [False, True]
    assert KEY not in str(server.requests)


def test_a_run_without_predictions_says_so(connect: Connect) -> None:
    driver = connect("http://127.0.0.1:9/", KEY)
    bare = Run(1, None, None, None, None, None, None, None)
    with pytest.raises(UsageError, match="names no file of predictions"):
        driver.run(of_v1(driver).predictions(bare))
    with pytest.raises(runbrowser.OpenMLNotSupportedError):
        driver.run(of_v2(driver).predictions(bare))


def test_files_are_addressed_and_fetched_as_upstream_does(connect: Connect, tmp_path: Path) -> None:
    with serving(with_files) as server:
        driver = connect(server.base)
        api = of_v1(driver)
        assert api.file_id_to_url(5) == f"{server.origin}/data/download/5"
        url = api.file_id_to_url(5, "a b.arff")
        assert url == f"{server.origin}/data/download/5/a%20b.arff"
        assert driver.run(api.download_text_file(url)) == ARFF.decode()
        target = tmp_path / "p.arff"
        assert driver.run(api.download_text_file(url, target)) is None
        assert target.read_bytes() == ARFF
        asked = len(server.requests)
        assert driver.run(api.download_text_file(url, target)) is None
        assert len(server.requests) == asked
        with pytest.raises(FileExistsError):
            driver.run(api.download_text_file(url, target, exists_ok=False))
        with pytest.raises(runbrowser.OpenMLHashException):
            driver.run(api.download_text_file(url, md5_checksum="0" * 32))


def test_many_runs_are_read_four_at_a_time_in_order(connect: Connect) -> None:
    import threading

    lock, now, most = threading.Lock(), [0], [0]
    gate = threading.Barrier(4, timeout=10)

    def handler(request: Request) -> Reply:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        run_id = int(request.path.rpartition("/")[2])
        if run_id < 4:
            gate.wait()
        with lock:
            now[0] -= 1
        if run_id == 6:
            return recording("run_get_notfound")
        body = recording("run_get_s19").body
        text = body.decode() if isinstance(body, bytes) else body
        return Reply(body=text.replace(">900019<", f">{run_id}<"))

    with serving(handler) as server:
        driver = connect(server.base)
        api = of_v1(driver)
        steps: list[tuple[int, int]] = []
        missing: list[int] = []
        runs = driver.run(
            api.get_many(
                [3, 0, 1, 2, 7, 6, 5, 4, 7],
                progress=lambda *step: steps.append(step),
                on_error=lambda run_id, error: missing.append(run_id),
            )
        )
        assert [run.run_id for run in runs] == [3, 0, 1, 2, 7, 5, 4]
        assert missing == [6]
        assert steps == [(n, 8) for n in range(1, 9)]
        assert len(server.requests) == 8
        with pytest.raises(OpenMLServerException):
            driver.run(api.get_many([6]))
    assert most[0] == 4


def test_a_run_becomes_an_object_of_openml_python(connect: Connect) -> None:
    with serving(recording("run_get_s19")) as server:
        driver = connect(server.base)
        run = driver.run(of_v1(driver).get(900019))
    try:
        import openml  # noqa: F401
    except ImportError:
        with pytest.raises(UsageError, match="pip install openml"):
            run.to_openml()
        return
    made = run.to_openml()
    for name in (
        "run_id",
        "task_id",
        "task_type",
        "flow_id",
        "flow_name",
        "setup_id",
        "uploader",
        "uploader_name",
        "dataset_id",
        "evaluations",
        "fold_evaluations",
        "output_files",
        "predictions_url",
    ):
        assert getattr(made, name) == getattr(run, name), name
    assert made.tags == list(run.tags)
    assert [p["oml:name"] for p in made.parameter_settings] == [
        p.name for p in run.parameter_settings
    ]
