"""``runbrowser sync``, ``mirror`` and ``query`` as processes."""

from __future__ import annotations

import csv
import json
import sqlite3
from pathlib import Path

import pytest

from runbrowser.demo.launch import DemoProcess

from .conftest import Cli

SETUP = ("--server",)


def test_a_story_of_a_mirror(cli: Cli, demo: DemoProcess, tmp_path: Path) -> None:
    server = ("--server", demo.v1)
    none = cli("list", "--mirror", *server)
    assert none.code == 2 and "`runbrowser sync` makes one" in none.err
    none = cli("query", *server, "SELECT 1")
    assert none.code == 2 and "`runbrowser sync` makes one" in none.err

    synced = cli("sync", *server, "--measures", "predictive_accuracy,area_under_roc_curve")
    assert synced.code == 0, synced.err
    assert "The mirror holds" in synced.err and not synced.out

    info = json.loads(cli("mirror", "info", *server, "--format", "json").out)
    assert info["server"] == demo.v1 and info["filter"] == ""
    assert info["measures"] == ["area_under_roc_curve", "predictive_accuracy"]
    runs = info["rows"]["runs"]
    assert runs > 3_000

    target = tmp_path / "failed.csv"
    sql = (
        "SELECT flow, count(*) AS n FROM all_runs WHERE state = 'failed' GROUP BY 1 ORDER BY 2 DESC"
    )
    assert cli("query", *server, sql, "-o", str(target)).code == 0
    with target.open(newline="", encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert rows and [int(row["n"]) for row in rows] == sorted(
        (int(r["n"]) for r in rows), reverse=True
    )

    found = json.loads(
        cli("query", *server, "SELECT count(*) AS runs FROM runs", "--format", "json").out
    )
    assert found == [{"runs": runs}]

    ids = json.loads(
        cli(
            "query", *server, "--format", "json",
            "SELECT run_id FROM all_runs LEFT JOIN main_scores USING (run_id) "
            "WHERE lower(flow) LIKE '%forest%' ORDER BY value DESC NULLS LAST, run_id DESC LIMIT 5",
        ).out
    )  # fmt: skip
    listed = cli(
        "list", "--mirror", *server, "--where", "flow~forest", "--sort", "score", "--limit", "5",
        "--columns", "run_id,flow_name,score", "--format", "json",
    )  # fmt: skip
    assert listed.code == 0 and "from the mirror" in listed.err
    found = json.loads(listed.out)
    assert [row["run_id"] for row in found] == [row["run_id"] for row in ids]
    assert all("forest" in row["flow_name"].lower() and row["score"] > 0.5 for row in found)
    paged = [
        row["run_id"]
        for offset in (0, 1_000, 2_000, 3_000)
        for row in json.loads(
            cli(
                "list", "--mirror", *server, "--limit", "1000", "--offset", str(offset),
                "--format", "json",
            ).out
        )
    ]  # fmt: skip
    assert len(paged) == len(set(paged)) == runs and paged == sorted(paged, reverse=True)
    live = cli("list", *server, "--where", "flow~forest")
    assert live.code == 2 and "Only a mirror can look for flow~" in live.err
    held = cli("list", "--mirror", *server, "--tag", "x")
    assert held.code == 2 and "without --mirror" in held.err
    spread = cli("list", "--mirror", *server, "--sort", "spread")
    assert spread.code == 2 and "A mirror orders runs by" in spread.err

    again = cli("sync", *server)
    assert again.code == 0 and "(0 new)" in again.err
    assert cli("mirror", "check", *server).code == 0

    written = cli("mirror", "export", *server, str(tmp_path / "export"))
    assert written.code == 0 and f"{runs:,} runs were written" in written.err and not written.out
    refused = cli("mirror", "export", *server, str(tmp_path))
    assert refused.code == 2 and "something else" in refused.err

    assert cli("mirror", "purge", *server).code == 0
    assert cli("mirror", "info", *server).code == 2


@pytest.mark.parametrize(
    "words, says",
    [
        (("sync", "stat:failed"), "stat"),
        (("sync", "state:failed"), "leave out state and error"),
        (("sync", "uploader:me"), "user"),
        (("sync", "--watch", "1"), "--watch"),
        (("query", "DROP TABLE runs"), ""),
        (("query",), "SQL"),
    ],
)
def test_wrong_use_is_told_with_exit_code_2(
    words: tuple[str, ...], says: str, cli: Cli, demo: DemoProcess
) -> None:
    done = cli(words[0], "--server", demo.v1, *words[1:])
    assert done.code == 2
    assert says in done.err and "Traceback" not in done.err


def test_without_duckdb_one_sentence_says_what_to_install(
    cli: Cli, demo: DemoProcess, tmp_path: Path
) -> None:
    (tmp_path / "hide").mkdir()
    (tmp_path / "hide" / "duckdb.py").write_text("raise ImportError('hidden')")
    done = cli("sync", "--server", demo.v1, env={"PYTHONPATH": f"{tmp_path / 'hide'}:{Path.cwd()}"})
    assert done.code == 2 and "pip install 'runbrowser[mirror]'" in done.err


def test_the_schema_that_is_told_is_the_one_that_is_there(cli: Cli) -> None:
    from runbrowser.mirror import schema

    database = sqlite3.connect(":memory:")
    for name, (_, definition) in schema.TABLES.items():
        database.execute(definition)
        assert database.execute(f"SELECT count(*) FROM {name}").fetchone() == (0,)
    said = cli("mirror", "info", "--schema").out
    assert all(f"{name}: " in said for name in schema.TABLES | schema.VIEWS)
