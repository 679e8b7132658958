"""The operations on runs, by name: one row each; everything else is made from them."""

from __future__ import annotations

from runbrowser.bulk.operation import Operation
from runbrowser.bulk.operations.delete import DELETE
from runbrowser.bulk.operations.restore import RESTORE
from runbrowser.bulk.operations.tag import TAG, UNTAG

OPERATIONS: dict[str, Operation] = {one.name: one for one in (TAG, UNTAG, DELETE, RESTORE)}
"""Every operation that there is; the names are those of journals and of the command line."""

__all__ = ["DELETE", "OPERATIONS", "RESTORE", "TAG", "UNTAG"]
