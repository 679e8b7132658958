"""Gives runs a tag, and takes one from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from runbrowser.bulk import tags
from runbrowser.bulk.context import Context, refused
from runbrowser.bulk.delivery import DoubtError
from runbrowser.bulk.operation import Operation, Terms, Verb
from runbrowser.bulk.outcome import Outcome, Progress, Report, State, done
from runbrowser.bulk.plan import Item, Plan
from runbrowser.bulk.remarks import Reason, Remark, remark
from runbrowser.client.calls import v1
from runbrowser.errors import OpenMLServerException
from runbrowser.models import Run

ALREADY_TAGGED, OTHER_CAPITALS, NOT_TAGGED, NOT_THE_TAGGER = 473, 474, 475, 476

# The server's refusals of a tag that need not be told as failures, and of one that must.
_ALREADY = {
    ALREADY_TAGGED: Reason.TAGGED_ALREADY,
    OTHER_CAPITALS: Reason.TAGGED_IN_OTHER_CAPITALS,
    NOT_TAGGED: Reason.UNTAGGED_ALREADY,
}


class Tag(Operation):
    """Tags runs, anybody's."""

    name = "tag"
    verb = Verb("tag", "tagging", "tagged")
    title = "tag {runs} with {tag}"

    def checked(self, tag: str) -> str:
        """The tag, if today's rule lets it be set."""
        return tags.check_tag(tag)

    def obstacle(self, item: Item, terms: Terms) -> Remark | None:
        """It is known to have the tag, in whatever capitals."""
        same = tags.found(terms.tag, item.tags)
        if same is None:
            return None
        return remark(Reason.HAS_TAG) if same == terms.tag else remark(Reason.HAS_TAG_AS, same)

    async def perform(self, context: Context, plan: Plan, item: Item, seen: Progress) -> Outcome:
        """473 means that it has the tag already, 105 and doubts are looked into."""
        if seen.sent and _has(await context.delivery.look(item.run_id), plan.tag):
            return _settled(item, Reason.FOUND_TAGGED)
        await context.begin_sending(item.run_id)
        return await set_tag(context, item, plan.tag)

    def inverse(self, report: Report) -> Plan:
        """The tag is removed where this set it."""
        tag = report.plan.tag
        items = [item for item in report.plan.items if item.run_id in report.undoable]
        return Plan(UNTAG, tuple(_with_tags(i, (*(i.tags or ()), tag)) for i in items), tag)

    def after(self, run: Run, plan: Plan) -> Run:
        """The run with the tag."""
        return replace(run, tags=(*tags.without(plan.tag, run.tags), plan.tag))


class Untag(Operation):
    """Takes a tag from runs; only who set it may, or an administrator."""

    name = "untag"
    verb = Verb("untag", "untagging", "untagged")
    title = "remove the tag {tag} from {runs}"

    def checked(self, tag: str) -> str:
        """The tag, if a rule ever let it be set."""
        return tags.check_old_tag(tag)

    def obstacle(self, item: Item, terms: Terms) -> Remark | None:
        """It is known not to have the tag, or the server refused it before (476)."""
        if item.tags is not None and tags.found(terms.tag, item.tags) is None:
            return remark(Reason.LACKS_TAG)
        if item.run_id in terms.refused and not terms.is_admin:
            return remark(Reason.TAG_OF_ANOTHER)
        return None

    def lost(self, items: Sequence[Item], terms: Terms) -> Iterable[Remark]:
        """A tag that today's rule does not let anybody set."""
        if not tags.is_settable(terms.tag):
            yield remark(Reason.TAG_NOT_TO_BE_SET_AGAIN)

    def notes(self, items: Sequence[Item], terms: Terms) -> Iterable[Remark]:
        """V1 does not tell who set a tag: of runs of others there is only a warning."""
        others = sum(terms.user_id not in (None, item.uploader) for item in items)
        if others and not terms.is_admin:
            yield remark(Reason.TAGS_OF_OTHERS, others)

    async def perform(self, context: Context, plan: Plan, item: Item, seen: Progress) -> Outcome:
        """475 means that it was not there, 476 that somebody else set it."""
        run_id, tag = item.run_id, plan.tag

        def is_gone(run: Run | None) -> bool:
            return run is not None and tags.found(tag, run.tags) is None

        if seen.sent and is_gone(await context.delivery.look(run_id)):
            return _settled(item, Reason.FOUND_UNTAGGED)
        await context.begin_sending(run_id)
        try:
            left = await context.delivery.write(v1.untag(run_id, tag))
        except DoubtError as doubt:
            if not await context.delivery.settle(run_id, is_gone):
                return _not_done(run_id, doubt, Reason.STILL_TAGGED)
            return _settled(item, Reason.FOUND_UNTAGGED, doubt)
        except OpenMLServerException as error:
            if error.code == NOT_THE_TAGGER:
                why = remark(Reason.NOT_THE_TAGGER)
                return Outcome(run_id, State.FAILED, (why,), error.code)
            return _refused(run_id, error)
        return done(run_id, remark(Reason.TAGS_NOW, tuple(left)))

    def inverse(self, report: Report) -> Plan:
        """The tag is set again; UsageError when today's rule does not let anybody set it."""
        tag = tags.check_tag(report.plan.tag)
        items = [item for item in report.plan.items if item.run_id in report.undoable]
        return Plan(TAG, tuple(_with_tags(i, tags.without(tag, i.tags or ())) for i in items), tag)

    def after(self, run: Run, plan: Plan) -> Run:
        """The run without the tag."""
        return replace(run, tags=tags.without(plan.tag, run.tags))


TAG, UNTAG = Tag(), Untag()


async def set_tag(context: Context, item: Item, tag: str) -> Outcome:
    """Sends a tag for a run and makes sure of it."""
    run_id = item.run_id
    try:
        now = await context.delivery.write(v1.tag(run_id, tag))
    except DoubtError as doubt:
        if not await context.delivery.settle(run_id, lambda run: _has(run, tag)):
            return _not_done(run_id, doubt, Reason.STILL_UNTAGGED)
        return _settled(item, Reason.FOUND_TAGGED, doubt)
    except OpenMLServerException as error:
        return _refused(run_id, error)
    return done(run_id, remark(Reason.TAGS_NOW, tuple(now)))


def _settled(item: Item, found: Reason, doubt: DoubtError | None = None) -> Outcome:
    """Done, as a look at the run tells. Whether it was so before is known where its tags were,
    or where the server said that only its index failed.
    """
    code = doubt.code if doubt is not None else None
    certain = item.tags is not None or code is not None
    why = Reason.INDEX_BEHIND if code else found
    return done(item.run_id, remark(why), code=code, undoable=certain)


def _not_done(run_id: int, doubt: DoubtError, found: Reason) -> Outcome:
    return Outcome(run_id, State.FAILED, (remark(found, str(doubt)),), doubt.code)


def _refused(run_id: int, error: OpenMLServerException) -> Outcome:
    if error.code in _ALREADY:
        return Outcome(run_id, State.ALREADY, (remark(_ALREADY[error.code]),), error.code)
    return refused(run_id, error)


def _has(run: Run | None, tag: str) -> bool:
    return run is not None and tags.found(tag, run.tags) is not None


def _with_tags(item: Item, now: tuple[str, ...]) -> Item:
    return item if item.tags is None else replace(item, tags=now)
