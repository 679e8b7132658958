"""What is known of a flow, a task, a data set, a setup, an uploader, a study or a tag: what it is,
its runs and their states, the best and the latest of them, and what fails.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from runbrowser.client.call import Call
from runbrowser.client.calls import descriptions, v1
from runbrowser.client.resources.engines import first_engine
from runbrowser.client.wire.descriptions import Description
from runbrowser.errors import OpenMLServerError, OpenMLServerNoResult, RunbrowserError
from runbrowser.fields.subjects import Subject
from runbrowser.models import EvaluationRow, RunFilter, RunRow, RunState, TaskInfo, TaskType
from runbrowser.openml.access import resolved
from runbrowser.openml.base import RunSource
from runbrowser.triage.flow_names import short_name
from runbrowser.triage.measures import default_measure, direction
from runbrowser.triage.signatures import ErrorGroup, group_errors

T = TypeVar("T")

_ROWS = 100  # a first page: what is read of a list is kept by the source
_MOST = v1.MAX_LIMIT
_LATEST, _BEST, _ERRORS, _TASKS = 5, 10, 5, 5
_MOST_TASKS = 300  # whose ids one request for scores may name
_REQUESTS_BEFORE_NAMES = 4  # a page about a subject takes six requests at the most


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is told of a subject; ``subject`` is what it leads to."""

    name: str
    text: str
    subject: Subject | None = None


@dataclass(frozen=True, slots=True)
class TaskRuns:
    """The runs of a subject on one task: how many were scored, and the best of them."""

    task_id: int
    count: int
    best: EvaluationRow


@dataclass(slots=True)
class About:
    """A page about a subject, as far as it was read.

    filter: lets its runs through; None while it is not known. total: how many runs there are, None
    where only ``read`` of them were looked at. states: of the runs looked at; those whose
    evaluation failed or waits are not told apart, and counted as UNKNOWN. best: on one task alone,
    or the best of each task in ``tasks``. measure: by which they are ordered, '' for none.
    failures: why parts of it are missing, in words.
    """

    subject: Subject
    name: str = ""
    facts: list[Fact] = field(default_factory=list)
    filter: RunFilter | None = None
    total: int | None = None
    read: int = 0
    states: Counter[RunState] = field(default_factory=Counter)
    measure: str = ""
    best: list[EvaluationRow] = field(default_factory=list)
    tasks: list[TaskRuns] = field(default_factory=list)
    latest: list[RunRow] = field(default_factory=list)
    errors: list[ErrorGroup] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    done: bool = False


async def read_about(source: RunSource, subject: Subject) -> AsyncIterator[About]:
    """The page about a subject, given again after each step that added to it.

    It takes at most six requests. Raises OpenMLServerError and its kinds when the server does not
    know the subject; what else cannot be had is told in ``failures``.
    """
    reading = _Reading(source, About(subject))
    about = reading.about
    await reading.describe()
    yield about
    if about.filter is not None:
        with reading.tolerating():
            await reading.rows()
        yield about
        if about.read:
            with reading.tolerating():
                await reading.scores()
            yield about
            with reading.tolerating():
                await reading.names()
    about.done = True
    yield about


class _Reading:
    """Reads one page, step by step."""

    def __init__(self, source: RunSource, about: About) -> None:
        self.about = about
        self._source = source
        self._requests = 0
        self._rows: list[RunRow] = []

    @contextlib.contextmanager
    def tolerating(self) -> Iterator[None]:
        """What cannot be read is told, and costs nothing else of the page."""
        try:
            yield
        except RunbrowserError as error:
            self.about.failures.append(str(error))

    # -- what it is ----------------------------------------------------------------------------

    async def describe(self) -> None:
        """Asks what the subject is, and finds the filter of its runs."""
        subject, about = self.about.subject, self.about
        if subject.record.runs is not None:
            about.filter = subject.record.runs(subject)
        describes: dict[str, Callable[[], Awaitable[None]]] = {
            "flow": self._flow,
            "task": self._task,
            "data": self._data,
            "setup": self._setup,
            "uploader": self._uploader,
            "study": self._study,
        }
        if subject.kind in describes:
            await describes[subject.kind]()
            about.facts.sort(key=lambda fact: fact.name == "description")

    async def _send(self, call: Call[T]) -> T:
        self._requests += 1
        return await self._source.http.send(call)

    def _add(self, name: str, text: str | None, subject: Subject | None = None) -> None:
        if text:
            self.about.facts.append(Fact(name, text, subject))

    def _add_user(self, name: str, number: str | None) -> None:
        if number and number.isdecimal():
            known = self._source.names.users.get(int(number), "")
            text = f"{known}  #{number}" if known else f"#{number}"
            self._add(name, text, Subject("uploader", int(number)))

    def _add_description(self, found: Description) -> None:
        texts = found.texts
        self._add_user("uploader", texts.get("uploader") or texts.get("creator"))
        self._add("date", (texts.get("upload_date") or texts.get("creation_date") or "")[:10])
        for name in ("status", "language", "dependencies", "licence", "format"):
            self._add(name, texts.get(name))
        self._add("tags", ", ".join(found.tags))
        self._add("description", texts.get("description"))

    async def _flow(self) -> None:
        number = int(self.about.subject.id)
        found = await self._send(descriptions.describe("flow", number))
        texts = found.texts
        full = f"{texts.get('name', '')}({texts.get('version', '')})"
        self._source.names.flows[number] = full
        self.about.name = short_name(full)
        self._add("full name", full if full != self.about.name else "")
        self._add_description(found)

    async def _task(self) -> None:
        number = int(self.about.subject.id)
        tasks = self._source.names.tasks
        if number not in tasks:
            found: dict[int, TaskInfo] = await self._send(descriptions.task(number))
            tasks.update(found)
        task = tasks.get(number)
        if task is None:
            return
        kind = _type_name(task.task_type_id)
        self.about.name = f"{kind} on {task.dataset_name}"
        self._add("type", kind)
        if task.dataset_id is not None:
            data = Subject("data", task.dataset_id)
            self._add("data set", f"{task.dataset_name}  #{task.dataset_id}", data)
        self._add("measure", task.evaluation_measure)

    async def _data(self) -> None:
        number = int(self.about.subject.id)
        found = await self._send(descriptions.describe("data", number))
        tasks = await self._send(descriptions.tasks_of_data(number))
        self._source.names.tasks.update(tasks)
        self.about.name = found.texts.get("name", "")
        self._add("version", found.texts.get("version"))
        self._add("target", found.texts.get("default_target_attribute"))
        self._add_description(found)
        for task in list(tasks.values())[:_BEST]:
            words = f"{_type_name(task.task_type_id)}  #{task.task_id}"
            self._add("task", words, Subject("task", task.task_id))
        if len(tasks) > _BEST:
            self._add("", f"and {len(tasks) - _BEST} tasks more")
        if tasks:
            self.about.filter = RunFilter(task=tuple(tasks))

    async def _setup(self) -> None:
        number = int(self.about.subject.id)
        found = await self._send(descriptions.setup(number))
        parameters = found.get(number, ())
        flows = {one.flow_id: one.flow_name for one in parameters if one.flow_id is not None}
        self.about.name = f"{len(parameters)} parameters"
        if len(flows) == 1:
            (flow, name), *_ = flows.items()
            self._add("flow", f"{short_name(name)}  #{flow}", Subject("flow", flow))
        for one in parameters:
            part = f"{short_name(one.flow_name)}." if len(flows) > 1 else ""
            self._add(f"{part}{one.name}", one.value)

    async def _uploader(self) -> None:
        number = int(self.about.subject.id)
        users = self._source.names.users
        if number not in users:
            found: dict[int, str] = await self._send(descriptions.user(number))
            users.update(found)
        if number not in users:
            raise OpenMLServerNoResult(f"There is no user {number}. Check the user's id.")
        self.about.name = users[number]

    async def _study(self) -> None:
        found = await self._send(descriptions.describe("study", int(self.about.subject.id)))
        self.about.name = found.texts.get("name", "")
        kind = found.texts.get("main_entity_type", "")
        self._add("of", f"{kind}s" if kind else "")
        self._add_description(found)
        if kind and kind != "run":
            self.about.filter = None

    # -- its runs ------------------------------------------------------------------------------

    async def rows(self) -> None:
        """How many runs there are; the latest; what those say that failed."""
        about, filter = self.about, self.about.filter
        if filter is None:
            return
        page = await self._source.page(filter, 0, _ROWS)
        self._requests += page.requests
        if page.provisional:
            await self._source.finish(filter)
            page = await self._source.page(filter, 0, _ROWS)
            self._requests += page.requests
        self._rows = list(self._source.whole(filter) or (*page.rows, *page.following))
        about.total = page.total if page.total is not None else None
        about.read = len(self._rows)
        about.latest = list(page.rows[:_LATEST])
        about.states[RunState.FAILED] = sum(bool(row.error_message) for row in self._rows)
        about.errors = group_errors(self._rows)[:_ERRORS]

    async def scores(self) -> None:
        """Which of the runs were scored, and the best of them."""
        about, source = self.about, self._source
        if about.filter is None or len(about.filter.task) > _MOST_TASKS:
            return
        about.measure = self._measure()
        asked = resolved(about.filter, source.user_id)
        call = v1.list_evaluations(asked, about.measure, limit=_MOST)
        rows: list[EvaluationRow] = await self._send(call)
        found = first_engine(rows)
        scored = [row for row in found.values() if row.value is not None]
        source.names.flows.update(
            (row.flow_id, row.flow_name) for row in scored if row.flow_id and row.flow_name
        )
        self._count(set(found))
        by_task = Counter(row.task_id for row in scored if row.task_id is not None)
        ordered = sorted(scored, key=self._badness)
        if about.subject.task in by_task:
            about.best = [row for row in ordered if row.task_id == about.subject.task][:_BEST]
        elif len(by_task) == 1:
            about.best = ordered[:_BEST]
        first = {row.task_id: row for row in reversed(ordered)}
        if len(by_task) > 1:
            about.tasks = [
                TaskRuns(task, count, first[task])
                for task, count in by_task.most_common(_TASKS)
                if task is not None
            ]

    def _count(self, scored: set[int]) -> None:
        states = self.about.states
        for row in self._rows:
            if not row.error_message:
                states[RunState.OK if row.run_id in scored else RunState.UNKNOWN] += 1

    def _badness(self, row: EvaluationRow) -> float:
        value = row.value or 0.0
        return value if direction(self.about.measure) == "lower" else -value

    def _measure(self) -> str:
        """The measure of the tasks that most runs are on."""
        tasks = self._source.names.tasks
        subject = self.about.subject
        number = subject.id if subject.kind == "task" else subject.task
        if isinstance(number, int) and number in tasks:
            task = tasks[number]
            return default_measure(task.evaluation_measure, task.task_type_id or 0)
        kinds = Counter(row.task_type_id for row in self._rows if row.task_type_id is not None)
        return default_measure(None, kinds.most_common(1)[0][0] if kinds else 0)

    async def names(self) -> None:
        """Names for the runs that are listed, if the page has not cost much yet."""
        about = self.about
        best = {row.run_id for row in about.best} | {one.best.run_id for one in about.tasks}
        rows = [*about.latest, *(row for row in self._rows if row.run_id in best)]
        rows += [
            _row_of_user(int(fact.subject.id))
            for fact in about.facts
            if fact.subject is not None and fact.subject.kind == "uploader"
        ]
        if self._requests <= _REQUESTS_BEFORE_NAMES and rows:
            with contextlib.suppress(OpenMLServerError):
                await self._source.learn_names(rows)
        about.facts = [self._named(fact) for fact in about.facts]

    def _named(self, fact: Fact) -> Fact:
        """A fact about a user whose name is known by now."""
        subject = fact.subject
        if subject is None or subject.kind != "uploader" or fact.text[:1] != "#":
            return fact
        known = self._source.names.users.get(int(subject.id))
        return replace(fact, text=f"{known}  #{subject.id}") if known else fact


def _row_of_user(user_id: int) -> RunRow:
    """A row that names a user, for whom a name is asked for with those of other rows."""
    return RunRow(0, None, None, None, None, user_id, None, None, None)


def _type_name(number: int | None) -> str:
    kind = TaskType.of(number)
    if isinstance(kind, TaskType):
        return kind.name.replace("_", " ").capitalize()
    return f"Task type {number}"
