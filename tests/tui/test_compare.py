"""The comparison: = on the main screen, what the screen shows, every one of its keys."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.pages.comparison.words import test_words as said
from runbrowser.tui.screens.compare import CompareScreen
from runbrowser.tui.widgets.page_view import PageView

from .counting import Counting, Reply
from .deeds import is_main, sees, top
from .harness import (
    browsing,
    current_id,
    detail_text,
    main_screen,
    note,
    press,
    raw_text,
    screen_lines,
    screen_text,
    settle,
    shown_ids,
    until,
    workspace,
    write,
)

# Runs of task 9104 in the catalogue: three that ended well, one that failed.
KNN, SVC, OTHER_KNN, FAILED = 900393, 902676, 902422, 902437
OTHER_TASK = 900356
FIFTY = (900356, 900112)  # of a task of five times ten folds


def only(*run_ids: int) -> object:
    return parse(f"run:{','.join(map(str, run_ids))}")


def page_text(pilot: Pilot[int]) -> str:
    """The whole page of the comparison, scrolled out of sight or not, as one line."""
    return re.sub(r"\s+", " ", top(pilot).query_one(PageView).text)


def head_text(pilot: Pilot[int]) -> str:
    """What stands above the page."""
    parts = ("#compare-title", "#compare-summary", "#compare-head")
    return "\n".join(str(top(pilot).query_one(part, Static).render()) for part in parts)


def foot_text(pilot: Pilot[int]) -> str:
    return str(top(pilot).query_one("#compare-foot", Static).render())


def comparing(pilot: Pilot[int]) -> CompareScreen:
    screen = top(pilot)
    assert isinstance(screen, CompareScreen)
    return screen


def columns(pilot: Pilot[int]) -> list[int]:
    """The runs in the head, left to right."""
    line = str(comparing(pilot).query_one("#compare-head", Static).render()).split("\n")[0]
    return [int(number) for number in re.findall(r"\d (\d{6})", line)]


def baseline(pilot: Pilot[int]) -> int:
    line = str(comparing(pilot).query_one("#compare-head", Static).render()).split("\n")[0]
    found = re.search(r"(\d{6}) \u25c6", line)
    assert found is not None
    return int(found[1])


async def compare_marked(pilot: Pilot[int], *run_ids: int) -> None:
    """Marks runs in this order, as a person does, and compares them."""
    for run_id in run_ids:
        place = main_screen(pilot).table.place_of(run_id)
        assert place is not None
        main_screen(pilot).table.move_cursor(row=place, animate=False)
        await press(pilot, "space")
    await press(pilot, "equals_sign")


# -- opening -----------------------------------------------------------------------------------


async def test_without_marks_it_is_said_how_to_mark(demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        await press(pilot, "equals_sign")
        assert is_main(pilot)
        assert note(pilot) == "space marks runs; = compares 2 to 8 marked ones"


async def test_a_marked_run_is_compared_with_the_one_under_the_cursor(demo: DemoProcess) -> None:
    async with browsing(demo.v1, only(KNN, SVC)) as pilot:
        first, second = shown_ids(pilot)
        await press(pilot, "space")
        assert current_id(pilot) == second
        await press(pilot, "equals_sign")
        assert columns(pilot) == [first, second]
        assert baseline(pilot) == first


async def test_one_marked_run_under_the_cursor_is_not_enough(demo: DemoProcess) -> None:
    async with browsing(demo.v1, only(KNN)) as pilot:
        await press(pilot, "space", "equals_sign")
        assert is_main(pilot)
        assert note(pilot).startswith("one run is marked: put the cursor on another one")


async def test_more_than_eight_runs_are_too_many(demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        await press(pilot, *["space"] * 9, "equals_sign")
        assert is_main(pilot)
        assert note(pilot).startswith("9 runs are marked, = compares at most 8")


async def test_runs_stand_in_the_order_of_their_marks(demo: DemoProcess) -> None:
    async with browsing(demo.v1, only(KNN, SVC, OTHER_KNN)) as pilot:
        await compare_marked(pilot, SVC, OTHER_KNN, KNN)
        assert columns(pilot) == [SVC, OTHER_KNN, KNN]
        assert baseline(pilot) == SVC
        for key in ("escape", "q", "equals_sign"):
            await press(pilot, key)
            assert is_main(pilot)
            assert workspace(pilot).marks.ids == [SVC, OTHER_KNN, KNN]
            await press(pilot, "equals_sign")
            assert columns(pilot) == [SVC, OTHER_KNN, KNN]


# -- what is shown -----------------------------------------------------------------------------


async def test_facts_parameters_scores_and_folds_are_side_by_side(demo: DemoProcess) -> None:
    async with browsing(demo.v1, only(KNN, SVC, OTHER_KNN)) as pilot:
        await compare_marked(pilot, KNN, SVC, OTHER_KNN)
        assert "Compare 3 runs of task 9104 on digits #9004" in head_text(pilot)
        assert "predictive_accuracy: best is run 900393" in head_text(pilot)
        text = page_text(pilot)
        assert re.search(r"What runs \d differ, \d the same, not shown", text)
        assert "n_neighbors 3 \u2013 12" in text
        assert "SVC \u2013 15 parameters \u2013" in text
        assert "predictive_accuracy \u26050.9872 0.9844 -0.0028 0.9827 -0.0045" in text
        assert "on average over 10 folds" in text
        assert "no sign that the two differ beyond chance" in text
        assert "Nadeau and Bengio 2003" in text


async def test_the_upload_time_of_the_list_is_among_the_facts(demo: DemoProcess) -> None:
    async with browsing(demo.v1, only(KNN, SVC)) as pilot:
        times = {row.run_id: row.upload_time for row in main_screen(pilot).table.runs}
        await compare_marked(pilot, KNN, SVC)
        assert f"uploaded {times[KNN]} {times[SVC]}" in page_text(pilot)


async def test_different_tasks_are_flagged_in_the_first_line(demo: DemoProcess) -> None:
    async with browsing(demo.v1, only(KNN, OTHER_TASK)) as pilot:
        await compare_marked(pilot, KNN, OTHER_TASK)
        first = comparing(pilot).query_one("#compare-title", Static)
        assert str(first.render()).startswith("Different tasks: scores do not compare")
        assert first.has_class("-warning")
        warning = pilot.app.theme_variables["text-warning"].lower()
        assert first.styles.color.hex.lower() == warning
        assert "No paired test: run 900356 is of task 9106" in page_text(pilot)
        assert "p = " not in page_text(pilot)


async def test_a_failed_run_is_compared_by_what_there_is(demo: DemoProcess) -> None:
    async with browsing(demo.v1, only(KNN, FAILED)) as pilot:
        await compare_marked(pilot, KNN, FAILED)
        text = page_text(pilot)
        assert "Run 902437 failed: its uploader reported an error; it has no scores." in text
        assert "TimeoutError" in text
        assert "23 parameters" in text
        assert "\u2717 failed" in head_text(pilot)


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (60, 20)])
async def test_fifty_folds_are_drawn_in_one_row(size: tuple[int, int], demo: DemoProcess) -> None:
    async with browsing(demo.v1, only(*FIFTY), size=size) as pilot:
        await compare_marked(pilot, *FIFTY)
        lines = comparing(pilot).query_one(PageView).text.split("\n")
        assert sum(" ".join(["\u2500" * 10] * 5) in line for line in lines) == 1
        assert max(map(len, lines)) < size[0]
        assert "50 folds" in page_text(pilot)


async def test_components_are_called_by_their_names_once_these_are_known(
    counted: Counting,
) -> None:
    async with browsing(counted.v1, only(SVC, 900303)) as pilot:
        gate = counted.hold("flow/")
        before = counted.count("flow/")
        await pilot.press("space", "equals_sign")
        await until(pilot, lambda: comparing(pilot).comparison is not None)
        gate.set()
        await settle(pilot)
        assert "SVC" in page_text(pilot)
        assert counted.count("flow/") <= before + 2


# -- reading -----------------------------------------------------------------------------------


async def test_runs_are_read_four_at_a_time_and_shown_as_they_arrive(counted: Counting) -> None:
    ids = (900112, 900149, 900280, 900289, 900356, 900481, 900485, 900516)
    async with browsing(counted.v1, only(*ids)) as pilot:
        held = {run_id: counted.hold(rf"run/{run_id}$") for run_id in ids}
        await pilot.press("asterisk", "equals_sign")
        await until(pilot, lambda: counted.count(r"run/9\d+$") == 4)
        await pilot.pause(0.1)
        assert counted.count(r"run/9\d+$") == 4
        assert "read 0 of 8 runs" in head_text(pilot)
        first = next(run_id for run_id in ids if f"run/{run_id}" in counted.asked)
        held[first].set()
        await until(pilot, lambda: "read 1 of 8 runs" in head_text(pilot))
        await until(pilot, lambda: counted.count(r"run/9\d+$") == 5)
        for gate in held.values():
            gate.set()
        await settle(pilot)
        assert "reading" not in head_text(pilot)
        assert counted.count(r"run/9\d+$") == 8


async def test_leaving_while_runs_are_read_waits_for_none(counted: Counting) -> None:
    async with browsing(counted.v1, only(KNN, SVC)) as pilot:
        gate = counted.hold(r"run/\d+$")
        await pilot.press("space", "equals_sign")
        await until(pilot, lambda: counted.count(r"run/\d+$") == 2)
        await pilot.press("escape")
        await until(pilot, lambda: is_main(pilot))
        gate.set()
        await settle(pilot)


async def test_a_run_that_cannot_be_read_costs_only_its_column(counted: Counting) -> None:
    async with browsing(counted.v1, only(KNN, SVC, OTHER_KNN)) as pilot:
        counted.answer(rf"run/{SVC}$", Reply(500, "text/html", b"<html>out of order</html>"))
        await compare_marked(pilot, KNN, SVC, OTHER_KNN)
        assert "not read" in head_text(pilot)
        assert f"Run {SVC} could not be read:" in page_text(pilot)
        assert "n_neighbors 3 12" in page_text(pilot)
        counted.answer(rf"run/{SVC}$", None)
        await press(pilot, "r")
        assert "not read" not in head_text(pilot)
        assert "could not be read" not in page_text(pilot)


async def test_a_run_that_was_read_is_not_asked_for_again_but_by_r(counted: Counting) -> None:
    async with browsing(counted.v1, only(KNN, SVC)) as pilot:
        await press(pilot, "enter")
        await press(pilot, "escape")
        run_id = current_id(pilot)
        assert counted.count(rf"run/{run_id}$") == 1
        await compare_marked(pilot, KNN, SVC)
        assert counted.count(rf"run/{run_id}$") == 1
        await press(pilot, "r")
        assert counted.count(rf"run/{run_id}$") == 2


# -- its keys ----------------------------------------------------------------------------------


async def test_b_and_the_numbers_make_another_run_the_baseline(demo: DemoProcess) -> None:
    async with browsing(demo.v1, only(KNN, SVC, OTHER_KNN)) as pilot:
        await compare_marked(pilot, KNN, SVC, OTHER_KNN)
        await press(pilot, "right", "b")
        assert baseline(pilot) == SVC
        assert "each run less run 902676 \u25c6" in page_text(pilot)
        await press(pilot, "3")
        assert baseline(pilot) == OTHER_KNN
        await press(pilot, "7")
        assert baseline(pilot) == OTHER_KNN
        assert foot_text(pilot).startswith("there are 3 runs here  ")
        await press(pilot, "h", "left", "b")
        assert baseline(pilot) == KNN
        assert foot_text(pilot).startswith("?")


async def test_columns_that_have_no_room_move_in_sideways(demo: DemoProcess) -> None:
    ids = (900112, 900149, 900280, 900289, 900356, 900481, 900485, 900516)
    async with browsing(demo.v1, only(*ids), size=(60, 20)) as pilot:
        await compare_marked(pilot, *ids)
        assert columns(pilot) == list(ids[:2])
        assert "1-2 of 8 \u203a" in head_text(pilot)
        labels = [line[:15] for line in screen_lines(pilot)]
        await press(pilot, *["right"] * 4)
        assert columns(pilot) == list(ids[3:5])
        assert "\u2039 4-5 of 8 \u203a" in head_text(pilot)
        assert [line[:15] for line in screen_lines(pilot)][3:6] == labels[3:6]
        await press(pilot, "right", "right", "right")
        assert columns(pilot) == list(ids[6:])
        await press(pilot, "l")
        assert columns(pilot) == list(ids[:2])
        await press(pilot, "h")
        assert columns(pilot) == list(ids[6:])


async def test_a_shows_what_is_the_same_and_hides_it_again(demo: DemoProcess) -> None:
    async with browsing(demo.v1, only(KNN, OTHER_KNN)) as pilot:
        await compare_marked(pilot, KNN, OTHER_KNN)
        before = page_text(pilot)
        assert "leaf_size" not in before
        await press(pilot, "a")
        assert "leaf_size 30 30" in page_text(pilot)
        assert "number_of_instances" in page_text(pilot)
        await press(pilot, "a")
        assert page_text(pilot) == before


async def test_m_chooses_the_measure_of_the_test(demo: DemoProcess) -> None:
    async with browsing(demo.v1, only(KNN, SVC)) as pilot:
        await compare_marked(pilot, KNN, SVC)
        await press(pilot, "M")
        sees(pilot, "Measure, and which values are better", "area_under_roc_curve higher")
        await press(pilot, "down", "enter")
        assert "Fold by fold area_under_roc_curve, higher is better" in page_text(pilot)
        assert head_text(pilot).split("\n")[1].startswith("area_under_roc_curve: best is run")
        await press(pilot, "M", "escape")
        assert "Fold by fold area_under_roc_curve" in page_text(pilot)


async def test_the_page_scrolls_by_lines_screens_sections_and_ends(demo: DemoProcess) -> None:
    async with browsing(demo.v1, only(KNN, SVC), size=(80, 24)) as pilot:
        await compare_marked(pilot, KNN, SVC)
        body = comparing(pilot).query_one(PageView)

        async def after(*keys: str) -> float:
            await press(pilot, *keys)
            return body.scroll_y

        assert await after("j") == 1
        assert await after("down", "k") == 1
        assert await after("g") == 0
        sections = [await after("n") for _ in range(3)]
        assert sections == sorted(set(sections))
        assert sections[0] > 0
        assert await after("p") < sections[-1]
        assert await after("g", "pagedown") == body.size.height - 1
        assert await after("pageup") == 0
        assert await after("G") == body.max_scroll_y
        assert "says nothing of other data" in page_text(pilot)


async def test_enter_reads_the_chosen_run(demo: DemoProcess) -> None:
    async with browsing(demo.v1, only(KNN, SVC)) as pilot:
        await compare_marked(pilot, KNN, SVC)
        await press(pilot, "tab", "enter")
        assert is_main(pilot)
        assert f"Run {SVC}" in detail_text(pilot)


async def test_the_question_mark_shows_all_keys_where_there_is_room_for_some(
    demo: DemoProcess,
) -> None:
    async with browsing(demo.v1, only(KNN, SVC), size=(60, 20)) as pilot:
        await compare_marked(pilot, KNN, SVC)
        assert "\n" not in foot_text(pilot)
        assert "copy" not in foot_text(pilot)
        await press(pilot, "question_mark")
        sees(pilot, "Keys of this screen")
        text = top(pilot).query_one("#help-box", PageView).text
        for words in (
            "Copy",
            "Compare the others to this run",
            "Read all runs anew",
            "section",
            "Export",
            "Measure",
        ):
            assert words in text
        await press(pilot, "question_mark")
        assert isinstance(top(pilot), CompareScreen)


async def test_y_copies_the_comparison_as_markdown(
    demo: DemoProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TMUX", raising=False)
    async with browsing(demo.v1, only(KNN, SVC)) as pilot:
        await compare_marked(pilot, KNN, SVC)
        await press(pilot, "y")
        assert pilot.app.clipboard.startswith("# Compare 2 runs of task 9104 on digits")
        assert foot_text(pilot).startswith("the comparison as Markdown: ")
        words = comparing(pilot).comparison
        assert words is not None
        assert said(words, words.tests[0]) in pilot.app.clipboard
        assert re.sub(r"\s+", " ", said(words, words.tests[0])) in page_text(pilot)


@pytest.mark.parametrize("suffix", ["md", "csv", "json"])
async def test_x_writes_the_comparison_as_the_files_name_ends(
    suffix: str, demo: DemoProcess, tmp_path: Path
) -> None:
    goal = tmp_path / f"out.{suffix}"
    async with browsing(demo.v1, only(KNN, SVC)) as pilot:
        await compare_marked(pilot, KNN, SVC)
        await press(pilot, "x")
        sees(pilot, "Export the comparison", f"compare-{KNN}-{SVC}.md")
        await press(pilot, "end", "ctrl+u")
        await write(pilot, str(goal))
        await press(pilot, "enter")
        assert foot_text(pilot).startswith(f"written to {goal}  ")
        text = goal.read_text("utf-8")
        assert "on average over 10 folds" in text
        if suffix == "json":
            assert [run["run_id"] for run in json.loads(text)["runs"]] == [KNN, SVC]
        elif suffix == "csv":
            assert next(csv.reader(text.splitlines()))[4:] == [str(KNN), str(SVC)]
        else:
            assert text.startswith("# Compare 2 runs")


async def test_esc_in_the_export_writes_nothing(demo: DemoProcess, tmp_path: Path) -> None:
    async with browsing(demo.v1, only(KNN, SVC)) as pilot:
        await compare_marked(pilot, KNN, SVC)
        await press(pilot, "x")
        await write(pilot, str(tmp_path / "out.md"))
        await press(pilot, "escape")
        assert isinstance(top(pilot), CompareScreen)
        assert list(tmp_path.glob("out*")) == []


# -- foreign text ------------------------------------------------------------------------------


async def test_no_foreign_text_reaches_the_terminal_raw(hostile: DemoProcess) -> None:
    async with browsing(hostile.v1, parse("run:900001,900002,900003,900004,900005")) as pilot:
        await press(pilot, "asterisk", "equals_sign")
        for key in ("a", "G", "g", "right"):
            await press(pilot, key)
            assert not re.search("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", raw_text(pilot))
        assert "Compare" in screen_text(pilot) or "Different" in screen_text(pilot)
