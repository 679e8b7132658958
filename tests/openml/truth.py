"""What a server says of its runs, read from its replies by expressions that know no client."""

from __future__ import annotations

import html
import re

import httpx

from runbrowser.models import RunState

_ROW = re.compile(
    r"<oml:run_id>(\d+)</oml:run_id>.*?<oml:error_message>(.*?)</oml:error_message>", re.DOTALL
)


def get(v1: str, path: str) -> str:
    """A reply of V1 as text; '' when V1 says that nothing matches."""
    answer = httpx.get(v1 + path, timeout=60)
    return "" if answer.status_code == 412 else answer.raise_for_status().text


def listed(v1: str, path: str) -> list[tuple[int, str]]:
    """(run id, error message) of every row that V1 sends, repeated rows too."""
    rows = _ROW.findall(get(v1, f"run/list/{path}"))
    return [(int(run_id), html.unescape(error)) for run_id, error in rows]


def listed_ids(v1: str, path: str) -> list[int]:
    """Run ids of a list, each once, in the server's order."""
    return list(dict.fromkeys(run_id for run_id, _ in listed(v1, path)))


def state(v1: str, run_id: int) -> RunState:
    """The state of a run by its description (PROTOCOL 3)."""
    described = get(v1, f"run/{run_id}").partition("<oml:setup_string>")[0]
    if re.search(r"<oml:error_message>(?!</)", described):
        return RunState.FAILED
    error = re.search(r"<oml:error>(.*?)</oml:error>", described, re.DOTALL)
    if error is None:
        return RunState.NOT_EVALUATED
    return RunState.EVALUATION_FAILED if error[1] else RunState.OK


_ENOUGH = 5  # runs that wait for their evaluation, each of which costs a request to know


def in_each_state(v1: str) -> dict[RunState, list[int]]:
    """Runs of every state, by the lists that leave one of them out."""
    every = listed(v1, "limit/10000/show_errors/true")
    failed = {run_id for run_id, error in every if error}
    ids = list(dict.fromkeys(run_id for run_id, error in every if not error))
    hidden = set(ids) - set(listed_ids(v1, "limit/10000"))
    measured: set[int] = set()
    for measure in ("predictive_accuracy", "mean_absolute_error"):
        found = get(v1, f"evaluation/list/function/{measure}/limit/10000")
        measured |= set(map(int, re.findall(r"<oml:run_id>(\d+)<", found)))
    waiting: list[int] = []
    for run_id in ids:
        unknown = run_id not in measured and run_id not in hidden and len(waiting) < _ENOUGH
        if unknown and state(v1, run_id) is RunState.NOT_EVALUATED:
            waiting.append(run_id)
    return {
        RunState.OK: [run_id for run_id in ids if run_id in measured and run_id not in hidden],
        RunState.FAILED: sorted(failed),
        RunState.EVALUATION_FAILED: sorted(hidden),
        RunState.NOT_EVALUATED: waiting,
    }
