"""The sentences of remarks and outcomes: the only place where they are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from runbrowser.bulk.operation import Operation
from runbrowser.bulk.outcome import Outcome
from runbrowser.bulk.plan import count_runs
from runbrowser.bulk.remarks import Reason, Remark
from runbrowser.pages.numbers import size_words
from runbrowser.text import display

_MOST_NAMED = 5  # runs that are named with their studies
_LOOKED = "the server's reply was lost, so the run was looked at"
_AGAIN = "The run was looked at again"

Sentence = str | Callable[..., str]


def sentence(remark: Remark) -> str:
    """A remark in words, still with foreign text in it.

    A remark whose details are not those of its reason, as a damaged file may hold, is told as its
    reason alone.
    """
    made = _SENTENCES[remark.reason]
    try:
        return made.format(*remark.details) if isinstance(made, str) else made(*remark.details)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        return remark.reason.value.replace("-", " ")


def outcome_words(operation: Operation, outcome: Outcome) -> str:
    """What became of a run, in words: "deleted; a copy is in the trash"."""
    said = [
        operation.verb.done if remark.reason is Reason.DONE else sentence(remark)
        for remark in outcome.remarks
    ]
    return "; ".join(said)


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(display(text, 64) for text in texts) or "none"


def _way_out(study_id: int | str, run_id: int) -> str:
    """How a run is taken out of its studies, so that it can be deleted."""
    return (
        "Who made a study can take runs out of it: on its page, or with openml-python's "
        f"openml.study.detach_from_study({study_id}, [{run_id}])."
    )


def _tags_of_others(number: int) -> str:
    return (
        f"{count_runs(number).capitalize()} of others: only who set a tag, or an administrator, "
        "may remove it, and OpenML does not tell who did."
    )


def _not_yours(uploader: int, name: str) -> str:
    named = f" ({display(name, 40)})" if name else ""
    return f"uploaded by user {uploader}{named}, not by you"


def _in_studies_by_tag(number: int) -> str:
    return f"{number:,} of them {'belongs' if number == 1 else 'belong'} to a study by tag."


def _in_studies(runs: tuple[tuple[int, tuple[str, ...]], ...], study_id: int, run_id: int) -> str:
    """Which runs are in studies, what that means for a delete, and the way out."""
    named = [f"run {one} in {', '.join(studies)}" for one, studies in runs[:_MOST_NAMED]]
    if len(runs) > _MOST_NAMED:
        named.append(f"{len(runs) - _MOST_NAMED:,} more")
    are = "is" if len(runs) == 1 else "are"
    return (
        f"{count_runs(len(runs)).capitalize()} {are} listed in studies, and the server may refuse "
        f"to delete them (394): {', '.join(named)}. {_way_out(study_id, run_id)}"
    )


def _study_pairs(pairs: Iterable[tuple[int, str]]) -> str:
    named = ", ".join(f"{number} ({display(name, 60)})" for number, name in pairs)
    return f"was in study {named}: add the new run there yourself"


_SENTENCES: dict[Reason, Sentence] = {
    Reason.MESSAGE: "{0}",
    Reason.DONE: "done",
    Reason.NOT_BEGUN: "was not begun",
    Reason.SENT_UNSEEN: "was sent when the action broke off; nobody looked yet",
    Reason.UNKNOWN: "was sent, and nobody knows: {0}",
    Reason.STOPPED_BY_USER: "Stopped: no further runs were begun.",
    Reason.NO_KEY: (
        "Nothing was changed: there is no API key. Set OPENML_APIKEY, or apikey in OpenML's "
        "config file."
    ),
    Reason.NOT_TAKEN_UP: "It broke off and was not taken up.",
    Reason.PAUSING: "{0}. Going on in {1:.0f} s.",
    Reason.ON_ITS_WAY: "Run {0} may still be on its way; looking in {1:.0f} s.",
    Reason.HAS_TAG: "already has this tag",
    Reason.HAS_TAG_AS: lambda tag: f"already has the tag as {display(tag)}",
    Reason.LACKS_TAG: "does not have this tag",
    Reason.TAG_OF_ANOTHER: "somebody else set this tag",
    Reason.TAGGED_ALREADY: "nothing to do: it has the tag already",
    Reason.TAGGED_IN_OTHER_CAPITALS: "nothing to do: it has the tag already, in other capitals",
    Reason.UNTAGGED_ALREADY: "nothing to do: it does not have the tag",
    Reason.NOT_THE_TAGGER: (
        "somebody else set this tag; only they or an administrator may remove it"
    ),
    Reason.TAGS_NOW: lambda tags: f"tags: {_listed(tags)}",
    Reason.INDEX_BEHIND: "the server's search index does not know it yet",
    Reason.FOUND_TAGGED: f"{_LOOKED}: it has the tag",
    Reason.FOUND_UNTAGGED: f"{_LOOKED}: the tag is gone",
    Reason.STILL_UNTAGGED: f"{{0}}. {_AGAIN}: it does not have the tag.",
    Reason.STILL_TAGGED: f"{{0}}. {_AGAIN}: it still has the tag.",
    Reason.TAGS_OF_OTHERS: _tags_of_others,
    Reason.TAG_NOT_TO_BE_SET_AGAIN: (
        "Today's rule refuses this tag: once removed it cannot be set again."
    ),
    Reason.NOT_YOURS: _not_yours,
    Reason.OF_NOBODY: "has no uploader; only an administrator may delete it",
    Reason.NOT_THE_OWNER: "not yours: only its uploader or an administrator may delete it",
    Reason.KEY_OF_UNKNOWN: (
        "OpenML does not tell whose a key is: runs of others are tried, and refused by the "
        "server without harm. RUNBROWSER_USER_ID says who you are."
    ),
    Reason.NOT_THERE: "is not there: it was deleted before, or never was",
    Reason.DELETED_BEFORE: "was deleted before; a copy is in the trash",
    Reason.DELETED_MEANWHILE: "was deleted meanwhile",
    Reason.FOUND_GONE: f"{_LOOKED}: it is gone",
    Reason.STILL_THERE: f"{{0}}. {_AGAIN}: it is still there.",
    Reason.COPY_MADE: lambda lacks: (
        "a copy is in the trash" + (f", which lacks {'; '.join(lacks)}" if lacks else "")
    ),
    Reason.NO_COPY_MADE: "no copy was kept",
    Reason.NO_WHOLE_COPY: "was not deleted, since no whole copy could be made: {0}",
    Reason.LISTED: lambda error, studies, study_id, run_id: (
        f"was not deleted ({error}): it is in {' and '.join(studies)}. {_way_out(study_id, run_id)}"
    ),
    Reason.MAYBE_LISTED: lambda error, run_id: (
        f"was not deleted ({error}): a study may list it. {_way_out('STUDY', run_id)}"
    ),
    Reason.COPY_FIRST: "A whole copy of each run goes to the trash before it is deleted.",
    Reason.IDS_ARE_LOST: "The run ids and upload times: a restored run is a new run.",
    Reason.SCORES_ARE_LOST: (
        "The server's evaluations: they are kept in the copy, but computed anew for a restored run."
    ),
    Reason.TAGGERS_ARE_LOST: (
        "Who set which tag: tags set again are yours. Membership in studies is noted, not restored."
    ),
    Reason.ALL_IS_LOST: (
        "Everything: without a copy in the trash a deleted run cannot be restored."
    ),
    Reason.IN_STUDIES_BY_TAG: _in_studies_by_tag,
    Reason.IN_STUDIES: _in_studies,
    Reason.TAGS_UNREAD: ("More than {0} runs: their tags are in the copies, not shown here."),
    Reason.NO_COPY: "has no copy in the trash",
    Reason.NEW_RUNS: (
        "A restored run is a new run: its id and upload time are new, its evaluations are "
        "computed anew by the server, and its tags are yours."
    ),
    Reason.UNDONE_BY_DELETING: "A restored run is undone by deleting it.",
    Reason.PUBLISHED_AGAIN: "published again as run {0}",
    Reason.RESTORED_BEFORE: "was restored before, as run {0}",
    Reason.STILL_ON_SERVER: "is still on the server: there is nothing to restore",
    Reason.UPLOAD_LOST: (
        "{0}. The run was not found on the server. Try again in a minute: it is looked for first, "
        "and not published twice."
    ),
    Reason.REPLY_LOST: "the server's reply was lost",
    Reason.DESCRIBED_BY_SERVER: (
        "described as the server had it, the uploaded description being lost"
    ),
    Reason.TEXT_CUT: "{0} cut to {1} plain characters, as today's limit wants",
    Reason.TEXT_MADE_PLAIN: "characters of {0} that are not plain became ?",
    Reason.TEXT_NOT_XML: "characters of {0} that XML cannot hold became \ufffd",
    Reason.DETAILS_LEFT_OUT: "run_details left out: today's rule refuses them",
    Reason.TAGGED_BY_YOU: lambda tags: f"tagged {_listed(tags)} by you",
    Reason.TAG_REFUSED: lambda tag: f"the tag {display(tag, 64)!r} is refused by today's rule",
    Reason.TAG_NOT_SET: lambda tag, why: f"the tag {display(tag, 64)!r} was not set ({why})",
    Reason.WAS_IN_STUDIES: _study_pairs,
    Reason.STUDIES_UNKNOWN: "which studies it was in is not known",
    Reason.TRACE_STAYS: "its trace has no file and stays in the copy alone",
    Reason.COPY_LACKED: lambda lacks: f"not restored, since the copy lacks it: {'; '.join(lacks)}",
    Reason.EVALUATED_ANEW: "evaluations are computed anew",
    Reason.PUBLISHED: "published",
    Reason.PUBLISHED_REPLY_LOST: "published; the server's reply was lost, the run is there",
    Reason.PUBLISHED_MAYBE: (
        "{0}. The run was not found on the server; it may still appear there. Look at your newest "
        "runs before publishing it again."
    ),
    Reason.KEPT_LONG: "kept for {0:.0f} days, the bound is {1}",
    Reason.TRASH_FULL: lambda total, most: (
        f"the trash holds {size_words(total)}, the bound is {size_words(most)}"
    ),
}
