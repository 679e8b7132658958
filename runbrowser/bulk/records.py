"""Plans and outcomes as plain values for a journal, and back, whatever a disk has made of them.

What former versions wrote is read, too: they kept sentences where there are remarks now.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import UnionType
from typing import Any

from runbrowser.bulk.operations import OPERATIONS
from runbrowser.bulk.outcome import Outcome, State
from runbrowser.bulk.plan import Item, LeftOut, Plan, Study
from runbrowser.bulk.remarks import Remark

_ITEM: dict[str, type | UnionType] = {
    "run_id": int,
    "uploader": int | None,
    "uploader_name": str | None,
    "tags": tuple | None,
    "score": str,
    "about": str,
    "error": str,
    "entry": str | None,
    "studies": tuple | None,
}
_OUTCOME: dict[str, type | UnionType] = {
    "run_id": int,
    "code": int | None,
    "entry": str | None,
    "new_id": int | None,
    "undoable": bool,
}


def plan_to_json(plan: Plan) -> dict[str, Any]:
    """The plan as plain values."""
    return {
        "kind": plan.operation.name,
        "tag": plan.tag,
        "items": [
            {name: _plain(getattr(item, name)) for name in Item.__slots__} for item in plan.items
        ],
        "left_out": [[left.run_id, left.remark.as_json()] for left in plan.left_out],
        "lost": [lost.as_json() for lost in plan.lost],
        "notes": [note.as_json() for note in plan.notes],
    }


def plan_from_json(written: Mapping[str, Any]) -> Plan:
    """The plan that :func:`plan_to_json` wrote; KeyError, TypeError or ValueError for any other."""
    return Plan(
        OPERATIONS[written["kind"]],
        tuple(map(_item, written["items"])),
        str(written.get("tag", "")),
        tuple(
            LeftOut(int(run_id), Remark.from_json(why))
            for run_id, why in written.get("left_out", ())
        ),
        tuple(map(Remark.from_json, written.get("lost", ()))),
        tuple(map(Remark.from_json, written.get("notes", ()))),
    )


def outcome_to_json(outcome: Outcome) -> dict[str, Any]:
    """The outcome as plain values; what is not set is left out."""
    written: dict[str, Any] = {
        "run_id": outcome.run_id,
        "state": outcome.state.value,
        "remarks": [one.as_json() for one in outcome.remarks],
    }
    for name in ("code", "entry", "new_id"):
        if getattr(outcome, name) is not None:
            written[name] = getattr(outcome, name)
    if outcome.undoable:
        written["undoable"] = True
    return written


def outcome_from_json(written: Mapping[str, Any]) -> Outcome:
    """The outcome that :func:`outcome_to_json` wrote; errors as :func:`plan_from_json`."""
    values = {name: written[name] for name in _OUTCOME if name in written}
    for name, value in values.items():
        _check(name, value, _OUTCOME[name])
    remarks = written["remarks"] if "remarks" in written else [written["words"]]
    return Outcome(
        state=State(written["state"]), remarks=tuple(map(Remark.from_json, remarks)), **values
    )


def _item(written: Mapping[str, Any]) -> Item:
    values = {name: written[name] for name in Item.__slots__ if name in written}
    if values.get("tags") is not None:
        values["tags"] = tuple(map(str, values["tags"]))
    if values.get("studies") is not None:
        values["studies"] = tuple(Study(int(i), str(n)) for i, n in values["studies"])
    for name, value in values.items():
        _check(name, value, _ITEM[name])
    return Item(**values)


def _check(name: str, value: object, kind: type | UnionType) -> None:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise TypeError(f"{name} is no {type(value).__name__}")


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
