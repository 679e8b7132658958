"""What the browser imports before its first picture: nothing heavy."""

import json
import subprocess
import sys
from pathlib import Path

from .harness import PATIENCE
from .pty_harness import plain_environ

HEAVY = (
    "pandas",
    "numpy",
    "pyarrow",
    "httpx",
    "xmltodict",
    "duckdb",
    "starlette",
    "uvicorn",
    "sklearn",
    "minio",
    "requests",
    "openml",
)

FIRST_PAINT = """
import asyncio, json, sys
from runbrowser.tui.environment import prepare
prepare()
from runbrowser.tui.app import RunBrowser
from runbrowser.models import RunFilter
from runbrowser.tui.screens.main import MainScreen
def begin(self):
    lines = self._compositor.render_strips()
    text = "".join(segment.text for line in lines for segment in line)
    sys.stdout.write(json.dumps({"modules": sorted(sys.modules), "text": text}))
    self.app.exit(0)
MainScreen.begin = begin
async def main():
    app = RunBrowser(lambda tell: None, RunFilter())
    async with app.run_test(size=(140, 40)) as pilot:
        await pilot.pause()
asyncio.run(main())
"""


def _told(code: str, folder: Path) -> dict[str, object]:
    ended = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=plain_environ(folder),
        timeout=PATIENCE,
    )
    assert ended.returncode == 0, ended.stderr
    told: dict[str, object] = json.loads(ended.stdout)
    return told


def _top(modules: object) -> set[str]:
    assert isinstance(modules, list)
    return {name.partition(".")[0] for name in modules}


def test_nothing_heavy_is_imported_before_the_first_paint(tmp_path: Path) -> None:
    told = _told(FIRST_PAINT, tmp_path)
    # What it says of connecting is due only after a moment: the headings and the keys are there.
    assert "uploader" in str(told["text"]) and "q quit" in str(told["text"])
    assert "textual" in _top(told["modules"])
    assert not _top(told["modules"]) & set(HEAVY)


def test_the_version_needs_neither_textual_nor_click(tmp_path: Path) -> None:
    code = (
        "import sys, json\n"
        "sys.argv = ['runbrowser', '--version']\n"
        "import io, contextlib\n"
        "out = io.StringIO()\n"
        "with contextlib.redirect_stdout(out):\n"
        "    from runbrowser.__main__ import main\n"
        "    assert main() == 0\n"
        "print(json.dumps({'modules': sorted(sys.modules), 'text': out.getvalue()}))\n"
    )
    told = _told(code, tmp_path)
    assert str(told["text"]).startswith("runbrowser ")
    assert not _top(told["modules"]) & {*HEAVY, "textual", "click", "rich"}
