"""What Textual has drawn of widgets goes with them."""

from __future__ import annotations

from functools import lru_cache, partial

from textual._styles_cache import StylesCache


def hold_no_widgets() -> None:
    """Has ``StylesCache.get_inner_outer`` remember colours alone.

    Textual remembers its last 1,024 results by the cache itself as well, though it is not looked
    at: every widget that was ever drawn leaves the lines of its last picture behind, some 20 KB
    for each and megabytes for a large page. Where Textual does so no more, nothing is changed.
    """
    by_widget = getattr(StylesCache.get_inner_outer, "__wrapped__", None)
    if by_widget is None:
        return
    by_colors = lru_cache(1024)(partial(by_widget, StylesCache))
    StylesCache.get_inner_outer = lambda self, *colors: by_colors(*colors)  # type: ignore[assignment]
