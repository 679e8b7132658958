"""The detail pane: one run read through run/{id}, what it shows and what it asks for."""

import asyncio
import html
import re

import pytest

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.models import RunState
from tests.openml.truth import get

from .counting import Counting, recorded
from .harness import (
    browser,
    browsing,
    current_id,
    detail_text,
    hold_key,
    live,
    main_screen,
    open_run,
    press,
    screen_text,
    settle,
    shown_ids,
    until,
)


def _section(text: str, title: str) -> str:
    """What stands under a title of the page, up to the next empty line."""
    return text.partition(f"\n{title}")[2].partition("\n\n")[0]


async def test_a_good_run_shows_everything_the_server_has(
    demo: DemoProcess, states: dict[RunState, list[int]]
) -> None:
    run_id = states[RunState.OK][0]
    told = get(demo.v1, f"run/{run_id}")
    async with browsing(demo.v1, parse(f"run:{run_id}")) as pilot:
        await press(pilot, "enter")
        page = detail_text(pilot)
    assert page.startswith(f"Run {run_id}  {RunState.OK.glyph} ok  20")
    for element in ("uploader_name", "task_type", "task_evaluation_measure"):
        value = re.search(rf"<oml:{element}>(.*?)</oml:{element}>", told)
        assert value
        assert value[1] in page
    for element in ("flow_id", "setup_id", "task_id", "uploader", "did"):
        value = re.search(rf"<oml:{element}>(\d+)</oml:{element}>", told)
        assert value
        assert f"#{value[1]}" in page
    for name in re.findall(r"<oml:file_id>\d+</oml:file_id>\s*<oml:name>(.*?)<", told):
        assert name in _section(page, "Files")
    for tag in re.findall(r"<oml:tag>(.*?)</oml:tag>", told):
        assert tag in _section(page, "Tags")
    own = told.partition("<oml:evaluation repeat")[0]
    accuracy = own.partition("<oml:name>predictive_accuracy</oml:name>")[2]
    value = re.search(r"<oml:value>(.*?)</oml:value>", accuracy)
    assert value
    assert f"{float(value[1]):.4f}" in _section(page, "Evaluations")
    assert "Error" not in page


async def test_every_parameter_stands_under_its_component(demo: DemoProcess) -> None:
    rows = get(demo.v1, "run/list/limit/10000")
    of_flow = {
        flow: int(run)
        for run, flow in re.findall(r"run_id>(\d+)</.*?flow_id>(\d+)<", rows, re.DOTALL)
    }
    for run_id in of_flow.values():
        settings = re.findall(
            r"<oml:parameter_setting>\s*<oml:name>(.*?)</oml:name>\s*<oml:value>(.*?)</oml:value>"
            r"\s*<oml:component>(\d+)<",
            get(demo.v1, f"run/{run_id}"),
        )
        if len({component for _, _, component in settings}) > 1:
            break
    async with browsing(demo.v1, parse(f"run:{run_id}"), size=(200, 50)) as pilot:
        await press(pilot, "enter")
        page = detail_text(pilot)
    lines = page.partition("\nParameters")[2].partition("\n\n")[0].split("\n")[1:]
    found, component = [], ""
    for line in lines:
        if not line.startswith(" "):
            component = line.rpartition("#")[2]
            assert not line.startswith("flow #")  # its name was asked for
        elif match := re.match(r"  (\S+)", line):
            found.append((match[1], component))
    wanted = [(name, component) for name, _, component in settings]
    assert sorted(found) == sorted(wanted)
    for _, value, _ in settings:
        assert html.unescape(value).split(" ")[0][:20] in page


async def test_per_fold_values_are_those_of_the_server(
    demo: DemoProcess, states: dict[RunState, list[int]]
) -> None:
    run_id = states[RunState.OK][0]
    told = get(demo.v1, f"run/{run_id}")
    folds = re.findall(
        r'<oml:evaluation repeat="(\d+)" fold="(\d+)">\s*<oml:name>predictive_accuracy</oml:name>'
        r"\s*<oml:value>(.*?)</oml:value>",
        told,
    )
    assert len(folds) == 10
    async with browsing(demo.v1, parse(f"run:{run_id}")) as pilot:
        await press(pilot, "enter")
        table = _section(detail_text(pilot), "Per fold")
    assert "10 folds" in table
    rows = [line.split() for line in table.split("\n")[2:12]]
    assert [row[0] for row in rows] == [fold for _, fold, _ in folds]
    assert [row[1] for row in rows] == [f"{float(value):.4f}" for _, _, value in folds]


async def test_a_failed_run_shows_its_whole_error_first(
    demo: DemoProcess, states: dict[RunState, list[int]]
) -> None:
    for run_id in states[RunState.FAILED]:
        told = get(demo.v1, f"run/{run_id}")
        error = re.search(r"<oml:error_message>(.*?)</oml:error_message>", told, re.DOTALL)
        if error and "\n" in error[1].strip():
            break
    assert error
    async with browsing(demo.v1, parse(f"run:{run_id}"), size=(140, 40)) as pilot:
        await press(pilot, "enter")
        page = detail_text(pilot)
        assert "Error reported by the uploader" in screen_text(pilot)
    assert page.index("Error reported by the uploader") < page.index("flow  ")
    # the page is broken to its width
    assert "".join(error[1].split()) in "".join(page.split())
    assert f"{RunState.FAILED.glyph} failed" in page.split("\n")[0]


async def test_the_evaluation_engines_error_is_shown_as_what_it_is(
    demo: DemoProcess, states: dict[RunState, list[int]]
) -> None:
    run_id = states[RunState.EVALUATION_FAILED][0]
    told = get(demo.v1, f"run/{run_id}")
    error = re.search(r"<oml:error>(.*?)</oml:error>", told, re.DOTALL)
    assert error
    async with browsing(demo.v1, parse(f"run:{run_id}")) as pilot:
        await press(pilot, "enter")
        page = detail_text(pilot)
    assert "The server could not evaluate this run" in page
    assert html.unescape(error[1]).strip()[:40] in page
    assert "Error reported by the uploader" not in page


async def test_a_run_that_waits_for_its_evaluation_says_so(
    demo: DemoProcess, states: dict[RunState, list[int]]
) -> None:
    run_id = states[RunState.NOT_EVALUATED][0]
    async with browsing(demo.v1, parse(f"run:{run_id}")) as pilot:
        await press(pilot, "enter")
        page = detail_text(pilot)
    assert "The server has not evaluated this run yet." in page
    assert "\nParameters" in page


async def test_a_run_under_embargo_is_in_no_list_but_can_be_read(hostile: DemoProcess) -> None:
    found = re.search(r"<oml:task_id>402<", get(hostile.v1, "run/list/task/402/show_errors/true"))
    assert found is None
    embargoed = [r for r in range(900_001, 900_080) if f"task_id>{402}<" in _get(hostile.v1, r)]
    assert embargoed
    async with browsing(hostile.v1, parse("task:402")) as pilot:
        assert shown_ids(pilot) == []
        await open_run(pilot, embargoed[0])
        assert detail_text(pilot).startswith(f"Run {embargoed[0]}  ")
        assert "#402" in detail_text(pilot)


def _get(v1: str, run_id: int) -> str:
    return get(v1, f"run/{run_id}")


async def test_a_run_that_does_not_exist_is_told_in_words(demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        await open_run(pilot, 1)
        page = detail_text(pilot)
    assert page.startswith("Run 1")
    assert "Run not found" in page or "236" in page
    assert "may have been deleted" in page
    assert "r tries again" in page


async def test_r_reads_again_what_could_not_be_read(
    counted: Counting, states: dict[RunState, list[int]]
) -> None:
    run_id = states[RunState.OK][0]
    counted.answer(f"run/{run_id}", recorded("w_db_down_list"))
    async with browsing(counted.v1, parse(f"run:{run_id}")) as pilot:
        await press(pilot, "enter")
        assert "database" in detail_text(pilot)
        counted.answer(f"run/{run_id}", None)
        await press(pilot, "r")
        assert "Evaluations" in detail_text(pilot)
        assert counted.count(f"run/{run_id}$") == 2


async def test_the_error_of_the_row_is_there_while_the_run_is_fetched(
    counted: Counting, states: dict[RunState, list[int]]
) -> None:
    run_id = states[RunState.FAILED][0]
    gate = counted.hold(rf"run/{run_id}$")
    async with browsing(counted.v1, parse(f"run:{run_id}")) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: "reading…" in detail_text(pilot))
        assert "Error reported by the uploader" in detail_text(pilot)
        gate.set()
        await settle(pilot)
        assert "reading…" not in detail_text(pilot)


async def test_holding_a_key_with_the_detail_open_asks_for_few_runs(counted: Counting) -> None:
    async with browsing(counted.v1, page_size=100) as pilot:
        await press(pilot, "enter")
        await press(pilot, "tab")
        before = counted.count(r"run/\d+$")
        await hold_key(pilot, "j", 200)
        await settle(pilot)
        last = shown_ids(pilot)[-1]
        assert current_id(pilot) == last
        assert detail_text(pilot).startswith(f"Run {last}  ")
        assert counted.count(r"run/\d+$") - before <= 8
        assert counted.count(rf"run/{last}$") == 1


async def test_the_detail_follows_the_cursor_and_runs_read_before_are_at_hand(
    counted: Counting,
) -> None:
    async with browsing(counted.v1) as pilot:
        ids = shown_ids(pilot)
        await press(pilot, "enter")
        await press(pilot, "tab")
        await press(pilot, "j")
        assert detail_text(pilot).startswith(f"Run {ids[1]}  ")
        await press(pilot, "k")
        assert detail_text(pilot).startswith(f"Run {ids[0]}  ")
        assert counted.count(rf"run/{ids[0]}$") == 1


async def test_a_reply_that_comes_late_is_not_shown_for_another_run(counted: Counting) -> None:
    async with browsing(counted.v1) as pilot:
        ids = shown_ids(pilot)
        gate = counted.hold(rf"run/{ids[0]}$")
        await pilot.press("enter", "tab")
        await until(pilot, lambda: counted.count(rf"run/{ids[0]}$"))
        await pilot.press("j")
        await until(pilot, lambda: "Setup" in detail_text(pilot) or "flow" in detail_text(pilot))
        gate.set()
        await settle(pilot)
        assert detail_text(pilot).startswith(f"Run {ids[1]}  ")


async def test_esc_closes_the_detail_and_the_table_has_the_keys(demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        await press(pilot, "enter")
        screen = main_screen(pilot)
        assert screen.focused is screen.pane
        await press(pilot, "escape")
        assert not screen.pane.display
        assert screen.focused is screen.table
        await press(pilot, "j")
        assert current_id(pilot) == shown_ids(pilot)[1]


async def test_the_detail_scrolls_by_keys_and_begins_at_its_top_for_another_run(
    demo: DemoProcess,
) -> None:
    async with browsing(demo.v1, size=(140, 24)) as pilot:
        pane = main_screen(pilot).pane.page
        await press(pilot, "enter")
        await press(pilot, "j", "j", "pagedown")
        assert pane.scroll_y > 2
        await press(pilot, "G")
        assert pane.scroll_y == pane.max_scroll_y
        await press(pilot, "g")
        assert pane.scroll_y == 0
        await press(pilot, "G", "tab", "j")
        assert pane.scroll_y == 0


async def test_over_v2_the_page_says_what_v2_does_not_tell(
    demo: DemoProcess, states: dict[RunState, list[int]]
) -> None:
    run_id = states[RunState.OK][0]
    async with browsing(live(demo.v1, v2=demo.v2), parse(f"run:{run_id}")) as pilot:
        await press(pilot, "enter")
        page = detail_text(pilot)
    assert "V2 does not tell" in page
    assert "Evaluations" in page


@pytest.mark.parametrize("size", [(140, 40), (80, 24), (60, 20)])
async def test_no_line_of_a_table_of_folds_is_broken(
    size: tuple[int, int], demo: DemoProcess, states: dict[RunState, list[int]]
) -> None:
    run_id = states[RunState.OK][0]
    async with browsing(demo.v1, parse(f"run:{run_id}"), size=size) as pilot:
        await press(pilot, "enter")
        page = main_screen(pilot).pane.query_one("#detail-page")
        table = detail_text(pilot).partition("\nPer fold")[2].partition("\nParameters")[0]
        assert "fold" in table
        assert max(map(len, table.split("\n"))) <= page.content_size.width


async def test_a_run_opened_after_another_was_closed_is_the_one_shown(demo: DemoProcess) -> None:
    async with browsing(demo.v1, size=(120, 36)) as pilot:
        await press(pilot, "enter", "escape", "j", "enter", "escape", "k")
        first, second = (row.run_id for row in main_screen(pilot).table.runs[:2])
        await press(pilot, "enter")  # at hand: drawn before the pane has its place
        assert f"Run {first}" in detail_text(pilot)
        assert f"Run {second}" not in detail_text(pilot)


async def test_a_run_gone_to_by_its_number_stays_though_the_cursor_had_just_moved(
    demo: DemoProcess,
) -> None:
    async with browsing(demo.v1, size=(140, 40)) as pilot:
        await press(pilot, "enter", "tab")
        screen = main_screen(pilot)
        wanted = screen.table.runs[5].run_id
        browser(pilot).detail.follow(screen.table.runs[1].run_id)  # the cursor rests there now
        browser(pilot).detail.open(wanted)
        await asyncio.sleep(0.4)  # longer than any rest
        await settle(pilot)
        assert f"Run {wanted}" in detail_text(pilot)
