"""What a bulk action is to do, to which runs, and what is left out. Pure functions, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from runbrowser.bulk.remarks import Remark
from runbrowser.models import Run, RunRow
from runbrowser.openml.base import Facts, NameBook
from runbrowser.text import display, first_line
from runbrowser.triage.flow_names import short_name

if TYPE_CHECKING:
    from runbrowser.bulk.operation import Operation


class Study(NamedTuple):
    """A study that a run belongs to; its name is foreign text."""

    study_id: int
    name: str

    def __str__(self) -> str:
        return f"study {self.study_id}" + (f" ({display(self.name, 60)})" if self.name else "")


@dataclass(frozen=True, slots=True)
class Item:
    """One run of a plan, with what a person needs to know it again.

    ``tags`` and ``studies`` are None where they are not known; ``score``, ``about`` and ``error``
    are words for the eye, still foreign text. ``entry`` names the copy in the trash that a RESTORE
    starts from.
    """

    run_id: int
    uploader: int | None = None
    uploader_name: str | None = None
    tags: tuple[str, ...] | None = None
    score: str = ""
    about: str = ""
    error: str = ""
    entry: str | None = None
    studies: tuple[Study, ...] | None = None


class LeftOut(NamedTuple):
    """A run that a plan does not touch, and why."""

    run_id: int
    remark: Remark


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done: ``items`` in order, ``left_out`` with the reason for each.

    ``tag`` is the tag that is set or removed, else ''. ``lost`` says what cannot be got back,
    ``notes`` what to know before; both are to be shown first.
    """

    operation: Operation
    items: tuple[Item, ...]
    tag: str = ""
    left_out: tuple[LeftOut, ...] = ()
    lost: tuple[Remark, ...] = ()
    notes: tuple[Remark, ...] = ()

    @property
    def run_ids(self) -> tuple[int, ...]:
        """The runs to be acted on, in order."""
        return tuple(item.run_id for item in self.items)


def count_runs(number: int) -> str:
    """ "1 run", "12 runs", "1,200 runs"."""
    return "1 run" if number == 1 else f"{number:,} runs"


def once(items: Iterable[Item]) -> list[Item]:
    """Each run once: a run evaluated by two engines is listed twice ("Lists of runs" in
    docs/protocol.md).
    """
    return list({item.run_id: item for item in items}.values())


def _words(count: Facts | None) -> str:
    if count is None or count.score is None:
        return ""
    return f"{count.measure or 'score'} {count.score:.4g}"


def item_of_row(
    row: RunRow,
    names: NameBook | None = None,
    facts: Facts | None = None,
    tags: Sequence[str] | None = None,
) -> Item:
    """An Item from a row of the table and what is known beside it."""
    task = names.tasks.get(row.task_id or 0) if names else None
    flow = names.flows.get(row.flow_id or 0) if names else None
    on = task.dataset_name if task and task.dataset_name else f"task {row.task_id}"
    return Item(
        run_id=row.run_id,
        uploader=row.uploader,
        uploader_name=names.users.get(row.uploader or 0) if names else None,
        tags=None if tags is None else tuple(tags),
        score=_words(facts),
        about=f"{short_name(flow) if flow else f'flow {row.flow_id}'} on {on}",
        error=first_line(row.error_message or ""),
    )


def item_of_run(run: Run, measure: str | None = None) -> Item:
    """An Item from all that ``run/{id}`` tells; ``measure`` is the score to name."""
    wanted = measure or run.task_evaluation_measure or "predictive_accuracy"
    value = run.evaluations.get(wanted)
    on = run.input_data[0].name if len(run.input_data) == 1 else f"task {run.task_id}"
    return Item(
        run_id=run.run_id,
        uploader=run.uploader,
        uploader_name=run.uploader_name,
        tags=run.tags,
        score=f"{wanted} {value:.4g}" if isinstance(value, float) else "",
        about=f"{short_name(run.flow_name) if run.flow_name else f'flow {run.flow_id}'} on {on}",
        error=first_line(run.error_message or run.evaluation_error or ""),
    )
