"""The filter fields, one record each.

Sidebar, filter line, command line, paths of V1, matching, SQL over a mirror, help and documentation
are made from FIELDS: a new field is a new record here.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from operator import attrgetter

from runbrowser.errors import UsageError
from runbrowser.fields import clauses, values
from runbrowser.fields.records import NOT, Box, FilterField, Option, Verdict, negated
from runbrowser.fields.signatures import says
from runbrowser.models import Facts, RunFilter, RunRow, RunState
from runbrowser.text import display


def _state_matches(state: RunState, row: RunRow, facts: Facts | None) -> Verdict:
    if state is RunState.FAILED or row.error_message:
        return state is RunState.FAILED and bool(row.error_message)
    return None if facts is None else facts.state is state


def _shown(show: bool, row: RunRow, facts: Facts | None) -> Verdict:
    if show or row.error_message:
        return True
    return None if facts is None else facts.state is not RunState.EVALUATION_FAILED


def _uploader_matches(
    value: tuple[tuple[int, ...], bool], row: RunRow, facts: Facts | None
) -> Verdict:
    ids, mine = value
    return row.uploader in ids or (None if mine else False)


def _of_mirror(value: object, row: RunRow, facts: Facts | None) -> Verdict:
    return None


def _score_matches(bound: values.Bound, row: RunRow, facts: Facts | None) -> Verdict:
    if row.error_message:
        return False
    if facts is None:
        return None
    return facts.score is not None and bound.holds(facts.score)


def _ids(
    key: str,
    examples: tuple[str, ...],
    meaning: str = "",
    *,
    attribute: str = "",
    aliases: tuple[str, ...] = (),
) -> FilterField:
    """A field of ids that rows tell, any of which will do; ``attribute`` is the filter's, where it
    is not the key.
    """
    column = attrgetter(f"{key}_id")
    return FilterField(
        key,
        f"{key} ids: {examples[0]}",
        values.parse_ids,
        values.ids_text,
        lambda ids, row, facts: column(row) in ids,
        clauses.of_ids(f"{key}_id"),
        examples,
        meaning or f"{key} ids",
        attributes=(attribute or key,),
        aliases=aliases,
        segment=key,
        path=values.ids_segment(f"a {key} id"),
        several=True,
        evaluations="asked",
        option=Option(f"--{key}", f"{key.capitalize()} ids.", "IDS"),
        placeholder="ids",
    )


_RECORDS = (
    replace(
        _ids(
            "run",
            ("run:1,2",),
            "runs by their ids; a bare number is a run id",
            attribute="ids",
            aliases=("id", "ids", "runs"),
        ),
        docs="run ids: run:1,2,3",
        option=Option("--id", "Run ids, as 1,2,3.", "IDS"),
    ),
    _ids("task", ("task:59", "task:59,60")),
    _ids("setup", ("setup:37",), "setup ids: a flow with its parameter settings"),
    _ids("flow", ("flow:8353",)),
    FilterField(
        "uploader",
        "user ids, or me: uploader:me",
        values.parse_uploader,
        values.uploader_text,
        _uploader_matches,
        clauses.of_uploader,
        ("uploader:16", "uploader:me"),
        "who uploaded the run; for `me` set `user_id`, the API does not tell",
        attributes=("uploader", "mine"),
        aliases=("user",),
        segment="uploader",
        path=lambda value: values.ids_segment("an uploader id")(value[0]),
        several=True,
        evaluations="asked",
        words=("me",),
        option=Option("--uploader", "User ids, or me.", "IDS"),
        placeholder="ids or me",
        boxes=(
            Box("only-mine", "only mine", lambda value: value[1], lambda value, on: (value[0], on)),
        ),
    ),
    FilterField(
        "study",
        "a run study's id: study:100",
        values.parse_study,
        str,
        lambda study, row, facts: None,
        clauses.not_held("tags and studies"),
        ("study:100",),
        "a study of runs; legacy studies are tags, as `tag:study_14`",
        attributes=("study",),
        negatable=False,
        segment="study",
        path=values.study_segment,
        evaluations="asked",
        option=Option("--study", "A study of runs; legacy studies are tags.", "ID"),
        placeholder="id",
    ),
    FilterField(
        "tag",
        "a tag, whole: tag:study_14",
        values.parse_tag,
        str,
        lambda tag, row, facts: None,
        clauses.not_held("tags and studies"),
        ("tag:NAME",),
        "one tag, whole, in any case",
        attributes=("tag",),
        negatable=False,
        segment="tag",
        path=values.tag_segment,
        evaluations="asked",
        option=Option("--tag", "A tag, whole.", "TAG"),
        placeholder="whole tag",
    ),
    FilterField(
        "type",
        "task types, by number or name: type:classification",
        values.parse_task_types,
        values.task_types_text,
        lambda kinds, row, facts: row.task_type_id in kinds,
        clauses.of_ids("task_type_id"),
        ("type:classification",),
        "the task type, by name or number",
        attributes=("task_type",),
        called="task type",
        aliases=("task_type", "task-type"),
        segment="task_type",
        path=values.ids_segment("a task type"),
        several=True,
        words=tuple(values.TYPE_NAMES),
        option=Option("--task-type", "Task types by number or name.", "TYPES"),
        placeholder="name or id",
    ),
    FilterField(
        "state",
        "ok, failed, eval-failed or not-evaluated",
        values.parse_state,
        values.state_text,
        _state_matches,
        clauses.of_state,
        ("state:ok", "state:failed", "state:eval-failed", "state:not-evaluated"),
        "how the run ended",
        attributes=("state",),
        needs_facts=lambda state: state is not RunState.FAILED,
        words=tuple(values.STATES),
        placeholder="all",
    ),
    FilterField(
        "error",
        'part of the error message: error~"memory"',
        str,
        str,
        lambda wanted, row, facts: says(row.error_message or "", wanted),
        clauses.of_error,
        ('error~"out of memory"',),
        "part of the error message, in any case",
        attributes=("error",),
        sign="~",
        placeholder="part of it",
    ),
    FilterField(
        "error-pattern",
        'a regular expression, on a mirror: error=~"memory|heap"',
        values.parse_pattern,
        str,
        _of_mirror,
        clauses.of_pattern,
        ('error=~"memory|heap"',),
        "a regular expression that part of the error message fits, in any case; on a mirror",
        word="error",
        sign="=~",
        by_rows=False,
        option=Option("--error-pattern", "A regular expression, on a mirror.", "REGEX"),
    ),
    FilterField(
        "flow-name",
        'part of the flow\'s name, on a mirror: flow~"adaboost"',
        str,
        str,
        _of_mirror,
        clauses.of_flow_name,
        ("flow~adaboost",),
        "part of the flow's name, in any case; on a mirror",
        word="flow",
        sign="~",
        by_rows=False,
        option=Option("--flow-name", "Part of the flow's name, on a mirror.", "TEXT"),
    ),
    FilterField(
        "data",
        'part of the data set\'s name, on a mirror: data~"credit"',
        str,
        str,
        _of_mirror,
        clauses.of_data_name,
        ("data~credit",),
        "part of the name of the task's data set, in any case; on a mirror",
        sign="~",
        by_rows=False,
        option=Option("--data", "Part of the data set's name, on a mirror.", "TEXT"),
    ),
    FilterField(
        "score",
        "above or below a value: score>0.9",
        values.parse_bound,
        values.bound_text,
        _score_matches,
        clauses.of_score,
        ("score>0.9", "score<=0.5"),
        "the score that the table shows, above or below a value",
        sign="",
        needs_facts=lambda bound: True,
    ),
    FilterField(
        "since",
        "uploaded then or later: since:2020-01-31, since:yesterday",
        values.parse_period,
        lambda period: str(period.text),
        lambda period, row, facts: (row.upload_time or "") >= period.text,
        clauses.since,
        ("since:2020", "since:2020-01-31", "since:yesterday"),
        "uploaded in that year, month or day, or later, by the server's clock",
        words=tuple(values.DAYS_AGO),
        option=Option("--since", "Uploaded then or later: a day, month or year.", "DAY"),
    ),
    FilterField(
        "until",
        "uploaded then or before: until:2020-01-31",
        values.parse_period,
        lambda period: str(period.text),
        lambda period, row, facts: (
            row.upload_time is not None and row.upload_time[: len(period.text)] <= period.text
        ),
        clauses.until,
        ("until:2020", "until:2020-01-31"),
        "uploaded in that year, month or day, or before",
        option=Option("--until", "Uploaded then or before: a day, month or year.", "DAY"),
    ),
    FilterField(
        "show-errors",
        "no: hide runs whose evaluation failed, as the server does unless asked",
        values.parse_yes_no,
        lambda show: "" if show else "no",
        _shown,
        clauses.of_shown,
        ("show-errors:no",),
        "hide runs whose evaluation failed, as the server does unless asked",
        attributes=("show_errors",),
        aliases=("show_errors",),
        negatable=False,
        segment="show_errors",
        path=lambda show: "true" if show else "",
        evaluations="implied",
        words=("no",),
        option=Option(
            "--errors",
            "Show runs whose evaluation failed (the default), or hide them as the server does.",
            off="--no-errors",
        ),
        boxes=(
            Box("hide-errors", "hide eval errors", lambda show: not show, lambda _, on: not on),
        ),
    ),
)

FIELDS: dict[str, FilterField] = {record.key: record for record in _RECORDS}
"""Every filter field by its key, in the order of the text form."""


def field_of(name: str, sign: str = ":") -> FilterField | None:
    """The field of a key or an alias, in any case; of fields that are written with the same word
    (``flow:`` and ``flow~``) the sign tells which is meant.
    """
    name = name.lower()
    if name.startswith(NOT):
        field = field_of(name.removeprefix(NOT), sign)
        return negated(field) if field is not None and field.negatable else None
    meant = (one for one in FIELDS.values() if one.word == name and one.sign == sign)
    known = FIELDS.get(name) or next((one for one in FIELDS.values() if name in one.aliases), None)
    return next(meant, known)


def heads() -> list[str]:
    """What fields are written with, in their order; the usual sign is left out."""
    return [field.head.rstrip(":") for field in FIELDS.values()]


def in_force(filter: RunFilter) -> Iterator[FilterField]:
    """The fields by which a filter restricts something.

    Raises UsageError for a condition that no record explains: it would be ignored.
    """
    found = [field_of(one.key) for one in filter.conditions]
    unknown = [one for one, field in zip(filter.conditions, found, strict=True) if field is None]
    if unknown:
        raise UsageError(f"There is no filter field {display(unknown[0].key, 40)!r}.")
    yield from (field for field in FIELDS.values() if field.value(filter) is not None)
    yield from (field for field in found if field is not None and field.key.startswith(NOT))
