"""What an error message says, without what differs from run to run.

A signature is a message with everything taken out that differs from run to run: numbers, ids,
paths, addresses, quoted values, line numbers. What a quoted word names by what stands beside it (a
parameter, an argument, an attribute, a class) stays: it tells errors apart.
"""

from __future__ import annotations

import re

from runbrowser.short_texts import cached_for_short_texts
from runbrowser.text import first_line

_LONGEST = 2_000  # characters of a message that are looked at; what differs later says little

# A quoted word that could be a name of a program.
_NAME = r"""(?:'[A-Za-z_][\w.]{0,100}'|"[A-Za-z_][\w.]{0,100}"|`[A-Za-z_][\w.]{0,100}`)"""
# In this order: what is found earlier is not looked into again.
_PARTS = re.compile(
    rf"""(?P<url>\b[a-z][a-z0-9+.-]{{0,20}}://[^\s'"<>]+)
      | (?P<address>\b0x[0-9a-fA-F]+\b | @[0-9a-fA-F]{{5,16}}\b)
      | (?P<id>\b[0-9a-fA-F]{{8}}(?:-[0-9a-fA-F]{{4}}){{3}}-[0-9a-fA-F]{{12}}\b
             | \b(?=[0-9a-f]*[0-9])[0-9a-f]{{16,64}}\b)
      | (?P<time>\b\d{{4}}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?Z?)?)
      | (?P<path>(?<![\w.])(?:[A-Za-z]:[\\/]+(?:[\w.+@ -]+[\\/]+)*|~?/(?:[\w.+@-]+/)*)[\w.+@-]+)
      | (?P<name>(?<!\w){_NAME}(?=[ ](?:hyper-?)?(?:parameter|argument
                 |attribute|keyword|option|object|estimator)s?\b)
             | (?<=parameter[ ]){_NAME} | (?<=argument[ ]){_NAME} | (?<=argument:[ ]){_NAME}
             | (?<=attribute[ ]){_NAME} | (?<=option[ ]){_NAME} | (?<=keyword[ ]){_NAME})
      | (?P<quoted>(?<!\w)'(?:[^'\\\n]|\\.){{0,200}}'(?!\w)
                 | "(?:[^"\\\n]|\\.){{0,200}}" | `[^`\n]{{0,200}}`)
      | (?P<number>(?<![\w.])[-+]?(?:\d+(?:[_,]\d+)*(?:\.\d+)*|\.\d+)(?:[eE][-+]?\d+)?(?![\w]))
    """,
    re.VERBOSE,
)
_SIGNS = {
    "url": "<url>",
    "address": "<address>",
    "id": "<id>",
    "time": "<time>",
    "path": "<path>",
    "quoted": "<value>",
    "number": "<n>",
}
# The exceptions of Python and Java, with or without their modules.
_EXCEPTION = re.compile(
    r"\A(?:[A-Za-z_]\w{0,60}\.){0,10}_?[A-Z]\w{0,60}?(?:Error|Exception|Warning|Failure):\s+"
)
_WORD = re.compile(r"(?<![<\w])[^\W\d_]{2,}")
_SPACES = re.compile(r"\s+")
_REPEATED = re.compile(r"<(n|value)>(?:\s*,\s*<\1>)+")


@cached_for_short_texts(4_096)
def signature(message: str) -> str:
    """The message without what differs from run to run, as one line; '' for no message.

    The line that says most is taken (the last of a Python traceback, else the first).
    """
    text = _PARTS.sub(_sign, first_line(message)[:_LONGEST])
    text = _REPEATED.sub("<\\1>, \u2026", text)  # lists of values differ in length as well
    return _SPACES.sub(" ", text).strip()


def _sign(match: re.Match[str]) -> str:
    kind = match.lastgroup or "number"
    return match[0] if kind == "name" else _SIGNS[kind]


def essence(sign: str) -> str:
    """A signature without the name of the exception before it, if what follows says something."""
    while (match := _EXCEPTION.match(sign)) is not None:
        rest = sign[match.end() :]
        if len(_WORD.findall(rest)) < 2:
            break
        sign = rest
    return sign


def says(message: str, wanted: str) -> bool:
    """Whether a message holds a text, in any case, or is the error that it is a signature of."""
    if not message:
        return False
    if wanted.casefold() in message.casefold():
        return True
    return essence(signature(message)) == essence(wanted)
