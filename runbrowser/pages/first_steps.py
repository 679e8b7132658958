"""What somebody can do who sees no runs at all, since the server cannot be reached."""

from __future__ import annotations

AGAIN = "r tries again"

_STEPS = (
    ("runbrowser --demo", "runs of its own"),
    ("runbrowser --server test", "OpenML's test server"),
    ("HTTPS_PROXY=http://HOST:PORT", "set, for a proxy"),
    ("runbrowser config init", "asks for server, key"),
    ("runbrowser config check", "says what works"),
)
_LEFT = max(len(command) for command, _ in _STEPS)
_RIGHT = max(len(words) for _, words in _STEPS)


def nothing_reached(failure: str) -> str:
    """The failure in words, then the ways on, a line each. The lines of the ways are of the same
    width, at most 52 cells, so that they stay below each other in the middle of a screen of 60.
    """
    steps = (f"{command:<{_LEFT}}  {words:<{_RIGHT}}" for command, words in _STEPS)
    return "\n".join((failure, "", f"{AGAIN}, q leaves; then perhaps", "", *steps))
