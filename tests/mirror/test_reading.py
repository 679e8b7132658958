"""Pages in any order at any depth, groups, SQL of one's own, and mirrors that cannot be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from runbrowser.client.http import HTTPClient
from runbrowser.demo.launch import DemoProcess
from runbrowser.errors import RunbrowserError, UsageError
from runbrowser.fields.filters import FIELDS, parse, set_field
from runbrowser.fields.matching import verdict
from runbrowser.mirror import engine
from runbrowser.mirror.folder import MirrorFolder
from runbrowser.mirror.places import Place
from runbrowser.mirror.reading import GROUPS, Mirror, Order
from runbrowser.mirror.search import SORTABLE
from runbrowser.mirror.sync import Sync
from runbrowser.models import Facts, RunFilter, RunRow, RunState
from runbrowser.triage.signatures import group_errors


@pytest.fixture(scope="module")
def folder(demo: DemoProcess, tmp_path_factory: pytest.TempPathFactory) -> MirrorFolder:
    """A mirror of the demo's runs; only read from."""
    found = MirrorFolder(tmp_path_factory.mktemp("data"), demo.v1)
    with HTTPClient(demo.v1, demo.api_key) as http:
        Sync(found, http, RunFilter()).run()
    return found


@pytest.fixture
def mirror(folder: MirrorFolder) -> Iterator[Mirror]:
    with Mirror(folder) as opened:
        yield opened


def _all(mirror: Mirror, filter: RunFilter, order: Order, size: int) -> list[RunRow]:
    found: list[RunRow] = []
    place: Place | None = None
    while True:
        rows, place = mirror.page(filter, size, order, place)
        found += rows
        if len(rows) < size:
            return found


def test_one_version_is_open_twice_in_one_process(folder: MirrorFolder) -> None:
    with Mirror(folder) as first, Mirror(folder) as second:
        assert first.count(RunFilter()) == second.count(RunFilter())
        for one in (first, second):
            with pytest.raises(UsageError), one.query("SELECT * FROM read_text('/etc/hostname')"):
                pass


@pytest.mark.parametrize("descending", [True, False], ids=["down", "up"])
@pytest.mark.parametrize("column", sorted(SORTABLE))
def test_pages_of_every_order_hold_every_run_once(
    column: str, descending: bool, mirror: Mirror
) -> None:
    order = Order(column, descending, "predictive_accuracy")
    whole, _ = mirror.page(RunFilter(), 100_000, order)
    assert _all(mirror, RunFilter(), order, 239) == whole
    assert len({row.run_id for row in whole}) == mirror.count(RunFilter()) == len(whole)


@pytest.mark.parametrize(
    "text", ["-state:failed", "-flow~forest", "state:failed", 'error~"memory"', "task:9101"]
)
@pytest.mark.parametrize("column", sorted(SORTABLE))
def test_pages_of_a_filter_are_the_same_however_few_are_tried(
    column: str, text: str, mirror: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    filter, order = parse(text), Order(column, True, "predictive_accuracy")
    whole, _ = mirror.page(filter, 100_000, order)
    assert len(whole) == mirror.count(filter) > 0
    for part, runs in ((1, 400), (1_000_000, 40)):  # all names or one; more than a page, or less
        monkeypatch.setattr("runbrowser.mirror.places.NARROW", part)
        monkeypatch.setattr("runbrowser.mirror.places.TRIED", runs)
        assert _all(mirror, filter, order, 97) == whole


def test_values_are_in_order_and_what_has_none_comes_last(mirror: Mirror) -> None:
    for descending in (True, False):
        order = Order("score", descending, "predictive_accuracy")
        rows, _ = mirror.page(RunFilter(), 100_000, order)
        scores = mirror.scores([row.run_id for row in rows], "predictive_accuracy")
        values = [scores.get(row.run_id) for row in rows]
        known = [value for value in values if value is not None]
        assert known == sorted(known, reverse=descending)
        assert values == known + [None] * (len(values) - len(known))


@pytest.mark.parametrize(
    "filter, holds",
    [
        (RunFilter(task=(9101, 9102)), lambda row: row.task_id in (9101, 9102)),
        (RunFilter(uploader=(2,)), lambda row: row.uploader == 2),
        (RunFilter(state=RunState.FAILED), lambda row: bool(row.error_message)),
        (RunFilter(error="MEMORY"), lambda row: "memory" in (row.error_message or "").lower()),
        (RunFilter(task_type=(1,), state=RunState.OK), lambda row: row.task_type_id == 1),
    ],
    ids=["tasks", "uploader", "failed", "error", "type-and-ok"],
)
def test_a_filter_lets_through_what_it_says(
    filter: RunFilter, holds: Callable[[RunRow], bool], mirror: Mirror
) -> None:
    rows, _ = mirror.page(filter, 100_000)
    assert rows and all(map(holds, rows))
    assert mirror.count(filter) == len(rows)
    if filter.state is not RunState.OK:
        every, _ = mirror.page(RunFilter(), 100_000)
        assert [row for row in every if holds(row)] == rows


@pytest.mark.parametrize(
    "text",
    [
        "run:900101,900102,1", "task:9101", "setup:1,2,3", "flow:8001,8002", "uploader:2",
        "type:classification", "type:regression", "state:failed", "state:ok", "error~memory",
        "error~MEMORY", "since:2020", "since:2021-03", "since:2022-06-15", "until:2020",
        "until:2021-03", "until:2022-06-15", "since:2021 until:2021", "score>0.9", "score<=0.5",
        "-task:9101", "-setup:1", "-flow:8001", "-uploader:2", "-type:1", "-state:failed",
        "-state:ok", "-error~memory", "-since:2021", "-score>0.9",
        "task:9101 -uploader:2 score>0.1",
    ],
)  # fmt: skip
def test_a_mirror_lets_through_what_the_predicate_over_rows_does(text: str, mirror: Mirror) -> None:
    every, _ = mirror.page(RunFilter(), 100_000)
    scores = mirror.scores([row.run_id for row in every], "predictive_accuracy")
    filter = parse(text)

    def facts(row: RunRow) -> Facts:
        if row.error_message:
            return Facts(RunState.FAILED)
        score = scores.get(row.run_id)
        state = RunState.UNKNOWN if score is None else RunState.OK
        return Facts(state, "predictive_accuracy", score)

    found, _ = mirror.page(filter, 100_000)
    assert found == [row for row in every if verdict(filter, row, facts(row))]
    assert mirror.count(filter) == len(found)


def test_every_field_has_a_clause_or_says_that_the_mirror_does_not_hold_it(mirror: Mirror) -> None:
    texts = {
        "run": "1", "task": "1", "setup": "1", "flow": "1", "uploader": "1", "study": "1",
        "tag": "x", "type": "1", "state": "ok", "error": "x", "error-pattern": "x",
        "flow-name": "x", "data": "x", "score": ">1", "since": "2999", "until": "1999",
        "show-errors": "no",
    }  # fmt: skip
    for key, field in FIELDS.items():
        filter = set_field(RunFilter(), key, texts[key])
        if key in ("study", "tag", "show-errors"):
            with pytest.raises(UsageError, match="without --mirror"):
                mirror.count(filter)
        else:
            assert mirror.count(filter) < mirror.count(RunFilter()), key
            if field.negatable:
                other = set_field(RunFilter(), f"-{key}", texts[key])
                assert mirror.count(filter) + mirror.count(other) == mirror.count(RunFilter())


@pytest.mark.parametrize(
    "text, sql",
    [
        ('error=~"memory|[0-9]+ GB"', "regexp_matches(error_message, 'memory|[0-9]+ GB', 'i')"),
        ("flow~forest", "lower(flow) LIKE '%forest%'"),
        ("data~CANCER", "lower(data) LIKE '%cancer%'"),
    ],
)
def test_names_and_patterns_are_looked_for_in_the_mirror(
    text: str, sql: str, mirror: Mirror
) -> None:
    with mirror.query(f"SELECT count(*) FROM all_runs WHERE {sql}") as (_, pieces):
        expected = next(pieces)[0][0]
    assert 0 < mirror.count(parse(text)) == expected < mirror.count(RunFilter())


def test_a_pattern_that_the_mirror_does_not_understand_is_told(mirror: Mirror) -> None:
    with pytest.raises(UsageError, match="regular expression"):
        mirror.count(parse('error=~"(?=x)y"'))


def test_a_group_of_errors_holds_the_runs_that_the_predicate_lets_through(mirror: Mirror) -> None:
    every, _ = mirror.page(RunFilter(), 100_000)
    for group in group_errors(every)[:5]:
        filter = group.within(RunFilter())
        assert mirror.count(filter) == sum(bool(verdict(filter, row)) for row in every)


@pytest.mark.parametrize("by", sorted(GROUPS))
def test_groups_count_every_run_that_they_should(by: str, mirror: Mirror) -> None:
    groups = mirror.groups(RunFilter(), by)
    expected = mirror.count(RunFilter(state=RunState.FAILED) if by == "error" else RunFilter())
    assert sum(group.runs for group in groups) == expected
    assert [group.runs for group in groups] == sorted((g.runs for g in groups), reverse=True)


@pytest.mark.parametrize(
    "filter, words",
    [
        (RunFilter(tag="study_14"), "does not hold tags"),
        (RunFilter(study=1), "does not hold tags"),
        (RunFilter(state=RunState.NOT_EVALUATED), "only the server tells"),
        (RunFilter(mine=True), "uploader:me"),
    ],
)
def test_what_a_mirror_does_not_know_is_said(filter: RunFilter, words: str, mirror: Mirror) -> None:
    with pytest.raises(UsageError, match=words):
        mirror.page(filter, 10)


@pytest.mark.parametrize(
    "sql, words",
    [
        ("DELETE FROM runs", "only read"),
        ("SELECT 1; SELECT 2", "one statement"),
        ("SELEC 1", "cannot be answered"),
        ("SELECT * FROM read_csv('/etc/passwd')", "cannot be answered"),
        ("SELECT * FROM '/etc/passwd'", "cannot be answered"),
        ("COPY runs TO '/tmp/x.csv'", "only read"),
        ("ATTACH '/tmp/other.db'", "only read"),
        ("SET memory_limit = '100GB'", "only read"),
        ("INSTALL httpfs", "only read"),
        ("SELECT run_id, run_id FROM runs", "same name"),
        ("", "one statement"),
    ],
)
def test_a_query_reads_the_mirror_and_nothing_else(sql: str, words: str, mirror: Mirror) -> None:
    with pytest.raises(UsageError, match=words), mirror.query(sql) as (_, pieces):
        list(pieces)


def test_a_query_that_takes_too_long_is_ended(mirror: Mirror) -> None:
    endless = "SELECT count(*) FROM range(100000000) a, range(100000000) b"
    with pytest.raises(UsageError, match="--seconds"), mirror.query(endless, 0.2) as (_, pieces):
        list(pieces)


def test_columns_of_a_query_have_their_kinds(mirror: Mirror) -> None:
    sql = "SELECT run_id, flow, 1.5 AS x, true AS yes, upload_time FROM all_runs LIMIT 2"
    with mirror.query(sql) as (columns, pieces):
        assert columns == {
            "run_id": int, "flow": str, "x": float, "yes": bool, "upload_time": str
        }  # fmt: skip
        assert len(next(pieces)) == 2


def _damage(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[: 4096 * 3] = b"\xff" * 4096 * 3
    path.write_bytes(content)


def _age(path: Path) -> None:
    db = engine.connect(path, read_only=False)
    db.execute("UPDATE meta SET value = '0' WHERE name = 'schema'").fetchall()
    db.close()


def _move(path: Path) -> None:
    db = engine.connect(path, read_only=False)
    db.execute("UPDATE meta SET value = 'https://other.example/' WHERE name = 'server'").fetchall()
    db.close()


@pytest.mark.parametrize(
    "spoil, words",
    [
        (_damage, "mirror purge"),
        (lambda path: path.write_bytes(b""), "mirror purge"),
        (lambda path: path.write_bytes(b"no database" * 1_000), "mirror purge"),
        (_age, "another version of runbrowser"),
        (_move, "other.example"),
        (lambda path: path.unlink(), "no mirror"),
    ],
    ids=["damaged", "empty", "no-database", "older-schema", "another-server", "gone"],
)
def test_a_mirror_that_cannot_be_read_says_so_and_what_to_do(
    spoil: Callable[[Path], object], words: str, folder: MirrorFolder, tmp_path: Path
) -> None:
    current = folder.current()
    assert current is not None
    copy = MirrorFolder(tmp_path, folder.server)
    copy.path.mkdir(parents=True)
    (copy.path / current.name).write_bytes(current.read_bytes())
    (copy.path / "current").write_text(current.name)
    spoil(copy.path / current.name)
    with pytest.raises(RunbrowserError, match=words):
        Mirror(copy)
