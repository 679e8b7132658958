"""Makes the mirror's source out of the server's, and gives that back."""

from __future__ import annotations

from runbrowser.config import Settings
from runbrowser.mirror.folder import folder_of
from runbrowser.mirror.source import MirrorSource
from runbrowser.openml.access import Tell
from runbrowser.openml.base import RunSource
from runbrowser.openml.live import LiveSource
from runbrowser.openml.opening import live_source


def live_of(source: RunSource) -> RunSource | None:
    """The server's source behind that of a mirror; None for any other."""
    return source.live if isinstance(source, MirrorSource) else None


def mirror_of(source: RunSource) -> MirrorSource:
    """The mirror of a server's source. Raises UsageError when there is none, MirrorError when it
    cannot be read.
    """
    if not isinstance(source, LiveSource):
        raise TypeError("only the source of a server has a mirror")
    return MirrorSource(folder_of(source.address), source)


def mirror_source(settings: Settings, tell: Tell) -> MirrorSource:
    """The mirror of the server of the settings; raises as :func:`mirror_of`."""
    return mirror_of(live_source(settings, tell))
