"""Files come back from the catalogue as the bytes a download delivers; unpacking is whole."""

from __future__ import annotations

import json
import lzma
import random
import sqlite3
from pathlib import Path

import pytest

import runbrowser.demo.catalogue
from runbrowser.demo import files
from runbrowser.demo.catalogue import PACKED_NAME, unpack
from runbrowser.demo.files import read_file

PACKED = Path(runbrowser.demo.catalogue.__file__).parent / PACKED_NAME


def one(db, query, *values):
    """The only value of a query's only row."""
    return db.execute(query, values).fetchone()[0]


def test_a_file_outlives_its_run(tmp_path):
    unpack(tmp_path / "c.db")
    db = sqlite3.connect(tmp_path / "c.db")
    db.execute("PRAGMA foreign_keys = ON")
    run = one(db, "SELECT min(run_id) FROM file WHERE encoding = 'predictions'")
    ids = [i for (i,) in db.execute("SELECT id FROM file WHERE run_id = ?", (run,)).fetchall()]
    before = [read_file(db, i) for i in ids]
    db.execute("DELETE FROM run WHERE id = ?", (run,))
    assert [read_file(db, i) for i in ids] == before
    assert read_file(db, 1) is None
    db.close()


def test_an_unknown_encoding_is_said_so(tmp_path):
    unpack(tmp_path / "c.db")
    db = sqlite3.connect(tmp_path / "c.db")
    db.execute("UPDATE file SET encoding = 'later' WHERE id = 5000001")
    with pytest.raises(ValueError, match="later"):
        read_file(db, 5000001)
    db.close()


def test_uploaded_bytes_come_back_as_they_are(tmp_path):
    unpack(tmp_path / "c.db")
    db = sqlite3.connect(tmp_path / "c.db")
    body = bytes(range(256))
    db.execute(
        "INSERT INTO file VALUES (6000000, NULL, 'predictions', 'p.arff', 'raw', ?)", (body,)
    )
    assert read_file(db, 6000000) == ("p.arff", body)
    db.close()


def test_unpacking_replaces_a_file_whole_and_leaves_nothing_beside_it(tmp_path):
    to = tmp_path / "catalogue.db"
    to.write_bytes(b"something old")
    unpack(to)
    assert to.read_bytes() == lzma.decompress(PACKED.read_bytes())
    assert [path.name for path in tmp_path.iterdir()] == ["catalogue.db"]


def test_a_failed_unpacking_leaves_the_old_file_alone(tmp_path):
    to = tmp_path / "folder"
    to.mkdir()
    (to / "inside").write_bytes(b"kept")
    with pytest.raises(OSError, match="folder"):
        unpack(to)
    assert [path.name for path in tmp_path.iterdir()] == ["folder"]


@pytest.mark.parametrize("values", [[0], [-3, 70000, 12], [2**40, -(2**40)]])
def test_packed_numbers_come_back(values):
    db = split_of(len(values), None)
    db.execute("INSERT INTO file VALUES (1, NULL, 'p', 'p.arff', 'predictions', ?)",
               (files.pack_regression(7, values, 2),))  # fmt: skip
    _, body = read_file(db, 1)
    said = [float(line.split(",")[3]) for line in body.decode().split("@DATA\n")[1].splitlines()]
    assert said == [value / 100 for value in values]


@pytest.mark.parametrize("n", [3, 700])
def test_packed_confidences_come_back_from_a_palette_and_from_planes(n):
    chance = random.Random(5)
    units = []
    for _ in range(n):
        a = chance.randint(0, 10000)
        b = chance.randint(0, 10000 - a)
        units.append([a, b, 10000 - a - b])
    db = split_of(n, ["x", "it's", "z 1"])
    db.execute("INSERT INTO file VALUES (1, NULL, 'p', 'p.arff', 'predictions', ?)",
               (files.pack_classification(7, units, 4),))  # fmt: skip
    _, body = read_file(db, 1)
    lines = body.decode().split("@DATA\n")[1].splitlines()
    said = [[float(v) for v in line.split(",")[5:]] for line in lines]
    assert said == [[u / 10000 for u in row] for row in units]
    assert "'it\\'s'" in body.decode()
    with pytest.raises(ValueError, match="sum to 1"):
        files.pack_classification(7, [[1, 2, 3]], 4)


def split_of(n, labels):
    """A database with one task of n rows, all of them class 0 or target 0."""
    db = sqlite3.connect(":memory:")
    schema = (Path(files.__file__).parent / "schema.sql").read_text()
    db.executescript(schema)
    split = files.Split([0] * n, [0] * n, list(range(n)), [0] * n,
                        None if labels is None else tuple(labels))  # fmt: skip
    texts = None if labels is None else json.dumps(labels)
    db.execute("INSERT INTO task_split VALUES (7, ?, ?, ?)", (texts, n, files.pack_split(split)))
    return db
