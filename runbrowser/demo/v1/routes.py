"""Which V1 function answers which path and method, as the server's controllers decide it."""

from collections.abc import Callable

from . import datasets, evaluations, flow_upload, flows, lists, names, runs, tasks, upload, writes
from .call import Call
from .errors import ApiError
from .xmlout import Answer, is_numeric

GET_OR_POST = ("get", "post")


def _run(call: Call) -> Answer:
    match call.segments:
        case ["list", *rest]:
            return lists.run_list(call, rest)
        case ["trace", text] if is_numeric(text):
            return runs.run_trace(call, text)
        case [text] if is_numeric(text) and call.method in GET_OR_POST:
            return runs.run_get(call, text)
        case ["reset", text] if is_numeric(text) and call.method in GET_OR_POST:
            return writes.reset(call, text)
        case [text] if is_numeric(text) and call.method == "delete":
            return writes.delete(call, text)
        case [] if call.method == "post":
            return upload.run_upload(call)
        case ["tag"] if call.method == "post":
            return writes.tag(call)
        case ["untag"] if call.method == "post":
            return writes.untag(call)
        case ["tag", "list"]:
            return lists.tag_list(call)
    raise ApiError(100)


def _evaluation(call: Call) -> Answer:
    match call.segments:
        case ["list", *rest]:
            return evaluations.evaluation_list(call, rest)
    raise ApiError(100)


def _listed(
    list_all: Callable[[Call, list[str]], Answer], get_one: Callable[[Call, str], Answer]
) -> Callable[[Call], Answer]:
    """The routes of a thing that can be listed with filters and read by its number."""

    def answer(call: Call) -> Answer:
        match call.segments:
            case ["list", *rest]:
                return list_all(call, rest)
            case [text] if is_numeric(text) and call.method in GET_OR_POST:
                return get_one(call, text)
        raise ApiError(100)

    return answer


_flow_by_number = _listed(flows.flow_list, flows.flow_get)
_setup_by_number = _listed(flows.setup_list, flows.setup_get)
_data_by_number = _listed(datasets.data_list, datasets.data_get)


def _flow(call: Call) -> Answer:
    match call.segments:
        case ["exists", *rest] if call.method in GET_OR_POST:
            return flow_upload.flow_exists(call, rest)
        case [] if call.method == "post":
            return flow_upload.flow_upload(call)
    return _flow_by_number(call)


def _setup(call: Call) -> Answer:
    if call.segments == ["exists"] and call.method == "post":
        return upload.setup_exists(call)
    return _setup_by_number(call)


def _data(call: Call) -> Answer:
    match call.segments:
        case ["features", text] if is_numeric(text):
            return datasets.data_features(call, text)
        case ["qualities", text] if is_numeric(text):
            return datasets.data_qualities(call, text)
    return _data_by_number(call)


def _user(call: Call) -> Answer:
    match call.segments:
        case ["list", *rest]:
            return names.user_list(call, rest)
    raise ApiError(100)


def _study(call: Call) -> Answer:
    match call.segments:
        case ["list", *rest]:
            return names.study_list(call, rest)
        case [text] if call.method in GET_OR_POST:
            return names.study_get(call, text, None)
        case [text, part] if call.method in GET_OR_POST:
            return names.study_get(call, text, part)
    raise ApiError(100)


def _plain_list(answer: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
    def listed(call: Call) -> Answer:
        if call.segments == ["list"]:
            return answer(call)
        raise ApiError(100)

    return listed


ROUTES: dict[str, Callable[[Call], Answer]] = {
    "run": _run,
    "evaluation": _evaluation,
    "flow": _flow,
    "setup": _setup,
    "task": _listed(tasks.task_list, tasks.task_get),
    "data": _data,
    "user": _user,
    "study": _study,
    "tasktype": _plain_list(names.tasktype_list),
    "evaluationmeasure": _plain_list(names.evaluationmeasure_list),
    "estimationprocedure": _plain_list(names.estimationprocedure_list),
}
