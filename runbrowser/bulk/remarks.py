"""What is to be said of a run, a plan or a report, as values: the sentences are made of them in
``pages/remarks.py``, where a person reads them, and nowhere else.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, NamedTuple

Detail = str | int | float | None | tuple[Any, ...]


class Reason(Enum):
    """Why something is as it is; the comments name the details that a :class:`Remark` has."""

    MESSAGE = "message"  # a whole sentence: the server's, an exception's, or an old journal's
    DONE = "done"
    NOT_BEGUN = "not-begun"
    SENT_UNSEEN = "sent-unseen"
    UNKNOWN = "unknown"  # what went wrong
    # why an action ended early
    STOPPED_BY_USER = "stopped-by-user"
    NO_KEY = "no-key"
    NOT_TAKEN_UP = "not-taken-up"
    # what goes on meanwhile
    PAUSING = "pausing"  # what went wrong, seconds
    ON_ITS_WAY = "on-its-way"  # run id, seconds
    # tags
    HAS_TAG = "has-tag"
    HAS_TAG_AS = "has-tag-as"  # the tag as it is
    LACKS_TAG = "lacks-tag"
    TAG_OF_ANOTHER = "tag-of-another"
    TAGGED_ALREADY = "tagged-already"
    TAGGED_IN_OTHER_CAPITALS = "tagged-in-other-capitals"
    UNTAGGED_ALREADY = "untagged-already"
    NOT_THE_TAGGER = "not-the-tagger"
    TAGS_NOW = "tags-now"  # the tags
    INDEX_BEHIND = "index-behind"
    FOUND_TAGGED = "found-tagged"
    FOUND_UNTAGGED = "found-untagged"
    STILL_UNTAGGED = "still-untagged"  # what went wrong
    STILL_TAGGED = "still-tagged"  # what went wrong
    TAGS_OF_OTHERS = "tags-of-others"  # number of runs
    TAG_NOT_TO_BE_SET_AGAIN = "tag-not-to-be-set-again"
    # deletes
    NOT_YOURS = "not-yours"  # uploader's id, name or ''
    OF_NOBODY = "of-nobody"
    NOT_THE_OWNER = "not-the-owner"
    KEY_OF_UNKNOWN = "key-of-unknown"
    NOT_THERE = "not-there"
    DELETED_BEFORE = "deleted-before"
    DELETED_MEANWHILE = "deleted-meanwhile"
    FOUND_GONE = "found-gone"
    STILL_THERE = "still-there"  # what went wrong
    COPY_MADE = "copy-made"  # what it lacks
    NO_COPY_MADE = "no-copy-made"
    NO_WHOLE_COPY = "no-whole-copy"  # why
    LISTED = "listed"  # the refusal, the studies in words, id of the first of them, run id
    MAYBE_LISTED = "maybe-listed"  # the refusal, run id
    COPY_FIRST = "copy-first"
    IDS_ARE_LOST = "ids-are-lost"
    SCORES_ARE_LOST = "scores-are-lost"
    TAGGERS_ARE_LOST = "taggers-are-lost"
    ALL_IS_LOST = "all-is-lost"
    IN_STUDIES_BY_TAG = "in-studies-by-tag"  # number of runs
    IN_STUDIES = "in-studies"  # pairs of run id and studies in words, runs, study id, run id
    TAGS_UNREAD = "tags-unread"  # number of runs that are read at most
    # restores
    NO_COPY = "no-copy"
    NEW_RUNS = "new-runs"
    UNDONE_BY_DELETING = "undone-by-deleting"
    PUBLISHED_AGAIN = "published-again"  # new run id
    RESTORED_BEFORE = "restored-before"  # new run id
    STILL_ON_SERVER = "still-on-server"
    UPLOAD_LOST = "upload-lost"  # what went wrong
    REPLY_LOST = "reply-lost"
    DESCRIBED_BY_SERVER = "described-by-server"
    TEXT_CUT = "text-cut"  # name of the text, characters that are left
    TEXT_MADE_PLAIN = "text-made-plain"  # name of the text
    TEXT_NOT_XML = "text-not-xml"  # name of the text
    DETAILS_LEFT_OUT = "details-left-out"
    TAGGED_BY_YOU = "tagged-by-you"  # the tags
    TAG_REFUSED = "tag-refused"  # the tag
    TAG_NOT_SET = "tag-not-set"  # the tag, why
    WAS_IN_STUDIES = "was-in-studies"  # pairs of id and name
    STUDIES_UNKNOWN = "studies-unknown"
    TRACE_STAYS = "trace-stays"
    COPY_LACKED = "copy-lacked"  # what it lacked
    EVALUATED_ANEW = "evaluated-anew"
    # publishing
    PUBLISHED = "published"
    PUBLISHED_REPLY_LOST = "published-reply-lost"
    PUBLISHED_MAYBE = "published-maybe"  # what went wrong
    # the bounds of the trash
    KEPT_LONG = "kept-long"  # days, days that are the bound
    TRASH_FULL = "trash-full"  # bytes, bytes that are the bound


class Remark(NamedTuple):
    """A reason and what fills its sentence; texts in ``details`` are foreign."""

    reason: Reason
    details: tuple[Detail, ...] = ()

    def as_json(self) -> list[Any]:
        """The remark as plain values, as a journal keeps it."""
        return [self.reason.value, *map(_plain, self.details)]

    @classmethod
    def from_json(cls, written: Any) -> Remark:
        """The remark that :meth:`as_json` wrote; a text is a sentence of a former version.

        Raises TypeError or ValueError for anything else.
        """
        if isinstance(written, str):
            return message(written)
        if not isinstance(written, list) or not written:
            raise TypeError(f"no remark: {type(written).__name__}")
        return cls(Reason(written[0]), tuple(map(_detail, written[1:])))


def remark(reason: Reason, *details: Detail) -> Remark:
    """A remark with the details of its reason."""
    return Remark(reason, details)


def message(text: object) -> Remark:
    """A sentence that is as it is: an error's, or one of the server."""
    return Remark(Reason.MESSAGE, (str(text),))


def _plain(detail: Detail) -> Any:
    return list(map(_plain, detail)) if isinstance(detail, tuple) else detail


def _detail(written: Any) -> Detail:
    if isinstance(written, list):
        return tuple(map(_detail, written))
    if written is None or isinstance(written, str | int | float):
        return written
    raise TypeError(f"no detail of a remark: {type(written).__name__}")
