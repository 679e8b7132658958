"""Plans made from reports: trying again what failed, and undoing what was done."""

from __future__ import annotations

from dataclasses import replace

from runbrowser.bulk.outcome import Report
from runbrowser.bulk.plan import Item, Kind, Plan, check_tag, plan_restore


def retry(report: Report) -> Plan:
    """The same plan for the runs that failed, are doubtful or were not begun, and no others."""
    wanted = set(report.failed)
    items = tuple(item for item in report.plan.items if item.run_id in wanted)
    return replace(report.plan, items=items, left_out=())


def inverse(report: Report) -> Plan:
    """The plan that undoes a report: only runs that it really changed.

    A tag is removed, a removed tag set again, a delete restored from the trash. What was restored
    is undone by deleting it, which is a plan of its own: here it has no items. UsageError when a
    removed tag is one that today's rule does not let anybody set.
    """
    kind, tag = report.plan.kind, report.plan.tag
    done = {outcome.run_id: outcome for outcome in report.outcomes if outcome.undoable}
    items = [item for item in report.plan.items if item.run_id in done]
    if kind is Kind.TAG:
        return Plan(Kind.UNTAG, tuple(_tagged(item, tag) for item in items), tag)
    if kind is Kind.UNTAG:
        check_tag(tag)
        return Plan(Kind.TAG, tuple(_untagged(item, tag) for item in items), tag)
    if kind is Kind.DELETE:
        return plan_restore(replace(item, entry=done[item.run_id].entry) for item in items)
    return Plan(kind, (), notes=("A restored run is undone by deleting it.",))


def _tagged(item: Item, tag: str) -> Item:
    return item if item.tags is None else replace(item, tags=(*item.tags, tag))


def _untagged(item: Item, tag: str) -> Item:
    if item.tags is None:
        return item
    return replace(item, tags=tuple(t for t in item.tags if t.casefold() != tag.casefold()))
