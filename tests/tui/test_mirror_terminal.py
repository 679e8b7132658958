"""The browser on a mirror in a real terminal."""

from __future__ import annotations

from pathlib import Path

from runbrowser.client.http import HTTPClient
from runbrowser.demo.launch import DemoProcess
from runbrowser.fields.filters import parse
from runbrowser.mirror.folder import MirrorFolder
from runbrowser.mirror.reading import Mirror
from runbrowser.mirror.sync import Sync
from runbrowser.models import RunFilter

from .pty_harness import plain_environ, terminal


def test_a_mirror_is_browsed_in_a_terminal(demo: DemoProcess, tmp_path: Path) -> None:
    data = tmp_path / "data"
    folder = MirrorFolder(data, demo.v1)
    with HTTPClient(demo.v1, demo.api_key) as http:
        Sync(folder, http, RunFilter()).run()
    with Mirror(folder) as mirror:
        total = mirror.count(parse("flow~forest"))
        rows, _ = mirror.page(parse("flow~forest"), 101)
    environ = plain_environ(tmp_path) | {"RUNBROWSER_DATA_DIR": str(data)}
    arguments = ["--server", demo.v1, "--mirror", "flow~forest"]
    with terminal(arguments, environ) as screen:
        screen.wait(lambda text: f"of {total:,}" in text and str(rows[0].run_id) in text)
        assert "mirror of" in screen.text
        screen.press("n")
        screen.wait(lambda text: "page 2" in text and str(rows[100].run_id) in text)
        screen.press("q")
        assert screen.end() == 0
