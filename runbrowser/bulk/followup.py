"""Plans made from reports: trying again what failed, and undoing what was done."""

from __future__ import annotations

from dataclasses import replace

from runbrowser.bulk.outcome import Report
from runbrowser.bulk.plan import Plan


def retry(report: Report) -> Plan:
    """The same plan for the runs that failed, are doubtful or were not begun, and no others."""
    wanted = set(report.failed)
    items = tuple(item for item in report.plan.items if item.run_id in wanted)
    return replace(report.plan, items=items, left_out=())


def inverse(report: Report) -> Plan:
    """The plan that undoes a report: only runs that it really changed. Raises UsageError."""
    return report.plan.operation.inverse(report)
