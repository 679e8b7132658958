"""Signatures: what differs from run to run is taken out, what tells errors apart stays."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from runbrowser.fields import signatures
from runbrowser.models import RunRow
from runbrowser.triage import signatures as groups_module
from runbrowser.triage.signatures import by_rate, group_errors, says, signature


def row(run_id: int, error: str | None, **more: object) -> RunRow:
    told = {"task_id": 1, "task_type_id": 1, "setup_id": 1, "flow_id": 1, "uploader": 1,
            "upload_time": None, "run_details": None, **more}  # fmt: skip
    return RunRow(**{"run_id": run_id, "error_message": error, **told})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("Expected 3 features, got 14", "Expected <n> features, got <n>"),
        ("loss is 1e-5, not -3.25", "loss is <n>, not <n>"),
        ("at 0x7f3b2c001a90 in main", "at <address> in main"),
        ("java.lang.Object@1b6d3586 is gone", "java.lang.Object<address> is gone"),
        ("job 123e4567-e89b-12d3-a456-426614174000 died", "job <id> died"),
        ("blob 9f86d081884c7d659a2feaa0c55ad015 missing", "blob <id> missing"),
        ("cannot read /home/ann/data/iris.arff", "cannot read <path>"),
        ("cannot read ~/data/iris.arff now", "cannot read <path> now"),
        (r"cannot read C:\\Program Files\\iris.arff", "cannot read <path>"),
        ("/data/a.arff is not in /data/b", "<path> is not in <path>"),
        ("version 1.5.2 is too old.", "version <n> is too old."),
        ("it took 1,234,567 steps, no more", "it took <n> steps, no more"),
        (r"cannot read C:\data\iris.arff", "cannot read <path>"),
        ("GET https://www.openml.org/api/v1/run/7?x=1 failed", "GET <url> failed"),
        ("could not convert string to float: 'tall'", "could not convert string to float: <value>"),
        ('no column "age" in frame', "no column <value> in frame"),
        ("`C` must be positive", "<value> must be positive"),
        ("it's Ann's own fault, isn't it", "it's Ann's own fault, isn't it"),
        ('File "model.py", line 27, in fit', "File <value>, line <n>, in fit"),
        ("failed on 2026-03-07 12:00:01.5", "failed on <time>"),
        ("must be one of 'a', 'b', 'c'", "must be one of <value>, \u2026"),
        ("shape 1, 2, 3 is wrong", "shape <n>, \u2026 is wrong"),
        ("two\tspaces   are  one", "two spaces are one"),
        ("SVC2 and x86 keep their digits", "SVC2 and x86 keep their digits"),
        ("", ""),
    ],
)
def test_what_differs_from_run_to_run_is_taken_out(message: str, wanted: str) -> None:
    assert signature(message) == wanted


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("The 'C' parameter of SVC must be a float. Got -1.0 instead.",
         "The 'C' parameter of SVC must be a float. Got <n> instead."),
        ("The 'kernel' parameter of SVC must be a str among {'rbf', 'auto'}. Got 'foo'.",
         "The 'kernel' parameter of SVC must be a str among {<value>, \u2026}. Got <value>."),
        ("fit() got an unexpected keyword argument 'n_jobs'",
         "fit() got an unexpected keyword argument 'n_jobs'"),
        ("missing 1 required positional argument: 'y'",
         "missing <n> required positional argument: 'y'"),
        ("'NoneType' object has no attribute 'fit'", "'NoneType' object has no attribute 'fit'"),
        ("Invalid parameter 'foo' for estimator SVC()",
         "Invalid parameter 'foo' for estimator SVC()"),
        ('the "mtry" hyperparameter is 0', 'the "mtry" hyperparameter is <n>'),
        ("the value 'a b' parameter", "the value <value> parameter"),
        ("KeyError: 'age'", "KeyError: <value>"),
    ],
)  # fmt: skip
def test_the_names_of_parameters_arguments_and_attributes_stay(message: str, wanted: str) -> None:
    assert signature(message) == wanted


def test_parameters_of_different_names_are_different_errors() -> None:
    one, other = (f"The '{name}' parameter of SVC must be a float." for name in ("C", "tol"))
    assert len(group_errors([row(1, one), row(2, other), row(3, one)])) == 2


@pytest.mark.parametrize(
    "name",
    ["ValueError", "sklearn.utils.InvalidParameterError", "java.lang.IllegalArgumentException",
     "RuntimeError: ValueError", "UserWarning"],
)  # fmt: skip
def test_one_error_is_one_group_with_or_without_the_exceptions_name(name: str) -> None:
    bare = "Input X contains NaN in column 'a'"
    (group,) = group_errors([row(1, f"{name}: {bare}"), row(2, bare), row(3, f"{name}: {bare}")])
    assert group.run_ids == [1, 2, 3]
    assert group.signature == f"{name}: Input X contains NaN in column <value>"
    assert group.example.run_id == 1
    for run_error in (bare, f"{name}: {bare}"):
        assert says(run_error, group.signature)
    assert not says("Input X contains infinity in column 'a'", group.signature)


def test_an_exceptions_name_that_says_most_is_not_left_out() -> None:
    errors = ["KeyError: 'a'", "IndexError: 3", "MemoryError: out", "TimeoutError: out"]
    assert len(group_errors([row(n, error) for n, error in enumerate(errors)])) == 4


def test_flows_are_ranked_by_how_often_they_fail_for_what_they_ran() -> None:
    rows = [row(n, "no" if n % 100 < 50 else None, flow_id=1) for n in range(100)]
    rows += [row(200 + n, "no" if n else None, flow_id=2) for n in range(20)]
    rows += [row(300, "no", flow_id=3)]
    groups = group_errors(rows, "flow")
    assert [(g.number, g.count, g.seen) for g in groups] == [(1, 50, 100), (2, 19, 20), (3, 1, 1)]
    assert [g.rate for g in groups] == [0.5, 0.95, 1.0]
    assert [g.number for g in by_rate(groups)] == [2, 1, 3]
    assert all(0 <= g.least_rate <= g.rate for g in groups)


def test_of_a_traceback_the_last_line_counts() -> None:
    def traceback(line: int, path: str, value: str) -> str:
        return (
            "Traceback (most recent call last):\n"
            f'  File "{path}", line {line}, in fit\n    self._fit(X)\n'
            f"ValueError: unknown label '{value}'"
        )

    one = signature(traceback(27, "/home/ann/a.py", "x"))
    assert (
        one == signature(traceback(9_000, "/opt/b.py", "yy")) == "ValueError: unknown label <value>"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ValueError: Input X contains NaN.", "ValueError: Input X contains infinity."),
        ("TypeError: 3", "ValueError: 3"),
        ("max_depth must be > 0", "min_depth must be > 0"),
    ],
)
def test_errors_that_say_other_things_stay_apart(one: str, other: str) -> None:
    assert signature(one) != signature(other)


WORD = st.text(st.characters(codec="ascii", categories=["Ll", "Lu"]), min_size=1, max_size=8)
NUMBER = st.one_of(
    st.integers(0, 10**9).map(str),
    st.floats(0.001, 1e6, allow_nan=False).map(lambda value: f"{value:.4f}"),
)
QUOTED = WORD.map(lambda word: f"'{word}'")
PATH = st.lists(WORD, min_size=2, max_size=5).map(lambda parts: "/" + "/".join(parts))
ADDRESS = st.integers(0, 2**48).map(hex)
KINDS = {"<n>": NUMBER, "<value>": QUOTED, "<path>": PATH, "<address>": ADDRESS}


@given(st.data(), st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=4))
def test_messages_that_differ_only_in_such_values_have_one_signature(
    data: st.DataObject, kinds: list[str]
) -> None:
    def message() -> str:
        return "".join(f"part{chr(97 + i)} {data.draw(KINDS[k])} " for i, k in enumerate(kinds))

    wanted = " ".join(f"part{chr(97 + i)} {kind}" for i, kind in enumerate(kinds))
    assert signature(message()) == signature(message()) == wanted


@given(st.text(max_size=3_000))
def test_any_text_has_a_signature_of_one_line_that_it_says(message: str) -> None:
    found = signature(message)
    assert "\n" not in found and found == found.strip()
    assert signature(message) == found
    if message:
        assert says(message, found) or not found
        assert says(message, message)


@given(st.lists(st.one_of(st.none(), st.text(max_size=30), st.sampled_from(["a 1", "a 2", "b"]))))
def test_groups_hold_every_run_with_an_error_once_and_the_largest_comes_first(
    messages: list[str | None],
) -> None:
    rows = [row(number, message) for number, message in enumerate(messages)]
    groups = group_errors(rows)
    found = [run_id for group in groups for run_id in group.run_ids]
    assert sorted(found) == [r.run_id for r in rows if r.error_message]
    assert [g.count for g in groups] == sorted((g.count for g in groups), reverse=True)
    assert len({group.signature for group in groups}) == len(groups)
    for group in groups:
        assert group.example.run_id == group.run_ids[0]


def test_a_group_knows_since_when_where_and_whose() -> None:
    (group,) = group_errors(
        [
            row(3, "no 1", upload_time="2026-02-01 00:00:00", flow_id=7, uploader=2, task_id=5),
            row(1, "no 2", upload_time="2025-02-01 00:00:00", flow_id=7, uploader=3, task_id=5),
            row(2, "no 3", upload_time=None, flow_id=8, uploader=None, task_id=5),
        ]
    )
    assert (group.signature, group.count, group.run_ids) == ("no <n>", 3, [3, 1, 2])
    assert (group.first_seen, group.last_seen) == ("2025-02-01 00:00:00", "2026-02-01 00:00:00")
    assert group.flows == {7: 2, 8: 1}
    assert group.uploaders == {2: 1, 3: 1}
    assert group.tasks == {5: 3}


class Counted(Iterable[RunRow]):
    """Rows that count how often they are walked through."""

    def __init__(self, rows: list[RunRow]) -> None:
        self._rows = rows
        self.given = 0

    def __iter__(self) -> Iterator[RunRow]:
        for one in self._rows:
            self.given += 1
            yield one


def test_a_hundred_thousand_messages_are_each_looked_at_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    number, kinds = 100_000, 1_000
    words = [chr(97 + i // 100) + chr(97 + i // 10 % 10) + chr(97 + i % 10) for i in range(kinds)]
    rows = Counted([row(i, f"error {words[i % kinds]}: run {i}") for i in range(number)])
    read, compared = 0, 0
    real = signatures.signature.__wrapped__

    class Sign(str):
        """A signature that counts how often it is compared with another."""

        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return str.__eq__(self, other)

    def counted(message: str) -> str:
        nonlocal read
        read += 1
        return Sign(real(message))

    monkeypatch.setattr(groups_module, "signature", counted)
    groups = group_errors(rows)
    assert len(groups) == kinds and {group.count for group in groups} == {number // kinds}
    assert rows.given == read == number
    # One comparison a row finds its group; ordering the groups costs some for each of them.
    assert compared <= 2 * number + 40 * kinds


@pytest.mark.parametrize(
    "message",
    ["'" * 100_000, "/" * 100_000, "a/" * 50_000, "1," * 50_000, '"\\' * 50_000, "0x" * 50_000,
     "2026-01-01" * 10_000, "Traceback" + "\n'" * 50_000, "a-" * 50_000 + "@"],
    ids=lambda message: message[:4] + "...",
)  # fmt: skip
def test_only_the_beginning_of_endless_messages_is_looked_into(message: str) -> None:
    looked_into: list[int] = []

    class Parts:
        def sub(self, how: object, text: str) -> str:
            looked_into.append(len(text))
            return real.sub(how, text)  # type: ignore[arg-type]

    real = signatures._PARTS
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signatures, "_PARTS", Parts())
        signatures.signature.__wrapped__(message)
    assert looked_into and max(looked_into) <= signatures._LONGEST
