"""Scores of flows over the tasks of a suite, asked for in bulk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from runbrowser.client.calls import v1
from runbrowser.client.resources.engines import first_engine
from runbrowser.client.resources.names import AsyncNameV1API, in_parts
from runbrowser.errors import OpenMLServerException, UsageError
from runbrowser.fields.filters import to_text
from runbrowser.models import EvaluationRow, NameBook, RunFilter, StudyInfo, TaskInfo
from runbrowser.text import display
from runbrowser.triage.measures import default_measure
from runbrowser.triage.suite.build import compare_flows
from runbrowser.triage.suite.model import (
    LEAST,
    MOST,
    CellKind,
    ComparedFlow,
    ComparedTask,
    SuiteComparison,
)

if TYPE_CHECKING:
    from runbrowser.client.http import AsyncHTTPClient

_NO_SUCH_STUDY = 601
_NO_STUDY_OF_RUNS = 555
_USUAL = ("predictive_accuracy", "root_mean_squared_error", "c_index")
"""Measures by which tasks are compared that name none, by the kinds of tasks."""


@dataclass(frozen=True, slots=True)
class SuiteQuestion:
    """Which flows are to be compared over which tasks.

    ``study`` is a suite, whose tasks count, or a study of runs, whose runs alone count. ``flows``
    may be left out for a study of runs, ``tasks`` anywhere: then it is those of the study, else
    all on which two of the flows have a score. ``measure``: None takes that of most tasks.
    ``among`` narrows the runs down further, by uploader and tag.
    """

    study: int | None = None
    flows: tuple[int, ...] = ()
    tasks: tuple[int, ...] = ()
    measure: str | None = None
    among: RunFilter = field(default_factory=RunFilter)


@dataclass(frozen=True, slots=True)
class SuiteScores:
    """What was asked for, with one evaluation of each run that has the measure; ``remarks`` tell
    what of a study was left out.
    """

    title: str
    measure: str
    flows: tuple[ComparedFlow, ...]
    tasks: tuple[ComparedTask, ...]
    rows: tuple[EvaluationRow, ...]
    remarks: tuple[str, ...] = ()

    def compared(self, kind: CellKind) -> SuiteComparison:
        """The comparison. Raises ValueError for a measure that has no better or worse."""
        return compare_flows(
            self.title,
            self.flows,
            self.tasks,
            self.rows,
            self.measure,
            kind=kind,
            remarks=self.remarks,
        )


async def suite_scores(
    http: AsyncHTTPClient, names: NameBook, question: SuiteQuestion
) -> SuiteScores:
    """Asks for the scores: a request for the study, one for the names of its tasks, and one for
    every 10,000 runs of the flows on them.

    Raises UsageError when it is not told which flows, or none can be compared;
    OpenMLServerError when a list cannot be had.
    """
    return await _Asking(http, names, question).ask()


class _Asking:
    def __init__(self, http: AsyncHTTPClient, names: NameBook, question: SuiteQuestion) -> None:
        self._http = http
        self._names = names
        self._question = question

    async def ask(self) -> SuiteScores:
        question = self._question
        study = await self._study()
        flows = question.flows or (study.flows if study is not None else ())
        _check(flows, study)
        tasks = question.tasks or (study.tasks if study is not None else ())
        infos = await self._tasks(tasks)
        among = replace(question.among, flow=flows)
        if study is not None and study.kind == "run":
            among = replace(among, study=study.study_id)
        measure, rows = await self._scores(among, tasks, infos)
        remarks: list[str] = []
        if not tasks:
            tasks = _shared_tasks(rows)
        elif rows and not question.tasks:
            tasks = _with_score(tasks, {row.task_id for row in rows}, "task", measure, remarks)
        if rows and not question.flows:
            flows = _with_score(flows, {row.flow_id for row in rows}, "flow", measure, remarks)
            _check(flows, study)
        named = await self._flows(flows, rows)
        return SuiteScores(
            _title(study, question),
            measure,
            tuple(ComparedFlow(flow, named[flow]) for flow in flows),
            tuple(ComparedTask(task, self._data_name(task, rows)) for task in tasks),
            tuple(rows),
            tuple(remarks),
        )

    def _data_name(self, task: int, rows: Sequence[EvaluationRow]) -> str:
        known = self._names.tasks.get(task)
        if known is not None:
            return known.dataset_name
        return next((row.data_name or "" for row in rows if row.task_id == task), "")

    async def _study(self) -> StudyInfo | None:
        number = self._question.study
        if number is None:
            return None
        try:
            return await self._http.send(v1.get_study(number))
        except OpenMLServerException as error:
            if error.code == _NO_SUCH_STUDY:
                raise UsageError(f"The server has no suite or study {number}.") from None
            raise

    async def _tasks(self, tasks: Sequence[int]) -> dict[int, TaskInfo]:
        known = self._names.tasks
        unknown = [number for number in tasks if number not in known]
        if unknown:
            known.update(await AsyncNameV1API(self._http).tasks(unknown))
        return {number: known[number] for number in tasks if number in known}

    async def _scores(
        self, among: RunFilter, tasks: Sequence[int], infos: dict[int, TaskInfo]
    ) -> tuple[str, list[EvaluationRow]]:
        wanted = [self._question.measure] if self._question.measure else _measures(infos)
        rows: list[EvaluationRow] = []
        for measure in wanted:
            rows = await self._rows(among, tasks, measure)
            if rows:
                return measure, rows
        return wanted[0], rows

    async def _rows(
        self, among: RunFilter, tasks: Sequence[int], measure: str
    ) -> list[EvaluationRow]:
        try:
            found = await self._lists(among, tasks, measure)
        except OpenMLServerException as error:
            if error.code != _NO_STUDY_OF_RUNS or among.study is None:
                raise
            # a legacy study: its runs have its tag, and no list knows it
            tagged = replace(among, study=None, tag=f"study_{among.study}")
            found = await self._lists(tagged, tasks, measure)
        return list(first_engine(row for row in found if row.value is not None).values())

    async def _lists(
        self, among: RunFilter, tasks: Sequence[int], measure: str
    ) -> list[EvaluationRow]:
        room = v1.MAX_PATH - 400 - 8 * len(among.flow)
        parts = list(in_parts(tasks, room)) or [()]
        found: list[EvaluationRow] = []
        for part in parts:
            offset = 0
            while True:
                asked = replace(among, task=tuple(part))
                page = await self._http.send(
                    v1.list_evaluations(asked, measure, limit=v1.MAX_LIMIT, offset=offset)
                )
                found += page
                offset += v1.MAX_LIMIT
                if len(page) + len(getattr(page, "unread", ())) < v1.MAX_LIMIT:
                    break
        return found

    async def _flows(self, flows: Sequence[int], rows: Iterable[EvaluationRow]) -> dict[int, str]:
        named = {row.flow_id: row.flow_name for row in rows if row.flow_id and row.flow_name}
        known = self._names.flows
        known.update({flow: name for flow, name in named.items() if flow is not None and name})
        unknown = [flow for flow in flows if flow not in known]
        if unknown:
            known.update(await AsyncNameV1API(self._http).flows(unknown))
        return {flow: known.get(flow, "") for flow in flows}


def _check(flows: Sequence[int], study: StudyInfo | None) -> None:
    if len(flows) >= LEAST and len(flows) <= MOST:
        return
    if not flows and study is not None and study.kind == "task":
        raise UsageError(f"Study {study.study_id} is a suite of tasks: name the flows to compare.")
    if not flows and study is not None:
        raise UsageError(
            f"The server names no flows of study {study.study_id}: name those to compare."
        )
    raise UsageError(f"Name {LEAST} to {MOST} flows to compare, not {len(flows)}.")


def _with_score(
    ids: Sequence[int], scored: set[int | None], thing: str, measure: str, remarks: list[str]
) -> tuple[int, ...]:
    """Those of a study that have a score at all; what is left out is told."""
    left = len([number for number in ids if number not in scored])
    if left:
        things = f"1 {thing}" if left == 1 else f"{left} {thing}s"
        remarks.append(f"{things} of the study without any {measure} left out.")
    return tuple(number for number in ids if number in scored)


def _measures(infos: dict[int, TaskInfo]) -> list[str]:
    """The measure of most tasks; without tasks, one after the other of the usual ones."""
    named = Counter(
        default_measure(task.evaluation_measure, task.task_type_id or 1) for task in infos.values()
    )
    return [named.most_common(1)[0][0]] if named else list(_USUAL)


def _shared_tasks(rows: Iterable[EvaluationRow]) -> tuple[int, ...]:
    """Tasks on which two flows at least have a score."""
    flows: dict[int, set[int | None]] = {}
    for row in rows:
        if row.task_id is not None:
            flows.setdefault(row.task_id, set()).add(row.flow_id)
    return tuple(sorted(task for task, those in flows.items() if len(those) >= LEAST))


def _title(study: StudyInfo | None, question: SuiteQuestion) -> str:
    if study is not None:
        kind = "suite" if study.kind == "task" else "study"
        name = f" ({display(study.name, 80)})" if study.name else ""
        told = f"{kind} {study.study_id}{name}"
    else:
        count = len(question.tasks)
        told = "1 task" if count == 1 else f"{count} tasks" if count else "all tasks they share"
    return told if question.among.empty else f"{told}, {to_text(question.among)}"
