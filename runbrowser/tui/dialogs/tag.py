"""Asks for a tag, checked as it is typed, and says what it would be done to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.suggester import SuggestFromList
from textual.widgets import Input

from runbrowser.bulk.plan import Item, Plan, count_runs
from runbrowser.errors import UsageError
from runbrowser.pages.plans import left_out_words, title
from runbrowser.pages.remarks import sentence
from runbrowser.text import display
from runbrowser.tui.actions import bindings
from runbrowser.tui.dialogs.dialog import CompletingField, Dialog
from runbrowser.tui.places import SCREENS


class TagDialog(Dialog[Plan | None]):
    """One line with completion; Enter goes, Esc leaves. Nothing here destroys: ``z`` undoes."""

    PLACES = SCREENS["tag"]
    BINDINGS = bindings(*PLACES)  # type: ignore[assignment]

    def __init__(
        self,
        title: str,
        items: Sequence[Item],
        plan_of: Callable[[str], Plan],
        fits: Callable[[str], bool],
        in_use: Sequence[str],
        *,
        removes: bool = False,
    ) -> None:
        """``plan_of`` gives the plan for a tag or raises UsageError, ``fits`` whether a tag in use
        is worth offering; ``removes``: tags on the runs are offered first.
        """
        super().__init__()
        self._title = title
        self._items = items
        self._plan_of = plan_of
        self._fits = fits
        self._removes = removes
        self._known: dict[str, str] = {}  # as it is shown: as it is
        self._know(in_use)

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog"):
            yield self.heading(self._title)
            yield CompletingField(
                placeholder="letters, digits and . _ -",
                id="tag",
                max_length=200,
                suggester=self._suggester(),
            )
            yield self.note(self._help(), id="tag-note")

    # -- what is offered -----------------------------------------------------------------------

    def _on_runs(self) -> list[str]:
        return list(dict.fromkeys(tag for item in self._items for tag in item.tags or ()))

    def _know(self, in_use: Sequence[str]) -> None:
        """Texts of strangers are offered in their harmless form, which stands for the real one."""
        offered = [*(self._on_runs() if self._removes else ()), *in_use]
        self._known = {display(tag): tag for tag in offered if self._worth(tag)}

    def _worth(self, tag: str) -> bool:
        try:
            return self._fits(tag)
        except UsageError:
            return False

    def _suggester(self) -> SuggestFromList:
        return SuggestFromList(self._known, case_sensitive=False)

    def learn(self, in_use: Sequence[str]) -> None:
        """More is known: tags in use, and what the items now hold."""
        self._know(in_use)
        if self.stands("#tag", "#tag-note"):
            field = self.query_one("#tag", Input)
            field.suggester = self._suggester()
            self._tell(field.value)

    # -- what is said --------------------------------------------------------------------------

    def _help(self) -> str:
        only = len(self._items) == 1
        words = (
            f"for run {self._items[0].run_id}" if only else f"for {count_runs(len(self._items))}"
        )
        tags = self._on_runs() if self._removes else ()
        if tags:
            words += f"; on {'it' if only else 'them'} now: {display(', '.join(tags), 120)}"
        keys = self.keys(("submit", "goes"), ("complete", "completes"), ("cancel", "leaves"))
        return f"{words}\n{keys}"

    def _plan(self, text: str) -> Plan:
        return self._plan_of(self._known.get(text, text))

    def _tell(self, text: str) -> None:
        if not text:
            self.say(self._help())
            return
        try:
            plan = self._plan(text)
        except UsageError as error:
            self.say(str(error), wrong=True)
            return
        head = title(plan)
        words = [head[:1].upper() + head[1:]]
        if plan.left_out:
            left_out = count_runs(len(plan.left_out))
            words[0] += f"; {left_out} left out: {left_out_words(plan)}"
        words += map(sentence, (*plan.lost, *plan.notes))
        self.say("\n".join(display(line, 300) for line in words))

    # -- keys ----------------------------------------------------------------------------------

    def on_input_changed(self, event: Input.Changed) -> None:
        """Checks as typed, and says what would be done."""
        event.stop()
        self._tell(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Gives the plan, if what was typed is a tag."""
        event.stop()
        try:
            self.dismiss(self._plan(event.value))
        except UsageError as error:
            self.say(str(error), wrong=True)
