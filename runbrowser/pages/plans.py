"""A plan of action as a page to be read before anything is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from runbrowser.bulk.plan import Item, LeftOut, Plan, count_runs
from runbrowser.bulk.remarks import Reason
from runbrowser.pages.lines import BLANK, FAINT, Line, Lines, spans
from runbrowser.pages.remarks import sentence
from runbrowser.pages.rows import error_line
from runbrowser.text import display

_MOST = 300  # runs that are listed; more are counted
_MOST_REASONS = 3  # why runs are left out
_FEW = 3  # runs that are named before what is lost


def title(plan: Plan) -> str:
    """The plan in one line: "delete 12 runs"."""
    runs = count_runs(len(plan.items))
    return plan.operation.title.format(runs=runs, tag=display(plan.tag))


def left_out_words(plan: Plan) -> str:
    """Why runs are left out, each reason once."""
    return ", ".join(
        [*dict.fromkeys(sentence(left.remark) for left in plan.left_out)][:_MOST_REASONS]
    )


def why_nothing(plan: Plan) -> str:
    """Why there is nothing to do for a plan without runs."""
    told = [*dict.fromkeys(sentence(left.remark) for left in plan.left_out)]
    return "; ".join([*told, *map(sentence, plan.notes)]) or "nothing was changed"


def plan_page(plan: Plan) -> Lines:
    """What is to be done to which runs, what is left out, what is lost."""
    look = "strong-bad" if plan.operation.destroys else "strong"
    lines = [spans((_capital(title(plan)), look))]
    few = len(plan.items) <= _FEW
    if few:
        lines += _items(plan)
    if plan.left_out:
        lines.append(spans((_left_out(plan), "second")))
    lines += [spans((display(sentence(note)), "")) for note in plan.notes]
    if plan.lost:
        lines += [BLANK, spans(("Lost for good", "strong-warning"))]
        lines += [spans(display(sentence(lost))) for lost in plan.lost]
    if not few:
        heading = count_runs(len(plan.items)).capitalize()
        lines += [BLANK, spans((heading, "strong")), *_items(plan)]
    if len(plan.left_out) > 1:
        lines += [BLANK, spans(("Left out", "strong-second"))]
        for run_id, remark in plan.left_out[:_MOST]:
            lines.append(spans(f"{run_id}  ", (display(sentence(remark)), FAINT)))
    return Lines([lines])


def _items(plan: Plan) -> list[Line]:
    lines = [_item(item) for item in plan.items[:_MOST]]
    if len(plan.items) > _MOST:
        lines.append(spans((f"and {len(plan.items) - _MOST:,} more", FAINT)))
    return lines


def _left_out(plan: Plan) -> str:
    """One line that says so at the top; several runs are listed at the end."""
    if len(plan.left_out) == 1:
        run_id, remark = plan.left_out[0]
        return display(f"Left out: run {run_id}, {sentence(remark)}")
    told = ", ".join(
        f"{number} {why}" for why, number in _counted(plan.left_out).most_common(_MOST_REASONS)
    )
    return display(f"Left out: {count_runs(len(plan.left_out))} ({told})")


def _counted(left_out: Iterable[LeftOut]) -> Counter[str]:
    return Counter(
        "not yours" if remark.reason is Reason.NOT_YOURS else sentence(remark)
        for _, remark in left_out
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _item(item: Item) -> Line:
    owner = item.uploader_name or (f"user {item.uploader}" if item.uploader is not None else "")
    tags = "" if not item.tags else "  " + " ".join(f"#{display(tag, 40)}" for tag in item.tags)
    return spans(
        (f"{item.run_id}", "strong"),
        (f"  {display(owner, 24)}", ""),
        (tags, "accent"),
        (f"  {display(item.score, 40)}" if item.score else "", "accent"),
        (f"  {error_line(item.error, 60)}" if item.error else "", "bad"),
        (f"  {display(item.about, 80)}", FAINT),
    )
