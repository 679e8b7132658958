"""V1's POST run: a run description and its files become a run."""

from .call import Call
from .errors import ApiError
from .reply import Reply


def run_upload(call: Call) -> Reply:
    """POST run."""
    raise ApiError(201, "File meta-info is missing. ")
