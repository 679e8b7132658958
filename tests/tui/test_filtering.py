"""The filter line and the sidebar: two faces of one filter, checked as they are typed."""

import pytest
from textual import events
from textual.widgets import Checkbox, Input, Static

from runbrowser.demo import DEMO_USER_ID
from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import fields, parse, to_text
from runbrowser.models import RunState
from tests.openml.truth import listed_ids

from .counting import Counting
from .deeds import acting_on
from .harness import (
    browsing,
    cell,
    live,
    main_screen,
    note,
    notice,
    press,
    screen_text,
    settle,
    shown_ids,
    status_line,
    until,
    write,
)


def _line(pilot: object) -> tuple[Input, str]:
    line = main_screen(pilot).line  # type: ignore[arg-type]
    return line.query_one(Input), str(line.query_one("#filter-help", Static).render())


def _field(pilot: object, key: str) -> Input:
    return main_screen(pilot).query_one(f"#field-{key}", Input)  # type: ignore[arg-type]


def _said(pilot: object) -> str:
    widget = main_screen(pilot).query_one("#sidebar-note", Static)  # type: ignore[arg-type]
    return str(widget.render())


async def test_the_filter_line_applies_what_is_typed(demo: DemoProcess) -> None:
    truth = sorted(listed_ids(demo.v1, "task/9102/show_errors/true/limit/10000"), reverse=True)[
        :100
    ]
    async with browsing(demo.v1, page_size=100) as pilot:
        await pilot.press("slash")
        await write(pilot, "task:9102")
        await press(pilot, "enter")
        assert shown_ids(pilot) == truth
        assert "task:9102 esc clears" in status_line(pilot)
        assert not main_screen(pilot).line.display
        assert main_screen(pilot).focused is main_screen(pilot).table
        assert _field(pilot, "task").value == "9102"


async def test_tab_completes_keys_and_words(demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        await pilot.press("slash")
        await write(pilot, "sta")
        await settle(pilot)
        await pilot.press("tab")
        field, _ = _line(pilot)
        assert field.value == "state:"
        await write(pilot, "eval")
        await settle(pilot)
        await pilot.press("tab")
        assert field.value == "state:eval-failed"
        assert field.has_focus
        await write(pilot, " err")
        await settle(pilot)
        await pilot.press("tab")
        assert field.value == "state:eval-failed error~"
        await pilot.press("tab")
        assert field.has_focus


async def test_what_is_wrong_is_said_in_words_and_not_applied(counted: Counting) -> None:
    async with browsing(counted.v1) as pilot:
        before = len(counted.asked)
        await pilot.press("slash")
        await write(pilot, "task:abc st")
        field, words = _line(pilot)
        assert "'abc' is no id" in words
        assert main_screen(pilot).line.has_class("-wrong")
        await press(pilot, "enter")
        assert main_screen(pilot).line.display
        assert field.has_focus
        assert len(counted.asked) == before
        await press(pilot, "escape")
        assert not main_screen(pilot).line.display
        assert len(counted.asked) == before
        assert " esc clears" not in status_line(pilot)


async def test_esc_leaves_the_filter_as_it_was(demo: DemoProcess) -> None:
    async with browsing(demo.v1, parse("task:9102")) as pilot:
        before = shown_ids(pilot)
        await pilot.press("slash")
        field, _ = _line(pilot)
        assert field.value == "task:9102 "
        await write(pilot, "state:failed")
        await press(pilot, "escape")
        assert shown_ids(pilot) == before
        assert "task:9102 esc clears" in status_line(pilot)
        assert main_screen(pilot).focused is main_screen(pilot).table


@pytest.mark.parametrize("width", [60, 80, 140])
async def test_the_line_names_its_keys_in_the_room_there_is(width: int, demo: DemoProcess) -> None:
    async with browsing(demo.v1, size=(width, 24)) as pilot:
        await press(pilot, "slash")
        _, words = _line(pilot)
        assert words.startswith("enter applies, esc leaves.  run  task")
        assert len(words) <= width - 2
        assert words in screen_text(pilot)


@pytest.mark.parametrize("text", ['error~"[/]"', 'error~"[bold]x[/bold]"', "tag:[@click=app.quit]"])
async def test_brackets_in_a_filter_are_only_characters(text: str, demo: DemoProcess) -> None:
    async with browsing(demo.v1) as pilot:
        await pilot.press("slash")
        await write(pilot, text)
        await settle(pilot)
        assert text in screen_text(pilot)
        await press(pilot, "enter")
        assert main_screen(pilot).selection.filter == parse(text)
        wanted = to_text(parse(text))
        assert wanted in status_line(pilot)
        assert wanted in notice(pilot)
        assert pilot.app.is_running


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("run", "900101,900102"),
        ("task", "9101,9102"),
        ("setup", "90001"),
        ("flow", "9201"),
        ("uploader", "3"),
        ("study", "1"),
        ("tag", "some_tag"),
        ("type", "classification"),
        ("state", "failed"),
        ("error", "ValueError"),
    ],
)
async def test_every_field_of_the_sidebar_applies(key: str, value: str, counted: Counting) -> None:
    async with browsing(counted.v1) as pilot:
        await press(pilot, "f")
        _field(pilot, key).focus()
        await write(pilot, value)
        await settle(pilot)
        assert _said(pilot) == "enter applies the change"
        await press(pilot, "enter")
        filter = main_screen(pilot).selection.filter
        assert fields(filter) == {key: value}
        assert to_text(filter) in status_line(pilot)
        assert parse(to_text(filter)) == filter
        assert main_screen(pilot).focused is main_screen(pilot).table


@pytest.mark.parametrize(
    ("key", "wrong", "words"),
    [
        ("task", "x", "no id"),
        ("run", "-1", "no id"),
        ("study", "1,2", "one study id"),
        ("type", "nonsense", "no task type"),
        ("state", "broken", "no state"),
        ("uploader", "you", "no id"),
        ("tag", "a/b", "cannot look for"),
    ],
)
async def test_a_wrong_field_says_why_as_it_is_typed_and_is_not_applied(
    key: str, wrong: str, words: str, counted: Counting
) -> None:
    async with browsing(counted.v1) as pilot:
        before = len(counted.asked)
        await press(pilot, "f")
        field = _field(pilot, key)
        field.focus()
        await write(pilot, wrong)
        await settle(pilot)
        said = _said(pilot)
        assert said.startswith(f"{key}: ")
        assert words in said
        assert field.has_class("-wrong")
        await press(pilot, "enter")
        assert len(counted.asked) == before
        await press(pilot, "escape")
        assert field.value == ""
        assert not field.has_class("-wrong")
        assert main_screen(pilot).focused is main_screen(pilot).table


async def test_e_goes_round_all_failed_and_ok(
    demo: DemoProcess, states: dict[RunState, list[int]]
) -> None:
    task = "task/9104/show_errors/true/limit/10000"
    every = set(listed_ids(demo.v1, task))
    async with browsing(demo.v1, parse("task:9104"), page_size=1000) as pilot:
        assert set(shown_ids(pilot)) == every
        await press(pilot, "e")
        assert "state:failed" in status_line(pilot)
        assert set(shown_ids(pilot)) == every & set(states[RunState.FAILED])
        await press(pilot, "e")
        assert "state:ok" in status_line(pilot)
        assert set(shown_ids(pilot)) == every & set(states[RunState.OK])
        for run_id in shown_ids(pilot)[:20]:
            assert cell(pilot, run_id, "state") == f"{RunState.OK.glyph} ok"
        await press(pilot, "e")
        assert "state:" not in status_line(pilot)
        assert set(shown_ids(pilot)) == every


async def test_m_shows_only_my_runs_and_then_everybodys(demo: DemoProcess) -> None:
    every = listed_ids(demo.v1, f"uploader/{DEMO_USER_ID}/show_errors/true/limit/10000")
    mine = sorted(every, reverse=True)[:100]
    async with browsing(live(demo.v1, user_id=DEMO_USER_ID), page_size=100) as pilot:
        before = shown_ids(pilot)
        await press(pilot, "m")
        assert shown_ids(pilot) == mine
        assert "uploader:me" in status_line(pilot)
        assert main_screen(pilot).query_one("#only-mine", Checkbox).value
        await press(pilot, "m")
        assert shown_ids(pilot) == before


async def test_m_without_a_user_id_explains_how_to_say_who_one_is(counted: Counting) -> None:
    async with browsing(counted.v1) as pilot:
        before, asked = shown_ids(pilot), len(counted.asked)
        await press(pilot, "m")
        assert "user_id" in note(pilot)
        assert "RUNBROWSER_USER_ID" in note(pilot)
        assert "RUNBROWSER_USER_ID" in screen_text(pilot)
        assert shown_ids(pilot) == before
        assert len(counted.asked) == asked
        assert "uploader" not in status_line(pilot)


async def test_the_box_hides_runs_whose_evaluation_failed(
    demo: DemoProcess, states: dict[RunState, list[int]]
) -> None:
    ids = states[RunState.EVALUATION_FAILED][:3] + states[RunState.OK][:3]
    asked = ",".join(map(str, ids))
    shown = set(listed_ids(demo.v1, f"run/{asked}"))
    every = set(ids)
    assert every - shown
    async with browsing(demo.v1, parse(f"run:{asked}")) as pilot:
        box = main_screen(pilot).query_one("#hide-errors", Checkbox)
        assert not box.value
        box.focus()
        await press(pilot, "enter")
        assert set(shown_ids(pilot)) == shown
        assert "show-errors:no" in status_line(pilot)
        assert every - shown <= set(states[RunState.EVALUATION_FAILED])
        await press(pilot, "escape")
        assert "show-errors" not in status_line(pilot)


async def test_a_box_that_is_off_shows_no_tick_even_without_colour(
    demo: DemoProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with browsing(live(demo.v1, user_id=DEMO_USER_ID)) as pilot:
        line = next(line for line in screen_text(pilot).split("\n") if "only mine" in line)
        assert "✓" not in line.partition("only mine")[0]
        await press(pilot, "m")
        line = next(line for line in screen_text(pilot).split("\n") if "only mine" in line)
        assert "✓" in line.partition("only mine")[0]


async def test_ctrl_u_empties_a_field_and_up_and_down_go_to_its_neighbours(
    demo: DemoProcess,
) -> None:
    async with browsing(demo.v1, parse("task:9102")) as pilot:
        await press(pilot, "f")
        screen = main_screen(pilot)
        assert screen.focused is _field(pilot, "task")
        await press(pilot, "down")
        assert screen.focused is _field(pilot, "setup")
        await press(pilot, "up", "ctrl+u")
        assert _field(pilot, "task").value == ""
        await press(pilot, "enter")
        assert screen.selection.filter.empty


async def test_the_filter_given_at_the_start_is_in_force_and_in_both_faces(
    demo: DemoProcess,
) -> None:
    filter = parse('task:9101 state:failed error~"min"')
    async with browsing(demo.v1, filter) as pilot:
        assert main_screen(pilot).selection.filter == filter
        assert _field(pilot, "task").value == "9101"
        assert _field(pilot, "state").value == "failed"
        assert _field(pilot, "error").value == "min"
        await press(pilot, "slash")
        assert parse(_line(pilot)[0].value) == filter


PASTED = "run:900101\nrun:900102\r\n\r\n900103\r"


@pytest.mark.parametrize("key", ["slash", "number_sign", "t", "P", "M", "C"])
async def test_several_pasted_lines_are_one_line_in_any_field(key: str, demo: DemoProcess) -> None:
    async with browsing(acting_on(demo.v1, demo.api_key)) as pilot:
        await press(pilot, "enter", key)
        field = pilot.app.screen.focused
        assert isinstance(field, Input)
        await press(pilot, "ctrl+u")
        pilot.app.post_message(events.Paste(PASTED))
        await until(pilot, lambda: "900103" in field.value)
        assert field.value == "run:900101 run:900102 900103"
