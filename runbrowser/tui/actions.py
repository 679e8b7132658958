"""The one table of actions: bindings, dispatch, palette, help, hints and the keymap file of every
screen and dialog are made from it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from textual.binding import Binding
from textual.keys import key_to_character

from runbrowser.tui.places import SCREENS, WIDGETS, Place


@dataclass(frozen=True, slots=True)
class Action:
    """Something the user can do.

    ``name`` is the same wherever the action has the same keys: it names them in ``[keys]`` of
    config.toml. ``handler`` is the key of what does it in the screen's ``actions``, or the method
    ``action_...`` of the screen, the widget or the app (tui/dispatch.py).
    """

    name: str
    keys: tuple[str, ...]  # as Textual names them
    label: str  # a word or two, for hints
    help: str  # a sentence without full stop, for help and palette
    group: str
    where: tuple[Place, ...] = ("screen",)
    hint: int = 0  # place among the hints of a screen; 0: not there
    palette: bool = True  # among the first of the palette; the others stand at its end
    handler: str = ""  # '': the name
    first: bool = False  # goes before what the widget with the focus does with the key

    @property
    def does(self) -> str:
        """Name of what does it."""
        return self.handler or self.name

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

_MAIN: tuple[Action, ...] = (
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
    Action("next_page", ("n",), "next page", "Next page of runs", MOVE, hint=10),
    Action("previous_page", ("p",), "previous", "Previous page of runs", MOVE),
    Action("go_to", ("number_sign",), "go to", "Go to a run id or a page", MOVE),
    Action("next_pane", ("tab",), "next pane", "Go to the next pane", MOVE, palette=False),
    Action("previous_pane", ("shift+tab",), "pane back", "Go to the previous pane", MOVE,
           palette=False),
    Action("filter_line", ("slash",), "filter", "Edit the filter as text", FIND, hint=5),
    Action("sidebar", ("f",), "fields", "Go to the filter fields", FIND),
    Action("fold_sidebar", ("b",), "sidebar", "Fold or unfold the sidebar", FIND),
    Action("cycle_state", ("e",), "failed/ok", "All runs, failed ones, ok ones", FIND, hint=6),
    Action("error_groups", ("E",), "errors", "Errors, grouped by what they say", FIND, hint=9),
    Action("mine", ("m",), "mine", "Only my own runs, or everybody's", FIND, hint=7),
    Action("clear_filter", (), "clear", "Clear the filter", FIND),
    Action("mark", ("space",), "mark", "Mark the run, or take its mark away", MARK),
    Action("mark_range", ("v",), "range", "Mark a range: here, then again at its other end", MARK),
    Action("mark_same_error", ("comma",), "same error", "Mark all runs seen with this error",
           MARK),
    Action("mark_page", ("asterisk",), "page", "Mark the page, or take its marks away", MARK),
    Action("mark_all", (), "all", "Mark all runs that match the filter", MARK),
    Action("clear_marks", (), "clear marks", "Take all marks away", MARK),
    Action("open", ("enter",), "open", "Open the run under the cursor", READ, ("table",), hint=4),
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
    Action("tag", ("t",), "tag", "Tag the run, or all marked ones", CHANGE, hint=8),
    Action("untag", ("T",), "untag", "Remove a tag from the run, or all marked ones", CHANGE),
    Action("delete", ("D",), "delete", "Delete the run, or all marked ones; copies go to the trash",
           CHANGE, hint=11),
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
    Action("refresh", ("r",), "refresh", "Ask the server again", READ, hint=12),
    Action("mirror", ("B",), "mirror", "To the mirror on this machine, or back to the server",
           FIND),
    Action("watch", ("w",), "watch", "Watch the page: new and changed runs appear", READ),
    Action("palette", ("colon", "ctrl+p"), "commands", "All commands, by name", APP,
           ("screen", "page"), hint=2),
    Action("theme", (), "theme", "Theme: other colours, with a preview", APP),
    Action("help", ("question_mark",), "help", "The keys of this screen", APP,
           ("screen", "page"), hint=1),
    Action("suspend", ("ctrl+z",), "suspend", "Suspend: back to the shell, until its fg", APP,
           ("app",)),
    Action("redraw", ("ctrl+l",), "redraw", "Draw the screen anew", APP, ("app",), palette=False),
    Action("quit", ("q",), "quit", "Leave runbrowser", APP, hint=3),
)  # fmt: skip


def _also(name: str, where: Place, label: str, help: str, **other: object) -> Action:
    """An action of the main screen at another place: the same keys, other words."""
    first = next(action for action in _MAIN if action.name == name)
    settings = {"hint": 0, "handler": "", **other}
    return replace(first, where=(where,), label=label, help=help, **settings)  # type: ignore[arg-type]


_BASELINES = tuple(
    Action(f"baseline_{n}", (str(n),), f"run {n}", f"Compare the others to run {n}", READ,
           ("compare",), palette=False)
    for n in range(1, 9)
)  # fmt: skip

_SCREENS: tuple[Action, ...] = (
    Action("leave", ("q",), "back", "Back to where one was", APP,
           ("page", "choose", "columns", "destroy"), hint=3),
    # lists
    _also("cursor_down", "list", "down", "Next line"),
    _also("cursor_up", "list", "up", "Line before"),
    _also("scroll_top", "list", "first", "First line"),
    _also("scroll_bottom", "list", "last", "Last line"),
    Action("page_below_down", ("J",), "page below", "Scroll the page below down", MOVE, ("list",),
           palette=False),
    Action("page_below_up", ("K",), "page below", "Scroll the page below up", MOVE, ("list",),
           palette=False),
    _also("mark", "marks", "mark", "Mark the line, or take its mark away", hint=6),
    _also("mark_page", "trash", "all", "Mark all copies, or none", hint=7),
    # error groups
    _also("open", "groups", "show runs", "Show the runs of the group", hint=4),
    Action("group_by", ("b",), "by flow, task", "Group by flow, by task, by what they say", READ,
           ("groups",), hint=5),
    _also("sort", "groups", "by rate", "Rank flows or tasks by failure rate, or by count", hint=10),
    _also("tag", "groups", "tag", "Tag the runs of the group, or all marked ones", hint=7),
    _also("untag", "groups", "untag", "Remove a tag from the runs of the group, or marked ones"),
    _also("delete", "groups", "delete", "Delete the runs of the group, or all marked ones",
          hint=8),
    _also("export", "groups", "export", "Export these runs", hint=9),
    _also("undo", "groups", "undo", "Undo the last tag or untag; restore the last delete"),
    _also("stop_job", "groups", "stop", "Stop the action or export under way"),
    _also("show_report", "groups", "report", "What became of each run"),
    _also("error_groups", "groups", "back", "Back to the runs", handler="leave"),
    # leaderboard
    _also("open", "leaderboard", "read", "Read the run", hint=4),
    _also("compare", "leaderboard", "compare", "Compare marked runs, or the two best", hint=7),
    _also("measure", "leaderboard", "measure", "Choose the measure", hint=8),
    _also("export", "leaderboard", "export", "Export the list", hint=9),
    _also("leaderboard", "leaderboard", "back", "Back to the runs", handler="leave"),
    # attempts of a search
    _also("next_page", "trace", "next fold", "Next fold", hint=4, handler="next_fold"),
    _also("previous_page", "trace", "previous", "Fold before", hint=5, handler="previous_fold"),
    _also("sort", "trace", "by score", "By score, or in their order", hint=6),
    _also("trace", "trace", "back", "Back to the run", handler="leave"),
    # trash
    Action("restore", ("r",), "restore", "Restore the marked copies, or this one", CHANGE,
           ("trash",), hint=4),
    _also("delete", "trash", "purge", "Take the marked copies away for good, or this one",
          hint=8, handler="purge"),
    # comparison
    Action("next_run", ("right", "l", "tab"), "next run", "Next run", MOVE, ("compare",), hint=4),
    Action("previous_run", ("left", "h", "shift+tab"), "run before", "Run before", MOVE,
           ("compare",)),
    Action("baseline", ("b",), "baseline", "Compare the others to this run", READ, ("compare",),
           hint=5),
    *_BASELINES,
    _also("measure", "compare", "measure", "Measure of the comparison fold by fold", hint=6),
    _also("export", "compare", "export", "Export the comparison", hint=7),
    Action("everything", ("a",), "all lines", "Show what is the same in all runs, or hide it",
           READ, ("compare",), hint=8),
    _also("next_page", "compare", "section", "Next section", hint=9, handler="next_section"),
    _also("previous_page", "compare", "section before", "Section before",
          handler="previous_section"),
    _also("open", "compare", "read the run", "Read the chosen run", hint=10),
    _also("copy_id", "compare", "copy", "Copy the comparison as Markdown", hint=11,
          handler="copy"),
    _also("refresh", "compare", "read again", "Read all runs anew", hint=12),
    _also("compare", "compare", "back", "Back to the runs", handler="leave"),
    # predictions, report, help
    _also("refresh", "predictions", "reads again", "Fetch and read the file anew", hint=4),
    _also("predictions", "predictions", "back", "Back to the run", handler="leave"),
    Action("retry", ("r",), "try again", "Try again what was not done", CHANGE, ("report",),
           hint=4),
    _also("copy_id", "report", "copy", "Copy the report as text", hint=5, handler="copy"),
    _also("export", "report", "export", "Write the report to a file", hint=6),
    *(
        action
        for place in ("compare", "report", "help", "destroy")
        for action in (
            _also("cursor_down", place, "down", "Scroll down"),
            _also("cursor_up", place, "up", "Scroll up"),
            _also("page_down", place, "screen down", "One screen down"),
            _also("page_up", place, "screen up", "One screen up"),
            _also("scroll_top", place, "top", "Top"),
            _also("scroll_bottom", place, "end", "End"),
        )
    ),
    _also("open", "report", "back", "Back to where one was", handler="leave"),
    _also("open", "help", "back", "Back to where one was", handler="leave"),
    # dialogs
    Action("cancel", ("escape",), "leaves", "Back, nothing done", APP,
           ("page", "form", "choose", "columns", "destroy", "filter_line", "page_search"),
           handler="leave"),
    Action("submit", ("enter",), "goes", "Go", APP, ("field", "choices"), hint=1),
    _also("cursor_down", "choose", "down", "Next choice"),
    _also("cursor_up", "choose", "up", "Choice before"),
    Action("next_choice", ("down", "ctrl+n"), "down", "Next choice", MOVE, ("narrow",),
           palette=False, first=True),
    Action("previous_choice", ("up", "ctrl+p"), "up", "Choice before", MOVE, ("narrow",),
           palette=False, first=True),
    Action("next_field", ("down",), "next field", "Next field", MOVE, ("fields", "sidebar")),
    Action("previous_field", ("up",), "field before", "Field before", MOVE, ("fields", "sidebar")),
    Action("complete", ("tab",), "completes", "Complete, or next field", MOVE, ("completing",)),
    Action("next_word", ("right", "l", "space"), "next", "Next choice", MOVE, ("choices",)),
    Action("previous_word", ("left", "h"), "before", "Choice before", MOVE, ("choices",)),
    Action("switch", ("space",), "on or off", "Show the column, or hide it", READ, ("columns",),
           hint=1, first=True),
    _also("cursor_down", "columns", "down", "Next column"),
    _also("cursor_up", "columns", "up", "Column before"),
    Action("move_down", ("J", "shift+down"), "move it down", "Move the column down", READ,
           ("columns",), hint=2, first=True),
    Action("move_up", ("K", "shift+up"), "move it up", "Move the column up", READ, ("columns",),
           hint=3, first=True),
    _also("measure", "columns", "a column for another measure", "A column for another measure",
          hint=4),
    Action("fold_columns", ("f",), "fold", "Fold away empty and constant columns", READ,
           ("columns",)),
    Action("reset_columns", ("r",), "as at first", "The columns as at first", READ,
           ("columns",), hint=5),
    Action("keep", ("enter", "c"), "keeps", "Keep the columns", READ, ("columns",), hint=6,
           first=True),
    Action("confirm", ("y",), "confirms", "Do it to the one run", CHANGE, ("destroy",)),
    Action("refuse", ("n",), "cancel", "Leave, nothing done", CHANGE, ("destroy",),
           handler="leave"),
)  # fmt: skip

ACTIONS: tuple[Action, ...] = (*_MAIN, *_SCREENS)


def actions_of(places: Iterable[Place], actions: Sequence[Action] = ACTIONS) -> list[Action]:
    """What can be done at some places, in the table's order."""
    wanted = set(places)
    return [action for action in actions if wanted & set(action.where)]


def is_of_widget(action: Action, places: Iterable[Place]) -> bool:
    """Whether at these places a widget does it, and not the screen."""
    return not (set(action.where) & set(places)) - WIDGETS


def command(action: Action, *places: Place) -> str:
    """What a key of the action runs at some places, as Textual writes it."""
    native = is_of_widget(action, places or action.where)
    return action.does if native else f"app.do('{action.does}')"


def bindings(*places: Place) -> list[Binding]:
    """The key bindings of a screen or widget, from the table; the app's keymap may change them."""
    return [
        Binding(
            ",".join(action.keys) or f"{UNBOUND}{action.name}",
            command(action, *places),
            action.label,
            show=False,
            id=action.name,
            priority=action.first,
        )
        for action in actions_of(places)
    ]


def hints(
    where: Place = "table",
    actions: Sequence[Action] = ACTIONS,
    places: Sequence[Place] = SCREENS["main"],
) -> list[tuple[str, str]]:
    """(key, label) of the actions that the foot of a screen names, most wanted first: how to get
    help, all commands and back, which every screen has, then its own.

    ``where`` is the pane that has the keys, ``places`` those of the screen.
    """
    here = actions_of([place for place in places if place not in ("detail",)], actions)
    wanted = sorted((action for action in here if action.hint), key=lambda a: a.hint)
    pairs = [(_first_key(action), action.label) for action in wanted]
    if where == "detail" and "screen" in places:
        keys = {action.name: _first_key(action) for action in actions_of(places, actions)}
        scroll = " ".join(filter(None, (keys["scroll_down"], keys["scroll_up"])))
        own = [(scroll, "scroll"), (keys["back"], "close"), (keys["next_pane"], "next pane")]
        pairs = [*pairs[:ALWAYS], *own, *pairs[ALWAYS + 4 :]]
    return [(key, label) for key, label in pairs if key]


ALWAYS = 3
"""Hints that a screen always shows: help, commands, back or quit."""


def shown_key_of(name: str, places: Iterable[Place], actions: Sequence[Action] = ACTIONS) -> str:
    """The first key of an action at some places, as people read it; '' when it has none."""
    found = (action for action in actions_of(places, actions) if action.name == name)
    return next(map(_first_key, found), "")


def _first_key(action: Action) -> str:
    return shown_key(action.keys[0]) if action.keys else ""


def by_group(actions: Sequence[Action] = ACTIONS) -> Iterator[tuple[str, list[Action]]]:
    """Actions by group, in the table's order."""
    for group in dict.fromkeys(action.group for action in actions):
        yield group, [action for action in actions if action.group == group]
