"""The only door from foreign text to a terminal.

Error messages, tags, names and parameters are written by strangers. A terminal obeys escape
sequences wherever they stand, so every string passes :func:`display` (one line, for cells) or
:func:`display_lines` (line breaks kept, for panes) before it is drawn, printed or logged.
"""

from __future__ import annotations

import re
import unicodedata

_BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_INVISIBLE = (
    "\u00ad\u034f\u180e\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff\ufff9\ufffa\ufffb"
)


def _table(*, keep_breaks: bool) -> dict[int, str | None]:
    table: dict[int, str | None] = {code: chr(0x2400 + code) for code in range(0x20)}
    table[0x7F] = "\u2421"
    table |= dict.fromkeys(range(128, 160), "�")
    table |= {ord(char): "\u00b7" for char in _BIDI + _INVISIBLE}
    table |= {0x2028: " ", 0x2029: " ", 0x85: " "}
    table[0x09] = "    " if keep_breaks else " "
    table[0x0A] = "\n" if keep_breaks else " "
    table[0x0D] = None if keep_breaks else " "
    return table


_ONE_LINE = _table(keep_breaks=False)
_MANY_LINES = _table(keep_breaks=True)
# Tag characters and private planes draw nothing or anything; surrogates cannot be encoded at all.
_REST = re.compile("[\ud800-\udfff\ue000-\uf8ff\U000e0000-\U0010ffff]")
_PLAIN = re.compile(r"[ -~]*\Z")


def display(text: object, limit: int | None = None) -> str:
    """Foreign text as one harmless line.

    C0, C1 and DEL become visible pictures, line breaks and tabs become blanks, characters that
    turn or hide text become a middle dot, what cannot be encoded becomes U+FFFD. ``limit`` is a
    number of characters; what is cut ends in an ellipsis. Markup is left as it is: whoever draws
    the result must not interpret it.
    """
    line = str(text)
    if limit is not None and len(line) > 4 * limit + 16:
        line = line[: 4 * limit + 16]  # a 20 kB message is not cleaned whole for one cell
        cut = True
    else:
        cut = False
    if not _PLAIN.match(line):
        line = _REST.sub("\ufffd", unicodedata.normalize("NFC", line).translate(_ONE_LINE))
    if limit is not None and (cut or len(line) > limit):
        line = line[: max(limit - 1, 0)] + "\u2026"
    return line


def display_lines(text: object, limit: int | None = None) -> str:
    """Foreign text with its line breaks, every line as harmless as :func:`display` makes it.

    ``limit`` is a number of characters for the whole; what is cut is said in a last line.
    """
    lines = str(text)
    rest = 0
    if limit is not None and len(lines) > limit:
        rest = len(lines) - limit
        lines = lines[:limit]
    lines = lines.replace("\r\n", "\n").replace("\r", "\n")
    lines = _REST.sub("\ufffd", unicodedata.normalize("NFC", lines).translate(_MANY_LINES))
    if rest:
        lines += f"\n\u2026 and {rest:,} more characters"
    return lines


def first_line(text: str) -> str:
    """The first line of a message that says anything, stripped; '' when there is none.

    A Python traceback says what happened in its last line, so that line is taken instead.
    """
    stripped = text.strip()
    if stripped.startswith("Traceback (most recent call last)"):
        return stripped.rpartition("\n")[2].strip()
    return stripped.partition("\n")[0].strip()
