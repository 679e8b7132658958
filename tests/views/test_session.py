"""Where the last session was left: by server, harmless, and never in the way."""

import json
import stat
from pathlib import Path

import pytest

from runbrowser.fields.filters import parse
from runbrowser.models import RunFilter
from runbrowser.views.arrangement import Arrangement
from runbrowser.views.session import Place, leave, read
from runbrowser.views.view import View

SERVER = "https://www.openml.org/api/v1/xml/"
VIEW = View(
    "iris",
    RunFilter(task=(9101,)),
    Arrangement(columns=("run_id", "score"), measure="kappa", sort="score", fold=True),
    sidebar=False,
    detail=True,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "session.json"


def test_a_place_comes_back_for_its_server_alone(path: Path) -> None:
    leave(path, SERVER, Place(VIEW, 3, 900101))
    assert read(path, SERVER) == Place(VIEW, 3, 900101, remembered=True)
    assert read(path, "http://127.0.0.1/") is None
    leave(path, "http://127.0.0.1/", Place(run_id=5))
    assert read(path, SERVER) == Place(VIEW, 3, 900101, remembered=True)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_texts_of_strangers_are_not_raw_in_the_file(path: Path) -> None:
    filter = RunFilter(error="\x1b]0;owned\x07 \u202e \u00e9")
    leave(path, SERVER, Place(View(filter=filter)))
    assert all(char == "\n" or " " <= char <= "~" for char in path.read_text("ascii"))
    place = read(path, SERVER)
    assert place is not None
    assert place.view.filter == filter


def test_a_search_in_the_rows_begins_at_its_first_page(path: Path) -> None:
    leave(path, SERVER, Place(View(filter=parse("state:failed")), 7, 900101))
    place = read(path, SERVER)
    assert place is not None
    assert (place.page, place.run_id) == (0, 900101)


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'{"version": 99, "servers": {}}', b"\xff", b'{"servers": 3}', b"[" * 10_000]
)  # fmt: skip
def test_a_damaged_file_is_no_place_and_is_set_aside(path: Path, content: bytes) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    assert read(path, SERVER) is None
    leave(path, SERVER, Place(run_id=7))
    assert read(path, SERVER) == Place(run_id=7, remembered=True)
    assert path.with_name("session.damaged.json").read_bytes() == content


@pytest.mark.parametrize(
    "told",
    [3, {"filter": "task:x"}, {"filter": 3}, None],
)
def test_a_place_that_cannot_be_understood_is_none(path: Path, told: object) -> None:
    path.parent.mkdir()
    path.write_text(json.dumps({"version": 1, "servers": {SERVER: told}}))
    assert read(path, SERVER) is None


@pytest.mark.parametrize(("page", "run"), [(-1, -1), ("3", "7"), (True, 1.5), (10**9, None)])
def test_numbers_that_are_none_are_passed_over(path: Path, page: object, run: object) -> None:
    path.parent.mkdir()
    told = {"page": page, "run": run}
    path.write_text(json.dumps({"version": 1, "servers": {SERVER: told}}))
    assert read(path, SERVER) == Place(remembered=True)


def test_only_the_newest_servers_are_kept(path: Path) -> None:
    path.parent.mkdir()
    old = {f"http://old-{n}/": {"at": n} for n in range(40)}
    path.write_text(json.dumps({"version": 1, "servers": old}))
    leave(path, SERVER, Place(run_id=7))
    kept = json.loads(path.read_text())["servers"]
    assert len(kept) == 20
    assert SERVER in kept
    assert "http://old-39/" in kept
    assert "http://old-3/" not in kept
