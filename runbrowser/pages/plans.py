"""A plan of action as a page to be read before anything is done."""

from __future__ import annotations

from collections import Counter

from runbrowser.bulk.plan import Item, Kind, Plan, count_runs
from runbrowser.pages.lines import BLANK, FAINT, Line, Lines, spans
from runbrowser.pages.rows import error_line
from runbrowser.text import display

_MOST = 300  # runs that are listed; more are counted
_FEW = 3  # runs that are named before what is lost


def plan_page(plan: Plan) -> Lines:
    """What is to be done to which runs, what is left out, what is lost."""
    destroys = plan.kind is Kind.DELETE
    lines = [spans((_sentence(plan.title), "strong-bad" if destroys else "strong"))]
    few = len(plan.items) <= _FEW
    if few:
        lines += _items(plan)
    if plan.left_out:
        lines.append(spans((_left_out(plan), "second")))
    lines += [spans((display(note), "")) for note in plan.notes]
    if plan.lost:
        lines += [BLANK, spans(("Lost for good", "strong-warning"))]
        lines += [spans(display(words)) for words in plan.lost]
    if not few:
        title = count_runs(len(plan.items)).capitalize()
        lines += [BLANK, spans((title, "strong")), *_items(plan)]
    if len(plan.left_out) > 1:
        lines += [BLANK, spans(("Left out", "strong-second"))]
        for run_id, words in plan.left_out[:_MOST]:
            lines.append(spans(f"{run_id}  ", (display(words), FAINT)))
    return Lines([lines])


def _items(plan: Plan) -> list[Line]:
    lines = [_item(item) for item in plan.items[:_MOST]]
    if len(plan.items) > _MOST:
        lines.append(spans((f"and {len(plan.items) - _MOST:,} more", FAINT)))
    return lines


def _left_out(plan: Plan) -> str:
    """One line that says so at the top; several runs are listed at the end."""
    if len(plan.left_out) == 1:
        run_id, words = plan.left_out[0]
        return display(f"Left out: run {run_id}, {words}")
    whys = Counter(_kind_of(words) for _, words in plan.left_out)
    told = ", ".join(f"{number} {why}" for why, number in whys.most_common(3))
    return display(f"Left out: {count_runs(len(plan.left_out))} ({told})")


def _kind_of(words: str) -> str:
    return "not yours" if words.endswith("not by you") else words


def _sentence(text: str) -> str:
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
