"""Copying text out of a terminal, also over SSH and in tmux, and telling where it went."""

from __future__ import annotations

import asyncio
import os
import shutil
import sys

from textual.app import App

MOST = 74_000  # bytes; terminals drop longer OSC 52 sequences without a word


async def _pipe(command: list[str], text: str) -> bool:
    """Hands the text to a program; whether it took it. A program that hangs is left alone."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )
        await asyncio.wait_for(process.communicate(text.encode("utf-8", "replace")), 2.0)
    except (OSError, TimeoutError):
        return False
    return process.returncode == 0


async def copy(app: App[object], text: str) -> str:
    """Copies the text by every way there is; words that tell which one took it.

    On a Mac at hand, pbcopy; in tmux, its buffer (and from there the terminal, where tmux is set
    up for it, which by default it is not for OSC 52 alone); then OSC 52 to the terminal, which
    never says whether it obeyed.
    """
    if len(text.encode("utf-8", "replace")) > MOST:
        return "too long for the clipboard"
    remote = bool(os.environ.get("SSH_CONNECTION"))
    if sys.platform == "darwin" and not remote and await _pipe(["pbcopy"], text):
        return "copied to the clipboard"
    app.copy_to_clipboard(text)
    if os.environ.get("TMUX") and shutil.which("tmux"):
        if await _pipe(["tmux", "load-buffer", "-w", "-"], text):
            return "copied to tmux's buffer (prefix ] pastes it)"
        return "sent to the terminal; tmux may have kept it back"
    return "sent to the terminal's clipboard"
