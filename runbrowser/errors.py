"""What can go wrong between a user and an OpenML server: exceptions and the server's codes.

The names of the ``OpenML*`` exceptions are those of openml-python, so that code written for it
catches ours. Every message says what failed, the server's own words, and what to do next.
"""

from __future__ import annotations

from collections.abc import Collection
from enum import IntEnum


class PyOpenMLError(Exception):
    """The root of all that this package raises on purpose, under openml-python's name for it.

    ``str()`` is the whole sentence: what failed, why, and what to do next. ``message`` is the
    reason alone, in the server's own words where a server gave it.
    """

    def __init__(self, sentence: str = "", *, message: str = "") -> None:
        super().__init__(sentence)
        self.message = message or sentence

    def __str__(self) -> str:
        return str(self.args[0]) if self.args else ""


class RunbrowserError(PyOpenMLError):
    """Something that the user should read as one sentence, never as a traceback."""


class UsageError(RunbrowserError, ValueError):
    """A value given by the user cannot be used; the message says which and why."""


class UsageTypeError(UsageError, TypeError):
    """A value is of another kind than is wanted: a flag or a fraction for an id, a list for one."""


class OpenMLServerError(RunbrowserError):
    """The server, or the way to it, failed: no usable answer came back."""

    def __init__(
        self, sentence: str, *, url: str = "", status: int | None = None, message: str = ""
    ) -> None:
        super().__init__(sentence, message=message)
        self.url = url  # never holds the key
        self.status = status
        self.retry_after: float | None = None  # seconds that the server asks to wait


class OpenMLConnectionError(OpenMLServerError):
    """No answer at all: refused, not found, cut off or too slow.

    ``sent`` tells whether the request may have reached the server, which decides whether a write
    may be repeated.
    """

    def __init__(self, sentence: str, *, url: str = "", sent: bool = True) -> None:
        super().__init__(sentence, url=url)
        self.sent = sent


class OpenMLProxyError(OpenMLConnectionError):
    """Nothing was sent: the proxy that the environment names cannot be used as it is named."""


class OpenMLServerException(OpenMLServerError):
    """The server refused with a code of its own: V1 with HTTP 412, V2 as RFC 9457 has it.

    ``code`` is the server's number (None when it gave none), ``message`` its words, ``url`` what
    was asked, without the key.
    """

    def __init__(
        self,
        sentence: str,
        code: int | None = None,
        url: str = "",
        *,
        status: int | None = None,
        message: str = "",
    ) -> None:
        super().__init__(sentence, url=url, status=status, message=message)
        self.code = code


class OpenMLServerNoResult(OpenMLServerException):
    """The server holds nothing that matches (codes 111 372 482 500 512 542 674)."""


class OpenMLNotAuthorizedError(OpenMLServerException):
    """The key is known, but what it asks for is not its owner's to do."""


class OpenMLAuthenticationError(OpenMLServerException):
    """There is no key, or the server does not know it (codes 102, 103)."""


class OpenMLNotSupportedError(RunbrowserError):
    """This version of the API has no such operation; nothing was sent."""


class OpenMLHashException(OpenMLServerError):
    """A file arrived, but not the bytes that were promised."""


class AnswerError(OpenMLServerError, ValueError):
    """An answer came that is not what the call asked for (HTML, cut short, another document)."""


NO_RESULT_CODES = frozenset({111, 372, 482, 500, 512, 542, 674})
"""Codes with which V1 says that nothing matches."""

AUTHENTICATION_CODES = frozenset({102, 103})
NOT_AUTHORIZED_CODES = frozenset({104, 106, 393, 413, 476})
NOT_FOUND_CODES = frozenset({151, 181, 235, 236, 281, 392, 412, 472, 571, 572, 601})

NEXT_STEP: dict[int, str] = {
    100: "The server does not know this call; check that the server URL ends in /api/v1/xml/.",
    102: "Set your API key (OPENML_APIKEY, or apikey in OpenML's config file).",
    103: "Check the API key: 32 hexadecimal digits, shown on your OpenML account page.",
    104: "This account may only read; use the key of an account that may write.",
    105: "The action was done, but the server could not update its search index.",
    106: "Only an administrator of OpenML may do this.",
    107: "The server cannot reach its database just now; try again in a minute.",
    111: "Check the data set's id.",
    151: "Check the task's id.",
    181: "Check the flow's id.",
    201: "Send the run's description as the file named description.",
    202: "The description breaks OpenML's run schema: compare it with the line named above.",
    204: "Check the task id in the description.",
    205: "Check the flow id in the description; a flow is uploaded before its runs.",
    206: "Send the predictions as the file named predictions, in ARFF.",
    207: "A file could not be taken in; try again, or send it in another format.",
    208: "The data set has not been processed by OpenML yet; try again later.",
    209: "Check the predictions file: attributes, class labels and row ids must fit the task.",
    213: "A parameter in the description is unknown to its flow; check names and components.",
    214: "The server could not store the setup; check the parameters in the description.",
    215: "The server could not store the setup; check the parameters in the description.",
    216: "The server could not store the run; try again later.",
    217: "The description names an unknown evaluation measure; see the list of measures.",
    218: "The flow is an evaluation measure and cannot have runs.",
    224: "The server's database could not load the run; try again later.",
    235: "Give the number of a run.",
    236: "Check the run id: the run may have been deleted.",
    281: "Check the setup's id.",
    392: "The run does not exist, or was deleted before.",
    393: "Only its uploader or an administrator may delete a run.",
    394: "The server keeps runs that are in a study: take this one out of its studies first.",
    412: "Check the run id: the run may have been deleted.",
    413: "Only its uploader or an administrator may have a run evaluated again.",
    471: "Give a run id and a tag.",
    472: "Check the run id: the run may have been deleted.",
    473: "Nothing to do: the run already has this tag.",
    474: "The run already has this tag, written with other capitals.",
    475: "Nothing to do: the run does not have this tag.",
    476: "Only the person who set a tag, or an administrator, may remove it.",
    477: "A tag is 1 to 64 characters of A-Z a-z 0-9 . _ -",
    482: "No task matches; check the ids.",
    510: "Give at least one filter or a limit.",
    511: "Ids are whole numbers without sign; tags hold letters, digits, blanks and . _ - ( )",
    512: "No run matches; widen the filter.",
    513: "Ask for pages: at most 10,000 runs at a time.",
    514: "The server does not know this filter; filters are written in small letters.",
    515: "Give a limit together with an offset.",
    516: "Ask for at most 10,000 runs at a time.",
    517: "This study is not a list of runs; legacy studies are tags (tag:study_N).",
    540: "Give at least one filter or a limit.",
    541: "Ids are whole numbers without sign; check the filter.",
    542: "No run has this evaluation measure; check its name.",
    543: "The server does not know this evaluation measure; see the list of measures.",
    544: "The server does not know this filter for evaluations.",
    545: "Give a limit together with an offset.",
    546: "Ask for at most 10,000 evaluations at a time.",
    571: "Check the run id: the run may have been deleted.",
    572: "Only runs of a hyper-parameter search have a trace.",
    601: "Check the study's id.",
    674: "No setup matches; check the ids.",
}
"""What a person can do about a code; the server's own words come first."""


class ExitCode(IntEnum):
    """How a command ended, for scripts. An empty list is no failure."""

    DONE = 0
    FAILED = 1  # the server, the network or the output
    USAGE = 2
    NOT_FOUND = 3
    NOT_ALLOWED = 4  # no key, an unknown one, or somebody else's run
    PARTLY = 5  # some of a bulk action failed
    STOPPED = 130  # by ctrl+c


def exit_code(error: BaseException) -> ExitCode:
    """The command line's exit code for an error."""
    if isinstance(error, (OpenMLAuthenticationError, OpenMLNotAuthorizedError)):
        return ExitCode.NOT_ALLOWED
    if isinstance(error, OpenMLServerNoResult):
        return ExitCode.NOT_FOUND
    if isinstance(error, OpenMLServerException) and (
        error.code in NOT_FOUND_CODES or error.status == 404
    ):
        return ExitCode.NOT_FOUND
    if isinstance(error, (UsageError, OpenMLNotSupportedError)):
        return ExitCode.USAGE
    return ExitCode.FAILED


def overall_exit_code(codes: Collection[int]) -> int:
    """The exit code for several runs by theirs: what befell all of them in the same way has its
    own, else 5 says that part of it failed.
    """
    kinds = set(codes)
    return kinds.pop() if len(kinds) == 1 else ExitCode.PARTLY if kinds else ExitCode.DONE
