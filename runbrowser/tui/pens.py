"""How cells are drawn, as codes of a terminal: from one pen to the next by what differs."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from rich.color import ColorSystem
from rich.style import Style

_ON = ("1", "2", "3", "4", "5", "6", "7", "8", "9", "21", "51", "52", "53")
"""The codes that switch the attributes of Rich's styles on, in the order of their bits."""
_OFF = ("22", "22", "23", "24", "25", "25", "27", "28", "29", "24", "54", "54", "55")
"""The codes that switch them off; one code may switch off two."""
_SEEN_ON_BLANKS = sum(1 << bit for bit, code in enumerate(_ON) if code in "4 5 6 7 9 21 51 52 53")
"""Attributes that show on a blank too: lines under, over and through it, colours exchanged."""


class Pen(NamedTuple):
    """How a cell is drawn: SGR codes of its colours ('' is the terminal's own), attribute bits,
    and the hyperlink, with its id, that it belongs to.
    """

    foreground: str = ""
    background: str = ""
    attributes: int = 0
    link: tuple[str, str] = ("", "")

    @property
    def is_blank_unseen(self) -> bool:
        """Whether of a blank with this pen nothing is seen but its background."""
        return not self.attributes & _SEEN_ON_BLANKS and not self.link[0]


@lru_cache(4096)
def pen_of(style: Style | None, colors: ColorSystem | None) -> Pen:
    """The pen of a Rich style on a terminal with so many colours (None: no colours at all)."""
    if style is None:
        return Pen()
    names = ("bold", "dim", "italic", "underline", "blink", "blink2", "reverse", "conceal",
             "strike", "underline2", "frame", "encircle", "overline")  # fmt: skip
    attributes = sum(1 << bit for bit, name in enumerate(names) if getattr(style, name))
    foreground = background = ""
    if colors is not None:
        if style.color is not None:
            foreground = ";".join(style.color.downgrade(colors).get_ansi_codes())
        if style.bgcolor is not None:
            background = ";".join(style.bgcolor.downgrade(colors).get_ansi_codes(foreground=False))
    return Pen(
        "" if foreground == "39" else foreground,
        "" if background == "49" else background,
        attributes,
        (style.link, style.link_id) if style.link else ("", ""),
    )


def _attribute_codes(before: int, after: int) -> list[str]:
    """What switches attributes off and on."""
    gone, codes = before & ~after, []
    if gone:
        off = {_OFF[bit] for bit in range(len(_OFF)) if gone & (1 << bit)}
        codes = sorted(off)
        for bit, code in enumerate(_OFF):  # bold and dim go together; what stays is set again
            if code in off and before & after & (1 << bit):
                before &= ~(1 << bit)
    new = after & ~before
    return codes + [_ON[bit] for bit in range(len(_ON)) if new & (1 << bit)]


@lru_cache(16384)
def change(before: Pen | None, after: Pen) -> str:
    """The shortest bytes that change the terminal's pen. ``before`` None: nobody knows it."""
    link = ""
    if before is None or before.link != after.link:
        url, link_id = after.link
        if url:
            link = f"\x1b]8;id={link_id};{url}\x1b\\"
        elif before is not None:
            link = "\x1b]8;;\x1b\\"
    anew = [
        *_attribute_codes(0, after.attributes), *filter(None, (after.foreground, after.background))
    ]  # fmt: skip
    reset = "\x1b[0;" + ";".join(anew) + "m" if anew else "\x1b[m"
    if before is None:
        return link + reset
    codes = _attribute_codes(before.attributes, after.attributes)
    if before.foreground != after.foreground:
        codes.append(after.foreground or "39")
    if before.background != after.background:
        codes.append(after.background or "49")
    if not codes:
        return link
    step = "\x1b[" + ";".join(codes) + "m"
    return link + (step if len(step) <= len(reset) else reset)
