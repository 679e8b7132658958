"""V1's descriptions of what runs are about, as calls: an id that nobody knows is an error."""

from __future__ import annotations

from runbrowser.client.call import Call
from runbrowser.client.calls import v1
from runbrowser.client.wire import tables
from runbrowser.client.wire.descriptions import Description, read_description
from runbrowser.fields.values import quote_segment
from runbrowser.ids import Id, one_id
from runbrowser.models import SetupParameter, TaskInfo
from runbrowser.text import display

_ROOTS = {"flow": "flow", "data": "data_set_description", "study": "study"}


def describe(kind: str, id: Id) -> Call[Description]:
    """What a 'flow', a 'data' set or a 'study' is. A flow's description may be kept."""
    number, root = one_id(id, f"a {kind} id"), _ROOTS[kind]
    return Call(
        f"read {kind} {number}",
        "GET",
        f"{kind}/{number}",
        lambda answer: read_description(answer, root),
        keep=kind == "flow",
    )


def task(task_id: Id) -> Call[dict[int, TaskInfo]]:
    """One task with its data set and measure."""
    number = one_id(task_id, "a task id")
    return Call(f"read task {number}", "GET", f"task/list/task_id/{number}", tables.read_tasks)


def tasks_of_data(dataset_id: Id) -> Call[dict[int, TaskInfo]]:
    """All tasks on a data set; empty when there are none."""
    number = one_id(dataset_id, "a data set's id")
    return Call(
        f"list the tasks on data set {number}",
        "GET",
        f"task/list/data_id/{number}",
        tables.read_tasks,
        on_code={482: dict},
    )


def tasks_named(dataset: str) -> Call[dict[int, TaskInfo]]:
    """All tasks on the data sets of a name, written as the server has it; empty when there are
    none.
    """
    return Call(
        f"list the tasks on {display(dataset, 60)}",
        "GET",
        f"task/list/data_name/{quote_segment(dataset)}",
        tables.read_tasks,
        on_code={482: dict},
    )


def setup(setup_id: Id) -> Call[dict[int, tuple[SetupParameter, ...]]]:
    """The parameters of one setup."""
    number = one_id(setup_id, "a setup id")
    return Call(
        f"read setup {number}",
        "GET",
        f"setup/list/setup/{number}",
        tables.read_setups,
        keep=True,
    )


def user(user_id: Id) -> Call[dict[int, str]]:
    """The name of one user; empty when there is no such user."""
    return v1.list_users([one_id(user_id, "a user id")])
