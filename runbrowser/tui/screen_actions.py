"""The actions of all other screens and of the dialogs."""

from __future__ import annotations

from dataclasses import replace

from runbrowser.tui.action import APP, CHANGE, FIND, MOVE, READ, Action
from runbrowser.tui.main_actions import MAIN
from runbrowser.tui.places import Place


def _also(name: str, where: Place, label: str, help: str, **other: object) -> Action:
    """An action of the main screen at another place: the same keys, other words."""
    first = next(action for action in MAIN if action.name == name)
    settings = {"hint": 0, "handler": "", **other}
    return replace(first, where=(where,), label=label, help=help, **settings)  # type: ignore[arg-type]


_BASELINES = tuple(
    Action(f"baseline_{n}", (str(n),), f"run {n}", f"Compare the others to run {n}", READ,
           ("compare",), palette=False)
    for n in range(1, 9)
)  # fmt: skip

SCREEN_ACTIONS: tuple[Action, ...] = (
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
    Action("group_by", ("b",), "by setup, flow", "A line a run, a setup or a flow", READ,
           ("leaderboard",), hint=5),
    Action("judge", ("V",), "vs best",
           "Which are not worse than the best beyond chance, and in which parameters they differ",
           READ, ("leaderboard",), hint=10),
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
    # flows over tasks
    Action("cell", ("u",), "best, mean", "The best run of a flow on a task, or the mean of all",
           READ, ("suite",), hint=6),
    _also("measure", "suite", "measure", "Choose the measure", hint=5),
    _also("go_to", "suite", "suite", "Over another suite, by its number", hint=7,
          handler="suite"),
    _also("export", "suite", "export", "Export: LaTeX, Markdown, CSV, JSON", hint=4),
    _also("copy_id", "suite", "copy", "Copy it as Markdown", hint=8, handler="copy"),
    _also("refresh", "suite", "read again", "Ask the server again", hint=9),
    _also("compare_flows", "suite", "back", "Back to the runs", handler="leave"),
    # predictions, report, help
    _also("refresh", "predictions", "reads again", "Fetch and read the file anew", hint=4),
    _also("predictions", "predictions", "back", "Back to the run", handler="leave"),
    # pages about a flow, a task ...
    _also("follow", "subject", "follow", "Open what the link at hand leads to", hint=4),
    _also("next_link", "subject", "next link", "Next link", hint=5),
    _also("previous_link", "subject", "link before", "Link before"),
    _also("refresh", "subject", "read again", "Ask the server again", hint=7),
    _also("open_page", "subject", "web page", "Open its page on the website, or copy its address",
          hint=6),
    _also("copy_id", "subject", "copy", "Copy what it is called, such as flow:8353"),
    _also("forward", "subject", "forward", "Forward again, after going back"),
    Action("retry", ("r",), "try again", "Try again what was not done", CHANGE, ("report",),
           hint=4),
    _also("copy_id", "report", "copy", "Copy the report as text", hint=5, handler="copy"),
    _also("export", "report", "export", "Write the report to a file", hint=6),
    *(
        action
        for place in ("compare", "suite", "report", "help", "destroy")
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
    Action("older_filter", ("up",), "older", "The filter that was typed before", FIND,
           ("filter_line",), palette=False),
    Action("newer_filter", ("down",), "newer", "The filter that was typed after it", FIND,
           ("filter_line",), palette=False),
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
