"""Downloads of run files, which need no key and outlive their runs."""

from ..files import read_file
from ..limits import NOT_FOUND_PAGE
from ..store import LARGEST_INTEGER, Store
from .reply import Reply

_TEXT = "text/plain;charset=UTF-8"
_TYPES = {"xml": "text/xml;charset=UTF-8", "arff": _TEXT, "txt": _TEXT}


def download(store: Store, file_id: str) -> Reply:
    """data/download/{file id}/{any name}: the file, or the page for wrong addresses."""
    if not file_id.isdecimal() or int(file_id) > LARGEST_INTEGER:
        return NOT_FOUND_PAGE
    with store.connection() as connection:
        found = read_file(connection, int(file_id))
    if found is None:
        return NOT_FOUND_PAGE
    filename, content = found
    kind = _TYPES.get(filename.rpartition(".")[2], "application/octet-stream")
    return Reply(200, kind, content, {"cache-control": "must-revalidate"})
