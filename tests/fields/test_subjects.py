"""What runs are about: its text, the filter of its runs, its page on the website."""

import pytest

from runbrowser.errors import UsageError
from runbrowser.fields.filters import to_text
from runbrowser.fields.subjects import KINDS, Subject, read_subject, web_page

LIVE = "https://www.openml.org/api/v1/xml/"


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("flow:8353", Subject("flow", 8353)),
        (" Flow: 8353 ", Subject("flow", 8353)),
        ("user:16", Subject("uploader", 16)),
        ("dataset:61", Subject("data", 61)),
        ("tag:study_14", Subject("tag", "study_14")),
        ("900101", Subject("run", 900101)),
        ("https://www.openml.org/f/8353", Subject("flow", 8353)),
        ("www.openml.org/api/v1/xml/task/59", Subject("task", 59)),
    ],
)
def test_a_text_names_a_subject(text: str, subject: Subject) -> None:
    assert read_subject(text) == subject


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("foo:1", "known are run, flow"),
        ("flow:SVC", "is no id of a flow"),
        ("flow:", "which flow is meant"),
        ("flow:\u0663", "is no id"),
        ("flow:-1", "is no id"),
        ("https://example.org/nothing", "is no address"),
    ],
)
def test_what_is_none_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        read_subject(text)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_kind_reads_back_what_it_writes(kind: str) -> None:
    subject = Subject(kind, "a b" if KINDS[kind].named else 7)
    assert read_subject(subject.text) == subject
    runs = subject.record.runs
    assert runs is None or to_text(runs(subject))


def test_pages_on_the_website_belong_to_the_server() -> None:
    assert web_page(Subject("flow", 8353), LIVE) == "https://www.openml.org/f/8353"
    assert web_page(Subject("data", 61), "https://api.openml.org/api/v1/xml/") == (
        "https://www.openml.org/d/61"
    )
    assert web_page(Subject("task", 59), "http://127.0.0.1:8/api/v1/xml/") == (
        "http://127.0.0.1:8/t/59"
    )
    assert web_page(Subject("setup", 37), LIVE) == ""
    assert web_page(Subject("tag", "a&b"), LIVE).endswith("tags.tag=a%26b")
