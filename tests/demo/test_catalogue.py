"""The shipped catalogue keeps its promises: real runs, whole files, recomputable values."""

from __future__ import annotations

import csv
import json
import random
import re
import sqlite3
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import runbrowser.demo.catalogue
from runbrowser.demo.catalogue import PACKED_NAME, unpack
from runbrowser.demo.files import read_file
from runbrowser.triage.evaluate import (
    class_shares,
    classification_measures,
    fold_rows,
    regression_measures,
)
from runbrowser.triage.measures import MEASURES

PACKED = Path(runbrowser.demo.catalogue.__file__).parent / PACKED_NAME
OML = "{http://openml.org/openml}"
SAMPLE = 25


@pytest.fixture(scope="module")
def db(tmp_path_factory):
    plain = tmp_path_factory.mktemp("catalogue") / "catalogue.db"
    unpack(plain)
    connection = sqlite3.connect(plain)
    yield connection
    connection.close()


def one(db, query, *values):
    """The only value of a query's only row."""
    return db.execute(query, values).fetchone()[0]


def predictions(db, run_id):
    """A run's predictions.arff, as downloaded: column names to lists of texts."""
    file_id = one(db, "SELECT id FROM file WHERE run_id = ? AND name = 'predictions'", run_id)
    filename, body = read_file(db, file_id)
    assert filename == "predictions.arff"
    head, data = body.decode().split("@DATA\n")
    names = re.findall(r"^@ATTRIBUTE '?([^'\s]+)'? ", head, re.MULTILINE)
    labels = re.findall(r"^@ATTRIBUTE correct {(.*)}$", head, re.MULTILINE)
    rows = list(csv.reader(data.splitlines(), quotechar="'"))
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    return columns, labels[0].split(",") if labels else None


def recomputed(db, run_id):
    """Measures over all rows, and by (repeat, fold), from what a download delivers."""
    columns, labels = predictions(db, run_id)
    folds = fold_rows(*([int(v) for v in columns[name]] for name in ("repeat", "fold")))
    if labels is None:
        predicted, truth = (
            np.array(columns[name], dtype=float) for name in ("prediction", "truth")
        )
        data_mean = mean_target(db, run_id)
        return regression_measures(predicted, truth, prior_mean=data_mean), {
            key: regression_measures(predicted[rows], truth[rows], prior_mean=data_mean)
            for key, rows in folds.items()
        }
    confidences = np.array([columns[f"confidence.{label}"] for label in labels], dtype=float).T
    correct = np.array([labels.index(label) for label in columns["correct"]])
    prior = class_shares(data_classes(db, run_id, labels), len(labels))
    return classification_measures(confidences, None, correct, prior=prior), {
        key: classification_measures(confidences[rows], None, correct[rows], prior=prior)
        for key, rows in folds.items()
    }


def data_column(db, run_id):
    """The target column of the data set that a run's task is about, from its ARFF file."""
    dataset = one(
        db, "SELECT dataset_id FROM task JOIN run ON task_id = task.id WHERE run.id = ?", run_id
    )
    file_id = int(one(db, "SELECT url FROM dataset WHERE id = ?", dataset).split("/")[2])
    _, body = read_file(db, file_id)
    lines = body.decode().split("@DATA\n")[1].splitlines()
    assert len(lines) == one(db, "SELECT number_of_instances FROM dataset WHERE id = ?", dataset)
    return [line.rsplit(",", 1)[1] for line in lines]


def mean_target(db, run_id):
    return float(np.mean([float(value) for value in data_column(db, run_id)]))


def data_classes(db, run_id, labels):
    return [labels.index(value) for value in data_column(db, run_id)]


def stored(db, run_id):
    """Engine values of a run: name to (value, array), and (repeat, fold) to the same."""
    own = re.compile("_millis")
    whole = {
        name: (value, array)
        for name, value, array in db.execute(
            "SELECT name, value, array_data FROM evaluation"
            " JOIN measure ON measure.id = measure_id WHERE run_id = ?",
            (run_id,),
        )
        if not own.search(name)
    }
    per_fold = defaultdict(dict)
    for name, repeat, fold, value, array in db.execute(
        "SELECT name, repeat, fold, value, array_data FROM evaluation_fold"
        " JOIN measure ON measure.id = measure_id WHERE run_id = ?",
        (run_id,),
    ):
        if not own.search(name):
            per_fold[repeat, fold][name] = (value, array)
    return whole, dict(per_fold)


def assert_same(kept, computed):
    assert kept.keys() == computed.keys()
    for name, (value, array) in kept.items():
        assert value == pytest.approx(computed[name].value, abs=1.000001e-6), name
        if array is not None:
            assert json.loads(array) == pytest.approx(list(computed[name].per_class), abs=1e-6)


def test_it_is_small_packed_and_plain(db):
    assert PACKED.stat().st_size <= 6_000_000
    pages, size = one(db, "PRAGMA page_count"), one(db, "PRAGMA page_size")
    assert pages * size <= 60_000_000


def test_there_are_runs_flows_and_failures_enough(db):
    runs = one(db, "SELECT count(*) FROM run")
    assert runs >= 2500
    assert one(db, "SELECT count(error_message) FROM run") >= 0.05 * runs
    flows = "SELECT count(DISTINCT flow_id) FROM setup JOIN run ON setup_id = setup.id"
    assert one(db, flows + " WHERE error_message IS NULL") >= 14
    assert one(db, "SELECT count(DISTINCT task_type_id) FROM task") == 2
    assert one(db, "SELECT count(*) FROM task_type") == 11


def test_every_reference_holds_and_the_file_is_whole(db):
    assert db.execute("PRAGMA foreign_key_check").fetchall() == []
    assert one(db, "PRAGMA integrity_check") == "ok"


def test_ids_are_in_a_range_of_their_own(db):
    for table, first in (
        ("dataset", 9001), ("task", 9101), ("flow", 9201), ("setup", 90001), ("run", 900101),
        ("file", 5000001),
    ):  # fmt: skip
        assert one(db, f"SELECT min(id) FROM {table}") == first


def test_measures_are_the_servers_in_its_order(db):
    names = [name for (name,) in db.execute("SELECT name FROM measure ORDER BY id")]
    assert names[: len(MEASURES)] == list(MEASURES)


def test_the_demo_account_owns_a_share_of_runs_and_failures(db):
    meta = dict(db.execute("SELECT key, value FROM meta"))
    user = int(meta["demo_user_id"])
    runs, mine, failed = db.execute(
        "SELECT count(*), sum(uploader = ?1), sum(uploader = ?1 AND error_message IS NOT NULL)"
        " FROM run",
        (user,),
    ).fetchone()
    assert 0.1 <= mine / runs <= 0.2
    assert failed >= 30
    keys = dict(db.execute("SELECT role, api_key FROM user WHERE api_key > ''"))
    assert keys["admin"] == meta["demo_admin_key"]
    assert keys["read-only"] == meta["demo_reader_key"]
    assert one(db, "SELECT api_key FROM user WHERE id = ?", user) == meta["demo_api_key"]
    assert all(re.fullmatch("[0-9a-f]{32}", key) for key in keys.values())


def test_every_state_of_a_run_occurs(db):
    runs = one(db, "SELECT count(*) FROM run")
    pending = one(
        db,
        "SELECT count(*) FROM run WHERE error_message IS NULL"
        " AND id NOT IN (SELECT run_id FROM run_evaluated)",
    )
    damaged = one(db, "SELECT count(*) FROM run_evaluated WHERE engine_id = 1 AND error > ''")
    assert 0.01 <= pending / runs <= 0.04
    assert 0.01 <= damaged / runs <= 0.04
    assert one(db, "SELECT count(*) FROM run_evaluated WHERE warning > ''") >= 3
    assert one(db, "SELECT count(*) FROM run_evaluated WHERE engine_id = 2") >= 5
    assert one(db, "SELECT count(*) FROM run_evaluated WHERE engine_id = 2 AND error > ''") == 1


def test_only_evaluated_runs_have_values_over_all_rows(db):
    wrong = one(
        db,
        "SELECT count(*) FROM run WHERE id IN (SELECT run_id FROM evaluation) AND (error_message"
        " IS NOT NULL OR id NOT IN (SELECT run_id FROM run_evaluated WHERE engine_id = 1"
        " AND error IS NULL))",
    )
    assert wrong == 0
    missing = one(
        db,
        "SELECT count(*) FROM run JOIN run_evaluated ON run_id = id AND engine_id = 1"
        " WHERE error IS NULL AND error_message IS NULL"
        " AND id NOT IN (SELECT run_id FROM evaluation)",
    )
    assert missing == 0


def test_failed_runs_have_a_description_and_nothing_else(db):
    failed = "(SELECT id FROM run WHERE error_message IS NOT NULL)"
    names = {n for (n,) in db.execute(f"SELECT name FROM file WHERE run_id IN {failed}")}
    assert names == {"description"}
    assert one(db, f"SELECT count(*) FROM evaluation_fold WHERE run_id IN {failed}") == 0


def test_error_texts_hold_what_breaks_an_unescaped_list_but_not_on_every_task(db):
    texts = defaultdict(list)
    for task, message, details in db.execute("SELECT task_id, error_message, run_details FROM run"):
        texts[task] += [text for text in (message, details) if text]
    everything = [text for group in texts.values() for text in group]
    assert any("<" in text for text in everything)
    assert any("&" in text for text in everything)
    assert any("\x1b" in text for text in everything)
    assert any("[bold]" in text for text in everything)
    assert any(text.startswith("Traceback") and text.count("\n") > 5 for text in everything)
    whole = {task: readable("".join(group)) for task, group in texts.items()}
    assert whole[9102]
    assert texts[9102]
    assert not whole[9101]


def readable(text):
    try:
        ElementTree.fromstring(f"<r>{text}</r>")
    except ElementTree.ParseError:
        return False
    return True


def test_what_the_demo_account_uploaded_would_be_accepted_again(db):
    user = int(one(db, "SELECT value FROM meta WHERE key = 'demo_user_id'"))
    for message, details in db.execute(
        "SELECT error_message, run_details FROM run WHERE uploader = ?", (user,)
    ):
        assert message is None or re.fullmatch(r"[\t\n\r -\x7f]{1,128}", message)
        assert details is None or re.fullmatch(r"[a-zA-Z0-9_\-.,():]{1,1024}", details)


def test_uploads_are_spread_over_the_year_roughly_in_the_order_of_their_ids(db):
    times = [t for (t,) in db.execute("SELECT upload_time FROM run ORDER BY id")]
    assert min(times) >= "2026-01-05"
    assert max(times) <= "2026-10-31"
    assert times != sorted(times)
    assert times[100] < times[len(times) // 2] < times[-100]
    assert len(set(times)) > 0.99 * len(times)


def test_no_text_names_a_place_on_the_machine_that_built_it(db):
    for (text,) in db.execute("SELECT error_message FROM run WHERE error_message IS NOT NULL"):
        assert not re.search(
            r"site-packages|(?<![\w.:/])/(work|home|root|usr|tmp)/|0x[0-9a-f]{8}", text
        )
    assert one(db, "SELECT count(*) FROM setup WHERE setup_string LIKE '% at 0x%'") == 0


def test_the_embargoed_task_has_runs_of_the_demo_account_alone(db):
    rows = db.execute(
        "SELECT uploader, count(*) FROM run JOIN task ON task.id = task_id"
        " WHERE embargo_end_date > '2099' GROUP BY 1"
    ).fetchall()
    assert [uploader for uploader, _ in rows] == [
        int(one(db, "SELECT value FROM meta WHERE key = 'demo_user_id'"))
    ]
    assert rows[0][1] >= 8


def test_a_search_selects_exactly_one_iteration_per_fold(db):
    folds = db.execute(
        "SELECT sum(selected = 'true'), count(*), run_id FROM trace GROUP BY run_id, repeat, fold"
    ).fetchall()
    assert len({run for *_, run in folds}) >= 20
    assert all(selected == 1 and tried > 1 for selected, tried, _ in folds)


def test_setups_hold_every_parameter_of_the_flow_and_its_components_as_json(db):
    missing = one(
        db,
        "WITH RECURSIVE part(root, flow) AS (SELECT id, id FROM flow UNION"
        " SELECT root, child FROM part JOIN flow_component ON parent = flow)"
        " SELECT count(*) FROM setup JOIN part ON root = setup.flow_id"
        " JOIN flow_parameter p ON p.flow_id = part.flow LEFT JOIN setup_parameter s"
        " ON s.setup_id = setup.id AND s.parameter_id = p.id WHERE s.value IS NULL",
    )
    assert missing == 0
    for (value,) in db.execute("SELECT DISTINCT value FROM setup_parameter"):
        json.loads(value)


def test_every_description_is_well_formed_and_says_what_the_run_is(db):
    for run, task, flow, message, file_id in db.execute(
        "SELECT run.id, task_id, flow_id, error_message, file.id FROM run"
        " JOIN setup ON setup.id = setup_id JOIN file ON run_id = run.id AND name = 'description'"
    ).fetchall():
        _, body = read_file(db, file_id)
        root = ElementTree.fromstring(body)
        assert root.tag == OML + "run"
        assert root.findtext(OML + "task_id") == str(task), run
        assert root.findtext(OML + "flow_id") == str(flow)
        assert (root.findtext(OML + "error_message") is None) == (message is None)
        assert root.find(OML + "parameter_setting") is not None


def test_stored_values_are_those_of_the_downloadable_predictions(db):
    scored = [
        run for (run,) in db.execute(
            "SELECT run_id FROM run_evaluated WHERE engine_id = 1 AND error IS NULL"
            " AND run_id IN (SELECT run_id FROM evaluation) ORDER BY run_id"
        )
    ]  # fmt: skip
    sample = random.Random(20260105).sample(scored, SAMPLE)
    for run in sample:
        whole, per_fold = recomputed(db, run)
        kept, kept_folds = stored(db, run)
        assert_same(kept, whole)
        assert kept_folds.keys() == per_fold.keys()
        for key, values in kept_folds.items():
            assert_same(values, per_fold[key])


def test_the_prior_only_classifier_on_iris_has_the_published_values(db):
    run = one(
        db,
        "SELECT run.id FROM run JOIN setup ON setup.id = run.setup_id"
        " JOIN flow ON flow.id = flow_id AND class_name LIKE '%.DummyClassifier'"
        " JOIN setup_parameter s ON s.setup_id = setup.id AND s.value = '\"prior\"'"
        " WHERE task_id = 9101 AND run.id IN (SELECT run_id FROM evaluation)",
    )
    columns, labels = predictions(db, run)
    confidences = np.array([columns[f"confidence.{label}"] for label in labels], dtype=float).T
    correct = [labels.index(label) for label in columns["correct"]]
    # Confidences are written with four digits, and undefined precisions counted 0 in that run.
    found = classification_measures(confidences, None, correct, undefined=0.0)
    for name, value in {
        "predictive_accuracy": 0.333, "area_under_roc_curve": 0.5, "kappa": 0, "f_measure": 0.167,
        "precision": 0.111, "weighted_recall": 0.333, "mean_absolute_error": 0.444,
        "mean_prior_absolute_error": 0.444, "root_mean_squared_error": 0.471,
        "root_mean_prior_squared_error": 0.471, "relative_absolute_error": 1,
        "root_relative_squared_error": 1, "prior_entropy": 1.585, "number_of_instances": 150,
    }.items():  # fmt: skip
        assert found[name].value == pytest.approx(value, abs=6e-4), name
    kept, _ = stored(db, run)
    assert "precision" not in kept
    assert kept["predictive_accuracy"][0] == 0.333333


def test_predictions_cover_each_row_once_and_confidences_sum_to_one(db):
    for (task,) in db.execute("SELECT id FROM task WHERE task_type_id = 1").fetchall():
        run = one(
            db,
            "SELECT min(run_id) FROM file JOIN run ON run.id = run_id WHERE task_id = ?"
            " AND encoding = 'predictions'",
            task,
        )
        columns, labels = predictions(db, run)
        keys = list(zip(columns["repeat"], columns["row_id"], strict=True))
        assert len(set(keys)) == len(keys)
        confidences = np.array([columns[f"confidence.{label}"] for label in labels], dtype=float)
        assert confidences.sum(axis=0) == pytest.approx(1)
        best = [labels[i] for i in confidences.argmax(axis=0)]
        assert best == list(columns["prediction"])


def test_damaged_predictions_really_are_damaged(db):
    rows = db.execute(
        "SELECT run_evaluated.run_id, error, encoding FROM run_evaluated JOIN file"
        " ON file.run_id = run_evaluated.run_id AND name = 'predictions'"
        " WHERE error > '' AND engine_id = 1"
    ).fetchall()
    assert {encoding for *_, encoding in rows} == {"raw"}
    lost = next((run, error) for run, error, _ in rows if "without a prediction" in error)
    missing = int(lost[1].split()[0])
    columns, _ = predictions(db, lost[0])
    whole = one(
        db,
        "SELECT number_of_rows FROM task_split JOIN run USING (task_id) WHERE run.id = ?",
        lost[0],
    )
    assert len(columns["row_id"]) == whole - missing


def test_studies_tags_and_legacy_names_are_there(db):
    studies = dict(db.execute("SELECT id, alias FROM study").fetchall())
    assert "demo-forests" in studies.values()
    assert one(db, "SELECT count(*) FROM study WHERE legacy") == 1
    assert one(db, "SELECT count(*) FROM study_task") >= 5
    empty = "SELECT count(*) FROM study WHERE main_entity_type = 'run' AND NOT legacy AND id NOT IN"
    assert one(db, empty + " (SELECT study_id FROM study_run)") == 1
    tags = {tag for (tag,) in db.execute("SELECT DISTINCT tag FROM run_tag")}
    assert {"openml-python", "baseline", "triaged", "random forest", "bagging&boosting"} <= tags
    assert 8 <= len([t for t in tags if re.fullmatch(r"[A-Za-z0-9._-]{1,64}", t)]) <= 15
