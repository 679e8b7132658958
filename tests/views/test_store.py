"""The file of views: whole, private, tolerant, and shared by processes."""

import stat
import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runbrowser.errors import UsageError
from runbrowser.fields import filters
from runbrowser.fields.columns import COLUMNS
from runbrowser.models import RunFilter, RunState
from runbrowser.views import toml
from runbrowser.views.arrangement import Arrangement
from runbrowser.views.store import change, deleted, read, renamed, saved
from runbrowser.views.view import View, check_name, from_table, to_table

SEEN = st.text(st.characters(codec="utf-8", exclude_categories=("C", "Z")), min_size=1, max_size=20)
FILTERS = st.builds(
    RunFilter,
    task=st.lists(st.integers(0, 10**9), max_size=3, unique=True).map(tuple),
    mine=st.booleans(),
    state=st.none() | st.sampled_from([s for s in RunState if s is not RunState.UNKNOWN]),
    error=st.none() | SEEN,
    show_errors=st.booleans(),
)
ARRANGEMENTS = st.builds(
    Arrangement,
    columns=st.lists(st.sampled_from([*COLUMNS, "score:kappa"]), unique=True).map(tuple),
    measure=st.sampled_from(["", "kappa", "measure with \x1b"]),
    sort=st.sampled_from(["", "run_id", "spread:kappa"]),
    reverse=st.booleans(),
    fold=st.booleans(),
)
VIEWS = st.builds(
    View,
    name=SEEN,
    filter=FILTERS,
    arrangement=ARRANGEMENTS,
    sidebar=st.none() | st.booleans(),
    detail=st.booleans(),
)
FAILED = View("failed", RunFilter(task=(9101,), state=RunState.FAILED))
BEST = View("best", arrangement=Arrangement(columns=("run_id", "score"), sort="score"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "views.toml"


@given(VIEWS)
def test_every_view_comes_back_as_it_was(view: View) -> None:
    text = toml.tables("view", [to_table(view)])
    (table,) = tomllib.loads(text)["view"]
    assert from_table(table) == (view, [])
    assert all(char == "\n" or char.isprintable() for char in text)


@given(st.text())
def test_any_text_comes_back_but_half_characters_and_none_is_raw(text: str) -> None:
    written = toml.text(text)
    whole = "".join("\ufffd" if 0xD800 <= ord(char) <= 0xDFFF else char for char in text)
    assert tomllib.loads(f"it = {written}")["it"] == whole
    assert written.isprintable()


def test_views_are_saved_renamed_and_deleted_in_their_order(path: Path) -> None:
    assert change(path, saved(FAILED)).views == (FAILED,)
    assert change(path, saved(BEST)).views == (FAILED, BEST)
    changed = View("failed", RunFilter(task=(9102,)))
    assert change(path, saved(changed)).views == (changed, BEST)
    assert [v.name for v in change(path, renamed("failed", " iris ")).views] == ["iris", "best"]
    assert [v.name for v in change(path, deleted("iris")).views] == ["best"]
    assert read(path).views == (BEST,)
    assert read(path).wrong == ()


def test_the_file_is_for_its_owner_alone_and_explains_itself(path: Path) -> None:
    change(path, saved(FAILED))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    text = path.read_text("utf-8")
    assert "comments stay" in text
    assert 'filter = "task:9101 state:failed"' in text


@pytest.mark.parametrize(("old", "new"), [("failed", "best"), ("failed", " "), ("gone", "new")])
def test_what_cannot_be_renamed_leaves_the_file_as_it_is(path: Path, old: str, new: str) -> None:
    change(path, saved(FAILED))
    change(path, saved(BEST))
    before = path.read_bytes()
    with pytest.raises(UsageError):
        change(path, renamed(old, new))
    with pytest.raises(UsageError, match="there are failed, best"):
        change(path, deleted("gone"))
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [b"[[view]\nname = ", b"\xff\xfe", b"view = 3", b'[[view]]\nname = "a"\nfilter = "task:x"',
     b'[[view]]\nfilter = ""', b'[[view]]\nname = "a\\u001b"', b"view = [1]",
     b'[[view]]\nname = "a"\n[[view]]\nname = "a"', b'[[view]]\nname = "a"\nfilter = 3',
     b"#" * 300_000],
)  # fmt: skip
def test_what_cannot_be_read_is_told_and_set_aside_before_anything_is_written(
    path: Path, content: bytes
) -> None:
    path.parent.mkdir(mode=0o700)
    path.write_bytes(content)
    found = read(path)
    assert found.wrong
    assert all(words.isprintable() for words in found.wrong)
    assert path.read_bytes() == content
    after = change(path, saved(FAILED))
    assert after.set_aside is not None
    assert after.set_aside.read_bytes() == content
    assert FAILED in read(path).views
    assert not read(path).wrong
    path.write_bytes(content)
    again = change(path, saved(FAILED))
    assert again.set_aside not in (None, after.set_aside)
    assert after.set_aside.read_bytes() == content


def test_one_bad_view_costs_none_of_the_others(path: Path) -> None:
    path.parent.mkdir()
    path.write_text(
        '[[view]]\nname = "a"\nfilter = "flow:what"\n[[view]]\nname = "b"\nfilter = "task:1"\n'
        'columns = ["run_id", "colour", "score:kappa"]\nsort = "taste"\nreverse = "yes"\n'
    )
    found = read(path)
    assert [view.name for view in found.views] == ["b"]
    assert found.views[0].arrangement.columns == ("run_id", "score:kappa")
    assert found.views[0].arrangement.sort == ""
    told = "\n".join(found.wrong)
    for word in ("view a", "flow", "'colour'", "'taste'", "reverse is not true or false"):
        assert word in told


def test_keys_of_a_later_version_are_kept(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('[[view]]\nname = "a"\ncolor = "red"\nlevels = [1, 2.5]\n"odd key" = true\n')
    assert read(path).wrong == ()
    change(path, saved(BEST))
    change(path, saved(View("a", RunFilter(task=(1,)))))
    (table, _) = tomllib.loads(path.read_text("utf-8"))["view"]
    assert table == {
        "name": "a",
        "filter": "task:1",
        "color": "red",
        "levels": [1, 2.5],
        "odd key": True,
    }


BY_HAND = """\
# mine, since 2025

# the ones that failed
[[view]]  # first tab
name = "failed"
filter = "task:9101"   # iris
fold = false

# for Friday
# and for Monday
[[view]]
# inside
name = "best"
sort = "score" # the best first

columns = [
  "run_id", # always
  "score",
]
# the end
"""


def test_what_a_person_wrote_into_the_file_stays(path: Path) -> None:
    path.parent.mkdir()
    path.write_text(BY_HAND)
    failed, _ = read(path).views
    change(path, saved(failed))
    assert path.read_text() == BY_HAND

    other = View("failed", RunFilter(task=(9102,), state=RunState.FAILED))
    change(path, saved(other))
    line = 'filter = "task:9102 state:failed"   # iris'
    changed = BY_HAND.replace('filter = "task:9101"   # iris', line).replace("fold = false\n", "")
    assert path.read_text() == changed
    change(path, renamed("best", "good"))
    changed = changed.replace('name = "best"', 'name = "good"')
    assert path.read_text() == changed

    change(path, saved(FAILED)), change(path, saved(View("new", RunFilter(task=(1,)))))
    text = path.read_text()
    assert text.endswith('# the end\n\n[[view]]\nname = "new"\nfilter = "task:1"\n')
    assert [view.name for view in read(path).views] == ["failed", "good", "new"]

    change(path, deleted("failed"))
    text = path.read_text()
    assert text.startswith("# mine, since 2025\n\n# for Friday\n# and for Monday\n[[view]]\n")
    assert "the ones that failed" not in text and "first tab" not in text
    change(path, deleted("good")), change(path, deleted("new"))
    assert path.read_text().rstrip() == "# mine, since 2025\n\n# the end"
    change(path, saved(BEST))
    assert path.read_text().startswith("# mine, since 2025\n\n# the end\n\n[[view]]\n")
    assert read(path).views == (BEST,) and read(path).wrong == ()


COMMENT = st.from_regex(r"#[ -~]{0,12}", fullmatch=True)
LINES = st.lists(st.just("") | COMMENT, max_size=3)
EDITS = st.sampled_from(["save", "add", "rename", "delete"])


BETWEEN = st.lists(st.tuples(VIEWS, LINES, LINES), max_size=3)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(["\n", "\r\n"]), BETWEEN, LINES, st.lists(EDITS, max_size=3), VIEWS)
def test_whatever_stands_between_views_the_views_are_those_that_were_meant(
    tmp_path_factory: pytest.TempPathFactory,
    end: str,
    written: list[tuple[View, list[str], list[str]]],
    tail: list[str],
    edits: list[str],
    other: View,
) -> None:
    path = tmp_path_factory.mktemp("views") / "views.toml"
    text = ""
    for number, (view, before, inside) in enumerate(written):
        table = toml.tables("view", [to_table(replace(view, name=f"v{number}"))])
        lines = [*before, "[[view]]", *inside, *table.splitlines()[1:]]
        text += "".join(f"{line}{end}" for line in lines)
    text += "".join(f"{line}{end}" for line in tail)
    path.write_text(text, "utf-8", newline="")
    expected = list(read(path).views)
    assert len(expected) == len(written) and read(path).wrong == ()
    for number, edit in enumerate(edits):
        name = expected[0].name if expected else ""
        what = {
            "save": saved(replace(other, name=name or "s")),
            "add": saved(replace(other, name=f"new{number}")),
            "rename": renamed(name, f"r{number}"),
            "delete": deleted(name),
        }[edit if name else "add"]
        expected = list(what(expected))
        assert list(change(path, what).views) == expected
        assert list(read(path).views) == expected and read(path).wrong == ()
    if "delete" not in edits:
        now = path.read_text("utf-8")
        assert all(line in now for _, before, inside in written for line in (*before, *inside))


_WRITER = """
import sys
from pathlib import Path
from runbrowser.locks import HeldError
from runbrowser.views.store import change, saved
from runbrowser.views.view import View
for number in range(12):
    while True:
        try:
            change(Path(sys.argv[1]), saved(View(f"{sys.argv[2]} {number}")))
            break
        except HeldError:  # told after a second, on a machine that is slow: tried again
            pass
"""


def test_two_processes_lose_none_of_each_others_views(path: Path) -> None:
    writers = [
        subprocess.Popen([sys.executable, "-c", _WRITER, str(path), name]) for name in ("a", "b")
    ]
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    names = {view.name for view in read(path).views}
    assert names == {f"{name} {number}" for name in "ab" for number in range(12)}


def test_a_file_that_is_not_there_holds_no_views(path: Path) -> None:
    assert read(path).views == ()
    with pytest.raises(UsageError, match="none was saved yet"):
        read(path).find("failed")


def test_a_view_is_found_whichever_way_it_is_capitalised(path: Path) -> None:
    change(path, saved(FAILED))
    assert read(path).find("Failed") == FAILED
    change(path, saved(View("FAILED")))
    assert read(path).find("failed") == FAILED
    with pytest.raises(UsageError):
        read(path).find("fAiLeD")


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\x1b[31m", "x" * 61, "\u202eabc"])
def test_a_name_is_one_line_that_can_be_seen(name: str) -> None:
    with pytest.raises(UsageError):
        check_name(name)


@given(FILTERS, FILTERS)
def test_a_filter_given_beside_a_view_wins_field_by_field(base: RunFilter, over: RunFilter) -> None:
    both = filters.fields(filters.over(base, over))
    assert both == filters.fields(base) | filters.fields(over)
