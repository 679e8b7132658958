"""Reports of bulk actions as files: CSV and JSON, one row a run."""

from __future__ import annotations

import json
from typing import Any

from runbrowser.bulk.outcome import Report
from runbrowser.files.formats import csv_text
from runbrowser.pages.remarks import outcome_words, sentence

_COLUMNS = ("run_id", "state", "words", "code", "new_id", "entry")


def rows(report: Report) -> list[dict[str, Any]]:
    """One mapping a run: run_id, state, words, code, new_id, entry; None where not set."""
    return [
        {
            "run_id": outcome.run_id,
            "state": outcome.state.value,
            "words": outcome_words(report.plan.operation, outcome),
            "code": outcome.code,
            "new_id": outcome.new_id,
            "entry": outcome.entry,
        }
        for outcome in report.outcomes
    ]


def to_csv(report: Report) -> str:
    """The rows as CSV with a header."""
    return csv_text([_COLUMNS, *(list(row.values()) for row in rows(report))])


def to_json(report: Report) -> str:
    """The rows as JSON, with the operation, the tag and why it stopped."""
    content = {
        "action": report.plan.operation.name,
        "tag": report.plan.tag or None,
        "stopped": sentence(report.stopped) if report.stopped is not None else None,
        "runs": rows(report),
    }
    return json.dumps(content, ensure_ascii=True, indent=2) + "\n"
