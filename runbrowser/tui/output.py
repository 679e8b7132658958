"""How what Textual draws reaches the terminal: as differences, and never faster than it is read.

:class:`SparingApp` puts a :class:`~runbrowser.tui.terminal.CellBuffer` between Textual's compositor
and its driver. A frame that the terminal cannot take yet is not queued: what it would have shown
goes into the newest one. ``RUNBROWSER_PLAIN_OUTPUT=1`` gives Textual's own output back.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeVar

from rich.color import ColorSystem
from textual.app import App
from textual.geometry import Offset
from textual.messages import Layout
from textual.widget import Widget

from runbrowser.tui.environment import is_plain
from runbrowser.tui.styles_cache import hold_no_widgets
from runbrowser.tui.terminal import CellBuffer, abilities

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.screen import Screen

_BEGIN, _END = "\x1b[?2026h", "\x1b[?2026l"  # one picture, for terminals that know it
_PATIENCE = 0.02  # seconds after which a terminal that was busy is looked at again
_ROUNDS = 5  # so often in a row a frame is held that is going to be drawn anew

Result = TypeVar("Result")


class SparingApp(App[Result]):
    """An app of which the terminal gets only what differs from what it shows.

    Some of what is used of Textual is not public: ``_display`` (where every frame passes),
    ``_compositor`` and the writer thread's queue. Another frame than the two known kinds is left
    to Textual, and all is drawn anew after it.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        hold_no_widgets()
        super().__init__(*args, **options)
        self._cells: CellBuffer | None = None
        self._is_held = False  # a frame waits for the terminal to have read the one before
        self._rounds = 0  # so often in a row a frame was going to be drawn anew
        self._is_sparing = not is_plain()

    def draw_whole(self) -> None:
        """Draws everything anew: something else may have written to the terminal."""
        self._cells = None
        self.screen.refresh()

    def action_redraw(self) -> None:
        """ctrl+l."""
        self.draw_whole()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        from textual._compositor import ChopsUpdate, LayoutUpdate

        if (
            not self._is_sparing
            or self.is_headless
            or self._driver is None
            or self._driver.is_inline
            or not self._running
            or self._closed
        ):
            super()._display(screen, renderable)
            return
        if renderable is None or self._batch_count:
            super()._display(screen, None)  # nothing is drawn; its hook is called
            return
        if not isinstance(renderable, LayoutUpdate | ChopsUpdate):
            self._cells = None
            super()._display(screen, renderable)
            return
        width, height = self.size
        if self._cells is None or (self._cells.width, self._cells.height) != (width, height):
            self._cells = CellBuffer(width, height, abilities(self._colors()))
            self._cells.forget()
            if not isinstance(renderable, LayoutUpdate):
                renderable = screen._compositor.render_full_update()
        if isinstance(renderable, LayoutUpdate):
            x, y = renderable.region.offset
            self._cells.lay_layout(renderable.strips, x, y)
        else:
            self._cells.lay_chops(renderable.chops, renderable.spans, renderable.chop_ends)
        self._send_unless_outdated(screen)
        self.post_display_hook()

    def _colors(self) -> ColorSystem | None:
        return self.console._color_system or ColorSystem.TRUECOLOR

    def _send(self) -> None:
        """Sends what differs, unless the terminal has not yet read what it was sent before."""
        if self._cells is None or self._driver is None:
            return
        if self._is_busy():
            self._hold()
            return
        text = self._cells.flush()
        cursor = self.cursor_position
        if text and cursor != Offset(0, 0):
            text += self._cells.move_to(*cursor)
        if text:
            self._driver.write(f"{_BEGIN}{text}{_END}" if self._sync_available else text)
            self._driver.flush()

    def _send_unless_outdated(self, screen: Screen[Any]) -> None:
        """A frame that is about to be drawn anew goes into that one, if it comes soon."""
        outdated = _is_outdated(screen)
        if not outdated:
            self._rounds = 0
        if outdated and self._rounds < _ROUNDS:
            self._hold()
        else:
            self._send()

    def _hold(self) -> None:
        """Sends later, unless a newer frame is sent before."""
        if not self._is_held:
            self._is_held = True
            self.set_timer(_PATIENCE, self._send_held)

    def _send_held(self) -> None:
        self._is_held = False
        self._rounds += 1
        if self.screen_stack:  # none any more: it is being left
            self._send_unless_outdated(self.screen)

    def _is_busy(self) -> bool:
        """Whether the terminal has frames still to read."""
        writer = getattr(self._driver, "_writer_thread", None)
        return writer is not None and writer._queue.qsize() > 1

    def on_mount(self) -> None:
        """After a pause another program has drawn on the terminal."""
        self.app_resume_signal.subscribe(self, lambda _: self.draw_whole())

    def on_app_focus(self) -> None:
        """In tmux and the like another pane may have been drawn over this one."""
        if self._cells is not None:
            self.draw_whole()


def _is_outdated(screen: Screen[Any]) -> bool:
    """Whether widgets have yet to find another place: half of what is drawn will be drawn anew."""
    waiting: Iterable[object] = getattr(screen._message_queue, "values", ())
    return any(isinstance(message, Layout) for message in waiting) or any(
        widget._layout_required for widget in screen.walk_children(Widget)
    )
