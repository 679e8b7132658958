"""Lines: made when they are seen, broken as Textual breaks them, drawn without Textual."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.content import Content

from runbrowser.demo.launch import DemoProcess
from runbrowser.models import OutputFile, ParameterSetting, Run
from runbrowser.openml.base import NameBook
from runbrowser.pages.detail import detail
from runbrowser.pages.lines import Each, Line, Lines, broken, spans, text_of
from runbrowser.tui.content import STYLES, content

MANY = 100_000


# -- on demand -------------------------------------------------------------------------------------


def _counted(heights: Sequence[int]) -> tuple[Each[int], list[int]]:
    drawn: list[int] = []

    def draw(number: int) -> list[Line]:
        drawn.append(number)
        return [spans(f"{number}.{row}") for row in range(heights[number])]

    return Each(range(len(heights)), draw, lambda number: heights[number]), drawn


@given(
    st.lists(st.integers(0, 4), max_size=12), st.lists(st.integers(0, 4), max_size=12), st.data()
)
@settings(max_examples=200, deadline=None)
def test_any_part_of_a_page_is_the_same_part_of_the_whole(
    one: list[int], other: list[int], data: st.DataObject
) -> None:
    lines = Lines([_counted(one)[0], [spans("between")], _counted(other)[0]])
    whole = list(lines)
    assert len(lines) == len(whole) == sum(one) + 1 + sum(other)
    start = data.draw(st.integers(-3, len(whole) + 3))
    stop = data.draw(st.integers(-3, len(whole) + 3))
    assert lines[start:stop] == whole[start:stop]
    assert [lines[place] for place in range(len(whole))] == whole
    assert lines[-1] == whole[-1]
    with pytest.raises(IndexError):
        lines[len(whole)]


def test_only_what_is_seen_is_drawn() -> None:
    each, drawn = _counted([1, 2] * (MANY // 2))
    lines = Lines([[spans("head")], each])
    assert len(lines) == 1 + MANY * 3 // 2
    assert drawn == []
    assert [text_of(line) for line in lines[1000:1003]] == ["666.0", "667.0", "667.1"]
    assert set(drawn) == {666, 667}


LONG_RUNS: dict[str, Callable[[], Run]] = {
    "parameters": lambda: _run(
        parameter_settings=tuple(
            ParameterSetting(f"p{i}", "v" * (1 + i % 70), 1) for i in range(MANY)
        )
    ),
    "tags": lambda: _run(tags=tuple(f"tag_{i}" for i in range(MANY))),
    "files": lambda: _run(
        files=tuple(OutputFile(f"f{i}", i, f"http://x/{'y' * (i % 60)}") for i in range(MANY))
    ),
}


def _run(**fields: object) -> Run:
    known: dict[str, object] = dict.fromkeys(
        ("uploader", "uploader_name", "task_id", "task_type", "flow_id", "flow_name", "setup_id")
    )
    return Run(**{"run_id": 1, **known, **fields})  # type: ignore[arg-type]


@pytest.mark.parametrize("what", LONG_RUNS)
def test_a_run_with_a_hundred_thousand_of_something_is_drawn_where_it_is_seen(
    what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = 0
    real = spans

    def counted(*parts: str | tuple[str, str]) -> Line:
        nonlocal made
        made += 1
        return real(*parts)

    run = LONG_RUNS[what]()
    for module in ("lines", "detail.page", "detail.parameters"):
        monkeypatch.setattr(f"runbrowser.pages.{module}.spans", counted)
    lines = detail(run, None, NameBook(), 60)
    assert len(lines) > 9_000
    made = 0
    middle, end = lines[5_000:5_050], lines[len(lines) - 50 :]
    assert len(middle) == len(end) == 50
    assert made < 1_500
    assert all(sum(len(text) for text, _ in line) <= 60 for line in (*middle, *end))


@pytest.mark.parametrize("what", LONG_RUNS)
@pytest.mark.parametrize("width", [24, 60])
def test_what_is_said_of_its_length_is_its_length(what: str, width: int) -> None:
    lines = detail(LONG_RUNS[what](), None, NameBook(), width)
    assert len(lines) == sum(1 for _ in lines)


# -- broken to a width -----------------------------------------------------------------------------

LOOKS = ("", "bad", "faint", "title")
TEXT = st.text(alphabet="ab .-_/\u65e5\u672c\u00e9 ", max_size=60)


@given(st.lists(TEXT, min_size=1, max_size=4), st.integers(4, 30))
@settings(max_examples=300, deadline=None)
def test_lines_are_broken_where_textual_breaks_them(texts: list[str], width: int) -> None:
    line = spans(*((text, look) for text, look in zip(texts, LOOKS, strict=False)))
    ours = [text_of(row).rstrip() for row in broken([line], width)]
    theirs = [row.plain.rstrip() for row in content([line]).wrap(width)]
    assert ours == theirs
    assert "".join("".join(ours).split()) == "".join(text_of(line).split())


def test_looks_stay_with_their_text() -> None:
    line = spans(("aaa bbb", "bad"), ("ccc ddd", "good"))
    assert broken([line], 4) == [
        [("aaa", "bad")], [("bbb", "bad"), ("c", "good")], [("cc", "good")], [("ddd", "good")],
    ]  # fmt: skip


# -- looks and Textual -----------------------------------------------------------------------------


def test_every_look_has_a_style_that_textual_reads() -> None:
    lines = [spans(("x", look)) for look in STYLES]
    drawn = content(lines)
    assert drawn.plain.split("\n") == ["x"] * len(STYLES)
    assert isinstance(drawn, Content)


PRINTED = (
    "import sys; from runbrowser.__main__ import main; sys.argv[1:] = {!r}.split()\n"
    "try: main()\nexcept SystemExit: pass\n"
    "print('loaded:', *[m for m in sys.modules if m in ('textual', 'numpy', 'pandas')])"
)


@pytest.mark.parametrize("words", ["get 900101", "compare 900101 900102", "--help"])
def test_the_command_line_prints_lines_without_textual(words: str, demo: DemoProcess) -> None:
    code = PRINTED.format(f"--server {demo.v1} --api-version v1 {words}")
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.rstrip().split("\n")[-1].strip() == "loaded:", done.stdout[-300:]


@pytest.mark.parametrize("module", ["detail", "comparison.page", "predictions", "status", "tabs"])
def test_pages_load_no_textual(module: str) -> None:
    code = f"import sys, runbrowser.pages.{module}; print('textual' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "False"
