"""docs/protocol.md has every heading that a docstring refers to."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
REFERENCE = re.compile(r'"([^"\n]+(?:\n[ #]*[^"\n]+)?)"(?:\s|#)+in(?:\s|#)+docs/protocol\.md')


def test_headings_that_are_referred_to_are_there() -> None:
    headings = re.findall(r"(?m)^## (.+)$", (ROOT / "docs" / "protocol.md").read_text("utf-8"))
    named = {
        " ".join(heading.split())
        for path in (ROOT / "runbrowser").rglob("*.py")
        for heading in REFERENCE.findall(path.read_text("utf-8"))
    }
    assert len(named) > 5
    assert named <= set(headings)


def test_the_client_refers_to_nothing_outside_the_repository() -> None:
    outside = re.compile(r"\b(?:PROTOCOL|FIELD|DESIGN|ANCHORS)(?:\.md)?,? \d|\.\./shared")
    found = {
        path.name
        for path in (ROOT / "runbrowser" / "client").rglob("*.py")
        if outside.search(path.read_text("utf-8"))
    }
    assert not found
