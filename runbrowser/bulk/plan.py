"""What a bulk action is to do, to which runs, and what is left out. Pure functions, no I/O."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from types import UnionType
from typing import Any, NamedTuple

from runbrowser.errors import UsageError
from runbrowser.models import Run, RunRow
from runbrowser.openml.base import Facts, NameBook
from runbrowser.text import display, first_line
from runbrowser.triage.flow_names import short_name

LONGEST_TAG = 64
_TAG = re.compile(r"[A-Za-z0-9._-]{1,64}\Z")
_STUDY_TAG = re.compile(r"study_\d+\Z")


class Kind(Enum):
    """What a bulk action does to each of its runs."""

    TAG = "tag"
    UNTAG = "untag"
    DELETE = "delete"
    RESTORE = "restore"

    @property
    def done(self) -> str:
        """The verb in the past, for reports: tagged, untagged, deleted, restored."""
        return {"tag": "tagged", "untag": "untagged"}.get(self.value, f"{self.value}d")


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


_KINDS: dict[str, type | UnionType] = {
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


class LeftOut(NamedTuple):
    """A run that a plan does not touch, and why, in words."""

    run_id: int
    words: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done: ``items`` in order, ``left_out`` with words.

    ``tag`` is the tag of TAG and UNTAG, else ''. ``lost`` says what cannot be got back, ``notes``
    what to know before; both are sentences to be shown first.
    """

    kind: Kind
    items: tuple[Item, ...]
    tag: str = ""
    left_out: tuple[LeftOut, ...] = ()
    lost: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def run_ids(self) -> tuple[int, ...]:
        """The runs to be acted on, in order."""
        return tuple(item.run_id for item in self.items)

    @property
    def title(self) -> str:
        """The plan in one line: "delete 12 runs"."""
        runs = count_runs(len(self.items))
        if self.kind is Kind.TAG:
            return f"tag {runs} with {display(self.tag)}"
        if self.kind is Kind.UNTAG:
            return f"remove the tag {display(self.tag)} from {runs}"
        return f"{self.kind.value} {runs}"

    def as_json(self) -> dict[str, Any]:
        """The plan as plain values, as a journal keeps it."""
        return {
            "kind": self.kind.value,
            "tag": self.tag,
            "items": [
                {name: _plain(getattr(item, name)) for name in Item.__slots__}
                for item in self.items
            ],
            "left_out": [list(left) for left in self.left_out],
            "lost": list(self.lost),
            "notes": list(self.notes),
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Plan:
        """The plan that :meth:`as_json` wrote; KeyError, TypeError or ValueError for any other."""
        items = []
        for given in told["items"]:
            values = {name: given[name] for name in Item.__slots__ if name in given}
            if values.get("tags") is not None:
                values["tags"] = tuple(map(str, values["tags"]))
            if values.get("studies") is not None:
                values["studies"] = tuple(Study(int(i), str(n)) for i, n in values["studies"])
            for name, value in values.items():
                if not isinstance(value, _KINDS[name]) or isinstance(value, bool):
                    raise TypeError(f"{name} of a run is no {type(value).__name__}")
            items.append(Item(**values))
        return cls(
            Kind(told["kind"]),
            tuple(items),
            str(told.get("tag", "")),
            tuple(LeftOut(int(run_id), str(words)) for run_id, words in told.get("left_out", ())),
            tuple(map(str, told.get("lost", ()))),
            tuple(map(str, told.get("notes", ()))),
        )


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def count_runs(number: int) -> str:
    """ "1 run", "12 runs", "1,200 runs"."""
    return "1 run" if number == 1 else f"{number:,} runs"


def check_tag(text: str) -> str:
    """The tag, if today's server takes it: 1 to 64 of ``A-Z a-z 0-9 . _ -`` (codes 471, 477).

    UsageError says what is wrong, in words that may be shown while it is typed.
    """
    tag = text.strip()
    if not tag:
        raise UsageError("A tag has at least one character.")
    if tag == "0":
        raise UsageError("OpenML takes the tag 0 for none at all; choose another.")
    bad = dict.fromkeys(char for char in tag if not _TAG.match(char))
    if bad:
        named = " ".join("a blank" if char.isspace() else display(char) for char in bad)
        raise UsageError(f"A tag is made of A-Z a-z 0-9 . _ - only, not {display(named, 60)}.")
    if len(tag) > LONGEST_TAG:
        raise UsageError(f"A tag has at most {LONGEST_TAG} characters; this has {len(tag)}.")
    return tag


def check_old_tag(text: str) -> str:
    """A tag to be removed: tags older than today's rule may hold more characters.

    UsageError for what the server cannot be sent: nothing, or a quotation mark, on which it fails
    inside ("Writes" in docs/protocol.md).
    """
    if not text.strip() or text == "0":
        return check_tag(text)
    if '"' in text:
        raise UsageError("OpenML's server fails on tags with a quotation mark; ask its team.")
    return text


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


def _once(items: Iterable[Item]) -> list[Item]:
    """Each run once: a run evaluated by two engines is listed twice."""
    return list({item.run_id: item for item in items}.values())


def plan_tag(items: Iterable[Item], tag: str) -> Plan:
    """Tags runs, anybody's. Runs known to have the tag are left out. UsageError for a bad tag."""
    tag = check_tag(tag)
    todo, left = [], []
    for item in _once(items):
        same = next((t for t in item.tags or () if t.casefold() == tag.casefold()), None)
        if same is None:
            todo.append(item)
        elif same == tag:
            left.append(LeftOut(item.run_id, "already has this tag"))
        else:
            left.append(LeftOut(item.run_id, f"already has the tag as {display(same)}"))
    return Plan(Kind.TAG, tuple(todo), tag, tuple(left))


def plan_untag(
    items: Iterable[Item],
    tag: str,
    *,
    user_id: int | None = None,
    is_admin: bool | None = None,
    refused: Collection[int] = (),
) -> Plan:
    """Removes a tag. ``refused`` are runs whose tag the server would not let go before (476).

    Runs known not to have the tag are left out. V1 does not tell who set a tag, so on runs of
    others the plan only warns.
    """
    tag = check_old_tag(tag)
    todo, left = [], []
    for item in _once(items):
        if item.tags is not None and tag.casefold() not in {t.casefold() for t in item.tags}:
            left.append(LeftOut(item.run_id, "does not have this tag"))
        elif item.run_id in refused and not is_admin:
            left.append(LeftOut(item.run_id, "somebody else set this tag"))
        else:
            todo.append(item)
    notes, lost = [], []
    others = sum(1 for item in todo if user_id is not None and item.uploader != user_id)
    if others and not is_admin:
        notes.append(
            f"{count_runs(others).capitalize()} of others: only who set a tag, or an "
            "administrator, may remove it, and OpenML does not tell who did."
        )
    if not _TAG.match(tag):
        lost.append("Today's rule refuses this tag: once removed it cannot be set again.")
    return Plan(Kind.UNTAG, tuple(todo), tag, tuple(left), tuple(lost), tuple(notes))


def plan_delete(
    items: Iterable[Item],
    *,
    user_id: int | None = None,
    is_admin: bool | None = None,
    kept: bool = True,
) -> Plan:
    """Deletes runs. Runs of others are left out where ``user_id`` tells whose they are.

    ``kept``: whether a copy goes to the trash first, which decides what is lost.
    """
    todo, left, notes = [], [], []
    for item in _once(items):
        if user_id is None or is_admin or item.uploader == user_id:
            todo.append(item)
        elif item.uploader is None:
            left.append(
                LeftOut(item.run_id, "has no uploader; only an administrator may delete it")
            )
        else:
            name = f" ({display(item.uploader_name, 40)})" if item.uploader_name else ""
            left.append(LeftOut(item.run_id, f"uploaded by user {item.uploader}{name}, not by you"))
    if user_id is None and not is_admin:
        notes.append(
            "OpenML does not tell whose a key is: runs of others are tried, and refused by the "
            "server without harm. RUNBROWSER_USER_ID says who you are."
        )
    if kept:
        notes.append("A whole copy of each run goes to the trash before it is deleted.")
        lost = [
            "The run ids and upload times: a restored run is a new run.",
            "The server's evaluations: they are kept in the copy, but computed anew for a "
            "restored run.",
            "Who set which tag: tags set again are yours. Membership in studies is noted, not "
            "restored.",
        ]
    else:
        lost = ["Everything: without a copy in the trash a deleted run cannot be restored."]
    studies = sum(1 for item in todo if any(_STUDY_TAG.match(t) for t in item.tags or ()))
    if studies:
        belong = "belongs" if studies == 1 else "belong"
        notes.append(f"{studies:,} of them {belong} to a study by tag.")
    notes += _study_notes(todo)
    return Plan(Kind.DELETE, tuple(todo), "", tuple(left), tuple(lost), tuple(notes))


_MOST_NAMED = 5  # runs that are named with their studies


def _study_notes(items: Iterable[Item]) -> list[str]:
    """Which runs are in studies, what that means for a delete, and the way out."""
    inside = [item for item in items if item.studies]
    if not inside:
        return []
    named = [
        f"run {item.run_id} in {', '.join(map(str, item.studies or ()))}"
        for item in inside[:_MOST_NAMED]
    ]
    if len(inside) > _MOST_NAMED:
        named.append(f"{len(inside) - _MOST_NAMED:,} more")
    are = "is" if len(inside) == 1 else "are"
    return [
        f"{count_runs(len(inside)).capitalize()} {are} listed in studies, and the server may "
        f"refuse to delete them (394): {', '.join(named)}. {way_out(inside[0])}"
    ]


def way_out(item: Item) -> str:
    """How a run is taken out of its studies, so that it can be deleted."""
    study = item.studies[0].study_id if item.studies else "STUDY"
    return (
        "Who made a study can take runs out of it: on its page, or with openml-python's "
        f"openml.study.detach_from_study({study}, [{item.run_id}])."
    )


def plan_restore(items: Iterable[Item]) -> Plan:
    """Publishes deleted runs again from the trash: every item needs its ``entry``."""
    todo, left = [], []
    for item in items:
        if item.entry:
            todo.append(item)
        else:
            left.append(LeftOut(item.run_id, "has no copy in the trash"))
    notes = (
        "A restored run is a new run: its id and upload time are new, its evaluations are "
        "computed anew by the server, and its tags are yours.",
    )
    return Plan(Kind.RESTORE, tuple(todo), "", tuple(left), (), notes)
