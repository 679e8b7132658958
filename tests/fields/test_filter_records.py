"""One record is all that a filter field needs: everything that filters follows it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import fields as attributes
from dataclasses import replace
from typing import Any

import pytest

from runbrowser.client.calls import v1
from runbrowser.client.resources.listing import matching as library_rows
from runbrowser.demo.launch import DemoProcess
from runbrowser.errors import UsageError
from runbrowser.fields.filters import FIELDS, fields, over, parse, set_field, to_text
from runbrowser.fields.matching import sift, told_by_rows, verdict
from runbrowser.fields.records import FilterField
from runbrowser.models import Condition, Facts, RunFilter, RunPage, RunRow, RunState
from runbrowser.pages.lines import Lines
from runbrowser.tui.screens.help import help_page
from runbrowser.tui.widgets.filter_line import FilterSuggester
from tests.tui.harness import browsing, live, main_screen, press, shown_ids, status_line, write

DAY = """
from runbrowser.fields.clauses import Clause
from runbrowser.fields.filters import FIELDS
from runbrowser.fields.records import FilterField, Option

def _day(text):
    if len(text.strip()) != 10:
        raise ValueError("a day is wanted, as 2020-01-31")
    return text.strip()

FIELDS["day"] = FilterField(
    "day", "the first day of upload: day:2020-01-31", _day, str,
    lambda day, row, facts: (row.upload_time or "") >= day,
    lambda day: Clause("r.upload_time >= CAST(? AS TIMESTAMP)", (day,)),
    ("day:2020-01-31",), "runs uploaded on a day or after it", aliases=("from",),
    words=("2020-01-31",), option=Option("--day", "First day.", "DAY"), placeholder="day",
)
"""


@pytest.fixture
def day() -> Iterator[FilterField]:
    """A field that is told by rows, as long as the test lasts."""
    before = dict(FIELDS)
    exec(DAY, {})
    yield FIELDS["day"]
    FIELDS.clear()
    FIELDS.update(before)


def row(run_id: int, day: str, error: str | None = None) -> RunRow:
    return RunRow(run_id, 59, 1, 37, 8353, 16, f"{day} 12:00:00", error, None)


def test_a_new_field_is_part_of_the_language(day: FilterField) -> None:
    filter = parse("task:59 from:2021-05-01")
    assert to_text(filter) == "task:59 day:2021-05-01"
    assert parse(to_text(filter)) == filter
    assert fields(filter) == {"task": "59", "day": "2021-05-01"}
    assert set_field(filter, "day", "") == RunFilter(task=(59,))
    assert over(RunFilter(task=(1,)), filter) == filter
    assert filter.local and not filter.empty
    assert filter.remote == RunFilter(task=(59,))
    with pytest.raises(UsageError, match="day: a day is wanted"):
        parse("day:soon")


def test_a_new_field_chooses_rows_in_the_browser_and_in_the_library(day: FilterField) -> None:
    filter = parse("day:2021-05-01")
    rows = [row(1, "2020-01-01"), row(2, "2021-05-01"), row(3, "2022-01-01", "no memory")]
    assert sift(filter, rows) == (rows[1:], [])
    assert [one.run_id for one in library_rows(RunPage(list(zip(*rows, strict=True))), filter)] == [
        2,
        3,
    ]
    assert told_by_rows(filter)
    with pytest.raises(UsageError, match="day"):
        v1.list_runs(filter, 10)
    with pytest.raises(UsageError, match="day"):
        v1.list_evaluations(filter, "kappa")


def test_a_new_field_with_a_name_in_paths_is_asked_of_the_server(day: FilterField) -> None:
    FIELDS["day"] = replace(day, segment="day", path=lambda day: day or "")
    filter = parse("day:2021-05-01 tag:x")
    assert not filter.local
    assert v1.list_runs(filter, 10).path.endswith("/tag/x/day/2021-05-01")
    with pytest.raises(UsageError, match="day"):
        v1.list_evaluations(filter, "kappa")


async def test_a_new_field_is_in_sidebar_line_completion_and_help(
    day: FilterField, demo: DemoProcess
) -> None:
    assert await FilterSuggester().get_suggestion("day") == "day:"
    assert "day:2020-01-31" in Lines([help_page()]).plain
    assert await FilterSuggester().get_suggestion("day:20") == "day:2020-01-31"
    async with browsing(live(demo.v1), parse("task:9101"), page_size=2000) as pilot:
        from textual.widgets import Input

        every = {one.run_id: one.upload_time or "" for one in main_screen(pilot).table.runs}
        day = sorted(every.values())[len(every) // 2][:10]
        await press(pilot, "f")
        field = main_screen(pilot).query_one("#field-day", Input)
        assert field.placeholder == "day"
        field.focus()
        await write(pilot, day)
        await press(pilot, "enter")
        assert f"day:{day}" in status_line(pilot)
        assert (
            set(shown_ids(pilot)) == {i for i, time in every.items() if time >= day} != set(every)
        )


def test_a_new_field_is_an_option_of_the_command_line(demo: DemoProcess) -> None:
    program = DAY + "from runbrowser.cli.main import run\nraise SystemExit(run())"

    def runs(*words: str) -> list[dict[str, Any]]:
        command = [sys.executable, "-c", program, "list", "--server", demo.v1, "--format", "json"]
        done = subprocess.run([*command, *words], capture_output=True, text=True, check=True)
        found: list[dict[str, Any]] = json.loads(done.stdout)
        return found

    every = runs("--task", "9101", "--all")
    day = sorted(one["upload_time"] for one in every)[len(every) // 2][:10]
    wanted = [one for one in every if one["upload_time"] >= day]
    assert 0 < len(wanted) < len(every)
    assert runs("--task", "9101", "--day", day, "--all") == wanted
    assert runs("--where", f"task:9101 day:{day}", "--all") == wanted


# -- no field can be forgotten ---------------------------------------------------------------------

SAMPLES: dict[str, tuple[str, RunRow, RunRow]] = {
    "run": ("1", row(1, "2020"), row(2, "2020")),
    "task": ("59", row(1, "2020"), row(1, "2020")._replace(task_id=60)),
    "setup": ("37", row(1, "2020"), row(1, "2020")._replace(setup_id=None)),
    "flow": ("8353", row(1, "2020"), row(1, "2020")._replace(flow_id=1)),
    "uploader": ("16", row(1, "2020"), row(1, "2020")._replace(uploader=17)),
    "type": ("classification", row(1, "2020"), row(1, "2020")._replace(task_type_id=2)),
    "state": ("failed", row(1, "2020", "no"), row(1, "2020")),
    "error": ("MEMORY", row(1, "2020", "no memory"), row(1, "2020", "wrong")),
    "since": ("2020-02", row(1, "2020-02-01"), row(1, "2020-01-31")),
    "until": ("2020-02", row(1, "2020-02-29"), row(1, "2020-03-01")),
}
OF_SERVER_ALONE = {"study", "tag"}
OF_MIRROR_ALONE = {"error-pattern": "mem.*y", "flow-name": "boost", "data": "credit"}


def test_every_attribute_of_a_filter_has_one_record() -> None:
    covered = [name for field in FIELDS.values() for name in field.attributes]
    known = [one.name for one in attributes(RunFilter) if one.name != "conditions"]
    assert sorted(covered) == sorted(known)


@pytest.mark.parametrize("key", list(FIELDS))
def test_every_field_reaches_the_server_or_is_looked_for_in_rows_never_ignored(key: str) -> None:
    field = FIELDS[key]
    others = {"study": "100", "tag": "x", "show-errors": "no", "score": ">0.5", **OF_MIRROR_ALONE}
    text = others.get(key) or SAMPLES[key][0]
    filter = set_field(RunFilter(), key, text)
    assert filter != RunFilter()
    assert (field.segment == "") == filter.local, "what the model takes for local is what is"
    if filter.local:
        with pytest.raises(UsageError):
            v1.list_runs(filter, 10)
    else:
        assert v1.list_runs(filter, 10).path != v1.list_runs(RunFilter(), 10).path
    if field.evaluations == "refused":
        with pytest.raises(UsageError):
            v1.list_evaluations(filter, "kappa")
    elif field.evaluations == "asked":
        asked = v1.list_evaluations(filter, "kappa").path
        assert asked != v1.list_evaluations(RunFilter(), "kappa").path


@pytest.mark.parametrize("key", list(SAMPLES))
def test_every_field_that_rows_tell_lets_through_what_it_says(key: str) -> None:
    text, fits, other = SAMPLES[key]
    filter = set_field(RunFilter(), key, text)
    assert verdict(filter, fits) is True
    assert verdict(filter, other) is False


@pytest.mark.parametrize("key", sorted(OF_SERVER_ALONE))
def test_what_rows_cannot_tell_is_not_claimed(key: str) -> None:
    assert verdict(set_field(RunFilter(), key, "100"), row(1, "2020")) is None


@pytest.mark.parametrize("key", sorted(OF_MIRROR_ALONE))
def test_what_only_a_mirror_knows_is_refused_with_a_way_out(key: str) -> None:
    filter = set_field(RunFilter(), key, OF_MIRROR_ALONE[key])
    for use in (verdict, lambda filter, row: sift(filter, [row])):
        with pytest.raises(UsageError, match=r"Only a mirror can look for .*--mirror"):
            use(filter, row(1, "2020"))
    with pytest.raises(UsageError, match="Only a mirror"):
        told_by_rows(filter)


@pytest.mark.parametrize("key", list(SAMPLES))
def test_a_minus_before_a_key_turns_it_round(key: str) -> None:
    text, fits, other = SAMPLES[key]
    filter = set_field(RunFilter(), f"-{key}", text)
    assert verdict(filter, fits) is False
    assert verdict(filter, other) is True
    assert parse(to_text(filter)) == filter
    assert to_text(filter).startswith("-") and filter.local


def test_a_minus_and_the_key_itself_hold_both() -> None:
    filter = parse("task:59 -flow:1 -state:failed -error~memory score>0.5")
    assert to_text(filter) == "task:59 score>0.5 -error~memory -flow:1 -state:failed"
    assert parse(to_text(filter)) == filter
    with pytest.raises(UsageError, match="unknown key '-tag'"):
        parse("-tag:x")
    with pytest.raises(UsageError, match="user id"):
        parse("-uploader:me")


def test_a_score_is_told_by_facts() -> None:
    filter = parse("score>=0.5")
    assert verdict(filter, row(1, "2020")) is None
    assert verdict(filter, row(1, "2020"), Facts(RunState.OK, "kappa", 0.5)) is True
    assert verdict(filter, row(1, "2020"), Facts(RunState.OK, "kappa", 0.4)) is False
    assert verdict(filter, row(1, "2020"), Facts(RunState.EVALUATION_FAILED)) is False
    assert verdict(filter, row(1, "2020", "failed")) is False


def test_states_are_told_once_the_facts_are_known() -> None:
    filter = parse("state:eval-failed")
    assert not told_by_rows(filter)
    assert verdict(filter, row(1, "2020")) is None
    assert verdict(filter, row(1, "2020"), Facts(RunState.EVALUATION_FAILED)) is True
    assert verdict(filter, row(1, "2020"), Facts(RunState.OK)) is False
    assert verdict(filter, row(1, "2020", "failed")) is False
    hidden = parse("show-errors:no")
    assert verdict(hidden, row(1, "2020"), Facts(RunState.EVALUATION_FAILED)) is False
    assert verdict(hidden, row(1, "2020")) is None
    assert verdict(parse("state:ok task:60"), row(1, "2020")) is False, "one no is enough"


def test_a_condition_that_nothing_explains_is_refused() -> None:
    filter = RunFilter(conditions=(Condition("colour", "red"),))
    for use in (
        lambda: to_text(filter),
        lambda: sift(filter, [row(1, "2020")]),
        lambda: v1.list_runs(filter, 10),
        lambda: v1.list_runs(RunFilter(conditions=(Condition("colour", "red", False),)), 10),
    ):
        with pytest.raises(UsageError, match="colour"):
            use()
