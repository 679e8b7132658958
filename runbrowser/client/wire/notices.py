"""What PHP writes into V1's answers beside them, told apart from the answers.

A V1 that shows PHP's notices prints them where they happen: before the document, between two of
its elements, in place of an id or right before it. Elements hold everything that V1 means to say,
so a notice is what stands *between* tags and looks like one; text inside an element is never
touched, but in elements whose text the server alone writes.
"""

from __future__ import annotations

import re

from runbrowser.text import display

_MARKS = (" on line ", "A PHP Error was encountered", "An uncaught Exception was encountered")
_HEAD = 2_000  # characters of a piece that are looked at: a notice says at once that it is one
_LEVEL = re.compile(
    r"(?:PHP )?(?:(?:Recoverable |Catchable )?fatal error|Parse error|Warning|Notice|Deprecated"
    r"|Strict standards|Error|Exception)\b",
    re.IGNORECASE,
)
_ANY_MARK = re.compile("|".join(_MARKS))
_BEGINNING = re.compile(r"[\ufeff \t\r\n]*+(?:<oml:|<\?xml|[{\[]|\Z)")
_DOCUMENT = re.compile(r'<oml:[a-z_]{1,40} xmlns:oml="http://openml\.org/openml"')
_TAG = re.compile(r"<(/?)oml:([a-z_]{1,40})( xmlns:oml=[^<>]{0,200})?>")
_NEXT_TAG = re.compile("</?oml:")
_WHOLE = re.compile(
    r"\s{0,20}<br />\s{0,5}<b>[A-Za-z ]{4,30}</b>: [^\0]{1,2000}? on line <b>\d{1,7}</b><br />\n?"
    r"|(?:\nPHP |\n|PHP )[A-Z][a-z ]{3,25}: [^\n]{1,1000}\.php(?:\(\d{1,7}\))? on line \d{1,7}\n"
)
_BOX = re.compile(
    r'\s{0,20}<div style="border:1px solid [^<>]{0,100}>\s{0,20}<h4>A'
    r"|\s{0,20}<br />\s{0,5}<font size='1'><table class='xdebug-error"
)
_LONGEST = 20_000  # characters of a message in a box, its backtrace included
_HOLDERS = {
    *("runs", "run", "evaluations", "evaluation", "users", "user", "tasks", "task", "flow"),
    *("component", "parameter", "trace", "trace_iteration", "parameter_setting", "input_data"),
    *("output_data", "dataset", "file", "run_tag_list", "evaluation_measures", "measures"),
    *("run_tag", "run_untag", "run_delete", "upload_run"),
}
"""Elements in which elements stand, and no text."""
_NUMBERS = {
    *("run_id", "uploader", "task_id", "task_type_id", "setup_id", "flow_id", "data_id", "did"),
    *("file_id", "component", "upload_time", "repeat", "fold", "iteration", "id", "code"),
    "evaluation_engine_id",
}
"""Elements whose text is written by the server alone."""
_OPENING = re.compile(
    rf"<oml:(?:{'|'.join(sorted(_NUMBERS))})>"
    r"(?=\s{0,20}(?:<div style=|<br />|\n[A-Z]|PHP [A-Z]))"
)


def without_notices(text: str) -> tuple[str, tuple[str, ...]]:
    """An answer without what PHP wrote into it, and that in words, a line each.

    The work grows with the length of the text.
    """
    text, before = _without_preface(text)
    told = [before] if before else []
    if not any(mark in text for mark in _MARKS):
        return text, tuple(told)
    text = _without_prefixes(text, told)
    kept: list[str] = []
    done = 0
    for start, end in _between_tags(text):
        piece = text[start:end]
        if is_notice(piece):
            told.append(words_of(piece))
            blank = len(piece) - len(piece.lstrip())
            kept += [text[done : start + blank], piece[len(piece.rstrip()) :]]
            done = end
    kept.append(text[done:])
    return "".join(kept), tuple(told)


def is_notice(piece: str) -> bool:
    """Whether a piece of an answer is a message of PHP: as CodeIgniter, PHP or xdebug write it."""
    head = piece.lstrip()[:_HEAD]
    if any(mark in head for mark in _MARKS[1:]):
        return True
    return " on line " in head and _LEVEL.match(_text(head)) is not None


def words_of(piece: str) -> str:
    """What a piece of markup says, as one line."""
    return display(_text(piece[:_HEAD]), 300)


def _text(markup: str) -> str:
    """The text of markup, blanks made one: what stands in tags is left out."""
    said = []
    for part in markup.split("<"):
        tag, closed, text = part.partition(">")
        said.append(text if closed else tag)
    return " ".join(" ".join(said).split()).lstrip("( !)")


def _without_preface(text: str) -> tuple[str, str]:
    """The text from where V1's document begins, and the notice that stood before it in words."""
    if _BEGINNING.match(text) or not any(mark in text for mark in _MARKS):
        return text, ""
    document = _DOCUMENT.search(text)
    if document is None or not is_notice(text[: document.start()]):
        return text, ""
    return text[document.start() :], words_of(text[: document.start()])


def _without_prefixes(text: str, told: list[str]) -> str:
    """The text without messages that stand right before a number."""
    kept: list[str] = []
    done = 0
    for opening in _OPENING.finditer(text):
        start = position = opening.end()
        while (end := _end_of_message(text, position)) > position:
            position = end
        if position > start:
            told.append(words_of(text[start:position]))
            kept.append(text[done:start])
            done = position
    kept.append(text[done:])
    return "".join(kept)


def _end_of_message(text: str, start: int) -> int:
    """Where a whole message ends that begins at ``start``; -1 when there is none."""
    whole = _WHOLE.match(text, start)
    if whole is not None:
        return whole.end() if is_notice(whole[0]) else -1
    box = _BOX.match(text, start)
    if box is None or not is_notice(text[start : start + _HEAD]):
        return -1
    close = "</div>" if "<div" in box[0] else "</table></font>"
    end = text.find(close, box.end(), box.end() + _LONGEST)
    if end < 0:
        return -1
    end += len(close)
    return end + 1 if text[end : end + 1] == "\n" and "font" in close else end


def _between_tags(text: str) -> list[tuple[int, int]]:
    """The places between two tags in which a mark stands and no text of an element can."""
    places = []
    position = 0
    while (mark := _ANY_MARK.search(text, position)) is not None:
        before = text.rfind("oml:", position, mark.start())
        following = _NEXT_TAG.search(text, mark.end())
        after = following.start() if following else len(text)
        closing = before > 0 and text[before - 1] == "/"
        start = before - 1 - closing
        position = after
        tag = _TAG.match(text, start) if before > 0 and start >= 0 else None
        if tag is None or tag.end() > mark.start():
            continue
        if tag[1] or tag[3] or _holds(tag[2], text, after):
            places.append((tag.end(), after))
    return places


def _holds(name: str, text: str, after: int) -> bool:
    """Whether the element that was opened holds elements, or a number and nothing else."""
    alone = text.startswith(f"</oml:{name}>", after)
    return name in (_NUMBERS if alone else _HOLDERS)
