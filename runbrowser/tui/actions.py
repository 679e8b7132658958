"""The one table of actions: bindings, palette, help and hints are all made from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding
from textual.keys import key_to_character

Where = Literal["app", "screen", "table", "detail"]


@dataclass(frozen=True, slots=True)
class Action:
    """Something the user can do. ``name`` is the action method of the app, the table or the detail
    pane; of a screen it is the key in its ``actions`` (tui/dispatch.py).
    """

    name: str
    keys: tuple[str, ...]  # as Textual names them
    label: str  # a word or two, for hints
    help: str  # a sentence without full stop, for help and palette
    group: str
    where: tuple[Where, ...] = ("screen",)
    hint: int = 0  # place among the hints of the status line; 0: not there
    palette: bool = True  # among the first of the palette; the others stand at its end

    @property
    def shown_keys(self) -> str:
        """The keys as people read them."""
        return " ".join(map(shown_key, self.keys))


_KEY_WORDS = {
    "question_mark": "?",
    "slash": "/",
    "backslash": "\\",
    "minus": "-",
    "plus": "+",
    "at": "@",
    "underscore": "_",
    "colon": ":",
    "number_sign": "#",
    "equals_sign": "=",
    "comma": ",",
    "asterisk": "*",
    "exclamation_mark": "!",
    "escape": "esc",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "right": "\u2192",
    "left": "\u2190",
    "down": "\u2193",
    "up": "\u2191",
    "G": "G",
    "shift+tab": "shift-tab",
}

UNBOUND = "unbound."
"""Before the name of an action: a key that no terminal sends, for actions that have no other."""


def shown_key(key: str) -> str:
    """A key as people read it."""
    if key in _KEY_WORDS:
        return _KEY_WORDS[key]
    char = key_to_character(key)
    return char if char is not None and char.isprintable() and not char.isspace() else key


MOVE, FIND, READ, MARK, CHANGE = "Move", "Find", "Read", "Mark", "Change"
TAKE = "Take along"
APP = "runbrowser"

ACTIONS: tuple[Action, ...] = (
    Action("cursor_down", ("j", "down"), "down", "Next run", MOVE, ("table",), palette=False),
    Action("cursor_up", ("k", "up"), "up", "Previous run", MOVE, ("table",), palette=False),
    Action("scroll_top", ("g", "home"), "first", "First run of the page", MOVE, ("table",),
           palette=False),
    Action("scroll_bottom", ("G", "end"), "last", "Last run of the page", MOVE, ("table",),
           palette=False),
    Action("page_down", ("pagedown",), "screen down", "One screen down", MOVE, ("table", "detail"),
           palette=False),
    Action("page_up", ("pageup",), "screen up", "One screen up", MOVE, ("table", "detail"),
           palette=False),
    Action("scroll_down", ("j", "down"), "down", "Scroll the detail down", MOVE, ("detail",),
           palette=False),
    Action("scroll_up", ("k", "up"), "up", "Scroll the detail up", MOVE, ("detail",),
           palette=False),
    Action("scroll_home", ("g", "home"), "top", "Top of the detail", MOVE, ("detail",),
           palette=False),
    Action("scroll_end", ("G", "end"), "end", "End of the detail", MOVE, ("detail",),
           palette=False),
    Action("next_page", ("n",), "next page", "Next page of runs", MOVE, hint=6),
    Action("previous_page", ("p",), "previous", "Previous page of runs", MOVE),
    Action("go_to", ("number_sign",), "go to", "Go to a run id or a page", MOVE),
    Action("next_pane", ("tab",), "next pane", "Go to the next pane", MOVE, palette=False),
    Action("previous_pane", ("shift+tab",), "pane back", "Go to the previous pane", MOVE,
           palette=False),
    Action("filter_line", ("slash",), "filter", "Edit the filter as text", FIND, hint=2),
    Action("sidebar", ("f",), "fields", "Go to the filter fields", FIND),
    Action("fold_sidebar", ("b",), "sidebar", "Fold or unfold the sidebar", FIND),
    Action("cycle_state", ("e",), "failed/ok", "All runs, failed ones, ok ones", FIND, hint=3),
    Action("error_groups", ("E",), "errors", "Errors, grouped by what they say", FIND, hint=5),
    Action("mine", ("m",), "mine", "Only my own runs, or everybody's", FIND, hint=4),
    Action("clear_filter", (), "clear", "Clear the filter", FIND),
    Action("mark", ("space",), "mark", "Mark the run, or take its mark away", MARK),
    Action("mark_range", ("v",), "range", "Mark a range: here, then again at its other end", MARK),
    Action("mark_same_error", ("comma",), "same error", "Mark all runs seen with this error",
           MARK),
    Action("mark_page", ("asterisk",), "page", "Mark the page, or take its marks away", MARK),
    Action("mark_all", (), "all", "Mark all runs that match the filter", MARK),
    Action("clear_marks", (), "clear marks", "Take all marks away", MARK),
    Action("open", ("enter",), "open", "Open the run under the cursor", READ, ("table",), hint=1),
    Action("back", ("escape",), "back", "Close what is open, then clear the filter", READ),
    Action("predictions", ("i",), "predictions",
           "Predictions: confusion matrix, classes or residuals, measures computed anew", READ),
    Action("trace", ("a",), "attempts", "Attempts of the run's search: its trace, drawn and listed",
           READ),
    Action("search", ("slash",), "search", "Look for words in the detail", READ, ("detail",),
           palette=False),
    Action("next_match", ("n",), "next match", "Next match in the detail", READ, ("detail",),
           palette=False),
    Action("previous_match", ("N",), "match before", "Previous match in the detail", READ,
           ("detail",), palette=False),
    Action("leaderboard", ("L",), "best", "The best runs of this run's task", READ),
    Action("compare", ("equals_sign",), "compare",
           "Compare 2 to 8 marked runs, or the marked one with this", READ),
    Action("sort", ("s",), "sort", "Order the rows of the page", READ),
    Action("reverse", ("S",), "reverse", "Turn the order round", READ),
    Action("previous_view", ("left_square_bracket",), "view back", "Previous saved view", FIND),
    Action("next_view", ("right_square_bracket",), "next view", "Next saved view", FIND),
    Action("save_view", (), "save view", "Save this view: filter, columns, order, panes", FIND),
    Action("rename_view", (), "rename view", "Rename a saved view", FIND),
    Action("delete_view", (), "delete view", "Delete a saved view", FIND),
    Action("measure", ("M",), "measure", "Choose the measure of the score column", READ),
    Action("columns", ("c",), "columns", "Choose the columns, fold away empty ones", READ),
    Action("columns_right", ("right",), "more columns", "Columns for which there was no room",
           MOVE, ("table",), palette=False),
    Action("columns_left", ("left",), "columns back", "Back to the first columns", MOVE,
           ("table",), palette=False),
    Action("tag", ("t",), "tag", "Tag the run, or all marked ones", CHANGE, hint=4),
    Action("untag", ("T",), "untag", "Remove a tag from the run, or all marked ones", CHANGE),
    Action("delete", ("D",), "delete", "Delete the run, or all marked ones; copies go to the trash",
           CHANGE, hint=6),
    Action("undo", ("z",), "undo", "Undo the last tag or untag; restore the last delete", CHANGE),
    Action("publish", ("P",), "publish", "Publish a run from files", CHANGE),
    Action("trash", (), "trash", "Trash: runs deleted here, to be restored or purged", CHANGE),
    Action("stop_job", ("X",), "stop", "Stop the action or export under way", CHANGE),
    Action("show_report", ("exclamation_mark",), "report", "What became of each run", CHANGE),
    Action("copy_id", ("y",), "copy id", "Copy the run id", TAKE),
    Action("copy_menu", ("Y",), "copy", "Copy: address, error, row, Python", TAKE),
    Action("copy_value", ("C",), "copy value", "Copy any value of the run: score, parameter, tag",
           TAKE),
    Action("open_page", ("o",), "web page", "Open the run's page, or copy its address over SSH",
           TAKE),
    Action("export", ("x",), "export", "Export runs: CSV, JSON, JSONL, Parquet, Markdown", TAKE),
    Action("refresh", ("r",), "refresh", "Ask the server again", READ, hint=7),
    Action("watch", ("w",), "watch", "Watch the page: new and changed runs appear", READ),
    Action("palette", ("colon", "ctrl+p"), "commands", "All commands, by name", APP, hint=9),
    Action("theme", (), "theme", "Theme: other colours, with a preview", APP),
    Action("help", ("question_mark",), "help", "All keys", APP, hint=8),
    Action("suspend", ("ctrl+z",), "suspend", "Suspend: back to the shell, until its fg", APP,
           ("app",)),
    Action("quit", ("q",), "quit", "Leave runbrowser", APP, hint=10),
)  # fmt: skip


def command(action: Action) -> str:
    """What a key of the action runs, as Textual writes it."""
    return f"app.do('{action.name}')" if "screen" in action.where else action.name


def bindings(where: Where) -> list[Binding]:
    """The key bindings of a screen or widget, from the table; the app's keymap may change them."""
    return [
        Binding(
            ",".join(action.keys) or f"{UNBOUND}{action.name}",
            command(action),
            action.label,
            show=False,
            id=action.name,
        )
        for action in ACTIONS
        if where in action.where
    ]


def hints(where: Where = "table", actions: Sequence[Action] = ACTIONS) -> list[tuple[str, str]]:
    """(key, label) of the actions that the status line names, most wanted first."""
    first = {action.name: action.shown_keys.split(" ")[0] for action in actions}
    wanted = sorted((action for action in actions if action.hint), key=lambda a: a.hint)
    pairs = [(first[action.name], action.label) for action in wanted]
    if where == "detail":
        scroll = " ".join(filter(None, (first["scroll_down"], first["scroll_up"])))
        own = [(scroll, "scroll"), (first["back"], "close"), (first["next_pane"], "next pane")]
        pairs = [*own, *pairs[4:]]
    return [(key, label) for key, label in pairs if key]


def by_group(actions: Sequence[Action] = ACTIONS) -> Iterator[tuple[str, list[Action]]]:
    """Actions by group, in the table's order."""
    for group in dict.fromkeys(action.group for action in actions):
        yield group, [action for action in actions if action.group == group]
