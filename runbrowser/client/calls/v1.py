"""V1's operations as calls, as docs/protocol.md tells. Functions build values; nothing is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from runbrowser.client.call import Call, run_keep_for
from runbrowser.client.wire import run_description, run_list, tables, writes
from runbrowser.client.wire.study import read_study
from runbrowser.errors import UsageError, UsageTypeError
from runbrowser.fields.filters import FIELDS, in_force
from runbrowser.fields.records import FilterField
from runbrowser.fields.values import quote_segment
from runbrowser.ids import Id, Ids, many_ids, one_id
from runbrowser.models import (
    EvaluationRow,
    FlowFacts,
    Run,
    RunFilter,
    RunPage,
    SetupParameter,
    StudyInfo,
    TaskInfo,
    Trace,
)

MAX_LIMIT = 10_000
"""The most rows that V1 gives at once (error 516 above)."""

MAX_PATH = 4_000
"""Longer paths are refused by the web server in front of V1, in bytes."""

NOTHING_FOUND = 512
NO_EVALUATIONS = 542
NO_FLOWS = 500
NO_SETUPS = 674


def _id(value: Id, what: str = "an id") -> str:
    return str(one_id(value, what))


def _csv(ids: Ids, what: str = "an id") -> str:
    return ",".join(map(str, many_ids(ids, what) or ()))


def _of_server(filter: RunFilter) -> None:
    """Refuses the parts of a filter that no server can look for: they would be ignored."""
    local = [field.key for field in in_force(filter) if not field.segment]
    if local:
        raise UsageError(
            f"The server cannot look for runs by their {' or '.join(local)}: "
            "only their rows tell. Ask without it, and look through the rows."
        )
    if filter.mine:
        raise UsageError(
            "The server does not tell whose an API key is: give your user id as uploader."
        )


# The order in which openml-python sends them; what it does not know comes last.
_ORDER = ("run", "task", "setup", "flow", "uploader", "study", "show_errors", "tag", "task_type")


def filter_segments(filter: RunFilter) -> list[str]:
    """A filter as V1 path segments, in upstream's order; what V1 does not know is left out."""
    return _segments(filter, FIELDS.values())


def _segments(filter: RunFilter, fields: Iterable[FilterField]) -> list[str]:
    found = {field.segment: field.path_in(filter) for field in fields if field.segment}
    names = sorted(found, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))
    return [part for name in names if found[name] for part in (name, found[name])]


def _limit(limit: Id) -> int:
    number = one_id(limit, "a limit")
    if not 1 <= number <= MAX_LIMIT:
        raise UsageError(f"A page holds 1 to {MAX_LIMIT:,} runs, not {number:,}.")
    return number


def list_runs(filter: RunFilter, limit: Id | None, offset: Id = 0) -> Call[RunPage]:
    """One page of runs, without order; an empty page when nothing matches.

    See "Lists of runs" in docs/protocol.md.
    """
    _of_server(filter)
    segments = ["run", "list"]
    most = None if limit is None else _limit(limit)
    first = one_id(offset, "an offset")
    if most is not None:
        segments += ["limit", str(most)]
    if first:
        segments += ["offset", str(first)]
    path = "/".join(segments + filter_segments(filter))
    if len(path) > MAX_PATH:
        raise UsageError(
            f"Too many ids for one request ({len(path):,} bytes; at most {MAX_PATH:,})."
        )

    def nothing() -> RunPage:
        return RunPage(limit=most, offset=first)

    return Call(
        "list runs",
        "GET",
        path,
        lambda answer: run_list.read_run_list(answer, limit=most, offset=first),
        on_code={NOTHING_FOUND: nothing},
        own=bool(filter.uploader),
    )


def get_run(run_id: Id) -> Call[Run]:
    """One run with everything it has."""
    run_id = one_id(run_id, "a run id")
    return Call(
        f"read run {run_id}",
        "GET",
        f"run/{run_id}",
        run_description.read_run,
        keep=True,
        keep_for=run_keep_for,
    )


def get_trace(run_id: Id) -> Call[Trace]:
    """The configurations that a run's search tried."""
    run_id = one_id(run_id, "a run id")
    return Call(
        f"read the trace of run {run_id}",
        "GET",
        f"run/trace/{run_id}",
        run_description.read_trace,
        keep=True,
    )


def list_evaluations(
    filter: RunFilter,
    function: str | None = None,
    *,
    limit: int | None = None,
    offset: int = 0,
    per_fold: bool = False,
    sort_order: str | None = None,
) -> Call[list[EvaluationRow]]:
    """One measure of many runs, with names; empty when no run has it.

    ``function`` is an evaluation measure; without it all measures come, and ``limit`` counts them.
    ``sort_order`` is 'asc' or 'desc' and slow on the server.
    """
    _of_server(filter)
    refused = [field.name for field in in_force(filter) if field.evaluations == "refused"]
    if refused:
        raise UsageError(
            f"The server's list of evaluations knows no {' or '.join(refused)}: leave it out."
        )
    segments = ["evaluation", "list"]
    if function is not None:
        segments += ["function", quote_segment(function)]
    if limit is not None:
        segments += ["limit", _id(limit, "a limit")]
    if offset:
        segments += ["offset", _id(offset, "an offset")]
    if per_fold:
        segments += ["per_fold", "true"]
    if sort_order is not None:
        if sort_order not in ("asc", "desc"):
            raise UsageError(f"sort_order is asc or desc, not {sort_order!r}.")
        segments += ["sort_order", sort_order]
    known = [field for field in FIELDS.values() if field.evaluations == "asked"]
    return Call(
        f"list evaluations of {function}" if function else "list evaluations",
        "GET",
        "/".join(segments + _segments(filter, known)),
        tables.read_evaluations,
        on_code={NO_EVALUATIONS: list},
        own=bool(filter.uploader),
    )


def list_users(ids: Sequence[int]) -> Call[dict[int, str]]:
    """Names of users by id."""
    return Call("read user names", "GET", f"user/list/user_id/{_csv(ids)}", tables.read_users)


def list_tasks(ids: Sequence[int]) -> Call[dict[int, TaskInfo]]:
    """Type, data set and measure of tasks by id."""
    return Call(
        "read task names",
        "GET",
        f"task/list/task_id/{_csv(ids)}",
        tables.read_tasks,
        on_code={482: dict},
    )


def list_all_tasks(limit: Id, offset: Id = 0) -> Call[dict[int, TaskInfo]]:
    """Type, data set and measure of all tasks, a block at a time."""
    return Call(
        "list tasks",
        "GET",
        f"task/list/limit/{_id(limit, 'a limit')}/offset/{_id(offset, 'an offset')}",
        tables.read_tasks,
        on_code={482: dict},
    )


def list_flows() -> Call[dict[int, str]]:
    """The full names of all flows by id: V1 has no maximum here and no list by flow id."""
    return Call("list flows", "GET", "flow/list", tables.read_flow_list, on_code={NO_FLOWS: dict})


def get_flow_names(flow_id: int) -> Call[dict[int, str]]:
    """The full names of a flow and of its components."""
    return Call(
        f"read flow {flow_id}", "GET", f"flow/{_id(flow_id)}", tables.read_flow_names, keep=True
    )


MOST_SETUPS = 1_000
"""The most setups of one answer."""


def list_setups(ids: Sequence[int]) -> Call[dict[int, tuple[SetupParameter, ...]]]:
    """The settings of at most 1,000 setups by id; those that the server does not know are left out.
    They never change, so the reply may be kept.
    """
    return Call(
        "list setups",
        "GET",
        f"setup/list/setup/{_csv(ids, 'a setup id')}",
        tables.read_setups,
        on_code={NO_SETUPS: dict},
        keep=True,
    )


def get_study(study_id: Id) -> Call[StudyInfo]:
    """A study: a suite of tasks, or a collection of runs. Its lists may change, so that no reply is
    kept.
    """
    number = one_id(study_id, "a study id")
    return Call(f"read study {number}", "GET", f"study/{number}", read_study)


def list_measures() -> Call[list[str]]:
    """The names of all evaluation measures."""
    return Call("list evaluation measures", "GET", "evaluationmeasure/list", tables.read_measures)


def get_flow(flow_id: int) -> Call[FlowFacts]:
    """The names and the parameters' defaults of a flow and of its components."""
    return Call(f"read flow {flow_id}", "GET", f"flow/{_id(flow_id)}", tables.read_flow, keep=True)


def list_run_tags() -> Call[list[str]]:
    """All tags that any run has."""
    return Call("list tags", "GET", "run/tag/list", tables.read_tags)


def publish(path: str, files: Mapping[str, Any] | None) -> Call[int]:
    """Uploads a description and its files; the new id. The key goes into the form."""
    return Call(
        "publish the run",
        "POST",
        path,
        writes.read_published_id,
        key="form",
        key_needed=True,
        files=files,
    )


def tag(run_id: Id, tag: str) -> Call[list[str]]:
    """Adds a tag; all tags of the run come back."""
    return _tag_call("tag", run_id, tag)


def untag(run_id: Id, tag: str) -> Call[list[str]]:
    """Removes a tag; the remaining tags come back."""
    return _tag_call("untag", run_id, tag)


def _tag_call(verb: str, run_id: Id, tag: str) -> Call[list[str]]:
    run_id = one_id(run_id, "a run id")
    if not isinstance(tag, str):
        raise UsageTypeError(f"A tag is a text, not {tag!r}.")
    return Call(
        f"{verb} run {run_id} ({tag})",
        "POST",
        f"run/{verb}",
        lambda answer: writes.read_tags_after(answer, f"run_{verb}"),
        key="form",
        key_needed=True,
        form={"run_id": str(run_id), "tag": tag},
        outdates=(f"run/{run_id}",),
    )


def delete(run_id: Id) -> Call[bool]:
    """Deletes a run. The key is read from the query alone."""
    run_id = one_id(run_id, "a run id")
    return Call(
        f"delete run {run_id}",
        "DELETE",
        f"run/{run_id}",
        writes.read_deleted,
        key="query",
        key_needed=True,
        outdates=(f"run/{run_id}", f"run/trace/{run_id}"),
    )
