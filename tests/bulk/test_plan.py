"""Plans: the rule for tags as it is typed, what is left out, and what is said before."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbrowser.bulk.operations import DELETE, OPERATIONS, RESTORE, TAG, UNTAG
from runbrowser.bulk.outcome import Outcome, Report, State
from runbrowser.bulk.plan import Item, LeftOut, Plan, item_of_row
from runbrowser.bulk.records import outcome_from_json, outcome_to_json, plan_from_json, plan_to_json
from runbrowser.bulk.remarks import Reason, Remark, message
from runbrowser.bulk.tags import check_old_tag, check_tag
from runbrowser.errors import UsageError
from runbrowser.files.reports import to_csv, to_json
from runbrowser.models import RunRow, RunState, TaskInfo
from runbrowser.openml.base import Facts, NameBook
from runbrowser.pages.reports import headline, report_text, run_lines
from tests.bulk.conftest import words

ROW = RunRow(7, 59, 1, 3, 8, 2, "2020-01-01 00:00:00", "MemoryError: no\nmore", None)


@pytest.mark.parametrize("tag", ["a", "study_14", "A.b-c_9", "x" * 64, " padded "])
def test_a_tag_that_the_server_takes_is_taken(tag: str) -> None:
    assert check_tag(tag) == tag.strip()


@pytest.mark.parametrize("tag", ["", "  ", "x" * 65, "two words", "a/b", "ü", "a&b", "0", "a\x1b["])
def test_a_tag_that_the_server_refuses_is_refused_in_words(tag: str) -> None:
    with pytest.raises(UsageError) as refused:
        check_tag(tag)
    assert str(refused.value).endswith(".") and str(refused.value).isprintable()


@given(st.text(max_size=80))
def test_every_text_is_a_tag_or_refused_without_an_escape_in_the_words(text: str) -> None:
    try:
        assert set(check_tag(text)) <= set(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
        )
    except UsageError as error:
        assert "\x1b" not in str(error) and "\n" not in str(error)


def test_old_tags_may_be_removed_but_not_those_on_which_the_server_fails() -> None:
    assert check_old_tag("random forest") == "random forest"
    for tag in ("", 'say "no"'):
        with pytest.raises(UsageError):
            check_old_tag(tag)


def test_each_run_is_planned_once() -> None:
    twice = [Item(1, 2), Item(1, 2), Item(2, 2)]
    assert TAG.plan(twice, "t").run_ids == DELETE.plan(twice, user_id=2).run_ids == (1, 2)


def test_runs_of_others_and_of_nobody_are_left_out_of_a_delete() -> None:
    plan = DELETE.plan([Item(1, 2), Item(2, 3, "A\x1bB"), Item(3)], user_id=2)
    assert plan.run_ids == (1,)
    assert [left.run_id for left in plan.left_out] == [2, 3]
    assert "user 3" in words(plan.left_out[0]) and "\x1b" not in words(plan.left_out[0])


def test_an_administrator_and_somebody_unknown_may_try_every_run() -> None:
    items = [Item(1, 2), Item(2, 3), Item(3)]
    assert DELETE.plan(items, user_id=1, is_admin=True).left_out == ()
    plan = DELETE.plan(items)
    assert plan.left_out == ()
    assert any("does not tell whose" in words(one) for one in plan.notes)


def test_what_is_lost_is_more_without_a_copy() -> None:
    assert any("new run" in words(one) for one in DELETE.plan([Item(1)]).lost)
    assert any(
        "cannot be restored" in words(one) for one in DELETE.plan([Item(1)], kept=False).lost
    )


def test_runs_without_a_copy_are_left_out_of_a_restore() -> None:
    plan = RESTORE.plan([Item(1, entry="h/1-x"), Item(2)])
    assert plan.run_ids == (1,) and plan.left_out[0].run_id == 2


def test_an_item_tells_a_run_by_names_where_they_are_known() -> None:
    names = NameBook()
    assert item_of_row(ROW).about == "flow 8 on task 59"
    names.flows[8], names.users[2] = "sklearn.Tree(1)", "A B"
    names.tasks[59] = TaskInfo(59, 1, 61, "iris")
    item = item_of_row(ROW, names, Facts(RunState.OK, "f_measure", 0.98765), ["x"])
    assert item.about == "Tree on iris"
    assert (item.score, item.uploader_name, item.tags) == ("f_measure 0.9877", "A B", ("x",))
    assert item.error == "MemoryError: no"


TEXTS = st.text(max_size=30)
DETAILS = st.recursive(
    st.none() | st.integers() | TEXTS, lambda inner: st.lists(inner, max_size=3).map(tuple)
)
REMARKS = st.builds(Remark, st.sampled_from(Reason), st.lists(DETAILS, max_size=3).map(tuple))
ITEMS = st.builds(
    Item,
    run_id=st.integers(1, 10**9),
    uploader=st.none() | st.integers(1, 99),
    uploader_name=st.none() | TEXTS,
    tags=st.none() | st.tuples(TEXTS),
    score=TEXTS,
    about=TEXTS,
    error=TEXTS,
    entry=st.none() | TEXTS,
)


@given(
    st.builds(
        Plan,
        st.sampled_from([*OPERATIONS.values()]),
        st.lists(ITEMS, max_size=3).map(tuple),
        TEXTS,
        st.lists(st.builds(LeftOut, st.integers(1, 99), REMARKS), max_size=2).map(tuple),
        st.tuples(REMARKS),
        st.tuples(REMARKS),
    )
)
def test_a_plan_comes_back_from_its_json_whole(plan: Plan) -> None:
    assert plan_from_json(json.loads(json.dumps(plan_to_json(plan)))) == plan


def report() -> Report:
    plan = UNTAG.plan([Item(1), Item(22), Item(3)], "t")
    return Report(
        plan,
        (
            Outcome(1, State.DONE, (message("untagged; tags: a, b"),), undoable=True),
            Outcome(22, State.FAILED, (message('said "no"\x1b[2J'),), 476),
            Outcome(3, State.STOPPED, (message("was not begun"),)),
        ),
        message("Stopped."),
    )


def test_a_report_says_in_one_line_what_became_of_all() -> None:
    assert headline(report()) == "untagged 1 of 3 runs (t); 1 failed, 1 not begun"
    assert report().failed == (22, 3)


def test_a_report_can_be_copied_and_exported_without_escapes() -> None:
    text = report_text(report())
    assert "Stopped." in text and "\x1b" not in text
    assert len(run_lines(report())) == 3
    assert to_csv(report()).splitlines()[0] == "run_id,state,words,code,new_id,entry"
    told = json.loads(to_json(report()))
    assert [run["code"] for run in told["runs"]] == [None, 476, None]
    assert told["action"] == "untag" and told["tag"] == "t"
    assert "\x1b" not in to_json(report())


@given(
    st.builds(
        Outcome,
        st.integers(),
        st.sampled_from(State),
        st.lists(REMARKS, max_size=3).map(tuple),
        st.none() | st.integers(),
    )
)
def test_an_outcome_comes_back_from_its_json_whole(outcome: Outcome) -> None:
    assert outcome_from_json(json.loads(json.dumps(outcome_to_json(outcome)))) == outcome
