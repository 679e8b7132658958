"""Measure, columns and order on the screen, by their keys, against the demo server."""

import re

from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.models import RunState
from runbrowser.triage.measures import measure
from tests.openml.truth import get

from .counting import Counting
from .deeds import sees
from .harness import (
    browsing,
    cell,
    current_id,
    main_screen,
    note,
    open_run,
    press,
    screen_lines,
    settle,
    shown_ids,
    status_line,
    workspace,
    write,
)

ON_ONE_TASK = parse("task:9101")


def _heads(pilot: object) -> list[str]:
    table = main_screen(pilot).table  # type: ignore[arg-type]
    return [str(column.label) for column in table.ordered_columns]


def _values(v1: str, measure: str) -> dict[int, str]:
    told = get(v1, f"evaluation/list/function/{measure}/task/9101/limit/10000")
    found = re.findall(r"<oml:run_id>(\d+)<.*?<oml:value>([^<]*)<", told, re.DOTALL)
    return {int(run_id): f"{float(value):.4f}" for run_id, value in found}


# -- the measure -------------------------------------------------------------------------------


async def test_m_shows_another_measure_with_its_name_and_the_servers_values(
    demo: DemoProcess,
) -> None:
    truth = _values(demo.v1, "area_under_roc_curve")
    async with browsing(demo.v1, ON_ONE_TASK) as pilot:
        assert "score" in _heads(pilot)
        await press(pilot, "M")
        await write(pilot, "area_under_roc")
        await press(pilot, "enter")
        assert "AUC" in _heads(pilot)
        assert "area_under_roc_curve, higher is better" in note(pilot)
        shown = {i: cell(pilot, i, "score") for i in shown_ids(pilot)}
        assert {i: text for i, text in shown.items() if text} == {
            i: truth[i] for i, text in shown.items() if text
        }
        assert sum(map(bool, shown.values())) > 10
        await press(pilot, "M")
        await write(pilot, "own")
        await press(pilot, "enter")
        assert "score" in _heads(pilot)
        assert "own task" in note(pilot)


async def test_the_measures_that_only_the_server_knows_are_offered(
    demo: DemoProcess, counted: Counting
) -> None:
    async with browsing(counted.v1, ON_ONE_TASK) as pilot:
        assert not counted.count("evaluationmeasure")
        await press(pilot, "M")
        await press(pilot, "escape")
        await press(pilot, "M")
        assert counted.count("evaluationmeasure/list") == 1
        await write(pilot, "zzz")
        sees(pilot, "nothing is called so")
        await press(pilot, "escape")
        assert main_screen(pilot).selection.arrangement.measure == ""


async def test_the_default_screen_asks_for_no_further_scores(counted: Counting) -> None:
    async with browsing(counted.v1, ON_ONE_TASK):
        assert counted.count("evaluation/list/function") == 1  # of the page shown
        assert not counted.count(".*per_fold")


# -- order -------------------------------------------------------------------------------------


async def test_rows_are_ordered_by_a_score_that_is_still_to_come_and_the_cursor_is_on_the_best(
    counted: Counting,
) -> None:
    truth = {i: float(text) for i, text in _values(counted.upstream, "kappa").items()}
    async with browsing(counted.v1, ON_ONE_TASK) as pilot:
        await press(pilot, "M")
        await write(pilot, "kappa")
        gate = counted.hold("evaluation/list/function/kappa/")
        await pilot.press("down", "up", "enter")
        await pilot.press("s")
        await pilot.pause()
        order = list(main_screen(pilot).app.screen._choices)  # type: ignore[attr-defined]
        at = [value for value, _, _ in order].index("score")
        await pilot.press(*["j"] * at, "enter")
        gate.set()
        await settle(pilot)
        known = [truth[i] for i in shown_ids(pilot) if cell(pilot, i, "score")]
        assert known == sorted(known, reverse=True)
        assert len(known) > 10
        assert current_id(pilot) == shown_ids(pilot)[0]
        await press(pilot, "S")
        known = [truth[i] for i in shown_ids(pilot) if cell(pilot, i, "score")]
        assert known == sorted(known)
        assert re.search(r"by kappa, turned round, within the \d+ runs of this page", note(pilot))


async def test_scores_of_different_measures_name_theirs_and_the_order_says_so(
    demo: DemoProcess,
) -> None:
    scored = "evaluation/list/function/{}/task/{}/limit/15"
    of = (("predictive_accuracy", 9101), ("root_mean_squared_error", 9105))
    told = [get(demo.v1, scored.format(*one)) for one in of]
    ids = re.findall(r"<oml:run_id>(\d+)<", "".join(told))
    async with browsing(demo.v1, parse(f"run:{','.join(ids)}")) as pilot:
        facts = workspace(pilot).pager.facts
        texts = {i: cell(pilot, i, "score").split() for i in shown_ids(pilot)}
        named = {i: words[0] for i, words in texts.items() if words}
        assert set(named.values()) == {"ACC", "RMSE"}
        assert named == {i: measure(facts[i].measure or "").label for i in named}
        await press(pilot, "s")
        order = [value for value, _, _ in pilot.app.screen._choices]  # type: ignore[attr-defined]
        await press(pilot, *["j"] * order.index("score"), "enter")
        assert "by score, each measure by itself, all 30 runs" in note(pilot)
        shown = [named[i] for i in shown_ids(pilot) if i in named]
        assert shown == sorted(shown)


# -- the chooser -------------------------------------------------------------------------------


async def test_a_column_goes_at_once_and_comes_back_with_esc(demo: DemoProcess) -> None:
    async with browsing(demo.v1, ON_ONE_TASK) as pilot:
        before = _heads(pilot)
        await press(pilot, "c")
        sees(pilot, "Columns", "always the first", "keeps, esc leaves all as it was")
        await press(pilot, "space")  # on the state, below the run
        assert "state" not in _heads(pilot)
        await press(pilot, "escape")
        assert _heads(pilot) == before
        assert main_screen(pilot).selection.arrangement.columns == ()


async def test_enter_keeps_the_columns_and_their_order(demo: DemoProcess) -> None:
    async with browsing(demo.v1, ON_ONE_TASK) as pilot:
        await press(pilot, "c", "space", "j", "J", "enter")
        assert _heads(pilot)[:4] == ["run", "task", "flow", "data set"]
        assert "state" not in _heads(pilot)
        await press(pilot, "c", "r", "enter")
        assert _heads(pilot)[:4] == ["run", "state", "flow", "task"]


async def test_the_run_stays_where_it_is(demo: DemoProcess) -> None:
    async with browsing(demo.v1, ON_ONE_TASK) as pilot:
        before = _heads(pilot)
        await press(pilot, "c", "k", "space", "J", "j", "K", "enter")
        assert _heads(pilot) == before


async def test_several_scores_stand_side_by_side_and_the_spread_costs_one_request(
    counted: Counting,
) -> None:
    async with browsing(counted.v1, ON_ONE_TASK, size=(200, 40)) as pilot:
        await press(pilot, "c", "M")
        await write(pilot, "kappa")
        await press(pilot, "enter")
        assert not counted.count(".*per_fold")
        await press(pilot, "j", "space", "enter")
        heads = _heads(pilot)
        at = heads.index("score")
        assert heads[at : at + 3] == ["score", "Kappa", "\u00b1 Kappa"]
        assert counted.count("evaluation/list/function/kappa/per_fold") == 1
        run_id = next(i for i in shown_ids(pilot) if cell(pilot, i, "score:kappa"))
        assert re.fullmatch(r"\u00b1\d\.\d{4}", cell(pilot, run_id, "spread:kappa"))
        await press(pilot, "s")
        sees(pilot, "kappa", "spread of kappa")
        await press(pilot, "escape", "j", "k")
        assert counted.count("evaluation/list/function/kappa/per_fold") == 1


async def test_what_has_no_room_is_told_and_brought_into_sight(demo: DemoProcess) -> None:
    async with browsing(demo.v1, ON_ONE_TASK, size=(60, 20)) as pilot:
        await press(pilot, "c", "space", "enter")
        assert "no room for" in note(pilot)
        assert "more \u2192" in status_line(pilot)
        seen = set(_heads(pilot))
        for _ in range(8):
            await press(pilot, "right")
            assert _heads(pilot)[0] == "run"
            seen.update(_heads(pilot))
        assert {"flow", "task", "data set", "score", "uploader", "uploaded", "error"} <= seen
        last = _heads(pilot)
        await press(pilot, "right")
        assert _heads(pilot) == last
        for _ in range(8):
            await press(pilot, "left")
        assert _heads(pilot)[1] == "flow"


async def test_empty_and_constant_columns_fold_away_and_come_back(demo: DemoProcess) -> None:
    async with browsing(demo.v1, ON_ONE_TASK) as pilot:
        await press(pilot, "c", "f", "enter")
        assert not {"task", "data set"} & set(_heads(pilot))
        assert "folded away" in note(pilot)
        assert "task (9101)" in note(pilot)
        assert "folded" in status_line(pilot)
        await press(pilot, "c", "f", "enter")
        assert {"task", "data set"} <= set(_heads(pilot))
        assert "folded" not in status_line(pilot)


async def test_tags_are_shown_of_the_runs_that_were_read(
    demo: DemoProcess, states: dict[RunState, list[int]]
) -> None:
    listed = re.findall(r"<oml:tag>([a-z0-9._-]+)<", get(demo.v1, "run/tag/list"))
    tagged = get(demo.v1, f"run/list/tag/{listed[0]}/limit/1")
    (run_id,) = map(int, re.findall(r"<oml:run_id>(\d+)<", tagged))
    async with browsing(demo.v1, parse(f"run:{run_id}"), size=(320, 40)) as pilot:
        await press(pilot, "c", "G")
        lines = main_screen(pilot).app.screen._lines  # type: ignore[attr-defined]
        up = len(lines) - 1 - [line.column for line in lines].index("tags")
        await press(pilot, *["end"], *["k"] * up, "space", "enter")
        assert cell(pilot, run_id, "tags") == ""
        await open_run(pilot, run_id)
        assert listed[0] in cell(pilot, run_id, "tags")


async def test_a_page_turned_keeps_columns_measure_and_order(demo: DemoProcess) -> None:
    async with browsing(demo.v1, ON_ONE_TASK, page_size=20) as pilot:
        await press(pilot, "c", "space", "enter", "s", "j", "enter")
        heads = _heads(pilot)
        await press(pilot, "n")
        assert _heads(pilot) == heads
        assert shown_ids(pilot) == sorted(shown_ids(pilot))
        assert "\u25be" in screen_lines(pilot)[0]
