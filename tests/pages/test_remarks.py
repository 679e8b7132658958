"""Remarks in words: each reason has a sentence, whatever is in its details."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from runbrowser.bulk.operations import OPERATIONS
from runbrowser.bulk.outcome import Outcome, State, done
from runbrowser.bulk.plan import Item
from runbrowser.bulk.remarks import Reason, Remark, remark
from runbrowser.pages.plans import title
from runbrowser.pages.remarks import outcome_words, sentence

SOURCE = Path(__file__).parents[2] / "runbrowser"


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_has_a_sentence_with_the_details_that_the_code_gives_it(
    reason: Reason,
) -> None:
    given = {
        Reason.IN_STUDIES: ((((7, ("study 3 (x)",)),), 3, 7)),
        Reason.LISTED: ("Refused", ("study 3 (x)",), 3, 7),
        Reason.TAGS_NOW: (("a", "b"),),
        Reason.TAGGED_BY_YOU: (("a", "b"),),
        Reason.WAS_IN_STUDIES: (((3, "x"),),),
        Reason.COPY_MADE: (("a",),),
        Reason.COPY_LACKED: (("a",),),
    }
    numbers: tuple[int, ...] = (5, 7, 3)
    details = given.get(reason, numbers)
    words = ""
    for number in range(len(details), -1, -1):  # reasons have fewer
        words = sentence(Remark(reason, details[:number]))
        if words != reason.value.replace("-", " "):
            break
    assert (words and "{" not in words and words != reason.value.replace("-", " ")) or (
        reason in (Reason.DONE, Reason.PUBLISHED)
    )  # fmt: skip


@pytest.mark.parametrize("details", [(), (None,), ("a", "b", "c", "d", "e"), ((),), (((),),)])
def test_details_of_another_kind_break_nothing(details: tuple[object, ...]) -> None:
    for reason in Reason:
        assert sentence(Remark(reason, details))  # type: ignore[arg-type]


def test_what_was_done_is_the_operation_s_own_verb() -> None:
    said = {
        name: outcome_words(operation, done(1, remark(Reason.NO_COPY_MADE)))
        for name, operation in OPERATIONS.items()
    }
    assert said["delete"] == "deleted; no copy was kept"
    assert said["untag"] == "untagged; no copy was kept"
    nothing = Outcome(1, State.ALREADY, (remark(Reason.TAGGED_ALREADY),))
    assert outcome_words(OPERATIONS["tag"], nothing) == "nothing to do: it has the tag already"


def test_titles_name_the_number_and_the_tag() -> None:
    items = [Item(1, entry="h/1-x"), Item(2, entry="h/2-x")]
    titles = {name: title(op.plan(items, "t")) for name, op in OPERATIONS.items()}
    assert titles["tag"] == "tag 2 runs with t"
    assert titles["untag"] == "remove the tag t from 2 runs"
    assert titles["delete"] == "delete 2 runs"
    assert titles["restore"] == "restore 2 runs"


def test_no_module_but_the_operations_own_asks_which_operation_it_is() -> None:
    """Switches on what an operation is called are what let ten places forget a new one."""
    switch = re.compile(r"\.operation(\.name)? (is|is not|==|!=|in|not in) ")
    found = [
        f"{path.relative_to(SOURCE)}:{number}"
        for path in SOURCE.rglob("*.py")
        if "operations" not in path.parts and "demo" not in path.parts
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if switch.search(line)
    ]
    assert [where for where in found if not where.startswith("cli/delete.py")] == []
