"""The only door from foreign text to a terminal.

Error messages, tags, names and parameters are written by strangers. A terminal obeys escape
sequences wherever they stand, so every string passes :func:`display` (one line, for cells) or
:func:`display_lines` (line breaks kept, for panes) before it is drawn, printed or logged.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata

_BIDI = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
_INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064"
    "\u2065\u206a\u206b\u206c\u206d\u206e\u206f\u3164\ufeff\uffa0\ufff0\ufff1\ufff2\ufff3\ufff4"
    "\ufff5\ufff6\ufff7\ufff8\ufff9\ufffa\ufffb\U0001bca0\U0001bca1\U0001bca2\U0001bca3"
    "\U0001d173\U0001d174\U0001d175\U0001d176\U0001d177\U0001d178\U0001d179\U0001d17a"
)
# Variation selectors draw nothing, but terminals disagree on the width of what they follow.
_SELECTORS = [*range(0xFE00, 0xFE10), *range(0x180B, 0x180E), 0x180F]
_MOST_MARKS = 8
"""More combining marks on one character than any language writes, and than a line can hold."""


def _table(*, keep_breaks: bool) -> dict[int, str | None]:
    table: dict[int, str | None] = {code: chr(0x2400 + code) for code in range(0x20)}
    table[0x7F] = "\u2421"
    table |= dict.fromkeys(range(128, 160), "\ufffd")
    table |= {ord(char): "\u00b7" for char in _BIDI + _INVISIBLE}
    table |= dict.fromkeys(range(0x13430, 0x13440), "\u00b7")  # join hieroglyphs
    table |= dict.fromkeys(_SELECTORS)
    table |= {0x2028: " ", 0x2029: " ", 0x85: " "}
    table[0x09] = "    " if keep_breaks else " "
    table[0x0A] = "\n" if keep_breaks else " "
    table[0x0D] = None if keep_breaks else " "
    return table


_ONE_LINE = _table(keep_breaks=False)
_MANY_LINES = _table(keep_breaks=True)
# Tag characters and private planes draw nothing or anything; surrogates cannot be encoded at all.
_REST = re.compile("[\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U0010ffff]")
_PLAIN = re.compile(r"[ -~]*\Z")
# Marks are no word characters, so a run of letters of any script is passed over at once.
_MARKS = re.compile(rf"[^\w\s\x00-\u02ff]{{{_MOST_MARKS + 1},}}")


def _fewer_marks(match: re.Match[str]) -> str:
    kept, marks = [], 0
    for char in match[0]:
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if marks <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)


def _clean(text: str, table: dict[int, str | None]) -> str:
    # Marks are taken away before they are put in order: that takes the square of their number.
    text = _MARKS.sub(_fewer_marks, text.translate(table))
    return _REST.sub("\ufffd", unicodedata.normalize("NFC", text))


def display(text: object, limit: int | None = None) -> str:
    """Foreign text as one harmless line.

    C0 and DEL become visible pictures, line breaks and tabs become blanks, characters that turn or
    hide text become a middle dot, C1 and what cannot be encoded become U+FFFD, and a character
    keeps at most 8 combining marks. ``limit`` is a number of characters; what is cut ends in an
    ellipsis. Markup is left as it is: whoever draws the result must not interpret it.
    """
    line = str(text)
    if limit is not None and len(line) > 4 * limit + 16:
        line = line[: 4 * limit + 16]  # a 20 kB message is not cleaned whole for one cell
        cut = True
    else:
        cut = False
    if not _PLAIN.match(line):
        line = _clean(line, _ONE_LINE)
    if limit is not None and (cut or len(line) > limit):
        line = line[: limit - 1] + "\u2026" if limit > 0 else ""
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
    lines = _clean(lines, _MANY_LINES)
    if rest:
        lines += f"\n\u2026 and {rest:,} more characters"
    return lines


def first_line(text: str) -> str:
    """The first line of a message that says anything, stripped; '' when there is none.

    A Python traceback says what happened in its last line, so that line is taken instead. A line
    that is only the name of an exception is taken together with the next one.
    """
    stripped = text.strip()
    if stripped.startswith("Traceback (most recent call last)"):
        return stripped.rpartition("\n")[2].strip()
    line, _, rest = stripped.partition("\n")
    line = line.strip()
    if rest and line.endswith(":") and " " not in line:
        return f"{line} {rest.lstrip().partition(chr(10))[0].strip()}"
    return line


def cells(text: str) -> int:
    """Columns that a text takes: wide characters take two, combining ones none."""
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def fit(text: str, columns: int) -> str:
    """A text cut to a number of columns, ending in an ellipsis if anything was cut."""
    if cells(text) <= columns:
        return text
    kept, used = [], 0
    for char in text:
        used += cells(char)
        if used > columns - 1:
            break
        kept.append(char)
    return "".join(kept) + "\u2026" if columns > 0 else ""


# The full-width signs are calculated as well by spreadsheets of some languages.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def no_formula(text: str) -> str:
    """A text that no spreadsheet calculates: an apostrophe stands before what it would."""
    return f"'{text}" if text.startswith(_FORMULA) else text


_MARKDOWN = re.compile(r"[\\`*\[\]<>|~&$]|(?<!\w)_|_(?!\w)")


def markdown(text: object, limit: int | None = None) -> str:
    """Foreign text as one harmless line that Markdown takes for text."""
    return _MARKDOWN.sub(lambda match: f"\\{match[0]}", display(text, limit))


# What a terminal obeys or hides, and what no encoding holds; JSON can write all of it as \uXXXX.
_UNSAFE = re.compile(
    "[\x7f-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ue000-\uf8ff\U000e0000-\U0010ffff]"
)


def to_json(value: object, indent: int | None = None) -> str:
    """A value as JSON that loses nothing: lone surrogates and what a terminal would obey escaped.

    A number that JSON has no word for (NaN, infinity) becomes null.
    """
    text = json.dumps(_finite(value), ensure_ascii=False, allow_nan=False, indent=indent)
    return _UNSAFE.sub(lambda match: json.dumps(match[0])[1:-1], text)


def _finite(value: object) -> object:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return value
