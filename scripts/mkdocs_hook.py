"""What the site of the documentation has beside the files of ``docs``; a hook of MkDocs.

README, CONTRIBUTING and CHANGELOG are pages of it, and the pictures. The pages of keys, commands
and of the library's reference are made from the code.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

from scripts.docs import PAGES

ROOT = Path(__file__).parents[1]
OF_ROOT = {
    "README.md": "index.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
}
"""Files beside ``docs`` that are pages of the site."""


def on_files(files: Files, config: Any) -> Files:
    """Adds the pages and pictures."""
    made = {name: make() for name, make in PAGES.items()}
    for name, page in OF_ROOT.items():
        made[page] = _in_site((ROOT / name).read_text(encoding="utf-8"))
    for name, text in made.items():
        files.append(File.generated(config, name, content=text))
    for picture in sorted((ROOT / "screenshots").glob("*.svg")):
        files.append(
            File.generated(config, f"screenshots/{picture.name}", abs_src_path=str(picture))
        )
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Links of ``docs`` to what lies beside it."""
    for name, page in OF_ROOT.items():
        markdown = markdown.replace(f"](../{name}", f"]({page}")
    return markdown.replace("](../screenshots/", "](screenshots/")


def _in_site(text: str) -> str:
    """A file beside ``docs`` with the links that it has in the site."""
    for name, page in OF_ROOT.items():
        text = text.replace(f"]({name})", f"]({page})")
    return text.replace("[LICENSE](LICENSE)", "LICENSE").replace("](docs/", "](")
