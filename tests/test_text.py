"""Foreign text is harmless to a terminal once it went through display()."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from runbrowser.text import display, display_lines, first_line

TEXT = st.text(
    st.one_of(
        st.characters(),
        st.characters(categories=["Cc", "Cf", "Cs", "Mn", "Me", "Zl", "Zp", "Co"]),
        st.sampled_from("\x1b\x07\x9b\u202e\u200d\u0301\ufe0f\ud800\udcff\n\r\t"),
    ),
    max_size=80,
)
TURNS_TEXT = {"AL", "R", "LRE", "LRO", "RLE", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


def harmful(char: str) -> bool:
    """Whether a terminal may obey, hide or refuse a character, by Unicode's own tables."""
    if unicodedata.category(char) in ("Cc", "Cs", "Co", "Zl", "Zp"):
        return True
    if unicodedata.bidirectional(char) in TURNS_TEXT - {"AL", "R"}:
        return True
    # Format characters draw nothing, but for the signs that enclose or precede digits.
    visible = (
        "\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd"
    )
    hieroglyph_joiner = 0x13430 <= ord(char) <= 0x1343F
    return unicodedata.category(char) == "Cf" and char not in visible and not hieroglyph_joiner


def longest_run_of_marks(text: str) -> int:
    longest = run = 0
    for char in text:
        run = run + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        longest = max(longest, run)
    return longest


@settings(max_examples=500, deadline=None)
@given(TEXT)
@example("\x1b[31mred\x1b[0m\x1b]8;;http://x\x07link")
@example("a" + "\u0301\u0316" * 100)
@example("e\ufe0f\u0301")
def test_a_line_holds_no_character_that_a_terminal_obeys_or_hides(text: str) -> None:
    line = display(text)
    assert not [char for char in line if harmful(char)]
    assert longest_run_of_marks(line) <= 8
    line.encode("utf-8")
    assert "\n" not in line
    assert display(line) == line


@settings(max_examples=500, deadline=None)
@given(TEXT)
def test_lines_hold_no_such_character_but_line_breaks(text: str) -> None:
    lines = display_lines(text)
    assert not [char for char in lines if harmful(char) and char != "\n"]
    assert longest_run_of_marks(lines) <= 8
    lines.encode("utf-8")
    assert display_lines(lines) == lines


def test_every_single_character_is_made_harmless() -> None:
    for code in range(0x110000):
        char = chr(code)
        if not char.isascii() and not harmful(char) and unicodedata.category(char)[0] == "L":
            continue  # letters are covered by the properties above
        shown = display(char)
        assert not any(map(harmful, shown)), hex(code)
        if harmful(char) and unicodedata.category(char) not in ("Zl", "Zp"):
            assert shown.strip() or char.isspace(), f"{code:#x} vanishes"


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=200))
def test_plain_ascii_is_untouched(text: str) -> None:
    assert display(text) == text
    assert display_lines(text) == text


@settings(max_examples=300, deadline=None)
@given(TEXT, st.integers(0, 30))
def test_a_line_is_never_longer_than_its_limit(text: str, limit: int) -> None:
    line = display(text, limit)
    assert len(line) <= limit
    whole = display(text)
    if len(whole) <= limit:
        assert line in (whole, whole[: limit - 1] + "\u2026")
    elif limit:
        assert line.endswith("\u2026")


@given(st.text("ab\n", max_size=200), st.integers(1, 100))
def test_what_is_cut_from_lines_is_counted(text: str, limit: int) -> None:
    lines = display_lines(text, limit)
    if len(text) <= limit:
        assert lines == text
    else:
        assert lines == f"{text[:limit]}\n\u2026 and {len(text) - limit:,} more characters"


@pytest.mark.timeout(30)
def test_a_flood_of_combining_marks_is_cleaned_in_one_go() -> None:
    flood = "a" + "\u0301\u0316\u0334" * 300_000
    assert len(display(flood)) <= 10
    assert len(display_lines(flood)) <= 10


def test_scripts_that_people_write_stay_as_they_are() -> None:
    for text in (
        "Größe, naïve façade",
        "標籤 漢字かな交じり文 한국어",
        "Привет, κόσμε",
        "مرحبا بالعالم",
        "שָׁלוֹם עוֹלָם",
        "हिन्दी में लिखा",
        "ภาษาไทยที่นี่",
        "Tiếng Việt",
        "emoji 🙂 ✓ ✗ → ½ €",
    ):
        assert display(text) == unicodedata.normalize("NFC", text)


def test_control_characters_are_shown_as_pictures() -> None:
    assert display("\x00\x07\x1b[31m\x7f") == "\u2400\u2407\u241b[31m\u2421"
    assert display("\x9b31m") == "\ufffd31m"
    assert display("a\r\nb\tc") == "a  b c"
    assert display_lines("a\r\nb\rc\td") == "a\nb\nc    d"
    assert display("a\u202eb\u200bc") == "a\u00b7b\u00b7c"
    assert display("\udc80") == "\ufffd"


def test_markup_is_left_to_whoever_draws() -> None:
    assert display("[bold]x[/] &lt;") == "[bold]x[/] &lt;"


def test_what_is_no_text_is_shown_as_text() -> None:
    assert display(5) == "5"
    assert display(None) == "None"
    assert display(ValueError("a\nb")) == "a b"


def test_the_first_line_says_what_happened() -> None:
    assert first_line("\n\n  boom: x\n  at y") == "boom: x"
    assert (
        first_line("Traceback (most recent call last)\n  File\nValueError: no\n")
        == "ValueError: no"
    )
    assert (
        first_line("ValueError: \n  All the 10 fits failed.\nmore")
        == "ValueError: All the 10 fits failed."
    )
    assert first_line("ValueError:") == "ValueError:"
    assert first_line("   ") == ""
