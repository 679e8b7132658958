"""Copying text out of a terminal, also over SSH and in tmux, and telling where it went."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys
from contextlib import suppress

from textual.app import App

MOST = 74_000  # bytes; terminals drop longer OSC 52 sequences without a word


async def _pipe(command: list[str], text: str) -> bool:
    """Hands the text to a program; whether it took it. A program that hangs is ended."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return False
    try:
        await asyncio.wait_for(process.communicate(text.encode()), 2.0)
    except (OSError, TimeoutError):
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        return False
    return process.returncode == 0


async def copy(app: App[object], text: str) -> str:
    """Copies the text by every way there is; words that tell which one took it.

    On a Mac at hand, pbcopy; in tmux, its buffer (and from there the terminal, where tmux is set
    up for it, which by default it is not for OSC 52 alone); then OSC 52 to the terminal, which
    never says whether it obeyed.
    """
    text = text.encode("utf-8", "replace").decode()  # half a character cannot be sent
    if len(text.encode()) > MOST:
        return "not copied: too long for the clipboard"
    remote = bool(os.environ.get("SSH_CONNECTION"))
    if sys.platform == "darwin" and not remote and await _pipe(["pbcopy"], text):
        return "copied to the clipboard"
    app.copy_to_clipboard(text)
    if os.environ.get("TMUX") and shutil.which("tmux"):
        for options in (["-w"], []):  # before 3.2 tmux cannot hand it on to the terminal
            if await _pipe(["tmux", "load-buffer", *options, "-"], text):
                return "copied to tmux's buffer (prefix ] pastes it)"
        return "sent to the terminal; tmux may have kept it back"
    return "sent to the terminal's clipboard"
