"""Downloads of files, data sets and splits as V1 and its Java program give them."""

import contextlib
import gzip
import hashlib
import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import httpx
import pytest

from runbrowser.demo.catalogue import unpack
from runbrowser.demo.launch import DemoProcess
from tests.support.demos import start

from .recordings import Answer, request

SPACE = "{http://openml.org/openml}"


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def predictions(demo: DemoProcess, http: httpx.Client) -> str:
    """The address of a run's predictions."""
    run = re.findall(r"<oml:run_id>(\d+)<", http.get(demo.v1 + "run/list/limit/1").text)[0]
    return re.findall(r"<oml:url>(http\S+predictions.arff)<", http.get(f"{demo.v1}run/{run}").text)[
        0
    ]


def _raw(url: str, **headers: str) -> Answer:
    return request(url, "GET", urlsplit(url).path, headers=headers)


def test_a_file_comes_as_an_attachment(predictions: str) -> None:
    answer = _raw(predictions)
    assert answer.headers["content-description"] == "File Transfer"
    assert answer.headers["content-disposition"] == "attachment; filename=predictions.arff"
    assert answer.headers["cache-control"] == "must-revalidate"
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.body.startswith(b"@RELATION")


def test_a_range_of_a_file_is_not_heard_but_one_of_a_document_is(
    demo: DemoProcess, predictions: str
) -> None:
    asked = {"Range": "bytes=100-199"}
    answer = _raw(predictions, **asked)
    assert (answer.status, answer.body) == (200, _raw(predictions).body)
    assert "content-range" not in answer.headers
    document = _raw(demo.v1 + "run/tag/list", **asked)
    assert (document.status, len(document.body)) == (206, 100)


def test_a_compressed_file_comes_in_chunks_without_a_length(predictions: str) -> None:
    answer = _raw(predictions, **{"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["transfer-encoding"] == "chunked"
    assert "content-length" not in answer.headers
    assert gzip.decompress(answer.body) == _raw(predictions).body


@pytest.mark.parametrize("number", ["999999999", "0", "abc", "-1", "1.5", "9" * 30])
def test_a_file_or_split_that_is_not_there_is_404_with_a_page(
    number: str, demo: DemoProcess
) -> None:
    for path in (f"/data/download/{number}/x.arff", f"/api_splits/get/{number}/x.arff"):
        answer = request(demo.v1, "GET", path)
        assert answer.status == 404
        assert answer.headers["content-type"].startswith("text/html")


def _data_ids(http: httpx.Client, demo: DemoProcess) -> list[int]:
    return [int(i) for i in re.findall(r"<oml:did>(\d+)<", http.get(demo.v1 + "data/list").text)]


def test_a_data_set_s_checksum_features_and_qualities_are_those_of_its_file(
    demo: DemoProcess, http: httpx.Client
) -> None:
    for number in _data_ids(http, demo):
        told = ElementTree.fromstring(http.get(f"{demo.v1}data/{number}").content)
        content = http.get(str(told.findtext(f"{SPACE}url"))).content
        assert told.findtext(f"{SPACE}md5_checksum") == hashlib.md5(content).hexdigest()
        header, _, rows = content.decode().partition("@DATA\n")
        names = [name.strip("'") for name in re.findall(r"(?mi)^@ATTRIBUTE ('[^']*'|\S+)", header)]
        features = ElementTree.fromstring(http.get(f"{demo.v1}data/features/{number}").content)
        assert [feature.findtext(f"{SPACE}name") for feature in features] == names
        assert [feature.findtext(f"{SPACE}index") for feature in features] == [
            str(index) for index in range(len(names))
        ]
        targets = [f.findtext(f"{SPACE}name") for f in features if _is(f, "is_target")]
        assert targets == [told.findtext(f"{SPACE}default_target_attribute")]
        listed = ElementTree.fromstring(http.get(f"{demo.v1}data/qualities/{number}").content)
        qualities = {
            quality.findtext(f"{SPACE}name"): quality.findtext(f"{SPACE}value")
            for quality in listed
        }
        assert qualities["NumberOfInstances"] == str(len(rows.split()))
        assert qualities["NumberOfFeatures"] == str(len(names))


def _is(feature: ElementTree.Element, name: str) -> bool:
    return feature.findtext(SPACE + name) == "true"


def test_features_and_qualities_that_are_not_there_have_their_codes(
    http: httpx.Client, demo: DemoProcess
) -> None:
    def code(base: str, path: str) -> str:
        reply = http.get(base + path)
        assert reply.status_code == 412
        return re.findall(r"<oml:code>(\d+)<", reply.text)[0]

    assert code(demo.v1, "data/features/999999") == "271"
    assert code(demo.v1, "data/qualities/999999") == "361"
    assert code(demo.v1, "data/features/abc") == "100"
    # The data sets of a synthetic catalogue have no files: nothing was computed of them.
    with start(synthetic="runs=1,flows=1,tasks=1,users=2") as bare:
        assert code(bare.v1, "data/features/5001") == "273"
        assert code(bare.v1, "data/qualities/5001") == "363"


def test_splits_are_where_tasks_say_and_their_tests_are_the_rows_of_predictions(
    demo: DemoProcess, http: httpx.Client, tmp_path: Path
) -> None:
    unpack(tmp_path / "c.db")
    with contextlib.closing(sqlite3.connect(tmp_path / "c.db")) as database:
        sizes = database.execute("SELECT task_id, number_of_rows FROM task_split").fetchall()
    assert sizes
    for task, rows in sizes:
        url = re.findall(r"<oml:data_splits_url>(.*?)<", http.get(f"{demo.v1}task/{task}").text)[0]
        reply = http.get(url)
        assert reply.status_code == 200
        lines = reply.text.partition("@DATA\n")[2].split()
        kinds = [line.split(",") for line in lines]
        tested = [tuple(values[1:]) for values in kinds if values[0] == "TEST"]
        assert len(tested) == len(set(tested)) == rows
        trained = {tuple(values[1:]) for values in kinds if values[0] == "TRAIN"}
        assert not trained & set(tested)
        folds = {values[2:] for values in map(tuple, kinds)}
        # Every fold uses every row of the data set, for one or the other.
        assert len({len([v for v in kinds if tuple(v[2:]) == fold]) for fold in folds}) == 1


def test_v2_tells_a_task_s_numbers_as_numbers(demo: DemoProcess, http: httpx.Client) -> None:
    told = http.get(f"{demo.v2}tasks/9101").json()
    data, procedure = told["input"][0]["data_set"], told["input"][1]["estimation_procedure"]
    assert data == {"data_set_id": 9001, "target_feature": "species"}
    assert procedure["id"] == 1
    assert procedure["parameter"] == [
        {"name": "number_repeats", "value": 1},
        {"name": "number_folds", "value": 10},
        {"name": "percentage", "value": None},
        {"name": "stratified_sampling", "value": "true"},
    ]
