"""Names in a filter are told from its language; words for days are days."""

from datetime import date

import pytest

from runbrowser.fields.filters import parse
from runbrowser.fields.values import DAYS_AGO, parse_period
from runbrowser.fields.words import names_in, without


@pytest.mark.parametrize(
    ("text", "names", "rest"),
    [
        ("iris svc", [("", "iris"), ("", "svc")], ""),
        ("flow:SVC state:failed", [("flow", "SVC")], "state:failed"),
        ("data:iris task:59,60", [("data", "iris")], "task:59,60"),
        ("user:tuning-bot -state:failed", [("uploader", "tuning-bot")], "-state:failed"),
        ('flow:"Ada Boost" score>0.9', [("flow", "Ada Boost")], "score>0.9"),
        ("uploader:me flow:9201 900101", [], "uploader:me flow:9201 900101"),
        ("uploader:2,me", [], "uploader:2,me"),
        ("tag:baseline type:classification", [], "tag:baseline type:classification"),
        ("https://www.openml.org/f/8353", [], "https://www.openml.org/f/8353"),
        ("www.openml.org/f/8353 iris", [("", "iris")], "www.openml.org/f/8353"),
    ],
)
def test_names_are_told_from_the_language(
    text: str, names: list[tuple[str, str]], rest: str
) -> None:
    found = names_in(text)
    assert [(name.kind, name.text) for name in found] == names
    assert without(text, found) == rest
    parse(rest)


@pytest.mark.parametrize("text", ['error~"out of memory" x', 'error~"a b', "score> 0.9", "a:b:c"])
def test_what_stands_in_quotes_is_no_name(text: str) -> None:
    assert all(name.text in ("x", "0.9") for name in names_in(text))


def test_words_for_days_are_days() -> None:
    day = date(2026, 3, 1)
    told = {word: parse_period(word, day).text for word in DAYS_AGO}
    assert told["today"] == "2026-03-01" and told["yesterday"] == "2026-02-28"
    assert told["last-week"] == "2026-02-22"
    with pytest.raises(ValueError, match="no day"):
        parse_period("tomorrow", day)
