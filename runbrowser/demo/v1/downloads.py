"""Downloads that need no key: the files of runs and data sets, and the splits of tasks."""

import re

from ..files import arff, read_file, read_split
from ..limits import GONE_PAGE
from ..store import LARGEST_INTEGER, Store
from .reply import Reply

_TEXT = "text/plain;charset=UTF-8"
_TYPES = {"xml": "text/xml;charset=UTF-8", "arff": _TEXT, "txt": _TEXT}


def download(store: Store, file_id: str) -> Reply:
    """data/download/{file id}/{any name}: the file, which outlives its run, or 404 as a page."""
    number = _number(file_id)
    if number is None:
        return GONE_PAGE
    with store.connection() as connection:
        found = read_file(connection, number)
    if found is None:
        return GONE_PAGE
    filename, content = found
    kind = _TYPES.get(filename.rpartition(".")[2], "application/octet-stream")
    # PHP writes the name's bytes as they are, and refuses a line break in a header.
    name = re.sub(r"[\r\n\0]", "", filename).encode("utf-8", "replace").decode("latin-1")
    headers = {
        "content-description": "File Transfer",
        "content-disposition": f"attachment; filename={name}",
        "content-transfer-encoding": "binary",
        "expires": "0",
        "cache-control": "must-revalidate",
        "pragma": "public",
    }
    return Reply(200, kind, content, headers, streamed=True)


def splits(store: Store, text: str) -> Reply:
    """api_splits/get/{task id}/{any name}: which rows are for training and which for testing.

    An ARFF file with the attributes type, rowid, repeat and fold, as the server's Java program
    writes it. 404 as a page for a task whose splits are not known.
    """
    number = _number(text)
    if number is None:
        return GONE_PAGE
    data = store.row(
        "SELECT d.name, d.number_of_instances FROM task t JOIN dataset d ON d.id = t.dataset_id"
        " WHERE t.id = ?",
        (number,),
    )
    try:
        with store.connection() as connection:
            split = read_split(connection, number)
    except LookupError:
        return GONE_PAGE
    assert data is not None  # noqa: S101 a split belongs to a task
    tested: dict[tuple[int, int], set[int]] = {}
    for repeat, fold, row in zip(split.repeat, split.fold, split.row_id, strict=True):
        tested.setdefault((repeat, fold), set()).add(row)
    everything = range(data["number_of_instances"])
    rows = [
        f"{'TEST' if row in test else 'TRAIN'},{row},{repeat},{fold}"
        for (repeat, fold), test in sorted(tested.items())
        for row in everything
    ]
    attributes = ["type {TRAIN,TEST}", "rowid INTEGER", "repeat INTEGER", "fold INTEGER"]
    content = arff(f"{data['name']}_splits", attributes, rows)
    return Reply(200, _TEXT, content, streamed=True)


def _number(text: str) -> int | None:
    known = text.isascii() and text.isdecimal() and int(text) <= LARGEST_INTEGER
    return int(text) if known else None
